//! `bulle log`: the transparency log, offline.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use indicatif::ProgressBar;
use ledger::{VerifierKey, verify_folder};

use super::{log_pack::VerifyPack, log_show::Show};

/// Look at a transparency log and verify it
#[derive(clap::Subcommand)]
pub enum Log {
    /// Verify every entry of a copy of the log against its signed checkpoint, offline
    Verify(Verify),
    /// Print the entries of a copy of the log: index, time, kind and commitment
    Show(Show),
    /// Verify the evidence pack of a release, offline: its seal, each file, and that the log has it
    VerifyPack(VerifyPack),
}

/// Verify every entry of a copy of the log against its signed checkpoint, offline
#[derive(clap::Args)]
pub struct Verify {
    /// The log's folder, or a copy of it
    dir: PathBuf,
    /// The verifier key that you were given by the centre, as text; otherwise the folder's own,
    /// which proves only that the log agrees with itself
    #[arg(long)]
    key: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl Log {
    /// Exits 0 if the log is intact, 1 if it was altered, 2 if that cannot be told.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Verify(verify) => verify.run(),
            Self::Show(show) => show.run(),
            Self::VerifyPack(verify) => verify.run(),
        }
    }
}

impl Verify {
    fn run(self) -> anyhow::Result<ExitCode> {
        let key = self.key.as_deref().map(str::parse::<VerifierKey>).transpose();
        let key = key.context("the verifier key cannot be read")?;
        let bar = ProgressBar::new_spinner().with_message("entries verified");
        let report = verify_folder(&self.dir, key.as_ref(), |done| bar.set_position(done))?;
        bar.finish_and_clear();
        match self.json {
            true => println!("{}", serde_json::to_string_pretty(&report)?),
            false => println!("{report}"),
        }
        Ok(if report.is_intact() { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}
