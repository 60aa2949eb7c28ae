//! The first pass: every field of every row is looked at once.

use super::column::{Column, Missing};
use super::decide::{self, Context, Decision, Plan};
use super::layout::{self, Start};
use super::report::{ColumnReport, CsvReport, Problems, RaggedRow, Reason};
use super::shape::Shape;
use super::source::{Batches, Layout};
use super::{CsvError, CsvOptions, Progress, Unread};
use crate::encoding::{self, Encoding};
use crate::sniff;
use std::collections::{HashMap, HashSet};
use std::io::{Read, Seek, SeekFrom};

/// Problems listed one by one.
const LISTED: usize = 20;

/// What the first pass knows and the second needs.
pub(crate) struct FirstPass {
    pub report: CsvReport,
    pub layout: Layout,
    pub plans: Vec<Plan>,
}

/// Reads a CSV file to its end and reports its form and the types of its columns.
///
/// Ragged rows and stray quotes are reported in [`CsvReport::problems`] here; only
/// [`super::convert`] refuses them. Memory does not grow with the file.
///
/// # Errors
/// All of [`CsvError`] but `Malformed`, `Changed` and `Parquet`.
pub fn inspect<R: Read + Seek>(
    reader: &mut R,
    options: &CsvOptions,
) -> Result<CsvReport, CsvError> {
    first_pass(reader, options, &mut |_| {}).map(|first| first.report)
}

pub(crate) fn first_pass<R: Read + Seek>(
    reader: &mut R,
    options: &CsvOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<FirstPass, CsvError> {
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
    match in_encoding(reader, known.unwrap_or(Encoding::Utf8), options, progress) {
        Err(Unread::EncodingAt(..)) if known.is_none() => {
            let encoding = scan(reader)?;
            Ok(in_encoding(reader, encoding, options, progress)?)
        }
        result => Ok(result?),
    }
}

/// The encoding of a file that is not UTF-8, from all its bytes.
pub(crate) fn scan<R: Read + Seek>(reader: &mut R) -> Result<Encoding, CsvError> {
    reader.seek(SeekFrom::Start(0))?;
    let mut scan = encoding::Scan::default();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match reader.read(&mut buffer)? {
            0 => break,
            got => scan.add(&buffer[..got]),
        }
    }
    match scan.encoding() {
        Encoding::Utf8 => {
            Err(CsvError::BadEncoding { encoding: Encoding::Utf8, line: scan.broken_line() })
        }
        encoding => Ok(encoding),
    }
}

