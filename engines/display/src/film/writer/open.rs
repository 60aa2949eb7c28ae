//! The chunk being written: records, compressed, sealed in segments.

use std::collections::HashMap;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use zstd::stream::raw::{CParameter, Encoder, InBuffer, Operation as _, OutBuffer};

use super::super::chunk::WINDOW_LOG;
use super::super::codec::put;
use super::super::records::{self, kind};
use super::super::{ChunkKey, Digest, Header, Note};
use super::{CHUNK, MAX_PLAIN, MAX_SEALED, Output};
use crate::rfb::{Area, Copy, Cursor, Screen, TILE};

/// Compressed data above this are sealed at once, so that memory stays small.
const MAX_PACKED: usize = 1 << 20;

pub(super) struct Open {
    pub header: Header,
    clear: Vec<u8>,
    key: ChunkKey,
    segment: u32,
    stream: Encoder<'static>,
    /// Records that are not compressed yet.
    plain: Vec<u8>,
    /// Compressed bytes that are not sealed yet.
    packed: Vec<u8>,
    /// Sealed bytes that the caller has not got yet.
    ready: Vec<u8>,
    at: Duration,
    pub flushed: Duration,
    /// Whether records were packed since the last flush.
    pending: bool,
    /// Bytes of records.
    pub written: usize,
    sealed: u64,
    hash: Sha256,
    pub size: (u16, u16),
    /// Tiles by their SHA-256: a weaker hash would let the bubble make two tiles that the
    /// recording takes for one.
    known: HashMap<Digest, u32>,
    /// The tile at each place of the screen, where it is known.
    places: Vec<Option<u32>>,
}

impl Open {
    pub fn new(header: Header, key: ChunkKey, level: i32) -> Self {
        let (clear, at) = (header.to_bytes(), header.start);
        let mut open = Self {
            header,
            key,
            segment: 0,
            stream: stream(level),
            plain: Vec::new(),
            packed: Vec::new(),
            ready: Vec::new(),
            at,
            flushed: at,
            pending: false,
            written: 0,
            sealed: 0,
            hash: Sha256::new(),
            size: (0, 0),
            known: HashMap::new(),
            places: Vec::new(),
            clear: Vec::new(),
        };
        open.emit(&clear);
        open.clear = clear;
        open
    }

    /// Whether the next record belongs into the next chunk.
    pub fn is_full(&self, now: Duration) -> bool {
        now >= self.header.start + CHUNK || self.sealed >= MAX_SEALED || self.written >= MAX_PLAIN
    }

    /// Whether a crash would lose something now.
    pub fn is_pending(&self) -> bool {
        self.pending || !self.ready.is_empty()
    }

