#![expect(clippy::cast_possible_truncation, reason = "small numbers of tests")]

use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::*;
use crate::rfb::{Area, Change, Clip, Cursor, Direction, Screen, Verdict};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn area(x: u16, y: u16, width: u16, height: u16) -> Area {
    Area { x, y, width, height }
}

mod harm;

/// A gateway with its files and the reviewer's secret.
struct Session {
    secret: ReviewSecret,
    writer: Option<Writer>,
    screen: Screen,
    files: Vec<Vec<u8>>,
    sealed: Vec<Sealed>,
}

impl Session {
    fn new(width: u16, height: u16) -> Self {
        let mut random = StdRng::seed_from_u64(1);
        let secret = ReviewSecret::generate(&mut random);
        let screen = Screen::new(width, height).unwrap();
        let writer =
            Writer::start(&mut random, &secret.public(), Pace::Normal, 1_000_000, &screen, None);
        let writer = Some(writer);
        Self { secret, writer, screen, files: Vec::new(), sealed: Vec::new() }
    }

    fn writer(&mut self) -> &mut Writer {
        self.writer.as_mut().unwrap()
    }

    fn draw(&mut self, at: Area, colour: u32) {
        for y in at.y..at.y + at.height {
            for (x, pixel) in (0_u32..).zip(self.screen.line_mut(at.x, y, at.width)) {
                *pixel = colour.wrapping_mul(x / 5 + 1) & 0xff_ffff;
            }
        }
        self.writer().changed(&[Change::Drawn(at)]);
    }

    fn tick(&mut self, now: Duration) {
        let outputs = self.writer.as_mut().unwrap().tick(now, &self.screen);
        self.keep(outputs);
    }

    fn keep(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Append { chunk, bytes } => {
                    let chunk = chunk as usize;
                    self.files.resize_with(self.files.len().max(chunk + 1), Vec::new);
                    self.files[chunk].extend(bytes);
                }
                Output::Close(sealed) => self.sealed.push(sealed),
            }
        }
    }

    fn finish(mut self, now: Duration) -> Film {
        let head = self.writer().head().to_bytes();
        let outputs = self.writer.take().unwrap().finish(now, &self.screen);
        self.keep(outputs);
        let opened = Head::from_bytes(&head).unwrap().open(&self.secret).unwrap();
        let keys = opened.range(0..=self.files.len() as u32);
        let keys = keys.iter().map(|(_, key)| *key.to_bytes()).collect();
        Film { secret: self.secret, keys, head, files: self.files, sealed: self.sealed }
    }
}

/// What is on the disk, and the reviewer's secret.
struct Film {
    secret: ReviewSecret,
    keys: Vec<[u8; 32]>,
    head: Vec<u8>,
    files: Vec<Vec<u8>>,
    sealed: Vec<Sealed>,
}

impl Film {
    fn key(&self) -> RecordingKey {
        Head::from_bytes(&self.head).unwrap().open(&self.secret).unwrap()
    }

    fn chunk_key(&self, chunk: u32) -> ChunkKey {
        ChunkKey::from_bytes(self.keys[chunk as usize])
    }

    fn at(&self, time: Duration) -> Option<Screen> {
        let headers: Vec<Header> =
            self.files.iter().map(|file| Header::read(file).unwrap()).collect();
        let at = chunk_at(&headers, time)?;
        let chunk = Chunk::open(&self.files[at], &self.chunk_key(at as u32)).unwrap();
        let mut player = chunk.play();
        player.seek(time).unwrap();
        Some(player.screen().clone())
    }
}

#[derive(Debug, Clone)]
enum Act {
    Draw(Area, u32),
    Copy(Area, Area),
    Resize(u16, u16),
}

const SIZE: (u16, u16) = (150, 100);

fn acts() -> impl Strategy<Value = Vec<(u64, Act)>> {
    let areas = || {
        (0..SIZE.0, 0..SIZE.1)
            .prop_flat_map(|(x, y)| (Just(x), Just(y), 1..=SIZE.0 - x, 1..=SIZE.1 - y))
            .prop_map(|(x, y, width, height)| area(x, y, width, height))
    };
    let act = prop_oneof![
        5 => (areas(), 0..6_u32).prop_map(|(at, colour)| Act::Draw(at, colour * 0x12345)),
        3 => (areas(), areas()).prop_map(|(from, to)| Act::Copy(from, to)),
        1 => (1..=SIZE.0, 1..=SIZE.1).prop_map(|(width, height)| Act::Resize(width, height)),
    ];
    vec((prop_oneof![0..150_u64, 150..30_000_u64], act), 1..40)
}

