//! Cuts a buffer of CSV into rows and fields (RFC 4180), without copying.
//!
//! The delimiters and line ends of 64 bytes are found at once, by comparisons that the compiler
//! turns into vector instructions, and packed into one word; quotes are looked at only where a
//! field starts. Fields are kept as positions, row after row, so that the type pass and the
//! writer can work down one column at a time.

use memchr::{memchr, memchr_iter};

/// Which bytes cut the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// Between fields.
    pub delimiter: u8,
    /// After rows: `\n`, or `\r` in old Macintosh files. A `\r` before `\n` belongs to the end.
    pub newline: u8,
    /// Whether `"` quotes; it is a plain character otherwise.
    pub quotes: bool,
}

/// Where one field is in its buffer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    start: u32,
    /// Its length, and in the two high bits what was around it.
    packed: u32,
}

const DOUBLED: u32 = 1 << 31;
const QUOTED: u32 = 1 << 30;

impl Field {
    fn new(start: usize, end: usize, flags: u32) -> Self {
        let small = |n| u32::try_from(n).expect("a buffer is smaller than 1 GiB");
        Self { start: small(start), packed: small(end - start) | flags }
    }

    /// Whether the field stood in quotes.
    pub fn is_quoted(self) -> bool {
        self.packed & QUOTED != 0
    }

    /// The field's text; `scratch` holds it where doubled quotes had to be halved.
    #[inline]
    pub fn text<'a>(self, buffer: &'a [u8], scratch: &'a mut Vec<u8>) -> &'a [u8] {
        let start = self.start as usize;
        let raw = &buffer[start..start + (self.packed & !(DOUBLED | QUOTED)) as usize];
        if self.packed & DOUBLED == 0 {
            return raw;
        }
        scratch.clear();
        let mut from = 0;
        while let Some(at) = memchr(b'"', &raw[from..]) {
            scratch.extend_from_slice(&raw[from..=from + at]);
            from += at + 2;
        }
        scratch.extend_from_slice(raw.get(from..).unwrap_or_default());
        scratch
    }
}

/// The complete rows of one buffer.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// `width` fields for each row, row after row.
    pub fields: Vec<Field>,
    /// The line (from 1) on which each row starts.
    pub lines: Vec<u64>,
    /// Rows that were left out, as `(line, fields found)`.
    pub ragged: Vec<(u64, u32)>,
    /// Lines of rows that were left out because text follows a closing quote.
    pub stray_quotes: Vec<u64>,
    /// Blank lines that were passed (only where a row has several fields).
    pub blank: u64,
}

impl Rows {
    fn clear(&mut self) {
        self.fields.clear();
        self.lines.clear();
        self.ragged.clear();
        self.stray_quotes.clear();
        self.blank = 0;
    }
}

/// Where a cut ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Bytes of the complete rows.
    pub consumed: usize,
    /// The line of the quote that is still open at the end of the buffer.
    pub open_quote: Option<u64>,
}

/// Cuts successive buffers; counts the lines of the file.
#[derive(Debug)]
pub(crate) struct Splitter {
    dialect: Dialect,
    /// Fields of a row; 0 takes any number.
    width: usize,
    /// The line on which the next row starts, from 1.
    pub line: u64,
}

/// How one field ended.
enum End {
    Delimiter,
    Row,
    Buffer,
    OpenQuote,
}

impl Splitter {
    /// A splitter for rows of `width` fields, that starts on `line`.
    pub fn new(dialect: Dialect, width: usize, line: u64) -> Self {
        Self { dialect, width, line }
    }

    /// Cuts the complete rows at the start of `buffer` into `rows` (emptied first). With `last`
    /// the end of the buffer ends its last row; an open quote then stays the caller's to refuse.
    pub fn cut(&mut self, buffer: &[u8], last: bool, rows: &mut Rows) -> Cut {
        self.cut_some(buffer, last, rows, usize::MAX)
    }

    /// Like [`Splitter::cut`], but stops after one row.
    pub fn cut_one(&mut self, buffer: &[u8], last: bool, rows: &mut Rows) -> Cut {
        self.cut_some(buffer, last, rows, 1)
    }

    fn cut_some(&mut self, buffer: &[u8], last: bool, rows: &mut Rows, most: usize) -> Cut {
        rows.clear();
        let mut left = most;
        let mut cursor = Cursor::new(buffer, self.dialect);
        let mut cut = Cut { consumed: 0, open_quote: None };
        while cut.consumed < buffer.len() && left > 0 {
            left -= 1;
            let first = rows.fields.len();
            let (mut breaks, mut stray) = (0, false);
            let end = loop {
                match cursor.field(&mut rows.fields, &mut breaks, &mut stray) {
                    End::Delimiter => {}
                    end => break end,
                }
            };
            if matches!(end, End::OpenQuote) {
                cut.open_quote = Some(self.line + breaks);
            }
            if matches!(end, End::OpenQuote) || (matches!(end, End::Buffer) && !last) {
                rows.fields.truncate(first);
                break;
            }
            self.keep(rows, first, stray);
            self.line += breaks + 1;
            cut.consumed = cursor.at;
        }
        cut
    }

