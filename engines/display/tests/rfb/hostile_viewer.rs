//! Viewers that mean harm: every message, every length, floods.

use display::rfb::{InputPolicy, Link, Report, TextLimit, Verdict, Viewer, Violation, Watcher};
use proptest::collection::vec;
use proptest::prelude::*;
use std::time::Duration;

use crate::hostile_desktop::{START, up};
use crate::naive::{Client, ENCODINGS, area, greeting, request};

fn viewer(policy: InputPolicy) -> Viewer {
    let mut viewer = Viewer::new(START, "a", policy, up(Link::Local, None).0.screen(), None);
    viewer.push(START, &greeting(None, &ENCODINGS)).unwrap();
    viewer.take_output();
    viewer
}

#[test]
fn bells_reach_the_viewer_twice_a_second_at_most() {
    let mut viewer = viewer(InputPolicy::default());
    let mut client = Client::default();
    for ms in (0..1000).step_by(10) {
        viewer.ring(Duration::from_millis(ms)).unwrap();
    }
    client.read(&viewer.take_output());
    assert!(client.bells <= 4, "{}", client.bells);
    assert!(client.bells >= 2);
}

/// A whole message of each kind that viewers may send.
fn whole(kind: u8) -> Option<Vec<u8>> {
    Some(match kind {
        0 => {
            [&[0, 0, 0, 0][..], &[32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0]].concat()
        }
        2 => vec![2, 0, 0, 1, 0, 0, 0, 16],
        3 => request(true).to_vec(),
        4 => vec![4, 1, 0, 0, 0, 0, 0, 97],
        5 => vec![5, 0, 0, 1, 0, 1],
        6 => b"\x06\0\0\0\0\0\0\x02hi".to_vec(),
        150 => vec![150, 1, 0, 0, 0, 0, 0, 9, 0, 9],
        248 => vec![248, 0, 0, 0, 0x80, 0, 0, 1, 2, 7, 7],
        251 => vec![251, 0, 3, 0, 3, 0, 0, 0],
        255 => vec![255, 0, 0, 1, 0, 0, 0, 97, 0, 0, 0, 30],
        _ => return None,
    })
}

#[test]
fn a_viewers_messages_are_those_of_the_list_and_no_others() {
    for kind in 0..=255_u8 {
        let outcome = match whole(kind) {
            Some(message) => viewer(InputPolicy::default()).push(START, &message).map(drop),
            None => {
                let mut viewer = viewer(InputPolicy::default());
                let outcome = viewer.push(START, &[kind; 64]).map(drop);
                assert_eq!(outcome, Err(Violation::Message(kind)));
                assert_eq!(viewer.push(START, &request(true)).map(drop), outcome, "and stays so");
                continue;
            }
        };
        assert_eq!(outcome, Ok(()), "{kind}");
    }
    for extension in 1..=255 {
        let outcome = viewer(InputPolicy::default()).push(START, &[255, extension]).map(drop);
        assert_eq!(outcome, Err(Violation::Extension(255, extension)));
    }
}

#[test]
fn a_watcher_can_ask_for_pictures_and_do_nothing_else() {
    for kind in 0..=255_u8 {
        let (desktop, _) = up(Link::Local, None);
        let mut watcher = Watcher::new(START, "a", desktop.screen(), None);
        watcher.push(START, &greeting(None, &ENCODINGS)).unwrap();
        let outcome = watcher.push(START, &whole(kind).unwrap_or(vec![kind; 64]));
        assert_eq!(outcome.is_ok(), [0, 2, 3, 150, 248].contains(&kind), "{kind} {outcome:?}");
    }
}

#[test]
fn a_viewers_lengths_are_refused_before_they_are_read() {
    let ends = |bytes: &[u8]| viewer(InputPolicy::default()).push(START, bytes).map(drop);
    assert!(matches!(ends(&[2, 0, 0, 65]), Err(Violation::TooLong { .. })));
    assert!(matches!(ends(&[2, 0, 0xff, 0xff]), Err(Violation::TooLong { .. })));
    assert!(matches!(ends(&[6, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]), Err(Violation::TooLong { .. })));
    assert!(matches!(ends(&[6, 0, 0, 0, 0x80, 0, 0, 0]), Err(Violation::TooLong { .. })));
    assert!(matches!(ends(&[248, 0, 0, 0, 0x80, 0, 0, 0, 65]), Err(Violation::TooLong { .. })));
    assert!(matches!(ends(&[251, 0, 3, 0, 3, 0, 17, 0]), Err(Violation::TooLong { .. })));
    assert_eq!(
        ends(&[0, 0, 0, 0, 16, 16, 0, 1, 0, 31, 0, 63, 0, 31, 11, 5, 0, 0, 0, 0]),
        Err(Violation::PixelFormat)
    );
    // 64 encodings are not too many, and unknown ones are nobody's.
    assert_eq!(ends(&[&[2, 0, 0, 64][..], &[0x7f; 256]].concat()), Ok(()));
}

