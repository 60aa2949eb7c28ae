//! A small, forgiving reader of text tables: what a person exports, not what a producer deposits.
//!
//! The disclosure engine checks what it reads here, so nothing may be hidden from it: every
//! character of the file ends in a cell (but delimiters, quotes and line ends), rows may be ragged,
//! and a quote that is never closed is a plain character.

use crate::encoding::{self, Encoding};
use crate::sniff::{self, LooksLike};

/// One cell of a text table and where it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Its text, without quotes.
    pub text: String,
    /// The line of the file on which it starts, from 1.
    pub line: u32,
    /// Its place in the row, from 0.
    pub field: u32,
}

/// A text table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// `,`, `;`, tab or `|`; `,` where there is only one column.
    pub delimiter: char,
    /// The encoding of the file.
    pub encoding: Encoding,
    /// The rows in order; of any width. A blank line gives a row without cells.
    pub rows: Vec<Vec<Cell>>,
}

/// Why a text table could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It is another format.
    #[error("the file is not a text table: it looks like {0:?}")]
    NotText(LooksLike),
    /// Bytes that are not text in the file's encoding; nothing is replaced.
    #[error(transparent)]
    Undecodable(#[from] encoding::Undecodable),
    /// More cells than the caller accepts.
    #[error("the table has more than {limit} cells")]
    TooManyCells {
        /// The caller's limit.
        limit: usize,
    },
}

/// The delimiters that are tried, the likelier first.
pub(crate) const DELIMITERS: [char; 4] = [';', ',', '\t', '|'];

/// Reads a whole text table from memory; guesses encoding and delimiter.
///
/// # Errors
/// See [`TextError`]. A file with a NUL character is not text.
pub fn read(bytes: &[u8], max_cells: usize) -> Result<Table, TextError> {
    if let Some(kind) = sniff::foreign(bytes) {
        return Err(TextError::NotText(kind));
    }
    let encoding = encoding::detect(bytes);
    let text = encoding::decode(bytes, encoding)?;
    if text.contains('\0') {
        return Err(TextError::NotText(LooksLike::Unknown));
    }
    let delimiter = guess_delimiter(&text);
    let rows = parse(&text, delimiter, max_cells)?;
    Ok(Table { delimiter, encoding, rows })
}

/// The delimiter under which most rows of the start of `text` have the same width.
pub(crate) fn guess_delimiter(text: &str) -> char {
    let sample = start_of(text, 64 * 1024);
    let mut best = (0, ',');
    for delimiter in DELIMITERS {
        let score = parse(sample, delimiter, usize::MAX).map_or(0, |rows| score(&rows));
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1
}

/// At most `limit` bytes of `text`, cut after a line end if there is one.
fn start_of(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let head = &text[..text.floor_char_boundary(limit)];
    head.rfind('\n').map_or(head, |end| &head[..=end])
}

/// Per mille of the rows that have the commonest width above 1, plus a little for wider rows.
fn score(rows: &[Vec<Cell>]) -> usize {
    let mut widths = std::collections::BTreeMap::new();
    for row in rows.iter().filter(|row| !row.is_empty()) {
        *widths.entry(row.len()).or_insert(0_usize) += 1;
    }
    let total: usize = widths.values().sum();
    let commonest = widths.into_iter().filter(|(width, _)| *width > 1).max_by_key(|(_, n)| *n);
    commonest.map_or(0, |(width, n)| n * 1000 / total.max(1) * 10 + width.min(9))
}

/// Cuts `text` into rows of cells.
///
/// # Errors
/// [`TextError::TooManyCells`].
pub(crate) fn parse(text: &str, delimiter: char, max: usize) -> Result<Vec<Vec<Cell>>, TextError> {
    let mut parser = Parser { rest: text, line: 1, delimiter, quotes: true };
    let (mut rows, mut cells) = (Vec::new(), 0);
    while !parser.rest.is_empty() {
        let row = parser.row();
        cells += row.len();
        if cells > max {
            return Err(TextError::TooManyCells { limit: max });
        }
        rows.push(row);
    }
    Ok(rows)
}

struct Parser<'a> {
    rest: &'a str,
    line: u32,
    delimiter: char,
    /// False after a quote that is never closed: all quotes that follow are plain characters.
    quotes: bool,
}

