//! What one desktop session costs: a minute of work, relayed and recorded; and seeking in eight
//! hours of it.
//!
//! The minute is scripted below, or comes from a real server: `BULLE_STREAM=FILE`, written by
//! `tests/xtigervnc.rs`. Processor time is this process's own (`/proc/self/schedstat`), so other
//! work on the machine counts little.

use std::time::Duration;

use display::film::{Chunk, Head, Header, Output, Pace, ReviewSecret, Writer, chunk_at};
use display::rfb::{Desktop, DesktopPolicy, InputPolicy, Link, Viewer};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

#[path = "desktop/script.rs"]
mod script;

/// Bytes of a desktop and when they came.
type Stream = Vec<(Duration, Vec<u8>)>;

fn main() {
    let stream = match std::env::var_os("BULLE_STREAM") {
        Some(path) => read(&std::fs::read(path).expect("the file that BULLE_STREAM names")),
        None => script::minute(),
    };
    let bytes: usize = stream.iter().map(|(_, bytes)| bytes.len()).sum();
    let length = stream.last().expect("a stream with bytes").0;
    println!("stream: {:.1} s, {} from the desktop", length.as_secs_f64(), rate(bytes, length));
    // In turns, so that a busy machine hurts all alike.
    let mut best = [Cost::default(), Cost::default(), Cost::default()];
    for _ in 0..5 {
        for (best, (view, record)) in
            best.iter_mut().zip([(false, false), (true, false), (true, true)])
        {
            let cost = session(&stream, view, record).0;
            if best.cpu.is_zero() || cost.cpu < best.cpu {
                *best = cost;
            }
        }
    }
    for (name, cost) in ["decode", "relay", "relay and record"].iter().zip(&best) {
        let share = cost.cpu.as_secs_f64() / length.as_secs_f64() * 100.0;
        println!(
            "{name}: {:.0} ms CPU = {share:.2} % of a core; to the viewer {}, to the disk {}",
            cost.cpu.as_secs_f64() * 1000.0,
            rate(cost.shown, length),
            rate(cost.written, length),
        );
    }
    println!(
        "memory of the process at its most: {} (stream in memory {} KiB)",
        peak(),
        bytes / 1024
    );
    seek(&stream, length);
}

fn rate(bytes: usize, time: Duration) -> String {
    let millis = u64::try_from(time.as_millis()).expect("hours").max(1);
    let tenths = bytes as u64 * 10 / millis;
    format!("{}.{} kB/s", tenths / 10, tenths % 10)
}

#[derive(Debug, Default, Clone, Copy)]
struct Cost {
    cpu: Duration,
    shown: usize,
    written: usize,
}

/// A session from its first to its last byte.
struct Recorded {
    secret: ReviewSecret,
    head: Vec<u8>,
    files: Vec<Vec<u8>>,
}

fn session(stream: &Stream, view: bool, record: bool) -> (Cost, Recorded) {
    let mut random = StdRng::seed_from_u64(7);
    let secret = ReviewSecret::generate(&mut random);
    let start = cpu();
    let mut desktop =
        Desktop::new(Duration::ZERO, DesktopPolicy { link: Link::Local, from_bubble: None });
    let (mut viewer, mut writer) = (None::<Viewer>, None::<Writer>);
    let (mut shown, mut files) = (0, Vec::new());
    for (now, bytes) in stream {
        desktop.push(*now, bytes).expect("a stream that is allowed");
        desktop.take_output();
        if !desktop.is_up() {
            continue;
        }
        let changes = desktop.take_changes();
        if view {
            let viewer = viewer.get_or_insert_with(|| greeted(*now, &desktop));
            viewer.changed(&changes);
            viewer.push(*now, &[3, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]).expect("a request");
            viewer.paint(*now, desktop.screen()).expect("a viewer that knows sizes");
            shown += viewer.take_output().len();
        }
        if record {
            let writer = writer.get_or_insert_with(|| {
                Writer::start(
                    &mut random,
                    &secret.public(),
                    Pace::Normal,
                    0,
                    desktop.screen(),
                    None,
                )
            });
            writer.changed(&changes);
            keep(writer.tick(*now, desktop.screen()), &mut files);
        }
    }
    let now = stream.last().expect("a stream with bytes").0;
    let head = writer.map_or_else(Vec::new, |writer| {
        let head = writer.head().to_bytes();
        keep(writer.finish(now, desktop.screen()), &mut files);
        head
    });
    let cost =
        Cost { cpu: cpu().saturating_sub(start), shown, written: files.iter().map(Vec::len).sum() };
    (cost, Recorded { secret, head, files })
}

