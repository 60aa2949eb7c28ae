//! `bulle ddi`: the DDI engine on a code book.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;

/// Read a DDI code book
#[derive(clap::Subcommand)]
pub enum Ddi {
    /// Import a DDI-Codebook document and print what was read and every problem, as JSON
    Import {
        /// The XML file
        file: PathBuf,
    },
}

impl Ddi {
    /// Exits 0 when the document was read without a problem, 1 with problems, 2 when it cannot be
    /// read.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let Self::Import { file } = self;
        let bytes =
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let import =
            ddi::import(&bytes).with_context(|| format!("cannot import {}", file.display()))?;
        let told =
            serde_json::json!({ "codebooks": import.codebooks, "problems": import.problems });
        println!("{}", serde_json::to_string_pretty(&told)?);
        Ok(if import.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}
