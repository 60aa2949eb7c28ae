//! Desktops and viewers that mean harm: every message, every length, floods, bombs.

use std::time::Duration;

use crate::naive::{Client, ENCODINGS, Server, area, greeting, request};
use display::rfb::{
    Desktop, DesktopPolicy, InputPolicy, Link, Report, TextLimit, Verdict, Viewer, Violation,
    Watcher,
};
use proptest::collection::vec;
use proptest::prelude::*;

const START: Duration = Duration::ZERO;

/// A desktop of 64 x 64 pixels after its handshake, and the same's server.
fn up(link: Link, from_bubble: Option<TextLimit>) -> (Desktop, Server) {
    let mut server = Server::new(64, 64);
    let mut desktop = Desktop::new(START, DesktopPolicy { link, from_bubble });
    desktop.push(START, &std::mem::take(&mut server.bytes)).unwrap();
    (desktop, server)
}

fn viewer(policy: InputPolicy) -> Viewer {
    let mut viewer = Viewer::new(START, "a", policy, up(Link::Local, None).0.screen(), None);
    viewer.push(START, &greeting(None, &ENCODINGS)).unwrap();
    viewer.take_output();
    viewer
}

#[test]
fn a_desktops_messages_are_updates_bells_and_clipboards_and_no_others() {
    for kind in 0..=255_u8 {
        let (mut desktop, _) = up(Link::Local, None);
        let outcome = desktop.push(START, &[kind, 0, 0, 0, 0, 0, 0, 0]);
        match kind {
            0 | 2 | 3 if kind != 2 => assert_eq!(outcome, Ok(()), "{kind}"),
            2 => assert_eq!(Desktop::push(&mut up(Link::Local, None).0, START, &[2]), Ok(())),
            _ => {
                assert_eq!(outcome, Err(Violation::Message(kind)));
                assert_eq!(desktop.push(START, &[]), outcome, "and stays so");
            }
        }
    }
}

#[test]
fn a_desktop_draws_only_in_encodings_that_were_asked_for() {
    for kind in (-600..600).chain([i32::MIN, i32::MAX, 0x574d_5664, -0x3f5e_1a45]) {
        for link in [Link::Local, Link::Remote] {
            let (mut desktop, mut server) = up(link, None);
            server.update(1);
            server.head(area(0, 0, 1, 1), kind);
            let asked = [0, 1, -223, -224, -239, -308].contains(&kind)
                || kind == 16 && link == Link::Remote;
            let outcome = desktop.push(START, &server.bytes);
            let expected = if asked { Ok(()) } else { Err(Violation::Encoding(kind)) };
            assert_eq!(outcome, expected, "{kind} {link:?}");
        }
    }
}

#[test]
fn a_rectangle_outside_the_screen_ends_the_session() {
    for (x, y, width, height) in [
        (64, 0, 1, 1),
        (0, 64, 1, 1),
        (0, 0, 65, 1),
        (0, 0, 1, 65),
        (65535, 65535, 65535, 65535),
        (1, 0, 65535, 1),
    ] {
        for kind in [0, 1, 16] {
            let (mut desktop, mut server) = up(Link::Remote, None);
            server.update(1);
            server.head(area(x, y, width, height), kind);
            assert!(desktop.push(START, &server.bytes).is_err(), "{kind} {x} {y} {width} {height}");
        }
    }
    // The source of a copy as well.
    let (mut desktop, mut server) = up(Link::Local, None);
    server.update(1);
    server.head(area(0, 0, 10, 10), 1);
    server.bytes.extend([0, 55, 0, 0]);
    assert_eq!(desktop.push(START, &server.bytes), Err(Violation::Outside));
}

