//! `bulle doctor`: what this host can do.

use std::process::ExitCode;

use sandbox::{doctor, image};

use super::reader;

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
        let mut rows = doctor::rows(&image::default_cache());
        rows.extend(reader::rows());
        if self.json {
            println!("{}", serde_json::to_string_pretty(&rows)?);
        } else {
            for row in &rows {
                println!("{:<8} {}: {}", word(row.status), row.what, row.found);
                if row.status != doctor::Status::Ok {
                    println!("         {}", row.consequence);
                    println!("         to enable: {}", row.enable);
                }
            }
        }
        Ok(if doctor::can_start(&rows) { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

fn word(status: doctor::Status) -> &'static str {
    match status {
        doctor::Status::Ok => "ok",
        doctor::Status::Weaker => "weaker",
        doctor::Status::Missing => "missing",
    }
}
