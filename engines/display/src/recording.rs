//! The recording of a terminal session, in asciicast v2: a JSON header line, then a JSON line
//! `[seconds, kind, text]` for each event (`o` output, `i` input, `r` resize as `COLUMNSxROWS`).
//! Format: the asciinema project's published description of version 2.
//!
//! The file is appended to and never rewritten; its SHA-256 runs along, so that the seal at the end
//! costs no second reading. When writing fails the session must be closed: what is not recorded is
//! not shown.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Always 2.
    pub version: u8,
    /// Columns at the start.
    pub width: u16,
    /// Rows at the start.
    pub height: u16,
    /// The start, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
    /// What it is of; never a person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// What identifies a finished recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// SHA-256 of the whole file, lower-case hex.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A recording being written.
#[derive(Debug)]
pub struct Recording {
    file: File,
    hash: Sha256,
    bytes: u64,
    last: u64,
    /// Halves of characters, of output and of input.
    split: [Vec<u8>; 2],
}

impl Recording {
    /// Creates the file (which must not exist: a recording is never overwritten), readable by its
    /// owner alone, and writes the header.
    pub fn create(path: &Path, header: &Header) -> io::Result<Self> {
        let file = OpenOptions::new().create_new(true).append(true).mode(0o600).open(path)?;
        let mut recording =
            Self { file, hash: Sha256::new(), bytes: 0, last: 0, split: Default::default() };
        recording.line(serde_json::to_string(header)?)?;
        recording.sync()?;
        Ok(recording)
    }

    /// Output of the terminal, `at` microseconds after the start. Characters cut in two are kept
    /// until their second half comes.
    pub fn output(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.text(at, 'o', 0, bytes)
    }

    /// What the person typed. Only where the centre's policy says so: passwords are typed too.
    pub fn input(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.text(at, 'i', 1, bytes)
    }

    /// A new size of the terminal.
    pub fn resize(&mut self, at: u64, columns: u16, rows: u16) -> io::Result<()> {
        self.event(at, 'r', &format!("{columns}x{rows}"))
    }

    /// Makes sure that what was written is on the disk.
    pub fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Ends the recording and gives what the log seals.
    pub fn finish(mut self) -> io::Result<Digest> {
        for (stream, kind) in [(0, 'o'), (1, 'i')] {
            let rest = std::mem::take(&mut self.split[stream]);
            if !rest.is_empty() {
                self.event(self.last, kind, &String::from_utf8_lossy(&rest))?;
            }
        }
        self.file.sync_all()?;
        Ok(Digest { sha256: hex::encode(self.hash.finalize()), bytes: self.bytes })
    }

    fn text(&mut self, at: u64, kind: char, stream: usize, bytes: &[u8]) -> io::Result<()> {
        let mut all = std::mem::take(&mut self.split[stream]);
        all.extend_from_slice(bytes);
        let whole = whole_characters(&all);
        self.split[stream] = all.split_off(whole);
        if all.is_empty() {
            return Ok(());
        }
        self.event(at, kind, &String::from_utf8_lossy(&all))
    }

    fn event(&mut self, at: u64, kind: char, text: &str) -> io::Result<()> {
        // Clocks can step back; a player must not.
        self.last = self.last.max(at);
        let (seconds, micros) = (self.last / 1_000_000, self.last % 1_000_000);
        let text = serde_json::to_string(text)?;
        self.line(format!("[{seconds}.{micros:06}, \"{kind}\", {text}]"))
    }

    fn line(&mut self, mut line: String) -> io::Result<()> {
        line.push('\n');
        // In one write, so that a killed server leaves whole lines, but for the last at most.
        self.file.write_all(line.as_bytes())?;
        self.hash.update(line.as_bytes());
        self.bytes += line.len() as u64;
        Ok(())
    }
}

/// How many of these bytes do not end in the first part of a UTF-8 character.
fn whole_characters(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let lead = bytes[bytes.len() - back];
        let length = match lead {
            0x80..=0xbf => continue,
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        };
        return if length > back { bytes.len() - back } else { bytes.len() };
    }
    bytes.len()
}

/// The seal of a file that is already complete: a session whose server was killed.
pub fn digest(path: &Path) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok(Digest { sha256: hex::encode(hash.finalize()), bytes });
        }
        hash.update(&buffer[..n]);
        bytes += n as u64;
    }
}

/// What happened at a moment of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The terminal showed this.
    Output(String),
    /// The person typed this.
    Input(String),
    /// The terminal got this size.
    Resize(u16, u16),
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Microseconds after the start.
    pub at: u64,
    /// What happened.
    pub kind: Kind,
}

/// A recording read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// The first line.
    pub header: Header,
    /// All events in order.
    pub events: Vec<Event>,
    /// Whether the last line is cut off, as a killed server leaves it.
    pub truncated: bool,
}

/// Why a recording cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be read.
    #[error("cannot read the recording")]
    Io(#[from] io::Error),
    /// A line is not what a recording has there.
    #[error("line {line} of the recording is not a valid {what}")]
    Invalid {
        /// Counted from 1.
        line: usize,
        /// What was expected.
        what: &'static str,
    },
}