fn perform(session: &mut Session, act: &Act) {
    let (width, height) = (session.screen.width(), session.screen.height());
    let inside = |at: Area| {
        let (x, y) = (at.x.min(width - 1), at.y.min(height - 1));
        area(x, y, at.width.min(width - x), at.height.min(height - y))
    };
    match *act {
        Act::Draw(at, colour) => session.draw(inside(at), colour),
        Act::Copy(from, to) => {
            let (from, to) = (inside(from), inside(to));
            let (w, h) = (from.width.min(to.width), from.height.min(to.height));
            let to = area(to.x, to.y, w, h);
            session.screen.copy(from.x, from.y, to);
            session.writer().changed(&[Change::Copied { x: from.x, y: from.y, to }]);
        }
        Act::Resize(width, height) => {
            session.screen = Screen::new(width, height).unwrap();
            session.writer().changed(&[Change::Resized { width, height }]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_picture_at_any_time_is_the_one_that_was_shown(acts in acts(), times in vec(0..200_000_u64, 20)) {
        let mut session = Session::new(SIZE.0, SIZE.1);
        let (mut now, mut last, mut shown) = (0, None, Vec::new());
        for (pause, act) in acts {
            now += pause;
            perform(&mut session, &act);
            session.tick(ms(now));
            // The oracle: a whole picture each time, five a second at most.
            if last.is_none_or(|last| now >= last + 200) {
                last = Some(now);
                shown.push((now, session.screen.clone()));
            }
        }
        now += 10;
        shown.push((now, session.screen.clone()));
        let film = session.finish(ms(now));
        for time in times.into_iter().chain(shown.iter().map(|(time, _)| *time)) {
            let expected = shown.iter().rev().find(|(at, _)| *at <= time).map(|(_, screen)| screen);
            let found = film.at(ms(time));
            prop_assert_eq!(found.as_ref(), expected, "at {}", time);
        }
        let mut chain = Chain::default();
        for (file, sealed) in film.files.iter().zip(&film.sealed) {
            prop_assert_eq!(chain.push(file).unwrap(), sealed.digest);
            prop_assert_eq!(chain.root().root(), sealed.root);
            prop_assert_eq!(sealed.bytes, file.len() as u64);
        }
        prop_assert_eq!(film.files.len(), film.sealed.len());
    }

    #[test]
    fn no_records_make_the_player_panic(plain in vec(prop_oneof![3 => 0..14_u8, 1 => any::<u8>()], 0..400)) {
        let head = Session::new(9, 9).finish(ms(1)).files.remove(0);
        let chunk = Chunk { header: Header::read(&head).unwrap(), complete: true, plain };
        let _ = chunk.play().finish();
    }

    #[test]
    fn no_file_makes_the_reader_panic(mut file in vec(any::<u8>(), 0..400), good in any::<bool>()) {
        let film = Session::new(9, 9).finish(ms(1));
        if good {
            file.splice(..0, film.files[0][..chunk::HEADER].to_vec());
        }
        let _ = Chunk::open(&file, &film.chunk_key(0));
        let _ = recover(&file);
        let _ = Chain::default().push(&file);
        let _ = Head::from_bytes(&file);
    }
}

/// Four chunks of a minute each.
fn film() -> Film {
    let mut session = Session::new(SIZE.0, SIZE.1);
    for second in 0..240_u32 {
        let now = Duration::from_secs(second.into());
        session.draw(area(second as u16 % 100, 3, 40, 30), second);
        session.tick(now);
    }
    session.finish(Duration::from_mins(4))
}

#[test]
fn chunks_end_after_a_minute_and_each_stands_alone() {
    let film = film();
    assert_eq!(film.files.len(), 5);
    let starts: Vec<u64> = film.sealed.iter().map(|sealed| sealed.start.as_secs()).collect();
    assert_eq!(starts, [0, 60, 120, 180, 240]);
    let header = Header::read(&film.files[2]).unwrap();
    assert_eq!((header.number, header.started), (2, 121_000_000));
    let chunk = Chunk::open(&film.files[2], &film.chunk_key(2)).unwrap();
    assert!(chunk.complete);
    assert_eq!(chunk.play().finish(), Ok(Duration::from_secs(179)));
}

#[test]
fn an_idle_screen_costs_nothing() {
    let mut session = Session::new(SIZE.0, SIZE.1);
    for second in 0..3600 {
        session.tick(Duration::from_secs(second));
    }
    let film = session.finish(Duration::from_hours(1));
    assert_eq!(film.files.len(), 2, "the first picture and the end");
    assert!(film.at(Duration::from_mins(30)).is_some());
}

#[test]
fn a_killed_gateways_chunk_is_read_to_its_last_whole_segment() {
    let film = film();
    let (file, key) = (&film.files[1], film.chunk_key(1));
    let whole = recover(file).unwrap();
    assert_eq!(whole.bytes, file.len());
    let mut last = 0;
    for cut in (chunk::HEADER..file.len()).step_by(5) {
        let part = &file[..cut];
        let recovered = recover(part).unwrap();
        assert!(recovered.bytes <= cut && recovered.segments >= last);
        last = recovered.segments;
        let chunk = Chunk::open(&part[..recovered.bytes], &key).unwrap();
        assert!(!chunk.complete);
        // Uncut it reads the same.
        assert_eq!(Chunk::open(part, &key).unwrap().plain, chunk.plain);
        if recovered.segments > 0 {
            let mut player = chunk.play();
            let end = player.finish().unwrap();
            let expected = film.at(end).unwrap();
            assert_eq!(*player.screen(), expected);
        }
    }
    assert_eq!(recover(&file[..20]), Err(FilmError::NotAFilm("chunk")));
    // A disk that had written zeros.
    let torn = [&file[..whole.bytes - 100], &[0; 4096]].concat();
    assert!(recover(&torn).unwrap().segments < whole.segments);
}

#[test]
fn at_most_two_seconds_wait_to_be_written() {
    let mut session = Session::new(SIZE.0, SIZE.1);
    let mut written = Vec::new();
    for tenth in 0..100_u32 {
        session.draw(area(0, 0, 40, 40), tenth);
        session.tick(ms(u64::from(tenth) * 100));
        written.push(session.files.first().map_or(0, Vec::len));
    }
    for second in 2..10 {
        assert!(written[second * 10] > written[(second - 2) * 10], "{second} {written:?}");
    }
}

#[test]
fn notes_come_back_with_their_times_and_no_key_is_named() {
    let mut session = Session::new(64, 64);
    session.draw(area(0, 0, 9, 9), 3);
    session.tick(ms(0));
    let clip = Clip { direction: Direction::FromBubble, bytes: 77, verdict: Verdict::TooLong };
    let notes = [
        Note::Clip(clip),
        Note::Title("table1.csv \u{e9}".into()),
        Note::Mark(Mark::ExportAsked),
        Note::Stall(1500),
    ];
    for (at, note) in (1..).zip(&notes) {
        session.writer().note(ms(at * 50), note.clone());
    }
    (0..12).for_each(|_| session.writer().key_pressed());
    session.tick(ms(300));
    let film = session.finish(ms(500));
    let chunk = Chunk::open(&film.files[0], &film.chunk_key(0)).unwrap();
    let mut player = chunk.play();
    player.finish().unwrap();
    let found: Vec<Note> = player.take_notes().into_iter().map(|(_, note)| note).collect();
    assert_eq!(found, [&notes[..], &[Note::Keys(12), Note::End]].concat());
}

#[test]
fn the_pointer_is_recorded_and_can_be_drawn() {
    let mut session = Session::new(64, 64);
    let cursor =
        Cursor { width: 2, height: 1, hot: (1, 0), pixels: vec![0xff, 0xee], mask: vec![0x80] };
    session.writer().changed(&[Change::Cursor(Arc::new(cursor))]);
    session.writer().pointer(10, 20, 1);
    session.tick(ms(0));
    let film = session.finish(ms(500));
    let chunk = Chunk::open(&film.files[0], &film.chunk_key(0)).unwrap();
    let mut player = chunk.play();
    player.finish().unwrap();
    assert_eq!(player.pointer(), Some(Pointer { x: 10, y: 20, buttons: 1 }));
    let picture = player.picture();
    assert_eq!(picture.line(8, 20, 4), [0, 0xff, 0, 0]);
}

#[test]
fn a_film_on_the_screen_ends_chunks_early_and_lowers_the_level() {
    let mut session = Session::new(640, 480);
    let mut noise = 1_u32;
    for tick in 0..16_u64 {
        for y in 0..480 {
            for pixel in session.screen.line_mut(0, y, 640) {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *pixel = noise >> 8;
            }
        }
        session.writer().changed(&[Change::Drawn(area(0, 0, 640, 480))]);
        session.tick(ms(tick * 200));
    }
    let film = session.finish(ms(4_000));
    assert!(film.files.len() >= 3, "{}", film.files.len());
    for (chunk, file) in (0..).zip(&film.files) {
        assert!(file.len() < 48 << 20);
        assert!(Chunk::open(file, &film.chunk_key(chunk)).unwrap().complete);
    }
}
