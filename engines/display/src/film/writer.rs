//! Writing a recording: changed tiles, at most five times a second.

mod open;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use hpke::rand_core::CryptoRng;

use self::open::Open;
use super::{Digest, Head, Header, Note, RecordingKey, ReviewKey, Root};
use crate::rfb::{Change, Cursor, Damage, Screen};

/// A chunk ends after this time.
const CHUNK: Duration = Duration::from_mins(1);
/// Or when it has grown to this many bytes, sealed.
const MAX_SEALED: u64 = 4 << 20;
/// Or when its records have: what a reader must hold.
const MAX_PLAIN: usize = 48 << 20;
/// What a crash loses at most.
const SEGMENT: Duration = Duration::from_secs(2);
/// Notes that wait for the next picture; a caller that never ticks loses the oldest.
const MAX_NOTES: usize = 1024;

/// How often the picture is recorded at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Five times a second.
    Normal,
    /// Ten, for the most sensitive data.
    Fine,
}

/// What the caller does with its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Append to the `.part` file of the chunk, created at its first bytes, and sync it. Where this
    /// fails the session must end: what is not recorded is not shown.
    Append {
        /// The chunk's number.
        chunk: u32,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// The chunk is whole: rename its file and tell the log.
    Close(Sealed),
}

/// What the log is told of a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The chunk's number.
    pub chunk: u32,
    /// SHA-256 of its file.
    pub digest: Digest,
    /// The file's size.
    pub bytes: u64,
    /// Its start, since the session's.
    pub start: Duration,
    /// Its end, since the session's start.
    pub end: Duration,
    /// The Merkle root over the digests up to this chunk (RFC 6962).
    pub root: Digest,
    /// How many chunks that is.
    pub count: u64,
}

/// The recorder of one session. It cannot read what it wrote.
pub struct Writer {
    head: Head,
    key: RecordingKey,
    interval: Duration,
    damage: Damage,
    cursor: Option<Arc<Cursor>>,
    shape_due: bool,
    pointer: Option<(u16, u16, u8)>,
    pointer_due: bool,
    notes: VecDeque<(Duration, Note)>,
    keys: u32,
    last_frame: Option<Duration>,
    open: Option<Open>,
    previous: Digest,
    root: Root,
    level: i32,
    scratch: Vec<u8>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("head", &self.head).finish_non_exhaustive()
    }
}

impl Writer {
    /// Starts a recording: draws its name and first key, and seals the key to the review key.
    /// `started` is the session's start in microseconds since 1970. Write [`Self::head`] to a file
    /// of its own, and sync it, before anything is shown.
    pub fn start(
        random: &mut impl CryptoRng,
        review: &ReviewKey,
        pace: Pace,
        started: i64,
        screen: &Screen,
        cursor: Option<&Arc<Cursor>>,
    ) -> Self {
        let (head, key) = Head::start(random, review, started);
        let mut damage = Damage::default();
        damage.resize(screen.width(), screen.height());
        Self {
            head,
            key,
            interval: Duration::from_millis(if pace == Pace::Normal { 200 } else { 100 }),
            damage,
            cursor: cursor.cloned(),
            shape_due: cursor.is_some(),
            pointer: None,
            pointer_due: false,
            notes: VecDeque::new(),
            keys: 0,
            last_frame: None,
            open: None,
            previous: [0; 32],
            root: Root::default(),
            level: LEVELS[0].1,
            scratch: Vec::new(),
        }
    }

    /// The head file.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Takes note of what has changed on the desktop.
    pub fn changed(&mut self, changes: &[Change]) {
        for change in changes {
            self.damage.add(change);
            if let Change::Cursor(cursor) = change {
                self.cursor = Some(Arc::clone(cursor));
                self.shape_due = true;
            }
        }
    }

    /// Where the pointer is and which buttons are held.
    pub fn pointer(&mut self, x: u16, y: u16, buttons: u8) {
        self.pointer = Some((x, y, buttons));
        self.pointer_due = true;
    }

    /// Counts a key that was pressed.
    pub fn key_pressed(&mut self) {
        self.keys = self.keys.saturating_add(1);
    }

    /// Records something beside the picture, with the next one.
    pub fn note(&mut self, now: Duration, note: Note) {
        if self.notes.len() == MAX_NOTES {
            self.notes.pop_front();
        }
        self.notes.push_back((now, note));
    }

