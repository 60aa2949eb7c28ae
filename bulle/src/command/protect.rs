//! `bulle protect`: secondary suppression of a table, proved by an audit.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use disclosure::protect::audit::{exposed, intervals};
use disclosure::protect::files::{Cost, quoted, read, read_pattern, written};
use disclosure::protect::{Instance, Options, Protected, SolveError, Status, solve};

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
    #[arg(long, required_unless_present = "audit")]
    out: Option<PathBuf>,
    /// Check the pattern of this file (CSV: id) instead of making one
    #[arg(long, conflicts_with = "out")]
    audit: Option<PathBuf>,
    /// Where to write what an attacker can conclude on each suppressed cell (CSV)
    #[arg(long)]
    intervals: Option<PathBuf>,
    /// Protect also against contributors who are alone in a primary cell (n = 1)
    #[arg(long)]
    singletons: bool,
    /// How much to search, in entries of matrices touched [default: by the table's size]
    #[arg(long)]
    work: Option<u64>,
    /// The seed of the search
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum CostName {
    Value,
    Count,
}

impl Protect {
    /// Exits 0 when the pattern is written (or the audited one is valid), 1 when no pattern can
    /// be valid (nothing is written, and an older pattern at `--out` is removed) or the audited
    /// one is not, 2 on an error.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let cost = match self.cost {
            CostName::Value => Cost::Value,
            CostName::Count => Cost::Count,
        };
        let instance = read(&text(&self.cells)?, &text(&self.relations)?, cost)
            .with_context(|| format!("cannot use the table {}", self.cells.display()))?;
        match (&self.audit, &self.out) {
            (Some(pattern), _) => self.audit(&instance, pattern),
            (None, Some(out)) => self.protect(&instance, out),
            (None, None) => anyhow::bail!("name --out or --audit"),
        }
    }

    fn protect(&self, instance: &Instance, out: &Path) -> anyhow::Result<ExitCode> {
        let options = Options { work: self.work, seed: self.seed, singletons: self.singletons };
        match solve(instance, options) {
            Ok(pattern) => {
                write(out, &written(instance, &pattern))?;
                let mut suppressed = vec![false; instance.cells.len()];
                let all = pattern.secondaries.iter().copied().chain(instance.primaries());
                all.for_each(|cell| suppressed[cell] = true);
                self.write_intervals(instance, &suppressed)?;
                print!("{}", told(instance, &pattern));
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                // A pattern left from an earlier run must not be taken for this one's.
                if out.exists() {
                    std::fs::remove_file(out)
                        .with_context(|| format!("cannot remove {}", out.display()))?;
                }
                let refused = matches!(error, SolveError::Refused { .. });
                eprintln!("nothing is written: {error}");
                Ok(ExitCode::from(if refused { 2 } else { 1 }))
            }
        }
    }

    fn audit(&self, instance: &Instance, pattern: &Path) -> anyhow::Result<ExitCode> {
        let suppressed = read_pattern(instance, &text(pattern)?)
            .with_context(|| format!("cannot use the pattern {}", pattern.display()))?;
        self.write_intervals(instance, &suppressed)?;
        let demands = match instance.demands() {
            Ok(demands) => demands,
            Err(impossible) => {
                println!("no pattern is valid: {impossible}");
                return Ok(ExitCode::from(1));
            }
        };
        let mut faults = 0;
        for (cell, hidden) in instance.cells.iter().zip(&suppressed) {
            if *hidden && cell.status == Status::Published {
                println!("`{}` is suppressed and must be published", cell.id);
                faults += 1;
            }
        }
        for found in exposed(instance, &demands, &suppressed, self.singletons) {
            let (demand, cell) = (found.demand, &instance.cells[found.demand.cell]);
            let known = demand.known.map(|known| instance.cells[known].id.as_str());
            let by = known.map(|id| format!(" for the contributor of `{id}`")).unwrap_or_default();
            println!(
                "`{}` moves by {}{by} and should by {} ({:?})",
                cell.id, found.reached, demand.amount, demand.reach
            );
            faults += usize::from(!demand.soft);
        }
        println!("audit: {} demands, {faults} missed", demands.len());
        Ok(if faults == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }

    fn write_intervals(&self, instance: &Instance, suppressed: &[bool]) -> anyhow::Result<()> {
        let Some(path) = &self.intervals else { return Ok(()) };
        let mut text = String::from("id,value,least,most\n");
        for found in intervals(instance, suppressed) {
            let cell = &instance.cells[found.cell];
            let id = quoted(&cell.id);
            text.push_str(&format!("{id},{},{},{}\n", cell.value, found.least, found.most));
        }
        write(path, &text)
    }
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the file {}", path.display()))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
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
