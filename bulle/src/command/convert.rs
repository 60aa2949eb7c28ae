//! `bulle convert`: the tabular engine on a file.

use std::{fs::File, path::PathBuf, process::ExitCode};

use anyhow::Context;
use tabular::csv::{CsvError, CsvOptions, convert};

/// Convert a CSV file to Parquet with a type report
#[derive(clap::Args)]
pub struct Convert {
    /// The CSV file
    input: PathBuf,
    /// The Parquet file to write
    output: PathBuf,
}

impl Convert {
    /// Exits 0 when the Parquet file is written, 2 when nothing is; the report goes to standard
    /// output as JSON.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let mut input = File::open(&self.input)
            .with_context(|| format!("cannot open {}", self.input.display()))?;
        let length = input.metadata().map_or(0, |metadata| metadata.len());
        let bar = indicatif::ProgressBar::new(2 * length);
        let report = convert(&mut input, &self.output, &CsvOptions::default(), &mut |progress| {
            bar.set_position(u64::from(progress.pass - 1) * length + progress.bytes);
        })
        .map_err(with_lines)
        .with_context(|| format!("cannot convert {}", self.input.display()))?;
        bar.finish_and_clear();
        println!("{}", serde_json::to_string_pretty(&report)?);
        Ok(ExitCode::SUCCESS)
    }
}

/// Names the first lines that are wrong: they are what a person has to look at.
fn with_lines(error: CsvError) -> anyhow::Error {
    let CsvError::Malformed(report) = &error else { return error.into() };
    let (problems, columns) = (&report.problems, report.columns.len());
    let ragged = problems.first_ragged.iter();
    let ragged = ragged.map(|row| (row.line, format!("{} fields instead of {columns}", row.found)));
    let stray = problems.first_stray_quotes.iter();
    let stray = stray.map(|line| (*line, "text after a closing quote".to_owned()));
    let mut lines: Vec<_> = ragged.chain(stray).collect();
    lines.sort();
    let more = problems.ragged_rows + problems.stray_quotes - lines.len() as u64;
    let mut told: Vec<_> =
        lines.iter().map(|(line, what)| format!("line {line}: {what}")).collect();
    told.extend((more > 0).then(|| format!("and {more} more")));
    anyhow::anyhow!("{error}; {}", told.join("; "))
}