#[test]
fn fifty_thousand_events_become_few_and_no_key_stays_down() {
    let mut viewer = viewer(InputPolicy::default());
    let mut inputs = Vec::new();
    for i in 0..50_000_u32 {
        let now = Duration::from_micros(u64::from(i) * 20); // one second in all
        let key = 97 + i % 26;
        let message = match i % 3 {
            0 => [&[4, 1, 0, 0][..], &key.to_be_bytes()].concat(),
            1 => [&[4, 0, 0, 0][..], &(key - 1).to_be_bytes()].concat(),
            _ => vec![5, 0, 0, u8::try_from(i % 60).unwrap(), 0, 9],
        };
        inputs.extend(viewer.push(now, &message).unwrap());
    }
    let presses = inputs.iter().filter(|input| input.is_press()).count();
    let places = inputs.iter().filter(|input| input.pointer().is_some()).count();
    let releases = inputs.len() - presses - places;
    assert!((100..=400).contains(&presses), "{presses}");
    assert!((100..=126).contains(&places), "{places}");
    assert!(releases <= presses);
    let (mut desktop, _) = up(Link::Local, None);
    desktop.take_output();
    inputs.into_iter().chain(viewer.leave()).for_each(|input| desktop.send(&input));
    let mut held = std::collections::BTreeSet::new();
    let mut rest = &desktop.take_output()[..];
    while let Some(message) = rest.split_off(..if rest.first() == Some(&4) { 8 } else { 6 }) {
        if message[0] == 4 {
            let changed =
                if message[1] == 1 { held.insert(message[7]) } else { held.remove(&message[7]) };
            assert!(changed || message[1] == 1, "what is not held is not let go of");
        }
    }
    assert!(held.is_empty(), "{held:?}");
    let reports = viewer.take_reports();
    assert_eq!(reports.iter().filter(|report| **report == Report::MachineTyping).count(), 1);
}

#[test]
fn the_last_place_of_the_pointer_is_never_lost() {
    let mut viewer = viewer(InputPolicy::default());
    let all: Vec<u8> = (0..60).flat_map(|x| [5, 0, 0, x, 0, x]).collect();
    let mut inputs = viewer.push(START, &all).unwrap();
    assert!(inputs.len() < 10);
    assert!(viewer.wait(START).is_some());
    inputs.extend(viewer.poll(Duration::from_millis(100)).unwrap());
    assert_eq!(inputs.last().unwrap().pointer(), Some((59, 59, 0)));
}

#[test]
fn typing_as_people_do_raises_no_alert() {
    let mut viewer = viewer(InputPolicy::default());
    for i in 0..3000_u64 {
        let now = Duration::from_millis(i * 33); // a held key repeats 30 times a second
        viewer.push(now, &[4, 1, 0, 0, 0, 0, 0, 97]).unwrap();
    }
    assert_eq!(viewer.take_reports(), []);
}

