//! The file as UTF-8, in buffers of complete rows.

use super::split::{Dialect, Rows, Splitter};
use super::{CsvError, Unread};
use crate::encoding::Encoding;
use encoding_rs::{Decoder, DecoderResult};
use std::io::{Read, Seek, SeekFrom};

/// Bytes asked of the file at once: rows of one buffer stay in the processor's second cache.
const CHUNK: usize = 512 * 1024;
/// Bytes of the longest row. A longer one is a quote that was never closed, or no CSV; without a
/// bound it would fill the memory.
const LONGEST_ROW: usize = 16 * 1024 * 1024;

/// A file read from its start, as UTF-8 (which is not checked where the file says it is).
pub(crate) struct Source<'r, R> {
    reader: &'r mut R,
    encoding: Encoding,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    /// Bytes of the file that were read.
    pub read: u64,
    ended: bool,
}

impl<'r, R: Read + Seek> Source<'r, R> {
    /// Goes back to the start of the file, after its byte order mark.
    pub fn open(reader: &'r mut R, encoding: Encoding) -> Result<Self, CsvError> {
        reader.seek(SeekFrom::Start(0))?;
        let mut start = [0; 3];
        let got = read_full(reader, &mut start)?;
        let read = encoding.mark_len(&start[..got]) as u64;
        reader.seek(SeekFrom::Start(read))?;
        let decoder =
            (!encoding.is_utf8()).then(|| encoding.codec().new_decoder_without_bom_handling());
        Ok(Self { reader, encoding, decoder, raw: Vec::new(), read, ended: false })
    }

    /// Appends about `want` bytes to `out`; false at the end of the file.
    pub fn fill(&mut self, out: &mut Vec<u8>, want: usize) -> Result<bool, Unread> {
        if self.ended {
            return Ok(false);
        }
        let Some(decoder) = &mut self.decoder else {
            let before = out.len();
            out.resize(before + want, 0);
            let got = read_full(self.reader, &mut out[before..])?;
            out.truncate(before + got);
            self.read += got as u64;
            self.ended = got < want;
            return Ok(!self.ended);
        };
        self.raw.resize(want, 0);
        let got = read_full(self.reader, &mut self.raw)?;
        self.read += got as u64;
        self.ended = got < want;
        let before = out.len();
        let room = decoder.max_utf8_buffer_length_without_replacement(got).unwrap_or(4 * got + 16);
        out.resize(before + room, 0);
        let (result, _, written) = decoder.decode_to_utf8_without_replacement(
            &self.raw[..got],
            &mut out[before..],
            self.ended,
        );
        out.truncate(before + written);
        match result {
            DecoderResult::InputEmpty => Ok(!self.ended),
            _ => Err(Unread::Encoding(self.encoding)),
        }
    }
}

/// Reads until `buffer` is full or the file ends.
fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match reader.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

/// A file cut into buffers of complete rows, without its header.
pub(crate) struct Batches<'r, R> {
    source: Source<'r, R>,
    splitter: Splitter,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that belong to `rows`.
    consumed: usize,
    /// The rows of the current buffer.
    pub rows: Rows,
    ended: bool,
    /// The line on which the current rows start.
    first_line: u64,
    /// Fields of the header, still to be passed.
    header: usize,
}

/// Where the data of a file starts and how it is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub encoding: Encoding,
    pub dialect: Dialect,
    /// Fields of a row.
    pub width: usize,
    pub header: bool,
    /// Bytes (of UTF-8) before the first row, and their lines.
    pub skip: (usize, u64),
}

impl<'r, R: Read + Seek> Batches<'r, R> {
    pub fn open(reader: &'r mut R, layout: &Layout) -> Result<Self, Unread> {
        let mut source = Source::open(reader, layout.encoding)?;
        let mut buffer = Vec::new();
        while buffer.len() < layout.skip.0 && source.fill(&mut buffer, CHUNK)? {}
        buffer.drain(..layout.skip.0.min(buffer.len()));
        let splitter = Splitter::new(layout.dialect, layout.width, 1 + layout.skip.1);
        let header = if layout.header { layout.width } else { 0 };
        let rows = Rows::default();
        let first_line = splitter.line;
        Ok(Self { source, splitter, buffer, consumed: 0, rows, ended: false, first_line, header })
    }

    /// The bytes of the current rows.
    pub fn text(&self) -> &[u8] {
        &self.buffer[..self.consumed]
    }

    /// The line on which the current rows start, from 1.
    pub fn first_line(&self) -> u64 {
        self.first_line
    }

    /// Bytes of the file read so far.
    pub fn read(&self) -> u64 {
        self.source.read
    }

    /// Goes to the next rows; false after the last.
    pub fn next(&mut self) -> Result<bool, Unread> {
        self.buffer.drain(..self.consumed);
        self.consumed = 0;
        self.first_line = self.splitter.line;
        loop {
            if !self.ended {
                self.ended = !self.source.fill(&mut self.buffer, CHUNK)?;
            }
            if self.buffer.is_empty() {
                return Ok(false);
            }
            let cut = self.splitter.cut(&self.buffer, self.ended, &mut self.rows);
            if let (true, Some(line)) = (self.ended, cut.open_quote) {
                return Err(CsvError::UnclosedQuote { line }.into());
            }
            if cut.consumed > 0 || self.ended {
                self.consumed = cut.consumed;
                self.pass_header();
                return Ok(true);
            }
            if self.buffer.len() > LONGEST_ROW {
                let line = cut.open_quote.unwrap_or(self.splitter.line);
                return Err(CsvError::RowTooLong { line, limit: LONGEST_ROW }.into());
            }
        }
    }

    fn pass_header(&mut self) {
        if self.header > 0 && !self.rows.lines.is_empty() {
            self.rows.fields.drain(..self.header);
            self.rows.lines.remove(0);
            self.header = 0;
        }
    }
}