    /// Records what has changed, if it is time. To be called at [`Self::wait`] and before each
    /// picture that is shown.
    pub fn tick(&mut self, now: Duration, screen: &Screen) -> Vec<Output> {
        let mut out = Vec::new();
        self.close_if_full(now, &mut out);
        let due = self.last_frame.is_none_or(|last| now >= last + self.interval);
        if due && self.has_something() && screen.width() > 0 {
            self.frame(now, screen);
        }
        if let Some(open) = &mut self.open
            && now >= open.flushed + SEGMENT
        {
            open.flush(now, &mut out);
        }
        out
    }

    /// How long [`Self::tick`] can wait; `None`: until something changes.
    pub fn wait(&self, now: Duration) -> Option<Duration> {
        let frame = self
            .last_frame
            .filter(|_| self.has_something())
            .map_or_else(|| self.has_something().then_some(now), |last| Some(last + self.interval));
        let flush =
            self.open.as_ref().filter(|open| open.is_pending()).map(|open| open.flushed + SEGMENT);
        let full = self.open.as_ref().map(|open| open.header.start + CHUNK);
        frame.into_iter().chain(flush).chain(full).min().map(|at| at.saturating_sub(now))
    }

    /// Ends the recording: the last picture, [`Note::End`], and the last chunk's seal.
    pub fn finish(mut self, now: Duration, screen: &Screen) -> Vec<Output> {
        let mut out = Vec::new();
        self.close_if_full(now, &mut out);
        self.note(now, Note::End);
        if screen.width() > 0 {
            self.frame(now, screen);
        }
        self.close(now, &mut out);
        out
    }

    fn has_something(&self) -> bool {
        let about_the_pointer = self.shape_due || self.pointer_due;
        !self.damage.is_empty() || about_the_pointer || self.keys > 0 || !self.notes.is_empty()
    }

    fn frame(&mut self, now: Duration, screen: &Screen) {
        self.last_frame = Some(now);
        let afresh = self.open.is_none();
        if afresh {
            self.open_chunk(now);
            (self.shape_due, self.pointer_due) = (true, true);
        }
        let open = self.open.as_mut().expect("opened just now");
        let size = (screen.width(), screen.height());
        if afresh || open.size != size {
            open.key_frame(now, size);
            self.damage.resize(size.0, size.1);
        }
        let (copies, tiles) = self.damage.take();
        for copy in &copies {
            open.copy(now, copy);
        }
        for tile in tiles {
            open.tile(now, screen, tile, &mut self.scratch);
        }
        if std::mem::take(&mut self.shape_due)
            && let Some(cursor) = &self.cursor
        {
            open.cursor(now, cursor);
        }
        if std::mem::take(&mut self.pointer_due)
            && let Some(pointer) = self.pointer
        {
            open.pointer(now, pointer);
        }
        if self.keys > 0 {
            self.notes.push_back((now, Note::Keys(std::mem::take(&mut self.keys))));
        }
        for (at, note) in self.notes.drain(..) {
            open.note(at, &note);
        }
        open.pack();
    }

    fn open_chunk(&mut self, now: Duration) {
        let (number, key) = self.key.next_chunk();
        let header = Header {
            recording: self.head.recording,
            number,
            start: now,
            started: self
                .head
                .started
                .saturating_add(i64::try_from(now.as_micros()).unwrap_or(i64::MAX)),
            review_key: self.head.review_key,
            previous: self.previous,
        };
        self.open = Some(Open::new(header, key, self.level));
    }

    fn close_if_full(&mut self, now: Duration, out: &mut Vec<Output>) {
        if self.open.as_ref().is_some_and(|open| open.is_full(now)) {
            self.close(now, out);
        }
    }

    fn close(&mut self, now: Duration, out: &mut Vec<Output>) {
        let Some(open) = self.open.take() else { return };
        self.level = level(open.written, now.saturating_sub(open.header.start));
        let (chunk, start) = (open.header.number, open.header.start);
        let (digest, bytes) = open.finish(out);
        self.previous = digest;
        self.root.push(&digest);
        let (root, count) = (self.root.root(), self.root.count());
        out.push(Output::Close(Sealed { chunk, digest, bytes, start, end: now, root, count }));
    }
}

/// Up to how many bytes of records a second which level of zstd is used for the next chunk. A desk
/// is far below the first; a film would take a whole core at level 9.
const LEVELS: [(usize, i32); 3] = [(1 << 20, 9), (6 << 20, 3), (usize::MAX, 1)];

fn level(written: usize, time: Duration) -> i32 {
    let seconds = usize::try_from(time.as_secs()).unwrap_or(usize::MAX).max(1);
    let rate = written / seconds;
    LEVELS.iter().find(|(most, _)| rate <= *most).expect("the last takes all").1
}