fn in_encoding<R: Read + Seek>(
    reader: &mut R,
    encoding: Encoding,
    options: &CsvOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<FirstPass, Unread> {
    let start = layout::look(reader, encoding, options)?;
    let mut batches = Batches::open(reader, &start.layout)?;
    let mut pass = Pass::new(&start, options)?;
    while batches.next()? {
        check_text(batches.text(), encoding, &batches)?;
        pass.take(&batches);
        progress(Progress { pass: 1, bytes: batches.read(), rows: pass.rows });
    }
    let (report, plans) = pass.finish(&start, options)?;
    Ok(FirstPass { report, layout: start.layout, plans })
}

/// Refuses NUL characters, and bytes that are not UTF-8.
pub(crate) fn check_text<R: Read + Seek>(
    text: &[u8],
    encoding: Encoding,
    batches: &Batches<'_, R>,
) -> Result<(), Unread> {
    let line = |at| batches.first_line() + memchr::memchr_iter(b'\n', &text[..at]).count() as u64;
    if let Err(error) = std::str::from_utf8(text) {
        return Err(Unread::EncodingAt(encoding, line(error.valid_up_to())));
    }
    match memchr::memchr(0, text) {
        Some(at) => Err(CsvError::Nul { line: line(at) }.into()),
        None => Ok(()),
    }
}

/// The state of the first pass.
struct Pass {
    columns: Vec<Column>,
    names: Vec<String>,
    missing: Missing,
    cap: u32,
    rows: u64,
    problems: Problems,
    single_byte: bool,
    scratch: Vec<u8>,
}

impl Pass {
    fn new(start: &Start, options: &CsvOptions) -> Result<Self, CsvError> {
        let numbered = || (1..=start.layout.width).map(|i| format!("column_{i}")).collect();
        let names = if start.layout.header { start.names.clone() } else { numbered() };
        if let Some(column) = options.types.keys().find(|name| !names.contains(name)) {
            return Err(CsvError::NoColumn { column: column.clone() });
        }
        let wants = |name| options.types.get(name) == Some(&super::ColumnType::Boolean);
        Ok(Self {
            columns: names.iter().map(|name| Column::new(wants(name))).collect(),
            // 64 MB for all tables of different values, at 4 slots of 8 bytes for each.
            cap: u32::try_from((2_000_000 / names.len()).clamp(64, 4096)).expect("at most 4096"),
            names,
            missing: Missing::new(&options.missing),
            rows: 0,
            problems: Problems::default(),
            single_byte: matches!(
                start.layout.encoding,
                Encoding::Windows1252 | Encoding::Iso8859_15
            ),
            scratch: Vec::new(),
        })
    }

    /// Takes the rows of one buffer, one column after the other: a column's state stays in
    /// registers and its branches are predicted.
    fn take<R: Read + Seek>(&mut self, batches: &Batches<'_, R>) {
        let (rows, text, width) = (&batches.rows, batches.text(), self.columns.len());
        for (i, column) in self.columns.iter_mut().enumerate() {
            for (row, line) in rows.lines.iter().enumerate() {
                let field = rows.fields[row * width + i];
                let value = field.text(text, &mut self.scratch);
                if value.is_empty() {
                    column.nulls += 1;
                    column.quoted_empty += u64::from(field.is_quoted());
                } else if self.missing.has(value) {
                    column.nulls += 1;
                    column.missing_marks += 1;
                } else {
                    column.see(value, *line, self.cap);
                }
            }
        }
        self.rows += rows.lines.len() as u64;
        let problems = &mut self.problems;
        problems.blank_lines += rows.blank;
        problems.ragged_rows += rows.ragged.len() as u64;
        problems.stray_quotes += rows.stray_quotes.len() as u64;
        let room = LISTED.saturating_sub(problems.first_ragged.len());
        let ragged =
            rows.ragged.iter().map(|(line, found)| RaggedRow { line: *line, found: *found });
        problems.first_ragged.extend(ragged.take(room));
        let room = LISTED.saturating_sub(problems.first_stray_quotes.len());
        problems.first_stray_quotes.extend(rows.stray_quotes.iter().take(room));
        if self.single_byte {
            // U+0080-U+009F are C2 80 - C2 9F in UTF-8.
            let controls = text.windows(2).filter(|w| w[0] == 0xC2 && w[1] < 0xA0).count();
            problems.undefined_bytes += controls as u64;
        }
    }

    fn finish(
        mut self,
        start: &Start,
        options: &CsvOptions,
    ) -> Result<(CsvReport, Vec<Plan>), CsvError> {
        let sure_comma = |column: &Column| column.of(Shape::Comma) > column.like_thousands;
        let context = Context {
            delimiter: start.layout.dialect.delimiter,
            decimal_commas: self.columns.iter().any(sure_comma),
        };
        let unique = unique_names(&self.names, &mut self.problems);
        let (mut reports, mut plans) = (Vec::new(), Vec::new());
        for ((column, name), unique) in self.columns.iter().zip(&self.names).zip(unique) {
            let decision = match options.types.get(name) {
                None => decide::plan(column, name, context),
                Some(kind) => match decide::declared(column, *kind) {
                    Ok(plan) => (plan, Reason::Declared, Vec::new()),
                    Err(line) => {
                        return Err(CsvError::WrongType {
                            column: name.clone(),
                            line,
                            declared: *kind,
                        });
                    }
                },
            };
            plans.push(decision.0);
            let original = if start.layout.header { name.clone() } else { String::new() };
            reports.push(column_report(column, original, unique, decision));
        }
        let marks = |mark| reports.iter().filter(|c| c.decimal_mark == Some(mark)).count();
        let decimal_mark = match (marks('.'), marks(',')) {
            (0, 0) => None,
            (points, commas) => Some(if commas > points { ',' } else { '.' }),
        };
        let report = CsvReport {
            encoding: start.layout.encoding,
            delimiter: char::from(start.layout.dialect.delimiter),
            quotes: options.quotes,
            newline: start.newline,
            header: start.layout.header,
            decimal_mark,
            rows: self.rows,
            distinct_cap: self.cap,
            columns: reports,
            problems: self.problems,
        };
        Ok((report, plans))
    }
}

fn column_report(
    column: &Column,
    original_name: String,
    name: String,
    decision: Decision,
) -> ColumnReport {
    let (plan, reason, notes) = decision;
    let commas = column.of(Shape::Comma) + column.of(Shape::CommaExponent);
    let points = column.of(Shape::Point) + column.of(Shape::Exponent);
    let decimal_mark = match plan {
        Plan::Number if commas > 0 => Some(','),
        Plan::Number if points > 0 => Some('.'),
        _ => None,
    };
    ColumnReport {
        name,
        original_name,
        kind: plan.kind(),
        reason,
        notes,
        decimal_mark,
        nulls: column.nulls,
        missing_marks: column.missing_marks,
        quoted_empty: column.quoted_empty,
        distinct: column.distinct.count(),
        min_length: if column.max_length == 0 { 0 } else { column.min_length },
        max_length: column.max_length,
        leading_zeros: column.of(Shape::LeadingZero),
    }
}

/// Names that are not empty and differ, also when case is ignored as in SQL. The
/// first column of a name keeps it; the others get a number that no column has.
fn unique_names(names: &[String], problems: &mut Problems) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().map(|name| name.trim().to_lowercase()).collect();
    let mut first: HashMap<String, bool> = HashMap::new();
    let mut unique = Vec::with_capacity(names.len());
    for (i, name) in names.iter().map(|name| name.trim()).enumerate() {
        if name.is_empty() {
            problems.empty_headers.push(u32::try_from(i).unwrap_or(u32::MAX));
        } else {
            match first.get_mut(&name.to_lowercase()) {
                None => {
                    first.insert(name.to_lowercase(), true);
                    unique.push(name.to_owned());
                    continue;
                }
                Some(only) if *only => {
                    *only = false;
                    problems.duplicate_headers.push(name.to_owned());
                }
                Some(_) => {}
            }
        }
        let wanted = if name.is_empty() { format!("column_{}", i + 1) } else { name.to_owned() };
        let numbered = (2..).map(|n| format!("{wanted}_{n}"));
        let mut candidates = std::iter::once(wanted.clone()).chain(numbered);
        let free = candidates.find(|name| taken.insert(name.to_lowercase()));
        unique.push(free.expect("there are more numbers than columns"));
    }
    unique
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_unique_and_the_changes_are_reported() {
        let names = ["a", "", "A", "a_2", "column_2", " b "].map(str::to_owned);
        let mut problems = Problems::default();
        let unique = unique_names(&names, &mut problems);
        assert_eq!(unique, ["a", "column_2_2", "A_3", "a_2", "column_2", "b"]);
        assert_eq!(problems.duplicate_headers, ["A"]);
        assert_eq!(problems.empty_headers, [1]);
    }
}
