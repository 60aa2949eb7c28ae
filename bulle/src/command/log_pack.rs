//! `bulle log verify-pack`: the evidence pack of a release, offline.

use std::{fs::File, path::PathBuf, process::ExitCode};

use anyhow::Context;
use ledger::{VerifierKey, verify_pack};

/// Verify the evidence pack of a release, offline: its seal, each file, and that the log has it
#[derive(clap::Args)]
pub struct VerifyPack {
    /// The pack, a ZIP file as the centre gave it
    pack: PathBuf,
    /// The log's verifier key that you were given by the centre, as text; otherwise the pack's own,
    /// which proves only that the pack agrees with itself
    #[arg(long)]
    key: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl VerifyPack {
    /// Exits 0 if the pack is intact, 1 if it was altered or is no pack (the first altered file is
    /// named), 2 if that cannot be told.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let key = self.key.as_deref().map(str::parse::<VerifierKey>).transpose();
        let key = key.context("the verifier key cannot be read")?;
        let named = || format!("cannot read {}", self.pack.display());
        let file = File::open(&self.pack).with_context(named)?;
        let report = verify_pack(file, key.as_ref()).with_context(named)?;
        match self.json {
            true => println!("{}", serde_json::to_string_pretty(&report)?),
            false => println!("{report}"),
        }
        Ok(if report.is_intact() { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}
