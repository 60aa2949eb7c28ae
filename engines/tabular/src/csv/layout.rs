//! The layout of a CSV file, guessed from its start: delimiter, line ends, header.

use super::shape::Shape;
use super::source::{Layout, Source};
use super::split::{Dialect, Rows, Splitter};
use super::{CsvError, CsvOptions, Newline, Unread};
use crate::encoding::Encoding;
use crate::text;
use std::io::{Read, Seek};

/// Bytes of the start of the file that are looked at.
const SAMPLE: usize = 64 * 1024;
/// Bytes in which the first row must end.
const LONGEST_HEADER: usize = 8 * 1024 * 1024;
/// Parquet files of more columns are of no use to anyone, and cost memory for each.
const MOST_COLUMNS: usize = 20_000;

/// The start of a file.
pub(crate) struct Start {
    pub layout: Layout,
    /// The names in the source, empty ones included; none without a header.
    pub names: Vec<String>,
    pub newline: Newline,
}

/// Looks at the start of the file, read in `encoding`.
pub(crate) fn look<R: Read + Seek>(
    reader: &mut R,
    encoding: Encoding,
    options: &CsvOptions,
) -> Result<Start, Unread> {
    let mut source = Source::open(reader, encoding)?;
    let mut bytes = Vec::new();
    let mut more = source.fill(&mut bytes, SAMPLE)?;
    loop {
        let (skip, said) = lead(&bytes);
        let body = &bytes[skip.0.min(bytes.len())..];
        let dialect = dialect(body, said, options)?;
        let (rows, open_quote) = head_rows(body, dialect, skip.1 + 1, !more);
        if let Some(first) = rows.first() {
            let width = first.len();
            if width > MOST_COLUMNS {
                return Err(CsvError::TooManyColumns { found: width, limit: MOST_COLUMNS }.into());
            }
            let header = options.header.unwrap_or_else(|| has_header(&rows));
            let names = if header { first.clone() } else { Vec::new() };
            let layout = Layout { encoding, dialect, width, header, skip };
            return Ok(Start { layout, names, newline: newline(body) });
        }
        if !more {
            return Err(match open_quote {
                Some(line) => CsvError::UnclosedQuote { line },
                None => CsvError::Empty,
            }
            .into());
        }
        if bytes.len() > LONGEST_HEADER {
            return Err(CsvError::RowTooLong { line: 1, limit: LONGEST_HEADER }.into());
        }
        let want = bytes.len().max(SAMPLE);
        more = source.fill(&mut bytes, want)?;
    }
}

/// Bytes and lines before the first row (blank lines, Excel's `sep=;`), and the delimiter said.
fn lead(bytes: &[u8]) -> ((usize, u64), Option<u8>) {
    let (mut at, mut lines, mut said) = (0, 0, None);
    if let Some([delimiter, rest @ ..]) = bytes.strip_prefix(b"sep=")
        && (rest.starts_with(b"\n") || rest.starts_with(b"\r\n"))
    {
        said = Some(*delimiter);
        at = 5;
    }
    while let Some(byte) = bytes.get(at).filter(|byte| matches!(byte, b'\n' | b'\r')) {
        let pair = *byte == b'\r' && bytes.get(at + 1) == Some(&b'\n');
        lines += u64::from(!pair);
        at += 1;
    }
    ((at, lines), said)
}

fn newline(bytes: &[u8]) -> Newline {
    match memchr::memchr(b'\n', bytes) {
        Some(at) if at > 0 && bytes[at - 1] == b'\r' => Newline::Crlf,
        None if bytes.contains(&b'\r') => Newline::Cr,
        _ => Newline::Lf,
    }
}

fn dialect(body: &[u8], said: Option<u8>, options: &CsvOptions) -> Result<Dialect, CsvError> {
    let delimiter = match (options.delimiter, said) {
        (Some(delimiter), _) => u8::try_from(delimiter).ok().filter(|byte| {
            byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n\0".contains(byte)
        }),
        (None, Some(delimiter)) => Some(delimiter),
        // A cut character at the end of the sample is no matter here.
        (None, None) => u8::try_from(text::guess_delimiter(&String::from_utf8_lossy(body))).ok(),
    };
    let delimiter = delimiter.ok_or(CsvError::BadDelimiter)?;
    let newline = if newline(body) == Newline::Cr { b'\r' } else { b'\n' };
    Ok(Dialect { delimiter, newline, quotes: options.quotes })
}

/// The first rows as texts, and the line of a quote that stays open.
fn head_rows(
    body: &[u8],
    dialect: Dialect,
    line: u64,
    last: bool,
) -> (Vec<Vec<String>>, Option<u64>) {
    let mut cut_rows = Rows::default();
    // Of any width: the width of a row is told by cutting the sample row by row.
    let mut splitter = Splitter::new(dialect, 0, line);
    let (mut rows, mut at, mut open) = (Vec::new(), 0, None);
    let mut scratch = Vec::new();
    while at < body.len() && rows.len() < 200 {
        let end = splitter.cut_one(&body[at..], last, &mut cut_rows);
        open = end.open_quote;
        if end.consumed == 0 {
            break;
        }
        let texts = cut_rows.fields.iter().map(|field| {
            String::from_utf8_lossy(field.text(&body[at..], &mut scratch)).into_owned()
        });
        rows.push(texts.collect());
        at += end.consumed;
    }
    (rows, open)
}

/// Whether the first row holds names. It does unless it looks like data: some of its cells are
/// numbers or dates where their columns are, and none is a word where its column has numbers.
/// A row of different years over numbers is a header (`code;2019;2020`).
fn has_header(rows: &[Vec<String>]) -> bool {
    let Some((first, rest)) = rows.split_first() else { return true };
    let value = |text: &String| !text.is_empty() && Shape::of(text.as_bytes()) != Shape::Text;
    let rest: Vec<_> = rest.iter().filter(|row| row.len() == first.len()).collect();
    let mut like_data = 0;
    for (i, cell) in first.iter().enumerate() {
        let below = || rest.iter().map(|row| &row[i]).filter(|text| !text.is_empty());
        let numeric = below().next().is_some() && below().all(value);
        if numeric && !value(cell) && !cell.is_empty() {
            return true;
        }
        like_data += usize::from(value(cell) && (numeric || rest.is_empty()));
    }
    let year = |text: &String| text.parse().is_ok_and(|year: u32| (1900..2100).contains(&year));
    let numbers: Vec<_> = first.iter().filter(|cell| value(cell)).collect();
    let different: std::collections::BTreeSet<_> = numbers.iter().collect();
    let years = numbers.len() > 1
        && numbers.iter().all(|cell| year(cell))
        && different.len() == numbers.len();
    like_data == 0 || years
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }

    #[test]
    fn headers_are_told_from_data() {
        assert!(has_header(&rows("id,name\n1,ada\n2,bob")));
        assert!(has_header(&rows("name,town\nada,paris")));
        assert!(has_header(&rows("town,2019,2020\nparis,1,2")));
        assert!(has_header(&rows("id,name")));
        assert!(!has_header(&rows("1,ada\n2,bob")));
        assert!(!has_header(&rows("1,2\n3,4")));
        assert!(!has_header(&rows("1,2")));
    }

    #[test]
    fn the_lead_is_passed() {
        assert_eq!(lead(b"sep=;\r\na;b"), ((7, 1), Some(b';')));
        assert_eq!(lead(b"\n\r\na;b"), ((3, 2), None));
        assert_eq!(lead(b"sep=a"), ((0, 0), None));
    }
}