#[test]
fn a_desktops_handshake_is_38_with_security_none_and_a_size_within_bounds() {
    let good = Server::new(64, 64).bytes;
    let with = |at: usize, bytes: &[u8]| {
        let mut hello = good.clone();
        hello[at..at + bytes.len()].copy_from_slice(bytes);
        Desktop::new(START, DesktopPolicy { link: Link::Local, from_bubble: None })
            .push(START, &hello)
    };
    assert_eq!(with(0, b"RFB 003.003\n"), Err(Violation::Version));
    assert_eq!(with(0, b"SSH-2.0-xxxx"), Err(Violation::Version));
    assert_eq!(with(13, &[2]), Err(Violation::Security), "a password is asked for");
    assert_eq!(with(12, &[0]), Err(Violation::Security), "it refuses");
    assert_eq!(with(17, &[1]), Err(Violation::Security), "it failed");
    assert_eq!(with(18, &[0, 0]), Err(Violation::Size(0, 64)));
    assert_eq!(with(18, &[0x0f, 0x01]), Err(Violation::Size(3841, 64)));
    assert_eq!(with(20, &[0xff, 0xff]), Err(Violation::Size(64, 65535)));
    let name = Violation::TooLong { what: "the desktop's name", bytes: 4097 };
    assert_eq!(with(38, &[0, 0, 0x10, 0x01]), Err(name));
}

#[test]
fn a_desktop_or_viewer_that_says_nothing_is_ended() {
    let mut desktop = Desktop::new(START, DesktopPolicy { link: Link::Local, from_bubble: None });
    desktop.push(START, b"RFB 003").unwrap();
    assert_eq!(desktop.poll(Duration::from_secs(9)), Ok(()));
    assert_eq!(desktop.poll(Duration::from_secs(11)), Err(Violation::Slow));
    let mut viewer =
        Viewer::new(START, "a", InputPolicy::default(), up(Link::Local, None).0.screen(), None);
    assert_eq!(viewer.poll(Duration::from_secs(9)), Ok(None));
    assert_eq!(viewer.poll(Duration::from_secs(11)), Err(Violation::Slow));
}

#[test]
fn a_viewer_that_comes_late_has_its_own_time_for_the_handshake() {
    let late = Duration::from_hours(1);
    let (desktop, _) = up(Link::Local, None);
    let mut viewer = Viewer::new(late, "a", InputPolicy::default(), desktop.screen(), None);
    assert_eq!(viewer.poll(late + Duration::from_secs(9)), Ok(None));
    assert_eq!(viewer.poll(late + Duration::from_secs(11)), Err(Violation::Slow));
    assert_eq!(viewer.push(late, &greeting(None, &ENCODINGS)).unwrap(), []);
    assert_eq!(viewer.poll(late + Duration::from_hours(9)), Ok(None));
}

#[test]
fn a_zlib_bomb_ends_before_it_is_inflated() {
    let (mut desktop, mut server) = up(Link::Remote, None);
    let bomb = server.deflate(&vec![0; 1 << 26]);
    server.update(1);
    server.head(area(0, 0, 64, 64), 16);
    server.bytes.extend(u32::try_from(bomb.len()).unwrap().to_be_bytes());
    server.bytes.extend(bomb);
    assert!(desktop.push(START, &server.bytes).is_err());
}

#[test]
fn a_small_zlib_bomb_below_the_length_limit_ends_too() {
    let (mut desktop, mut server) = up(Link::Remote, None);
    let bomb = server.deflate(&vec![0; 1 << 22]);
    assert!(bomb.len() < 64 * 64 * 4 + 4096);
    server.update(1);
    server.head(area(0, 0, 64, 64), 16);
    server.bytes.extend(u32::try_from(bomb.len()).unwrap().to_be_bytes());
    server.bytes.extend(bomb);
    assert_eq!(desktop.push(START, &server.bytes), Err(Violation::Compressed));
}

#[test]
fn broken_zrle_tiles_end_the_session() {
    let solid = [1, 0, 0, 0];
    for plain in [
        &[17][..],                                                // no such coding
        &[129],                                                   // no such coding
        &[1, 0, 0],                                               // too short
        &[128, 0, 0, 0, 255, 255, 255],                           // a length that does not end
        &[128, 0, 0, 0, 200, 0, 0, 0, 0],                         // too few
        &[[128, 0, 0, 0].as_slice(), &[255; 16], &[17]].concat(), // one pixel too many
        &[130, 1, 1, 1, 2, 2, 2, 2],                              // an index beside the palette
        &[&solid[..], &[0]].concat(),                             // more than the tile
        &[],
    ] {
        let (mut desktop, mut server) = up(Link::Remote, None);
        let data = server.deflate(plain);
        server.update(1);
        server.head(area(0, 0, 64, 64), 16);
        server.bytes.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        server.bytes.extend(data);
        assert_eq!(desktop.push(START, &server.bytes), Err(Violation::Compressed), "{plain:?}");
    }
}

