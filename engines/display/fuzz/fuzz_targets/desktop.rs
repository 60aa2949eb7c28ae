//! A desktop that says anything after its handshake: no panic, and any cutting of its stream gives
//! the same picture. The first two bytes choose the link and where the stream is cut.
#![no_main]

use std::time::Duration;

use display::rfb::{Desktop, DesktopPolicy, InputPolicy, Link, TextLimit, Viewer};
use libfuzzer_sys::fuzz_target;

const HELLO: &[u8] = b"RFB 003.008\n\x01\x01\0\0\0\0\0\x60\0\x40\
    \x20\x18\0\x01\0\xff\0\xff\0\xff\x10\x08\0\0\0\0\0\0\0\0";

fn desktop(remote: bool) -> Desktop {
    let link = if remote { Link::Remote } else { Link::Local };
    let mut desktop =
        Desktop::new(Duration::ZERO, DesktopPolicy { link, from_bubble: TextLimit::new(99, 9) });
    desktop.push(Duration::ZERO, HELLO).expect("a good handshake");
    desktop
}

fuzz_target!(|data: &[u8]| {
    let [first, cut, said @ ..] = data else { return };
    let (mut whole, mut pieces) = (desktop(first & 1 == 1), desktop(first & 1 == 1));
    let mut viewer =
        Viewer::new(Duration::ZERO, "a", InputPolicy::default(), whole.screen(), None);
    viewer
        .push(Duration::ZERO, b"RFB 003.008\n\x01\x01\x02\0\0\x04\0\0\0\x10\0\0\0\x01\xff\xff\xfe\xcc\xff\xff\xff\x11")
        .expect("a good greeting");
    viewer.take_output();
    let outcome = whole.push(Duration::ZERO, said);
    let same = said
        .chunks(usize::from(*cut) + 1)
        .try_for_each(|piece| pieces.push(Duration::ZERO, piece));
    assert_eq!(outcome, same);
    assert!(whole.screen() == pieces.screen());
    let changes = whole.take_changes();
    assert_eq!(changes, pieces.take_changes());
    assert_eq!(whole.take_clips(), pieces.take_clips());
    assert_eq!(whole.take_texts(), pieces.take_texts());
    viewer.changed(&changes);
    viewer.push(Duration::ZERO, &[3, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]).expect("a request");
    viewer.paint(Duration::ZERO, whole.screen()).expect("a viewer that knows sizes");
});
