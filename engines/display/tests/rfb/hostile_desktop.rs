//! Desktops that mean harm: every message, every encoding, every length, floods, bombs.

use std::time::Duration;

use display::rfb::{
    Desktop, DesktopPolicy, InputPolicy, Link, TextLimit, Verdict, Viewer, Violation,
};

use crate::naive::{ENCODINGS, Server, area, greeting};

pub const START: Duration = Duration::ZERO;

/// A desktop of 64 x 64 pixels after its handshake, and the same's server.
pub fn up(link: Link, from_bubble: Option<TextLimit>) -> (Desktop, Server) {
    let mut server = Server::new(64, 64);
    let mut desktop = Desktop::new(START, DesktopPolicy { link, from_bubble });
    desktop.push(START, &std::mem::take(&mut server.bytes)).unwrap();
    (desktop, server)
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
    let bomb = server.deflate(&vec![0; 1 << 21]);
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
