//! Why a file of a deposit was refused: what the engines found, as facts that a page tells in the
//! reader's language, with their own English words for logs.

use domain::data::deposit::{Rejection, Seen};
use tabular::{csv::CsvError, parquet_file::ParquetFileError, sniff::LooksLike};

fn seen(key: &str, line: u64, what: impl ToString) -> Seen {
    Seen { key: key.to_owned(), line, what: what.to_string() }
}

fn refuse(key: &str, file: &str, detail: impl ToString, seen: Vec<Seen>) -> Rejection {
    Rejection { seen, ..Rejection::new(key, file, detail.to_string()) }
}

/// Another format than the file's name says.
pub(super) fn mislabelled(file: &str, kind: LooksLike) -> Rejection {
    refuse("mislabelled", file, format!("{kind:?}"), vec![looks_like(kind)])
}

/// `what` is the word of the message `deposit-kind-<word>`.
fn looks_like(kind: LooksLike) -> Seen {
    seen("looks-like", 0, format!("{kind:?}").to_lowercase())
}

/// What is wrong with a CSV file, with the first lines concerned.
pub(super) fn of_csv(file: &str, error: &CsvError) -> Rejection {
    let (key, found) = match error {
        CsvError::Empty => ("empty", Vec::new()),
        CsvError::NotCsv { looks_like: kind } => ("mislabelled", vec![looks_like(*kind)]),
        CsvError::BadEncoding { encoding, line } => {
            ("encoding", vec![seen("encoding", *line, format!("{encoding:?}"))])
        }
        CsvError::Nul { line } => ("encoding", vec![seen("nul", *line, "")]),
        CsvError::UnclosedQuote { line } => ("quote", vec![seen("quote", *line, "")]),
        CsvError::RowTooLong { line, limit } => ("quote", vec![seen("row-too-long", *line, limit)]),
        CsvError::TooManyColumns { found, .. } => {
            ("unreadable", vec![seen("too-many-columns", 0, found)])
        }
        CsvError::Malformed(_) => ("ragged", malformed(error)),
        _ => ("unreadable", Vec::new()),
    };
    refuse(key, file, words(error), found)
}

fn malformed(error: &CsvError) -> Vec<Seen> {
    let CsvError::Malformed(report) = error else { return Vec::new() };
    let problems = &report.problems;
    let mut found = vec![seen("columns", 0, report.columns.len())];
    if problems.ragged_rows > 0 {
        found.push(seen("ragged-rows", 0, problems.ragged_rows));
    }
    if problems.stray_quotes > 0 {
        found.push(seen("stray-quotes", 0, problems.stray_quotes));
    }
    found.extend(problems.first_ragged.iter().map(|row| seen("ragged", row.line, row.found)));
    found.extend(problems.first_stray_quotes.iter().map(|line| seen("stray-quote", *line, "")));
    found
}

/// The engine's words, with the first lines concerned.
fn words(error: &CsvError) -> String {
    let CsvError::Malformed(report) = error else { return error.to_string() };
    let problems = &report.problems;
    let ragged =
        problems.first_ragged.iter().map(|row| format!("line {}: {} fields", row.line, row.found));
    let stray = problems
        .first_stray_quotes
        .iter()
        .map(|line| format!("line {line}: text after a closing quote"));
    let lines: Vec<String> = ragged.chain(stray).collect();
    format!("{error} (of {} columns): {}", report.columns.len(), lines.join("; "))
}

/// What is wrong with a Parquet file.
pub(super) fn of_parquet(file: &str, error: &ParquetFileError) -> Rejection {
    let found = match error {
        ParquetFileError::NotParquet { looks_like: kind } => return mislabelled(file, *kind),
        ParquetFileError::Truncated => vec![seen("parquet-cut", 0, "")],
        ParquetFileError::Encrypted => vec![seen("parquet-encrypted", 0, "")],
        _ => vec![seen("parquet-damaged", 0, "")],
    };
    refuse("parquet", file, error, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_with_its_line_and_kept_in_the_engine_s_words() {
        let refused = of_csv("a.csv", &CsvError::UnclosedQuote { line: 7 });
        assert_eq!((refused.key.as_str(), refused.file.as_str()), ("quote", "a.csv"));
        assert_eq!(refused.seen, [seen("quote", 7, "")]);
        assert!(refused.detail.contains("line 7"));
    }

    #[test]
    fn a_parquet_file_that_is_something_else_is_mislabelled() {
        let error = ParquetFileError::NotParquet { looks_like: LooksLike::Zip };
        let refused = of_parquet("a.parquet", &error);
        assert_eq!(refused.key, "mislabelled");
        assert_eq!(refused.seen, [seen("looks-like", 0, "zip")]);
    }
}
