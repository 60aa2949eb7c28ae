//! The relay shows what the desktop drew: random desktops against the oracles of `naive`.

use std::time::Duration;

use crate::naive::{Client, ENCODINGS, Picture, Server, area, greeting, request};
use display::rfb::{Area, Change, Desktop, DesktopPolicy, InputPolicy, Link, Viewer, Watcher};
use proptest::collection::vec;
use proptest::prelude::*;

const SIZE: (u16, u16) = (200, 150);

#[derive(Debug, Clone)]
enum Act {
    Raw(Area, u32),
    Zrle(Area, u32, bool),
    Copy(Area, Area),
    Resize(u16, u16, bool),
    Cursor(u16, u16),
    Paint,
}

fn areas() -> impl Strategy<Value = Area> {
    (0..SIZE.0, 0..SIZE.1)
        .prop_flat_map(|(x, y)| (Just(x), Just(y), 1..=SIZE.0 - x, 1..=SIZE.1 - y))
        .prop_map(|(x, y, width, height)| area(x, y, width, height))
}

fn acts(link: Link) -> impl Strategy<Value = Vec<Act>> {
    let remote = u32::from(link == Link::Remote);
    let one = prop_oneof![
        4 => (areas(), any::<u32>()).prop_map(|(at, seed)| Act::Raw(at, seed)),
        4 * remote => (areas(), any::<u32>(), any::<bool>()).prop_map(|(at, seed, runs)| Act::Zrle(at, seed, runs)),
        3 => (areas(), areas()).prop_map(|(from, to)| Act::Copy(from, to)),
        1 => (1..=SIZE.0, 1..=SIZE.1, any::<bool>()).prop_map(|(w, h, e)| Act::Resize(w, h, e)),
        1 => (0..40_u16, 0..40_u16).prop_map(|(w, h)| Act::Cursor(w, h)),
        3 => Just(Act::Paint),
    ];
    vec(one, 1..25)
}

/// Pixels with few or many colours, in runs or noisy, as desktops have both.
fn pixels(at: Area, seed: u32) -> Vec<u32> {
    let colours = [1, 2, 3, 4, 9, 16, 17, 90, 200, 100_000][seed as usize % 10];
    let run = [1, 2, 7, 300][seed as usize / 16 % 4];
    (0..u32::try_from(at.pixels()).unwrap())
        .map(|i| ((i / run).wrapping_mul(seed | 1).wrapping_mul(0x9e37_79b9) >> 12) % colours)
        .map(|colour| colour.wrapping_mul(0x0105_0301 ^ seed) & 0xff_ffff)
        .collect()
}

/// The act cut down to the screen as it is, written by the server.
fn perform(server: &mut Server, act: &Act) {
    let (width, height) = (server.picture.width(), server.picture.height());
    let inside = |at: Area| {
        let (x, y) = (at.x.min(width - 1), at.y.min(height - 1));
        area(x, y, at.width.min(width - x), at.height.min(height - y))
    };
    server.update(1);
    match *act {
        Act::Raw(at, seed) => {
            let at = inside(at);
            server.raw(at, &pixels(at, seed));
        }
        Act::Zrle(at, seed, runs) => {
            let at = inside(at);
            server.zrle(at, &pixels(at, seed), runs);
        }
        Act::Copy(from, to) => {
            let (from, to) = (inside(from), inside(to));
            let (w, h) = (from.width.min(to.width), from.height.min(to.height));
            server.copy(from.x, from.y, area(to.x, to.y, w, h));
        }
        Act::Resize(width, height, extended) => server.resize(width, height, extended),
        Act::Cursor(w, h) => {
            server.head(area(w / 2, h / 2, w, h), -239);
            let bytes =
                usize::from(w) * usize::from(h) * 4 + usize::from(w).div_ceil(8) * usize::from(h);
            server.bytes.extend(vec![0xa5; bytes]);
        }
        Act::Paint => unreachable!(),
    }
}

fn desktop(link: Link) -> Desktop {
    Desktop::new(Duration::ZERO, DesktopPolicy { link, from_bubble: None })
}