impl Parser<'_> {
    fn row(&mut self) -> Vec<Cell> {
        let mut row = Vec::new();
        if self.end_of_line() {
            return row;
        }
        loop {
            let line = self.line;
            let text = self.cell();
            row.push(Cell { text, line, field: u32::try_from(row.len()).unwrap_or(u32::MAX) });
            if let Some(rest) = self.rest.strip_prefix(self.delimiter) {
                self.rest = rest;
            } else {
                self.end_of_line();
                return row;
            }
        }
    }

    /// Passes one line end (`\n`, `\r\n`, `\r`) if it is next.
    fn end_of_line(&mut self) -> bool {
        let rest = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix(['\n', '\r']));
        self.line += u32::from(rest.is_some());
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn cell(&mut self) -> String {
        let mut text = String::new();
        if self.quotes && self.rest.starts_with('"') {
            match self.quoted() {
                Some(inner) => text = inner,
                None => self.quotes = false,
            }
        }
        let end = self.rest.find([self.delimiter, '\n', '\r']).unwrap_or(self.rest.len());
        text.push_str(&self.rest[..end]); // what follows a closing quote is kept
        self.rest = &self.rest[end..];
        text
    }

    /// The inside of the quotes that open here; `None`, and nothing passed, if they never close.
    fn quoted(&mut self) -> Option<String> {
        let (mut text, mut at) = (String::new(), 1);
        loop {
            let close = at + self.rest[at..].find('"')?;
            text.push_str(&self.rest[at..close]);
            at = close + 1;
            if !self.rest[at..].starts_with('"') {
                break;
            }
            text.push('"');
            at += 1;
        }
        let breaks =
            text.matches('\n').count() + text.matches('\r').count() - text.matches("\r\n").count();
        self.line += u32::try_from(breaks).unwrap_or(u32::MAX);
        self.rest = &self.rest[at..];
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(table: &Table) -> Vec<Vec<&str>> {
        table.rows.iter().map(|row| row.iter().map(|cell| cell.text.as_str()).collect()).collect()
    }

    #[test]
    fn cells_know_their_line_after_quoted_line_breaks() {
        let table = read(b"a;b\r\n\"x\r\ny \"\"z\"\"\";1\r\n\r\n3;4;5", 100).unwrap();
        let expected: [&[&str]; 4] = [&["a", "b"], &["x\r\ny \"z\"", "1"], &[], &["3", "4", "5"]];
        assert_eq!(texts(&table), expected);
        assert_eq!(table.delimiter, ';');
        let lines: Vec<u32> = table.rows.iter().flatten().map(|cell| cell.line).collect();
        assert_eq!(lines, [1, 1, 2, 3, 5, 5, 5]);
    }

    #[test]
    fn a_quote_that_never_closes_hides_nothing() {
        let table = read(b"a,b\n\"x,1\ny,2\n", 100).unwrap();
        assert_eq!(texts(&table), [["a", "b"], ["\"x", "1"], ["y", "2"]]);
    }

    #[test]
    fn limits_and_foreign_formats_are_errors() {
        assert_eq!(read(b"a,b\n1,2\n", 3), Err(TextError::TooManyCells { limit: 3 }));
        assert_eq!(read(b"PK\x03\x04", 3), Err(TextError::NotText(LooksLike::Zip)));
        assert_eq!(read(b"a\0b,c\n", 3), Err(TextError::NotText(LooksLike::Unknown)));
        assert_eq!(read(b"", 3).unwrap().rows.len(), 0);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(
            rows in prop::collection::vec(prop::collection::vec("[a-z0-9 \",;\n\ré]{1,6}", 2..5), 1..8),
            which in 0..4_usize,
        ) {
            let delimiter = DELIMITERS[which];
            let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let line = |row: &Vec<String>| row.iter().map(quote).collect::<Vec<_>>()
                .join(&delimiter.to_string());
            let text: String = rows.iter().map(|row| line(row) + "\n").collect();
            let back = parse(&text, delimiter, usize::MAX).unwrap();
            let back: Vec<Vec<String>> = back.into_iter()
                .map(|row| row.into_iter().map(|cell| cell.text).collect()).collect();
            prop_assert_eq!(back, rows);
        }
    }
}