    /// Keeps the row that starts at field `first`, or files it under what is wrong with it.
    fn keep(&self, rows: &mut Rows, first: usize, stray: bool) {
        let found = rows.fields.len() - first;
        let blank = found == 1 && rows.fields[first].packed == 0 && self.width > 1;
        if !stray && !blank && (found == self.width || self.width == 0) {
            rows.lines.push(self.line);
            return;
        }
        rows.fields.truncate(first);
        if blank {
            rows.blank += 1;
        } else if stray {
            rows.stray_quotes.push(self.line);
        } else {
            rows.ragged.push((self.line, u32::try_from(found).unwrap_or(u32::MAX)));
        }
    }
}

/// A place in a buffer, and the delimiters and line ends of the 64 bytes around it.
struct Cursor<'a> {
    buffer: &'a [u8],
    dialect: Dialect,
    /// Where the next field starts.
    at: usize,
    block: usize,
    /// One bit for each delimiter or line end of the block that was not passed yet.
    mask: u64,
}

impl<'a> Cursor<'a> {
    fn new(buffer: &'a [u8], dialect: Dialect) -> Self {
        let mut cursor = Self { buffer, dialect, at: 0, block: 0, mask: 0 };
        cursor.mask = cursor.look(0);
        cursor
    }

    /// The delimiters and line ends of the 64 bytes from `block` on.
    #[inline]
    fn look(&self, block: usize) -> u64 {
        let mut bytes = [0_u8; 64];
        let rest = self.buffer.get(block..).unwrap_or_default();
        match rest.first_chunk::<64>() {
            Some(whole) => bytes = *whole,
            None => bytes[..rest.len()].copy_from_slice(rest), // 0 is no delimiter
        }
        let (delimiter, newline) = (self.dialect.delimiter, self.dialect.newline);
        let hits = bytes.map(|b| u8::from(b == delimiter) | u8::from(b == newline));
        let mut mask = 0;
        for (i, eight) in hits.chunks_exact(8).enumerate() {
            let word = u64::from_le_bytes(eight.try_into().expect("chunks of 8"));
            // Gathers the low bit of each byte in the highest byte.
            mask |= (word.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i);
        }
        mask
    }

    /// The next delimiter or line end at or after `self.at`; the buffer's length without one.
    #[inline]
    fn next_cut(&mut self) -> usize {
        while self.mask == 0 {
            self.block += 64;
            if self.block >= self.buffer.len() {
                return self.buffer.len();
            }
            self.mask = self.look(self.block);
        }
        let at = self.block + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        at
    }

    /// Forgets what lies before `at`, after a quoted field.
    fn jump(&mut self, at: usize) {
        if at >= self.block + 64 {
            self.block = at & !63;
            self.mask = self.look(self.block);
        }
        self.mask &= u64::MAX << (at - self.block);
    }

    #[inline]
    fn field(&mut self, fields: &mut Vec<Field>, breaks: &mut u64, stray: &mut bool) -> End {
        let start = self.at;
        if self.dialect.quotes && self.buffer.get(start) == Some(&b'"') {
            return self.quoted(fields, breaks, stray);
        }
        let cut = self.next_cut();
        self.close(fields, start, cut, cut, 0)
    }

    /// Files the field `start..end` and passes the cut after it.
    #[inline]
    fn close(
        &mut self,
        fields: &mut Vec<Field>,
        start: usize,
        mut end: usize,
        cut: usize,
        flags: u32,
    ) -> End {
        self.at = (cut + 1).min(self.buffer.len());
        match self.buffer.get(cut) {
            Some(byte) if *byte == self.dialect.delimiter => {
                fields.push(Field::new(start, end, flags));
                End::Delimiter
            }
            found => {
                // Also at the end of the buffer: a file may end in `\r` when its `\n` was cut off.
                let crlf = self.dialect.newline == b'\n' && flags & QUOTED == 0;
                if crlf && end > start && self.buffer[end - 1] == b'\r' {
                    end -= 1;
                }
                fields.push(Field::new(start, end, flags));
                if found.is_some() { End::Row } else { End::Buffer }
            }
        }
    }