    /// The time before a record.
    fn record(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.at).as_millis();
        put(&mut self.plain, u64::try_from(passed).unwrap_or(u64::MAX >> 2));
        // In whole milliseconds, so that rounding does not add up.
        self.at += Duration::from_millis(u64::try_from(passed).unwrap_or(0));
    }

    pub fn key_frame(&mut self, now: Duration, size: (u16, u16)) {
        self.size = size;
        let places = usize::from(size.0.div_ceil(TILE)) * usize::from(size.1.div_ceil(TILE));
        self.places = vec![None; places];
        self.record(now);
        self.plain.push(kind::KEYFRAME);
        put(&mut self.plain, size.0.into());
        put(&mut self.plain, size.1.into());
    }

    pub fn copy(&mut self, now: Duration, copy: &Copy) {
        self.record(now);
        records::put_copy(copy, &mut self.plain);
        let (right, bottom) = (copy.to.x + copy.to.width, copy.to.y + copy.to.height);
        for row in copy.to.y / TILE..bottom.div_ceil(TILE) {
            for column in copy.to.x / TILE..right.div_ceil(TILE) {
                let at = self.place(column, row);
                self.places[at] = None;
            }
        }
    }

    /// The tile, or its number if the chunk has it; nothing if it is in its place already.
    pub fn tile(&mut self, now: Duration, screen: &Screen, area: Area, pixels: &mut Vec<u8>) {
        pixels.clear();
        for y in area.y..area.y + area.height {
            for &pixel in screen.line(area.x, y, area.width) {
                records::put_pixel(pixel, pixels);
            }
        }
        let mut hash = Sha256::new();
        // The size belongs to the tile: at the edges there are others with as many pixels.
        hash.update([area.width.to_be_bytes(), area.height.to_be_bytes()].concat());
        hash.update(&*pixels);
        let next = u32::try_from(self.known.len()).expect("a chunk has fewer tiles");
        let id = *self.known.entry(hash.finalize().into()).or_insert(next);
        let (column, row) = (area.x / TILE, area.y / TILE);
        let at = self.place(column, row);
        if self.places[at].replace(id) == Some(id) {
            return;
        }
        self.record(now);
        self.plain.push(if id == next { kind::TILE } else { kind::TILEREF });
        put(&mut self.plain, column.into());
        put(&mut self.plain, row.into());
        match id == next {
            true => self.plain.extend_from_slice(pixels),
            false => put(&mut self.plain, id.into()),
        }
    }

    pub fn cursor(&mut self, now: Duration, cursor: &Cursor) {
        self.record(now);
        records::put_cursor(cursor, &mut self.plain);
    }

    pub fn pointer(&mut self, now: Duration, (x, y, buttons): (u16, u16, u8)) {
        self.record(now);
        self.plain.push(kind::POINTER);
        for field in [x, y, buttons.into()] {
            put(&mut self.plain, field.into());
        }
    }

    pub fn note(&mut self, at: Duration, note: &Note) {
        self.record(at);
        note.write(&mut self.plain);
    }

    /// Gives the records to the compressor.
    pub fn pack(&mut self) {
        self.written += self.plain.len();
        self.pending |= !self.plain.is_empty();
        let mut input = InBuffer::around(&self.plain);
        while input.pos() < self.plain.len() {
            run(&mut self.packed, |output| self.stream.run(&mut input, output));
        }
        self.plain.clear();
        self.plain.shrink_to(1 << 18);
        if self.packed.len() > MAX_PACKED {
            self.seal(false);
        }
    }

    /// Seals all that there is, so that it survives a crash.
    pub fn flush(&mut self, now: Duration, out: &mut Vec<Output>) {
        self.flushed = now;
        if std::mem::take(&mut self.pending) {
            while run(&mut self.packed, |output| self.stream.flush(output)) > 0 {}
            if !self.packed.is_empty() {
                self.seal(false);
            }
        }
        self.hand_over(out);
    }

    /// Ends the chunk and gives the digest and the size of its file.
    pub fn finish(mut self, out: &mut Vec<Output>) -> (Digest, u64) {
        while run(&mut self.packed, |output| self.stream.finish(output, true)) > 0 {}
        self.seal(true);
        self.hand_over(out);
        (self.hash.finalize().into(), self.sealed)
    }

    fn seal(&mut self, last: bool) {
        let sealed = self.key.seal(self.segment, last, &self.clear, &self.packed);
        self.segment += 1;
        self.packed.clear();
        self.packed.shrink_to(1 << 18);
        let length = u32::try_from(sealed.len()).expect("a segment is smaller");
        self.emit(&length.to_be_bytes());
        self.emit(&sealed);
    }

    fn emit(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.sealed += bytes.len() as u64;
        self.ready.extend_from_slice(bytes);
    }

    fn hand_over(&mut self, out: &mut Vec<Output>) {
        if !self.ready.is_empty() {
            let bytes = std::mem::take(&mut self.ready);
            out.push(Output::Append { chunk: self.header.number, bytes });
        }
    }

    fn place(&self, column: u16, row: u16) -> usize {
        usize::from(row) * usize::from(self.size.0.div_ceil(TILE)) + usize::from(column)
    }
}

/// A compressor with the window of the format and tables of 5 MiB in all: those of level 9 by
/// itself take 60, for each of 50 sessions.
fn stream(level: i32) -> Encoder<'static> {
    let mut stream = Encoder::new(level).expect("memory for a compressor");
    for parameter in
        [CParameter::WindowLog(WINDOW_LOG), CParameter::HashLog(18), CParameter::ChainLog(18)]
    {
        stream.set_parameter(parameter).expect("parameters within zstd's limits");
    }
    stream
}

/// Lets the compressor write into new room at the end of `packed`; what it says is left.
fn run(
    packed: &mut Vec<u8>,
    step: impl FnOnce(&mut OutBuffer<'_, Vec<u8>>) -> std::io::Result<usize>,
) -> usize {
    packed.reserve(1 << 14);
    let end = packed.len();
    let mut output = OutBuffer::around_pos(packed, end);
    step(&mut output).expect("compressing in memory does not fail")
}
