//! A viewer that says anything after its handshake: no panic, any cutting of its stream gives the
//! same inputs, and a watcher never gets further than a viewer.
#![no_main]

use std::time::Duration;

use display::rfb::{Desktop, DesktopPolicy, InputPolicy, Link, Screen, TextLimit, Viewer, Watcher};
use libfuzzer_sys::fuzz_target;

const HELLO: &[u8] = b"RFB 003.008\n\x01\x01";

fuzz_target!(|data: &[u8]| {
    let [first, cut, said @ ..] = data else { return };
    let screen = Screen::new(96, 64).expect("a small screen");
    let limit = if first & 1 == 1 { TextLimit::new(99, 9) } else { None };
    let policy = InputPolicy { to_bubble: limit, resize: first & 2 == 2 };
    let viewer = || {
        let mut viewer = Viewer::new(Duration::ZERO, "a", policy, &screen, None);
        viewer.push(Duration::ZERO, HELLO).expect("a good greeting");
        viewer.take_output();
        viewer
    };
    let (mut whole, mut pieces) = (viewer(), viewer());
    let outcome = whole.push(Duration::ZERO, said);
    let mut inputs = Vec::new();
    let same = said.chunks(usize::from(*cut) + 1).try_for_each(|piece| {
        pieces.push(Duration::ZERO, piece).map(|more| inputs.extend(more))
    });
    assert_eq!(outcome.as_ref().err(), same.as_ref().err());
    if let Ok(all) = &outcome {
        assert_eq!(*all, inputs);
        let _ = whole.paint(Duration::ZERO, &screen);
        let _ = pieces.paint(Duration::ZERO, &screen);
        assert_eq!(whole.take_output(), pieces.take_output());
    }
    let link = Link::Local;
    let mut desktop = Desktop::new(Duration::ZERO, DesktopPolicy { link, from_bubble: None });
    inputs.iter().for_each(|input| desktop.send(input));
    whole.leave();
    let mut watcher = Watcher::new(Duration::ZERO, "a", &screen, None);
    watcher.push(Duration::ZERO, HELLO).expect("a good greeting");
    if watcher.push(Duration::ZERO, said).is_ok() {
        assert!(outcome.is_ok_and(|inputs| inputs.is_empty()));
    }
});