/// Formats of noVNC, of a big-endian viewer, and ours; with the places of their bytes.
const FORMATS: [(Option<[u8; 16]>, [usize; 3], usize); 3] = [
    (None, [2, 1, 0], 0),
    (Some([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0]), [0, 1, 2], 0),
    (Some([32, 24, 1, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]), [0, 1, 2], 1),
];

fn relay(acts: &[Act], link: Link, encodings: &[i32], format: usize, cut: usize) {
    let mut now = Duration::ZERO;
    let mut server = Server::new(SIZE.0, SIZE.1);
    let mut desktop = desktop(link);
    let hello = std::mem::take(&mut server.bytes);
    hello.chunks(cut).for_each(|piece| desktop.push(now, piece).unwrap());
    let mut viewer =
        Viewer::new(Duration::ZERO, "a", InputPolicy::default(), desktop.screen(), None);
    let (format, places, offset) = FORMATS[format];
    let mut client = Client { places, offset, ..Client::default() };
    for piece in greeting(format, encodings).chunks(cut) {
        assert!(viewer.push(now, piece).unwrap().is_empty());
    }
    client.read(&viewer.take_output());
    desktop.take_changes();
    for act in acts.iter().chain([&Act::Paint]) {
        now += Duration::from_secs(5);
        if !matches!(act, Act::Paint) {
            perform(&mut server, act);
            let bytes = std::mem::take(&mut server.bytes);
            bytes.chunks(cut).for_each(|piece| desktop.push(now, piece).unwrap());
            assert_eq!(Picture::of(desktop.screen()), server.picture);
            viewer.changed(&desktop.take_changes());
            continue;
        }
        viewer.push(now, &request(true)).unwrap();
        viewer.paint(now, desktop.screen()).unwrap();
        client.read(&viewer.take_output());
        assert_eq!(client.picture, server.picture);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_viewer_sees_what_a_local_desktop_drew(
        acts in acts(Link::Local), kind in 0..4_usize, format in 0..3_usize, cut in 1..5000_usize,
    ) {
        let coding = [&ENCODINGS[..], &[16, -308], &[7, 1, -308], &[0, -308]][kind];
        relay(&acts, Link::Local, coding, format, cut);
    }

    #[test]
    fn a_viewer_sees_what_a_remote_desktop_drew(acts in acts(Link::Remote), cut in 1..5000_usize) {
        relay(&acts, Link::Remote, &ENCODINGS, 1, cut);
    }

    #[test]
    fn any_cutting_of_the_stream_gives_the_same(acts in acts(Link::Remote), cuts in vec(1..90_usize, 1..50)) {
        let mut server = Server::new(SIZE.0, SIZE.1);
        acts.iter().filter(|act| !matches!(act, Act::Paint)).for_each(|act| perform(&mut server, act));
        let bytes = server.bytes;
        let mut whole = desktop(Link::Remote);
        // Sizes are limited by rate: some streams end, in both cases at the same place.
        let end = whole.push(Duration::ZERO, &bytes);
        let mut cut = desktop(Link::Remote);
        let (mut rest, mut same, mut i) = (&bytes[..], Ok(()), 0);
        while !rest.is_empty() && same.is_ok() {
            let (piece, after) = rest.split_at(cuts[i % cuts.len()].min(rest.len()));
            same = cut.push(Duration::ZERO, piece);
            (rest, i) = (after, i + 1);
        }
        prop_assert_eq!(end, same);
        prop_assert_eq!(whole.screen(), cut.screen());
        prop_assert_eq!(whole.take_changes(), cut.take_changes());
    }
}

#[test]
fn a_watcher_and_a_late_viewer_see_the_whole_picture_at_once() {
    let mut server = Server::new(300, 200);
    server.update(1);
    server.raw(area(10, 20, 200, 100), &pixels(area(0, 0, 200, 100), 77));
    let mut desktop = desktop(Link::Local);
    desktop.push(Duration::ZERO, &server.bytes).unwrap();
    let mut watcher = Watcher::new(Duration::ZERO, "a", desktop.screen(), desktop.cursor());
    let mut client = Client::default();
    watcher.push(Duration::ZERO, &greeting(None, &ENCODINGS)).unwrap();
    client.read(&watcher.take_output());
    assert!(watcher.paint(Duration::ZERO, desktop.screen()).unwrap());
    client.read(&watcher.take_output());
    assert_eq!(client.picture, server.picture);
}

#[test]
fn a_cursor_reaches_the_viewer_in_its_own_pixels() {
    let mut server = Server::new(64, 64);
    server.update(1);
    server.head(area(1, 2, 3, 3), -239);
    server.bytes.extend([0x33, 0x22, 0x11, 0].repeat(9));
    server.bytes.extend([0xe0, 0x40, 0x20]);
    let mut desktop = desktop(Link::Local);
    desktop.push(Duration::ZERO, &server.bytes).unwrap();
    let mut viewer = Viewer::new(
        Duration::ZERO,
        "a",
        InputPolicy::default(),
        desktop.screen(),
        desktop.cursor(),
    );
    viewer.push(Duration::ZERO, &greeting(FORMATS[1].0, &ENCODINGS)).unwrap();
    let mut client = Client { places: [0, 1, 2], ..Client::default() };
    client.read(&viewer.take_output());
    viewer.paint(Duration::ZERO, desktop.screen()).unwrap();
    client.read(&viewer.take_output());
    let (at, bytes) = client.cursor.unwrap();
    assert_eq!(at, area(1, 2, 3, 3));
    assert_eq!(bytes, [[0x11, 0x22, 0x33, 0].repeat(9), vec![0xe0, 0x40, 0x20]].concat());
}

#[test]
fn nothing_new_is_nothing_sent_and_nothing_is_sent_before_the_last_was_taken() {
    let server = Server::new(64, 64);
    let mut desktop = desktop(Link::Local);
    desktop.push(Duration::ZERO, &server.bytes).unwrap();
    let mut viewer =
        Viewer::new(Duration::ZERO, "a", InputPolicy::default(), desktop.screen(), None);
    viewer.push(Duration::ZERO, &greeting(None, &ENCODINGS)).unwrap();
    assert!(!viewer.paint(Duration::ZERO, desktop.screen()).unwrap(), "the handshake is not sent");
    viewer.take_output();
    assert!(viewer.paint(Duration::ZERO, desktop.screen()).unwrap());
    viewer.take_output();
    let later = Duration::from_secs(9);
    viewer.push(later, &request(true)).unwrap();
    assert!(!viewer.paint(later, desktop.screen()).unwrap(), "nothing is new");
    viewer.changed(&[Change::Drawn(area(0, 0, 1, 1))]);
    assert!(viewer.paint(later, desktop.screen()).unwrap());
    viewer.push(later, &request(true)).unwrap();
    viewer.changed(&[Change::Drawn(area(0, 0, 1, 1))]);
    assert!(!viewer.paint(later, desktop.screen()).unwrap(), "the last update was not taken");
}

#[test]
fn continuous_updates_need_no_further_request() {
    let server = Server::new(64, 64);
    let mut desktop = desktop(Link::Local);
    desktop.push(Duration::ZERO, &server.bytes).unwrap();
    let mut viewer =
        Viewer::new(Duration::ZERO, "a", InputPolicy::default(), desktop.screen(), None);
    viewer.push(Duration::ZERO, &greeting(None, &ENCODINGS)).unwrap();
    assert!(viewer.take_output().ends_with(&[150]), "it says that it can");
    viewer.push(Duration::ZERO, &[150, 1, 0, 0, 0, 0, 0, 64, 0, 64]).unwrap();
    for second in 1..5 {
        let now = Duration::from_secs(second);
        viewer.changed(&[Change::Drawn(area(0, 0, 1, 1))]);
        assert!(viewer.paint(now, desktop.screen()).unwrap());
        viewer.take_output();
    }
    viewer.push(Duration::from_secs(5), &[150, 0, 0, 0, 0, 0, 0, 64, 0, 64]).unwrap();
    assert_eq!(viewer.take_output(), [150]);
    viewer.changed(&[Change::Drawn(area(0, 0, 1, 1))]);
    assert!(!viewer.paint(Duration::from_secs(6), desktop.screen()).unwrap());
}
