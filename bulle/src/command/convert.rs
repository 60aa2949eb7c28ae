//! `bulle convert`: the tabular engine on a file.

use std::{fs::File, path::PathBuf, process::ExitCode};

use anyhow::Context;
use tabular::csv::{CsvOptions, convert};

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
        .with_context(|| format!("cannot convert {}", self.input.display()))?;
        bar.finish_and_clear();
        println!("{}", serde_json::to_string_pretty(&report)?);
        Ok(ExitCode::SUCCESS)
    }
}
