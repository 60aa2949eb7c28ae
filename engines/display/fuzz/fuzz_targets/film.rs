//! A recording that says anything: the readers without a key, the reader with one, and the player
//! behind an authentic segment, whose records come from the input.
#![no_main]

use std::time::Duration;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use display::film::{Chain, Chunk, ChunkKey, Head, recover};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let key = ChunkKey::from_bytes([7; 32]);
    let _ = recover(data);
    let _ = Head::from_bytes(data);
    let _ = Chain::default().push(data);
    let _ = Chunk::open(data, &key);
    let Some((half, records)) = data.split_first() else { return };
    let chunk = Chunk::open(&sealed(records), &key).expect("what was sealed just now opens");
    let mut player = chunk.play();
    let _ = player.seek(Duration::from_millis(u64::from(*half)));
    let _ = player.finish();
    let _ = player.picture();
    player.take_notes();
});

/// A chunk of one segment, which is its last, written from the format's description.
fn sealed(records: &[u8]) -> Vec<u8> {
    let header = [&b"BULLEFLM\x01C"[..], &[0; 72]].concat();
    let packed = zstd::stream::encode_all(records, 1).expect("compressing in memory");
    let nonce = Nonce::from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    let cipher = ChaCha20Poly1305::new(&Key::from([7; 32]));
    let segment = cipher
        .encrypt(&nonce, Payload { msg: &packed, aad: &header })
        .expect("a short segment");
    let length = u32::try_from(segment.len()).expect("a short segment");
    [&header[..], &length.to_be_bytes(), &segment].concat()
}
