//! Chunk files: a clear header and sealed segments.

use std::time::Duration;

use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation as _, OutBuffer};

use super::{ChunkKey, FilmError};

const MAGIC: &[u8; 10] = b"BULLEFLM\x01C";
/// Bytes of a header.
pub(super) const HEADER: usize = 10 + 16 + 4 + 8 + 8 + 8 + 32;
/// The longest segment: more than one key frame that does not compress.
const MAX_SEGMENT: usize = 40 << 20;
/// What the records of a chunk are at most: three times what a writer stops at.
const MAX_PLAIN: usize = 160 << 20;
/// The window of the zstd stream, as a power of two.
pub(super) const WINDOW_LOG: u32 = 21;

/// What stands in clear before a chunk; authenticated with each segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The recording that it is of.
    pub recording: [u8; 16],
    /// Its place in the recording, from 0.
    pub number: u32,
    /// Its start, since the session's.
    pub start: Duration,
    /// Its start, in microseconds since 1970.
    pub started: i64,
    /// The review key that opens it.
    pub review_key: [u8; 8],
    /// The digest of the chunk before, zeros for the first.
    pub previous: [u8; 32],
}

impl Header {
    /// Reads the header of a chunk file.
    ///
    /// # Errors
    /// [`FilmError::NotAFilm`].
    pub fn read(file: &[u8]) -> Result<Self, FilmError> {
        let bytes = file.get(..HEADER).filter(|bytes| bytes.starts_with(MAGIC));
        let mut rest = bytes.ok_or(FilmError::NotAFilm("chunk"))?.split_at(10).1;
        let mut take = |n: usize| rest.split_off(..n).expect("all of it is there");
        let bytes = |bytes: &[u8]| -> [u8; 8] { bytes.try_into().expect("8 bytes") };
        Ok(Self {
            recording: take(16).try_into().expect("16 bytes"),
            number: u32::from_be_bytes(take(4).try_into().expect("4 bytes")),
            start: Duration::from_micros(u64::from_be_bytes(bytes(take(8)))),
            started: i64::from_be_bytes(bytes(take(8))),
            review_key: bytes(take(8)),
            previous: take(32).try_into().expect("32 bytes"),
        })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let start = u64::try_from(self.start.as_micros()).unwrap_or(u64::MAX);
        [
            &MAGIC[..],
            &self.recording,
            &self.number.to_be_bytes(),
            &start.to_be_bytes(),
            &self.started.to_be_bytes(),
            &self.review_key,
            &self.previous,
        ]
        .concat()
    }
}

/// Which of a recording's chunks, given in order, has the picture at a time since the session's
/// start; `None` before the first.
pub fn chunk_at(headers: &[Header], time: Duration) -> Option<usize> {
    headers.partition_point(|header| header.start <= time).checked_sub(1)
}

/// The whole segments of a chunk file, and where the last of them ends.
fn segments(file: &[u8]) -> (Vec<&[u8]>, usize) {
    let (mut segments, mut at) = (Vec::new(), HEADER);
    while let Some(length) = file.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().expect("4 bytes")) as usize;
        // A tag is 16 bytes: zeros, as a crash of the disk leaves them, are no segment.
        if !(17..=MAX_SEGMENT).contains(&length) {
            break;
        }
        let Some(segment) = file.get(at + 4..at + 4 + length) else { break };
        segments.push(segment);
        at += 4 + length;
    }
    (segments, at)
}

/// What is left of a chunk whose writer was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// Cut the file to this many bytes: the rest is a segment that was not written whole.
    pub bytes: usize,
    /// Segments left.
    pub segments: usize,
}

/// Finds the last whole segment of a `.part` file; needs no key.
///
/// # Errors
/// [`FilmError::NotAFilm`] where not even the header is whole: the file holds nothing.
pub fn recover(part: &[u8]) -> Result<Recovered, FilmError> {
    Header::read(part)?;
    let (segments, bytes) = segments(part);
    Ok(Recovered { bytes, segments: segments.len() })
}

/// A chunk, opened.
pub struct Chunk {
    /// Its header.
    pub header: Header,
    /// Whether its writer ended it; else it was cut short, by a crash or on purpose, which the
    /// digest in the log tells apart.
    pub complete: bool,
    pub(super) plain: Vec<u8>,
}

impl std::fmt::Debug for Chunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chunk").field("header", &self.header).finish_non_exhaustive()
    }
}

impl Chunk {
    /// Opens a chunk file; one that was cut short is read to its last whole segment.
    ///
    /// # Errors
    /// No chunk, a segment that is not what was written, or broken compressed data.
    pub fn open(file: &[u8], key: &ChunkKey) -> Result<Self, FilmError> {
        let header = Header::read(file)?;
        let (segments, end) = segments(file);
        let (mut plain, mut complete) = (Vec::new(), false);
        let mut stream = stream()?;
        for (number, segment) in (0..).zip(&segments) {
            let clear = &file[..HEADER];
            let opened = match key.open(number, false, clear, segment) {
                Some(opened) => opened,
                None => {
                    complete = true;
                    key.open(number, true, clear, segment).ok_or(FilmError::Altered(number))?
                }
            };
            inflate(&mut stream, &opened, &mut plain)?;
            if complete && (number as usize + 1 != segments.len() || end != file.len()) {
                return Err(FilmError::Altered(number + 1));
            }
        }
        Ok(Self { header, complete, plain })
    }
}

fn stream() -> Result<Decoder<'static>, FilmError> {
    let failed = |_| FilmError::Broken("no memory for the decoder");
    let mut stream = Decoder::new().map_err(failed)?;
    stream.set_parameter(DParameter::WindowLogMax(WINDOW_LOG)).map_err(failed)?;
    Ok(stream)
}

fn inflate(stream: &mut Decoder<'_>, data: &[u8], plain: &mut Vec<u8>) -> Result<(), FilmError> {
    const BROKEN: FilmError = FilmError::Broken("compressed data");
    let mut input = InBuffer::around(data);
    let mut buffer = vec![0; 1 << 17];
    loop {
        let mut output = OutBuffer::around(&mut buffer[..]);
        stream.run(&mut input, &mut output).map_err(|_| BROKEN)?;
        let made = output.as_slice();
        if plain.len() + made.len() > MAX_PLAIN {
            return Err(FilmError::Broken("more than a chunk may hold"));
        }
        plain.extend_from_slice(made);
        if made.len() < 1 << 17 && input.pos() == data.len() {
            return Ok(());
        }
        if made.is_empty() && input.pos() < data.len() {
            // Neither reads nor writes on: data after the stream's end.
            return Err(BROKEN);
        }
    }
}