#[test]
fn a_viewers_clipboard_is_closed_unless_the_policy_opens_it() {
    let text = b"\x06\0\0\0\0\0\0\x05a\x00b\rc";
    let mut closed = viewer(InputPolicy::default());
    assert_eq!(closed.push(START, text).unwrap(), []);
    let [Report::Clip(clip)] = closed.take_reports()[..] else { panic!() };
    assert_eq!((clip.bytes, clip.verdict), (5, Verdict::Closed));
    let mut open = viewer(InputPolicy { to_bubble: TextLimit::new(5, 2), resize: false });
    let inputs = open.push(START, text).unwrap();
    let (mut desktop, _) = up(Link::Local, None);
    desktop.take_output();
    for input in &inputs {
        desktop.send(input);
    }
    assert_eq!(desktop.take_output(), b"\x06\0\0\0\0\0\0\x03abc");
    assert_eq!(open.push(START, &text.repeat(2)).unwrap().len(), 1, "two a minute");
    assert_eq!(
        open.push(START, b"\x06\0\0\0\xff\xff\xff\xf5\0\0\0\x010123456").unwrap(),
        [],
        "extended"
    );
    let verdicts: Vec<_> = open
        .take_reports()
        .iter()
        .map(|report| match report {
            Report::Clip(clip) => clip.verdict,
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [Verdict::Passed, Verdict::Passed, Verdict::TooOften, Verdict::NotText];
    assert_eq!(verdicts, expected);
    let flood = text.repeat(100);
    assert_eq!(
        viewer(InputPolicy::default()).push(START, &flood),
        Err(Violation::Flood("clipboards"))
    );
}

#[test]
fn a_window_changes_the_desktops_size_only_where_the_policy_lets_it() {
    let size = |w: u16, h: u16| {
        let [[a, b], [c, d]] = [w.to_be_bytes(), h.to_be_bytes()];
        [&[251, 0, a, b, c, d, 1, 0][..], &[0; 16]].concat()
    };
    let mut closed = viewer(InputPolicy::default());
    assert_eq!(closed.push(START, &size(800, 600)).unwrap(), []);
    assert_eq!(closed.take_reports(), [Report::SizeRefused]);
    let mut open = viewer(InputPolicy { to_bubble: None, resize: true });
    for (w, h) in [(639, 600), (3841, 600), (800, 479), (800, 2161)] {
        assert_eq!(open.push(START, &size(w, h)).unwrap(), [], "{w} {h}");
    }
    let inputs = open.push(START, &size(800, 600)).unwrap();
    assert_eq!(open.push(START, &size(801, 600)).unwrap(), [], "one a second");
    let (mut desktop, mut server) = up(Link::Local, None);
    desktop.take_output();
    desktop.send(&inputs[0]);
    assert_eq!(desktop.take_output(), b"", "it has not said that it can");
    server.update(1);
    server.resize(64, 64, true);
    desktop.push(START, &server.bytes).unwrap();
    desktop.take_output();
    desktop.send(&inputs[0]);
    let asked = [251, 0, 3, 32, 2, 88, 1, 0, 0, 0, 0, 7, 0, 0, 0, 0, 3, 32, 2, 88, 0, 0, 0, 9];
    assert_eq!(desktop.take_output(), asked);
}

#[test]
fn who_asks_and_never_reads_is_ended() {
    let mut viewer = viewer(InputPolicy::default());
    let fence = whole(248).unwrap();
    let outcome = (0..100_000).find_map(|_| viewer.push(START, &fence).err());
    assert_eq!(outcome, Some(Violation::Flood("requests for an answer")));
}

#[test]
fn whole_pictures_again_and_again_are_slowed() {
    let (mut desktop, mut server) = up(Link::Local, None);
    server.update(1);
    server.resize(1920, 1080, false);
    desktop.push(START, &server.bytes).unwrap();
    let mut viewer = Viewer::new(START, "a", InputPolicy::default(), desktop.screen(), None);
    viewer.push(START, &greeting(None, &ENCODINGS)).unwrap();
    let mut painted = 0;
    for ms in 0..1000 {
        viewer.take_output();
        viewer.push(START, &request(false)).unwrap();
        painted += usize::from(viewer.paint(Duration::from_millis(ms), desktop.screen()).unwrap());
    }
    assert!((5..=25).contains(&painted), "{painted}");
}

#[test]
fn keys_of_the_machine_are_dropped_and_told() {
    let mut viewer = viewer(InputPolicy::default());
    let key = |down: u8, keysym: u32| [&[4, down, 0, 0][..], &keysym.to_be_bytes()].concat();
    // Sys_Req, a virtual terminal, and Ctrl-Alt-F1 whose modifiers alone pass.
    assert_eq!(viewer.push(START, &[key(1, 0xff15), key(1, 0x1008_fe01)].concat()).unwrap(), []);
    let inputs = viewer
        .push(START, &[key(1, 0xffe3), key(1, 0xffe9), key(1, 0xffbe), key(0, 0xffbe)].concat());
    assert_eq!(inputs.unwrap().len(), 2);
    // QEMU's extended SysRq, whatever its symbol.
    assert_eq!(viewer.push(START, &[255, 0, 0, 1, 0, 0, 0, 97, 0, 0, 0, 0x54]).unwrap(), []);
    let dropped: u32 = viewer
        .take_reports()
        .iter()
        .map(|report| match report {
            Report::KeysDropped(n) => *n,
            other => panic!("{other:?}"),
        })
        .sum();
    assert_eq!(dropped, 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_either_side_panic(bytes in vec(any::<u8>(), 0..300), pieces in 1..40_usize) {
        let (mut desktop, _) = up(Link::Remote, TextLimit::new(100, 100));
        let mut viewer = viewer(InputPolicy { to_bubble: TextLimit::new(100, 100), resize: true });
        for piece in bytes.chunks(pieces) {
            let _ = desktop.push(START, piece);
            let _ = viewer.push(START, piece);
            viewer.changed(&desktop.take_changes());
            viewer.take_output();
            let _ = viewer.paint(START, desktop.screen());
        }
    }

    #[test]
    fn plausible_rectangles_make_no_panic(
        heads in vec((0..70_u16, 0..70_u16, 0..70_u16, 0..70_u16, prop::sample::select(vec![0, 1, 16, -223, -224, -239, -308])), 1..20),
        tail in vec(0..4_u8, 0..200),
    ) {
        let (mut desktop, mut server) = up(Link::Remote, None);
        for (x, y, w, h, kind) in heads {
            server.update(1);
            server.head(area(x, y, w, h), kind);
            server.bytes.extend(&tail);
        }
        let _ = desktop.push(START, &server.bytes);
    }
}
