//! Splits CSV into records, strictly: a quote that is misread swallows lines, and a line lost is a
//! unit lost.
//!
//! Not by `csv-core`: it ends an unclosed quote and drops what follows a closing one without a
//! word, and these are the faults that matter here.

use std::iter::Peekable;
use std::str::Chars;

/// Why a text is no CSV.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    /// A quoted field that does not end.
    #[error("line {0}: a quoted field is never closed")]
    Open(usize),
    /// Text after the quote that closes a field.
    #[error("line {0}: text follows a closing quote")]
    After(usize),
    /// A record has another number of fields than the header.
    #[error("line {line} has {found} fields, the header {expected}")]
    Width {
        /// The line, from 1.
        line: usize,
        /// Fields found.
        found: usize,
        /// Fields in the header.
        expected: usize,
    },
}

/// A CSV text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csv {
    /// What stands between fields.
    pub separator: char,
    /// The names in the first record.
    pub header: Vec<String>,
    /// The other records, each with the line on which it starts and as wide as the header.
    pub records: Vec<(usize, Vec<String>)>,
}

impl Csv {
    /// Splits a text at commas, semicolons or tabs, whichever the first line has most of. Quoted
    /// fields may hold separators, line ends and doubled quotes (RFC 4180); a quote opens only at
    /// the start of a field and is a letter elsewhere. Records without any text are left out.
    ///
    /// # Errors
    /// [`CsvError`]: a quote that is never closed, or is followed by text, a record of another
    /// width than the header.
    pub fn read(text: &str) -> Result<Self, CsvError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let first = text.lines().next().unwrap_or_default();
        let separator = [';', '\t']
            .into_iter()
            .find(|mark| first.matches(*mark).count() > first.matches(',').count())
            .unwrap_or(',');
        let mut records = split(text, separator)?;
        records.retain(|(_, record)| record.iter().any(|field| !field.trim().is_empty()));
        let mut records = records.into_iter();
        let header = records.next().map(|(_, record)| record).unwrap_or_default();
        let records: Vec<(usize, Vec<String>)> = records.collect();
        for (line, record) in &records {
            if record.len() != header.len() {
                let (found, expected) = (record.len(), header.len());
                return Err(CsvError::Width { line: *line, found, expected });
            }
        }
        Ok(Self { separator, header, records })
    }

    /// The column of that name, whatever its case.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|field| field.trim().eq_ignore_ascii_case(name))
    }

    /// A number as it is written here: with a decimal comma only where commas do not separate
    /// fields, since there they stand for thousands as often.
    pub fn number(&self, text: &str) -> Option<f64> {
        if self.separator == ',' { text.parse() } else { text.replace(',', ".").parse() }
            .ok()
            // A minus zero would be printed.
            .map(|number: f64| number + 0.0)
    }
}

fn split(text: &str, separator: char) -> Result<Vec<(usize, Vec<String>)>, CsvError> {
    let (mut all, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut line, mut start, mut closed) = (1, 1, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if field.is_empty() && !closed => {
                field = quoted(&mut letters, &mut line)?;
                closed = true;
            }
            '\r' if letters.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                record.push(std::mem::take(&mut field));
                all.push((start, std::mem::take(&mut record)));
                line += 1;
                (start, closed) = (line, false);
            }
            _ if letter == separator => {
                record.push(std::mem::take(&mut field));
                closed = false;
            }
            _ if closed && letter != ' ' => return Err(CsvError::After(line)),
            _ if closed => {}
            _ => field.push(letter),
        }
    }
    if closed || !field.is_empty() || !record.is_empty() {
        record.push(field);
        all.push((start, record));
    }
    Ok(all)
}

/// The rest of a field whose opening quote has been read.
fn quoted(letters: &mut Peekable<Chars<'_>>, line: &mut usize) -> Result<String, CsvError> {
    let opened = *line;
    let mut field = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => return Ok(field),
            _ => {
                *line += usize::from(letter == '\n');
                field.push(letter);
            }
        }
    }
    Err(CsvError::Open(opened))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Result<Vec<(usize, Vec<String>)>, CsvError> {
        Csv::read(text).map(|csv| csv.records)
    }

    #[test]
    fn quotes_open_at_the_start_of_a_field_and_are_letters_elsewhere() {
        let found = fields("a,b\nPipes 12\" SA,1\nTubes 6\" SA,2\n").expect("reads");
        assert_eq!(found[0], (2, vec!["Pipes 12\" SA".to_owned(), "1".to_owned()]));
        assert_eq!(found.len(), 2);
        let found = fields("a,b\r\n\"x, \"\"y\"\"\nz\",1\r\nw,\"\"").expect("reads");
        assert_eq!(found[0], (2, vec!["x, \"y\"\nz".to_owned(), "1".to_owned()]));
        assert_eq!(found[1], (4, vec!["w".to_owned(), String::new()]));
    }

    #[test]
    fn what_would_lose_lines_is_refused() {
        assert_eq!(fields("a,b\n\"x,1\ny,2\n"), Err(CsvError::Open(2)));
        assert_eq!(fields("a,b\n\"x\"y,1\n"), Err(CsvError::After(2)));
        assert_eq!(
            fields("a,b\n1,2\n\n1,2,3\n"),
            Err(CsvError::Width { line: 4, found: 3, expected: 2 })
        );
    }

    #[test]
    fn a_comma_is_decimal_only_where_it_separates_nothing() {
        let number = |text: &str, number: &str| Csv::read(text).expect("reads").number(number);
        assert_eq!(number("a,b\n", "1,234"), None);
        assert_eq!(number("a;b\n", "1,234"), Some(1.234));
        assert_eq!(number("a;b\n", "1,234,567"), None);
    }
}
