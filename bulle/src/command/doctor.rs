//! `bulle doctor`: what this host can do.

use std::process::ExitCode;

use sandbox::{doctor, image};

/// Test this host row by row: what is possible, and what to enable
#[derive(clap::Args)]
pub struct Doctor {
    /// Print the rows as JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Exits 0 when bubbles can run here, 1 when they cannot.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let rows = doctor::rows(&image::default_cache());
        if self.json {
            println!("{}", serde_json::to_string_pretty(&rows)?);
        } else {
            for row in &rows {
                println!("{row}");
            }
        }
        let missing = rows.iter().any(doctor::Row::is_missing);
        Ok(if missing { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }
}