/// Reads a recording for replay.
pub fn read(source: impl Read) -> Result<Played, ReadError> {
    let mut lines = BufReader::new(source);
    let (mut text, mut number) = (Vec::new(), 1);
    lines.read_until(b'\n', &mut text)?;
    let header: Header = serde_json::from_slice(&text)
        .map_err(|_| ReadError::Invalid { line: number, what: "header" })?;
    let mut played = Played { header, events: Vec::new(), truncated: !text.ends_with(b"\n") };
    loop {
        text.clear();
        number += 1;
        if lines.read_until(b'\n', &mut text)? == 0 {
            return Ok(played);
        }
        match event(&text) {
            Some(event) => played.events.push(event),
            None if !text.ends_with(b"\n") => played.truncated = true,
            None => return Err(ReadError::Invalid { line: number, what: "event" }),
        }
    }
}

fn event(line: &[u8]) -> Option<Event> {
    let (seconds, kind, text): (f64, String, String) = serde_json::from_slice(line).ok()?;
    if !(0.0..1e12).contains(&seconds) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked above: 0 to 1e18"
    )]
    let at = (seconds * 1e6).round() as u64;
    let kind = match kind.as_str() {
        "o" => Kind::Output(text),
        "i" => Kind::Input(text),
        "r" => {
            let (columns, rows) = text.split_once('x')?;
            Kind::Resize(columns.parse().ok()?, rows.parse().ok()?)
        }
        _ => return None,
    };
    Some(Event { at, kind })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn header() -> Header {
        Header { version: 2, width: 80, height: 24, timestamp: Some(1_700_000_000), title: None }
    }

    fn outputs(played: &Played) -> String {
        let text = |event: &Event| match &event.kind {
            Kind::Output(text) => text.clone(),
            _ => String::new(),
        };
        played.events.iter().map(text).collect()
    }

    proptest! {
        #[test]
        fn a_text_cut_anywhere_is_read_back_whole(text in "\\PC{0,60}", cut in 1..7usize) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("cast");
            let mut recording = Recording::create(&path, &header()).unwrap();
            for (i, piece) in text.as_bytes().chunks(cut).enumerate() {
                recording.output(i as u64, piece).unwrap();
            }
            recording.finish().unwrap();
            let played = read(File::open(&path).unwrap()).unwrap();
            prop_assert_eq!(outputs(&played), text);
        }

        #[test]
        fn any_bytes_make_a_valid_recording(pieces in vec(vec(any::<u8>(), 0..20), 0..20)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("cast");
            let mut recording = Recording::create(&path, &header()).unwrap();
            for piece in &pieces {
                recording.output(5, piece).unwrap();
            }
            let sealed = recording.finish().unwrap();
            prop_assert_eq!(sealed, digest(&path).unwrap());
            prop_assert!(!read(File::open(&path).unwrap()).unwrap().truncated);
        }
    }

    #[test]
    fn events_come_back_with_their_times_and_time_never_runs_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cast");
        let mut recording = Recording::create(&path, &header()).unwrap();
        recording.output(1_500_000, b"a").unwrap();
        recording.resize(2_000_001, 132, 43).unwrap();
        recording.input(1_000, b"b").unwrap();
        recording.finish().unwrap();
        let played = read(File::open(&path).unwrap()).unwrap();
        assert_eq!(played.header, header());
        let expected = [
            (1_500_000, Kind::Output("a".into())),
            (2_000_001, Kind::Resize(132, 43)),
            (2_000_001, Kind::Input("b".into())),
        ];
        assert_eq!(played.events, expected.map(|(at, kind)| Event { at, kind }));
    }

    #[test]
    fn a_recording_is_never_overwritten_and_only_its_owner_reads_it() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cast");
        drop(Recording::create(&path, &header()).unwrap());
        assert!(Recording::create(&path, &header()).is_err());
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_killed_servers_recording_is_read_to_its_last_whole_line() {
        let text =
            b"{\"version\":2,\"width\":80,\"height\":24}\n[0.5, \"o\", \"a\"]\n[0.6, \"o\", \"b";
        let played = read(&text[..]).unwrap();
        assert!(played.truncated);
        assert_eq!(played.events.len(), 1);
    }

    #[test]
    fn a_line_in_the_middle_that_is_no_event_is_an_error_that_names_it() {
        let text =
            b"{\"version\":2,\"width\":80,\"height\":24}\n[0.5, \"o\"]\n[0.6, \"o\", \"b\"]\n";
        assert!(matches!(read(&text[..]), Err(ReadError::Invalid { line: 2, what: "event" })));
    }

    #[test]
    fn changing_one_byte_changes_the_seal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cast");
        let mut recording = Recording::create(&path, &header()).unwrap();
        recording.output(1, b"seen").unwrap();
        let sealed = recording.finish().unwrap();
        let text = std::fs::read_to_string(&path).unwrap().replace("seen", "sein");
        std::fs::write(&path, text).unwrap();
        assert_ne!(digest(&path).unwrap().sha256, sealed.sha256);
    }
}
