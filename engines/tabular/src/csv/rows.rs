//! CSV read once, cell by cell, for programs that make something else of it than Parquet.

use super::layout::{self, Start};
use super::pass::{check_text, scan};
use super::source::Batches;
use super::{CsvError, CsvOptions, Unread};
use crate::encoding::{self, Encoding};
use crate::sniff;
use std::io::{Read, Seek, SeekFrom};

/// What takes the cells of a file.
pub trait Cells {
    /// The file starts (again: what was taken before is void, it was read in a wrong encoding).
    /// `names` are those of the header, or `column_1`, `column_2`… where there is none.
    fn start(&mut self, names: &[String]);

    /// The next cell of a column, as UTF-8 without its quotes. The rows of one buffer come column
    /// by column, so that a column's state stays near.
    fn cell(&mut self, column: usize, value: &[u8]);
}

/// What was read, and what was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowsRead {
    /// The encoding of the file.
    pub encoding: Encoding,
    /// Between its fields.
    pub delimiter: char,
    /// Rows given.
    pub rows: u64,
    /// Rows left out because they have not as many fields as the header.
    pub ragged: u64,
    /// Rows left out because text follows a closing quote.
    pub stray_quotes: u64,
    /// The line of the first row left out; 0 where none was.
    pub first_bad_line: u64,
}

/// Gives each cell of a CSV file to `cells`. Memory does not grow with the file.
///
/// Of the options `missing` and `types` play no part. Rows of a wrong width are left out and
/// counted, because a caller may rather lose a row than shift its columns.
///
/// # Errors
/// [`CsvError`]'s `Io`, `Empty`, `NotCsv`, `BadEncoding`, `Nul`, `UnclosedQuote`, `RowTooLong`,
/// `TooManyColumns` and `BadDelimiter`.
pub fn read_cells<R: Read + Seek>(
    reader: &mut R,
    options: &CsvOptions,
    cells: &mut impl Cells,
) -> Result<RowsRead, CsvError> {
    let mut start = Vec::new();
    reader.seek(SeekFrom::Start(0))?;
    reader.take(4096).read_to_end(&mut start)?;
    if start.is_empty() {
        return Err(CsvError::Empty);
    }
    if let Some(looks_like) = sniff::foreign(&start) {
        return Err(CsvError::NotCsv { looks_like });
    }
    let known = options.encoding.or_else(|| encoding::by_start(&start));
    match in_encoding(reader, known.unwrap_or(Encoding::Utf8), options, cells) {
        Err(Unread::EncodingAt(..)) if known.is_none() => {
            let encoding = scan(reader)?;
            Ok(in_encoding(reader, encoding, options, cells)?)
        }
        result => Ok(result?),
    }
}

fn in_encoding<R: Read + Seek>(
    reader: &mut R,
    encoding: Encoding,
    options: &CsvOptions,
    cells: &mut impl Cells,
) -> Result<RowsRead, Unread> {
    let Start { layout, names, .. } = layout::look(reader, encoding, options)?;
    let numbered = || (1..=layout.width).map(|i| format!("column_{i}")).collect();
    cells.start(&if layout.header { names } else { numbered() });
    let delimiter = char::from(layout.dialect.delimiter);
    let (rows, ragged, stray_quotes, first_bad_line) = (0, 0, 0, 0);
    let mut read = RowsRead { encoding, delimiter, rows, ragged, stray_quotes, first_bad_line };
    let mut batches = Batches::open(reader, &layout)?;
    let mut scratch = Vec::new();
    while batches.next()? {
        let text = batches.text();
        check_text(text, encoding, &batches)?;
        let found = &batches.rows;
        for column in 0..layout.width {
            for field in found.fields.iter().skip(column).step_by(layout.width) {
                cells.cell(column, field.text(text, &mut scratch));
            }
        }
        read.rows += found.lines.len() as u64;
        read.ragged += found.ragged.len() as u64;
        read.stray_quotes += found.stray_quotes.len() as u64;
        let bad = found.ragged.iter().map(|(line, _)| line).chain(&found.stray_quotes).min();
        if read.first_bad_line == 0 {
            read.first_bad_line = bad.copied().unwrap_or(0);
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[derive(Default)]
    struct Kept {
        names: Vec<String>,
        columns: Vec<Vec<String>>,
    }

    impl Cells for Kept {
        fn start(&mut self, names: &[String]) {
            self.names = names.to_vec();
            self.columns = vec![Vec::new(); names.len()];
        }
        fn cell(&mut self, column: usize, value: &[u8]) {
            self.columns[column].push(String::from_utf8(value.to_vec()).unwrap());
        }
    }

    fn read(bytes: &[u8]) -> (Kept, RowsRead) {
        let mut kept = Kept::default();
        let read = read_cells(&mut Cursor::new(bytes), &CsvOptions::default(), &mut kept);
        (kept, read.unwrap())
    }

    #[test]
    fn rows_of_a_wrong_width_are_left_out_and_counted() {
        let (kept, read) = read(b"id;nom\n1;Ada\n2\n3;\"Bob \"\"B\"\"\"\n");
        assert_eq!(kept.names, ["id", "nom"]);
        assert_eq!(kept.columns, [["1", "3"], ["Ada", "Bob \"B\""]]);
        assert_eq!((read.rows, read.ragged, read.first_bad_line), (2, 1, 3));
    }

    #[test]
    fn a_file_that_is_not_utf8_is_taken_again_in_its_encoding() {
        let (kept, read) = read(b"id;nom\n1;H\xE9l\xE8ne\n");
        assert_eq!(kept.columns[1], ["Hélène"]);
        assert_eq!(read.encoding, Encoding::Windows1252);
    }
}