#[test]
fn announced_lengths_are_refused_before_they_are_read() {
    let (mut desktop, _) = up(Link::Local, None);
    let text = Violation::TooLong { what: "a clipboard", bytes: (1 << 20) + 1 };
    assert_eq!(desktop.push(START, &[3, 0, 0, 0, 0, 0x10, 0, 1]), Err(text));
    // The extended clipboard's negative length.
    let (mut desktop, _) = up(Link::Local, None);
    assert!(desktop.push(START, &[3, 0, 0, 0, 0x80, 0, 0, 0]).is_err());
    let (mut desktop, mut server) = up(Link::Remote, None);
    server.update(1);
    server.head(area(0, 0, 64, 64), 16);
    server.bytes.extend([0xff; 4]);
    assert!(matches!(desktop.push(START, &server.bytes), Err(Violation::TooLong { .. })));
    let (mut desktop, mut server) = up(Link::Local, None);
    server.update(1);
    server.head(area(0, 0, 257, 1), -239);
    assert_eq!(desktop.push(START, &server.bytes), Err(Violation::Size(257, 1)));
    let (mut desktop, mut server) = up(Link::Local, None);
    server.update(1);
    server.head(area(0, 0, 64, 64), -308);
    server.bytes.push(17);
    assert!(matches!(desktop.push(START, &server.bytes), Err(Violation::TooLong { .. })));
}

#[test]
fn a_desktops_clipboard_is_dropped_and_told_with_its_length_only() {
    let (mut desktop, mut server) = up(Link::Local, None);
    server.bytes.extend(*b"\x03\0\0\0\0\0\0\x06secret");
    server.bytes.extend(*b"\x03\0\0\0\xff\xff\xff\xfasecret"); // extended, 6 bytes
    desktop.push(START, &server.bytes).unwrap();
    assert!(desktop.take_texts().is_empty());
    let clips = desktop.take_clips();
    assert_eq!(
        clips.iter().map(|clip| (clip.bytes, clip.verdict)).collect::<Vec<_>>(),
        [(6, Verdict::Closed), (6, Verdict::Closed)]
    );
    let open = TextLimit::new(5, 6);
    let (mut desktop, mut server) = up(Link::Local, open);
    server.bytes.extend(
        *b"\x03\0\0\0\0\0\0\x06secret\x03\0\0\0\0\0\0\x03a\x1bb\x03\0\0\0\xff\xff\xff\xff.",
    );
    desktop.push(START, &server.bytes).unwrap();
    let texts = desktop.take_texts();
    assert_eq!(texts.iter().map(display::rfb::Text::as_str).collect::<Vec<_>>(), ["ab"]);
    let verdicts: Vec<_> = desktop.take_clips().iter().map(|clip| clip.verdict).collect();
    assert_eq!(verdicts, [Verdict::TooLong, Verdict::Passed, Verdict::NotText]);
}

#[test]
fn floods_of_a_desktop_end_it() {
    let (mut desktop, _) = up(Link::Local, None);
    assert_eq!(
        desktop.push(START, &[3, 0, 0, 0, 0, 0, 0, 0].repeat(100)),
        Err(Violation::Flood("clipboards"))
    );
    let (mut desktop, _) = up(Link::Local, None);
    assert_eq!(desktop.push(START, &vec![2; 1 << 20]), Err(Violation::Flood("pixels")));
    assert!(desktop.take_bell());
    // Updates without a rectangle, rectangles without a pixel, pictures that nobody asked for.
    let (mut desktop, _) = up(Link::Local, None);
    assert_eq!(desktop.push(START, &vec![0; 1 << 23]), Err(Violation::Flood("pixels")));
    let (mut desktop, mut server) = up(Link::Local, None);
    for i in 0..12 {
        server.update(1);
        server.resize(64 + i, 64, i % 2 == 0);
    }
    assert_eq!(desktop.push(START, &server.bytes), Err(Violation::Flood("sizes")));
    let (mut desktop, mut server) = up(Link::Local, None);
    server.update(20_000);
    (0..20_000).for_each(|_| server.copy(0, 0, area(0, 0, 64, 64)));
    assert_eq!(desktop.push(START, &server.bytes), Err(Violation::Flood("pixels")));
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