    fn quoted(&mut self, fields: &mut Vec<Field>, breaks: &mut u64, stray: &mut bool) -> End {
        let start = self.at + 1;
        let (mut end, mut flags) = (start, QUOTED);
        loop {
            match memchr(b'"', &self.buffer[end..]) {
                None => return End::OpenQuote,
                Some(ahead) => end += ahead,
            }
            if self.buffer.get(end + 1) != Some(&b'"') {
                break;
            }
            flags |= DOUBLED;
            end += 2;
        }
        *breaks += memchr_iter(self.dialect.newline, &self.buffer[start..end]).count() as u64;
        self.jump(end + 1);
        let cut = self.next_cut();
        let between = &self.buffer[end + 1..cut];
        let ends_row = self.buffer.get(cut) != Some(&self.dialect.delimiter);
        *stray |= !(between.is_empty() || (between == b"\r" && ends_row));
        self.close(fields, start, end, cut, flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMMA: Dialect = Dialect { delimiter: b',', newline: b'\n', quotes: true };

    fn rows(text: &[u8], width: usize) -> (Rows, Cut, Vec<String>) {
        let mut rows = Rows::default();
        let cut = Splitter::new(COMMA, width, 1).cut(text, true, &mut rows);
        let mut scratch = Vec::new();
        let cells = rows
            .fields
            .iter()
            .map(|f| String::from_utf8(f.text(text, &mut scratch).to_vec()).unwrap());
        let cells = cells.collect();
        (rows, cut, cells)
    }

    #[test]
    fn quotes_breaks_and_line_numbers_are_right() {
        let (rows, cut, cells) = rows(b"a,\"b\n\"\"c\"\"\"\r\n\r\n1,2\r\n3\r\n\"x\"y,5\n6,7", 2);
        assert_eq!(cells, ["a", "b\n\"c\"", "1", "2", "6", "7"]);
        assert_eq!(rows.lines, [1, 4, 7]);
        assert_eq!(rows.ragged, [(5, 1)]);
        assert_eq!(rows.stray_quotes, [6]);
        assert_eq!(rows.blank, 1);
        assert_eq!(cut, Cut { consumed: 33, open_quote: None });
    }

    #[test]
    fn an_open_quote_gives_its_line() {
        let (_, cut, cells) = rows(b"a,b\n1,\"x\ny", 2);
        assert_eq!((cut.consumed, cut.open_quote), (4, Some(2)));
        assert_eq!(cells, ["a", "b"]);
    }

    /// One byte at a time, by the grammar.
    fn naive(text: &str) -> Vec<Vec<String>> {
        let (mut all, mut row, mut cell) = (vec![], vec![], String::new());
        let mut chars = text.chars().peekable();
        let mut quoted = false;
        let mut fresh = true;
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => {
                    cell.push('"');
                    chars.next();
                }
                '"' if quoted => quoted = false,
                '"' if fresh => quoted = true,
                ',' | '\n' if !quoted => {
                    row.push(std::mem::take(&mut cell));
                    if c == '\n' {
                        all.push(std::mem::take(&mut row));
                    }
                    fresh = true;
                    continue;
                }
                c => cell.push(c),
            }
            fresh = false;
        }
        all
    }

    proptest! {
        #[test]
        fn any_chunking_gives_what_the_naive_parser_gives(
            cells in prop::collection::vec(("[a-z\",\né]{0,30}", any::<bool>()), 3..60),
            size in 1..80_usize,
        ) {
            let mut text = String::new();
            for row in cells.chunks_exact(3) {
                for (i, (cell, quote)) in row.iter().enumerate() {
                    let special = cell.contains(['"', ',', '\n']);
                    let quoted = format!("\"{}\"", cell.replace('"', "\"\""));
                    text += if special || *quote { &quoted } else { cell };
                    text.push(if i == 2 { '\n' } else { ',' });
                }
            }
            let expected = naive(&text);
            let (mut splitter, mut out) = (Splitter::new(COMMA, 3, 1), Rows::default());
            let (mut found, mut scratch, mut from, mut to) = (vec![], vec![], 0, 0);
            while from < text.len() {
                to = (to + size).min(text.len());
                let part = &text.as_bytes()[from..to];
                let cut = splitter.cut(part, to == text.len(), &mut out);
                for row in out.fields.chunks(3) {
                    let texts = row.iter().map(|f| String::from_utf8(f.text(part, &mut scratch).to_vec()).unwrap());
                    found.push(texts.collect::<Vec<_>>());
                }
                from += cut.consumed;
            }
            prop_assert_eq!(found, expected);
            let lines = text.matches('\n').count() as u64;
            prop_assert_eq!(splitter.line, 1 + lines);
        }
    }
}