fn greeted(now: Duration, desktop: &Desktop) -> Viewer {
    let mut viewer =
        Viewer::new(now, "bench", InputPolicy::default(), desktop.screen(), desktop.cursor());
    let encodings = [1, 16, 7, 0, -239, -308_i32].map(i32::to_be_bytes).concat();
    let hello = [&b"RFB 003.008\n\x01\x01"[..], &[2, 0, 0, 6], &encodings].concat();
    viewer.push(now, &hello).expect("a greeting");
    viewer.take_output();
    viewer
}

fn keep(outputs: Vec<Output>, files: &mut Vec<Vec<u8>>) {
    for output in outputs {
        if let Output::Append { chunk, bytes } = output {
            let chunk = chunk as usize;
            files.resize_with(files.len().max(chunk + 1), Vec::new);
            files[chunk].extend(bytes);
        }
    }
}

/// The minute again and again for eight hours (or `BULLE_HOURS`), then the first picture at 40 times of it.
fn seek(minute: &Stream, length: Duration) {
    let hours = std::env::var("BULLE_HOURS").map_or(8, |hours| hours.parse().expect("a number"));
    let rounds = u32::try_from(hours * 3600 / length.as_secs().max(1)).expect("few");
    let greeting = minute.iter().position(|(at, _)| *at > Duration::from_millis(500)).unwrap_or(0);
    let mut stream = minute.clone();
    // Only the work is repeated; a handshake comes once.
    for round in 1..rounds {
        let again =
            minute[greeting..].iter().map(|(at, bytes)| (*at + length * round, bytes.clone()));
        stream.extend(again);
    }
    let (cost, film) = session(&stream, false, true);
    let headers: Vec<Header> =
        film.files.iter().map(|file| Header::read(file).expect("a chunk")).collect();
    let mut times: Vec<Duration> = (0..40)
        .map(|i| {
            let time = length * rounds / 41 * (i + 1);
            let start = cpu();
            // All a player does: the grant's key, the chunk, its records up to the time.
            let head = Head::from_bytes(&film.head).expect("a head");
            let at = chunk_at(&headers, time).expect("a chunk");
            let chunk = u32::try_from(at).expect("few");
            let keys = head.open(&film.secret).expect("the key").range(chunk..=chunk);
            let chunk = Chunk::open(&film.files[at], &keys[0].1).expect("a good chunk");
            let mut player = chunk.play();
            player.seek(time).expect("good records");
            assert!(player.screen().width() > 0);
            cpu().saturating_sub(start)
        })
        .collect();
    times.sort();
    println!(
        "{} h in {} chunks, {} MB, {:.0} s CPU to record; first picture at 40 times: median {:.1} ms, worst {:.1} ms CPU",
        (length * rounds).as_secs() / 3600,
        headers.len(),
        film.files.iter().map(Vec::len).sum::<usize>() / 1_000_000,
        cost.cpu.as_secs_f64(),
        times[20].as_secs_f64() * 1000.0,
        times[39].as_secs_f64() * 1000.0,
    );
}

/// A captured stream: microseconds (u64), length (u32), bytes, little-endian.
fn read(mut file: &[u8]) -> Stream {
    let mut stream = Stream::new();
    while let Some((at, rest)) = file.split_first_chunk::<8>() {
        let (length, rest) = rest.split_first_chunk::<4>().expect("a whole file");
        let (bytes, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
        stream.push((Duration::from_micros(u64::from_le_bytes(*at)), bytes.to_vec()));
        file = rest;
    }
    stream
}

/// Time that this process had a processor.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let first = stat.split(' ').next().and_then(|ns| ns.parse().ok());
    Duration::from_nanos(first.expect("Linux with scheduler statistics"))
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.map_or_else(String::new, |line| line[6..].trim().to_owned())
}
