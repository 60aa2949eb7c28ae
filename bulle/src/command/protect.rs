//! `bulle protect`: secondary suppression of a table, proved by an audit.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use disclosure::protect::files::{Cost, read, written};
use disclosure::protect::{Effort, Instance, Protected, SolveError, solve};

/// Suppress further cells so that no unsafe one can be estimated too closely
#[derive(clap::Args)]
pub struct Protect {
    /// The cells (CSV: id, value, n, status s|u|z, lb, ub, lpl, upl, `cost_value`, `cost_count`)
    #[arg(long)]
    cells: PathBuf,
    /// The sums (JSON: `{"constraints": [{"total": id, "children": [ids]}]}`)
    #[arg(long)]
    relations: PathBuf,
    /// What to keep small: the value or the number of suppressed cells
    #[arg(long, value_enum, default_value = "value")]
    cost: CostName,
    /// Where to write the suppressed cells (CSV: id, status primary|secondary)
    #[arg(long)]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum CostName {
    Value,
    Count,
}

impl Protect {
    /// Exits 0 when the pattern is written, 1 when no pattern can be valid (nothing is written,
    /// and an older pattern at `--out` is removed), 2 on an error.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let cost = match self.cost {
            CostName::Value => Cost::Value,
            CostName::Count => Cost::Count,
        };
        let text = |path: &PathBuf| {
            std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the file {}", path.display()))
        };
        let instance = read(&text(&self.cells)?, &text(&self.relations)?, cost)
            .with_context(|| format!("cannot use the table {}", self.cells.display()))?;
        match solve(&instance, Effort::default()) {
            Ok(pattern) => {
                std::fs::write(&self.out, written(&instance, &pattern))
                    .with_context(|| format!("cannot write {}", self.out.display()))?;
                print!("{}", told(&instance, &pattern));
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                // A pattern left from an earlier run must not be taken for this one's.
                if self.out.exists() {
                    std::fs::remove_file(&self.out)
                        .with_context(|| format!("cannot remove {}", self.out.display()))?;
                }
                let refused = matches!(error, SolveError::Refused { .. });
                eprintln!("nothing is written: {error}");
                Ok(ExitCode::from(if refused { 2 } else { 1 }))
            }
        }
    }
}

/// What was found, in lines.
fn told(instance: &Instance, pattern: &Protected) -> String {
    let primaries = instance.primaries().count();
    let mut text = format!(
        "cells: {}, primary: {primaries}, secondary: {}\ncost: {}\nlower bound: {}\n",
        instance.cells.len(),
        pattern.secondaries.len(),
        pattern.cost,
        pattern.bound,
    );
    if pattern.cost > 0.0 {
        let gap = 100.0 * (pattern.cost - pattern.bound) / pattern.cost;
        text.push_str(&format!("distance to the optimum: at most {gap:.2} %\n"));
    }
    text.push_str(&format!("audit: {} demands met, none missed\n", pattern.demands));
    for cell in &pattern.recoverable {
        text.push_str(&format!(
            "warning: `{}` has no protection levels and can be recovered exactly, whatever is \
             suppressed\n",
            instance.cells[*cell].id
        ));
    }
    text
}
