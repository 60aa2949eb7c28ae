//! Who would read what is not theirs, or change what was recorded.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use zstd::stream::raw::{Encoder, InBuffer, Operation as _, OutBuffer};

use super::super::*;
use super::{Session, area, film, ms};

#[test]
fn a_recording_opens_with_its_review_key_alone() {
    let film = film();
    let other = ReviewSecret::generate(&mut StdRng::seed_from_u64(2));
    let head = Head::from_bytes(&film.head).unwrap();
    assert_eq!(head.open(&other).unwrap_err(), FilmError::WrongKey);
    let kept = ReviewSecret::from_bytes(&film.secret.to_bytes()).unwrap();
    assert!(head.open(&kept).is_ok());
    assert_eq!(ReviewKey::from_bytes(&kept.public().to_bytes()).unwrap(), film.secret.public());
    assert_eq!(head.review_key, film.secret.public().id());
    for at in (0..film.head.len()).step_by(29) {
        let mut changed = film.head.clone();
        changed[at] ^= 1;
        let opened = Head::from_bytes(&changed).and_then(|head| head.open(&film.secret));
        assert!(opened.is_err(), "byte {at}");
    }
}

#[test]
fn the_keys_of_a_range_open_that_range_and_nothing_else() {
    let film = film();
    let keys = film.key().range(1..=2);
    assert_eq!(keys.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2]);
    for (chunk, file) in (0..).zip(&film.files) {
        for (number, key) in &keys {
            assert_eq!(Chunk::open(file, key).is_ok(), *number == chunk);
        }
    }
    // Keys go forwards only: who holds the key after two chunks has no way to the first two.
    let mut later = film.key();
    later.next_chunk();
    later.next_chunk();
    assert!(later.range(0..=1).is_empty());
}

#[test]
fn nothing_that_was_drawn_or_noted_stands_in_a_file_in_clear() {
    let mut session = Session::new(64, 64);
    session.draw(area(0, 0, 64, 64), 0x41_4243);
    session.writer().note(ms(5), Note::Title("revenus fiscaux 2021".into()));
    session.tick(ms(5));
    let film = session.finish(ms(400));
    for needle in [&b"revenus"[..], b"ABCABCABC"] {
        assert!(
            film.files.iter().all(|file| !file.windows(needle.len()).any(|bytes| bytes == needle))
        );
    }
}

#[test]
fn a_changed_moved_or_missing_part_is_refused() {
    let film = film();
    let (file, key) = (&film.files[1], film.chunk_key(1));
    for at in (0..file.len()).step_by(7) {
        let mut changed = file.clone();
        changed[at] ^= 0x10;
        // A changed length cuts the file off there; the digest in the log tells.
        let intact = Chunk::open(&changed, &key).is_ok_and(|chunk| chunk.complete);
        assert!(!intact, "byte {at}");
    }
    // Another chunk of the same recording, two segments exchanged, one left out.
    assert!(matches!(Chunk::open(&film.files[2], &key), Err(FilmError::Altered(0))));
    let mut parts = Vec::new();
    let mut rest = &file[chunk::HEADER..];
    while let Some(length) = rest.get(..4) {
        let length = 4 + u32::from_be_bytes(length.try_into().unwrap()) as usize;
        parts.push(rest.split_off(..length).unwrap().to_vec());
    }
    assert!(parts.len() > 10);
    let joined = |parts: &[Vec<u8>]| [file[..chunk::HEADER].to_vec(), parts.concat()].concat();
    assert_eq!(joined(&parts), *file);
    let mut exchanged = parts.clone();
    exchanged.swap(3, 4);
    assert_eq!(Chunk::open(&joined(&exchanged), &key).unwrap_err(), FilmError::Altered(3));
    let mut fewer = parts.clone();
    fewer.remove(5);
    assert_eq!(Chunk::open(&joined(&fewer), &key).unwrap_err(), FilmError::Altered(5));
    // Cut before its end it opens, and says that it is not whole.
    assert!(!Chunk::open(&joined(&parts[..7]), &key).unwrap().complete);
    // And nothing may follow the end.
    let mut longer = parts.clone();
    longer.push(parts[0].clone());
    assert!(Chunk::open(&joined(&longer), &key).is_err());
    assert!(Chunk::open(&[&file[..], &[0]].concat(), &key).is_err());
}

#[test]
fn a_lost_or_exchanged_chunk_contradicts_the_chain_and_the_root() {
    let film = film();
    let mut chain = Chain::default();
    chain.push(&film.files[0]).unwrap();
    assert_eq!(chain.push(&film.files[2]), Err(FilmError::OutOfOrder(2)));
    let mut cut = film.files[1].clone();
    cut.truncate(cut.len() - 20);
    let mut chain = Chain::default();
    chain.push(&film.files[0]).unwrap();
    assert_ne!(chain.push(&cut).unwrap(), film.sealed[1].digest);
    assert_eq!(chain.push(&film.files[2]), Err(FilmError::OutOfOrder(2)));
    // Cut at the end, the chain holds, and the root in the log does not.
    let mut chain = Chain::default();
    for file in &film.files[..3] {
        chain.push(file).unwrap();
    }
    let last = film.sealed.last().unwrap();
    assert_ne!((chain.root().count(), chain.root().root()), (last.count, last.root));
}

#[test]
fn an_authentic_zstd_bomb_is_not_inflated() {
    let film = film();
    let mut stream = Encoder::new(1).unwrap();
    let (zeros, mut packed) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    let mut bomb = Vec::new();
    for round in 0..400 {
        let mut output = OutBuffer::around(&mut packed[..]);
        stream.run(&mut InBuffer::around(&zeros), &mut output).unwrap();
        if round == 399 {
            stream.finish(&mut output, true).unwrap();
        }
        bomb.extend_from_slice(output.as_slice());
    }
    let header = &film.files[0][..chunk::HEADER];
    let sealed = film.chunk_key(0).seal(0, true, header, &bomb);
    let file = [header, &u32::try_from(sealed.len()).unwrap().to_be_bytes(), &sealed].concat();
    let outcome = Chunk::open(&file, &film.chunk_key(0));
    assert_eq!(outcome.unwrap_err(), FilmError::Broken("more than a chunk may hold"));
}

#[test]
fn secrets_cannot_be_printed() {
    let film = film();
    let key = film.chunk_key(0);
    let text = format!("{:?} {:?} {:?}", film.secret, film.key(), key);
    assert_eq!(text, "ReviewSecret RecordingKey { number: 0 } ChunkKey");
}
