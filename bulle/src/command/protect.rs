//! `bulle protect`: secondary suppression of a table, proved by an audit.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use disclosure::protect::audit::{exposed, intervals};
use disclosure::protect::files::{Cost, quoted, read, read_pattern, written};
use disclosure::protect::jj;
use disclosure::protect::spec::Spec;
use disclosure::protect::tabulate::{Table, tabulate};
use disclosure::protect::{Instance, Options, Protected, SolveError, Status, solve};

/// Suppress further cells of a table so that no unsafe one can be estimated too closely
#[derive(clap::Args)]
pub struct Protect {
    /// Microdata (CSV) to tabulate and protect as `--spec` says
    #[arg(requires = "spec")]
    table: Option<PathBuf>,
    /// What to tabulate and which cells are unsafe (TOML: dimensions, value, hierarchies, rules)
    #[arg(long, requires = "table", conflicts_with_all = ["cells", "jj"])]
    spec: Option<PathBuf>,
    /// The cells (CSV: id, value, n, status s|u|z, lb, ub, lpl, upl, `cost_value`, `cost_count`)
    #[arg(long, requires = "relations", conflicts_with = "jj")]
    cells: Option<PathBuf>,
    /// The sums (JSON: `{"constraints": [{"total": id, "children": [ids]}]}`)
    #[arg(long, requires = "cells")]
    relations: Option<PathBuf>,
    /// Cells and sums in one tau-ARGUS file
    #[arg(long)]
    jj: Option<PathBuf>,
    /// What to keep small: the value or the number of suppressed cells
    #[arg(long, value_enum, default_value = "value")]
    cost: CostName,
    /// Where to write the suppressed cells (CSV: id, status primary|secondary; with `--spec` the
    /// whole table with INSEE's statuses A, B, F, D, V)
    #[arg(long, required_unless_present_any = ["audit", "write_jj"])]
    out: Option<PathBuf>,
    /// Where to write the cells and sums as a tau-ARGUS file
    #[arg(long)]
    write_jj: Option<PathBuf>,
    /// Check the pattern of this file (CSV: id) instead of making one
    #[arg(long, conflicts_with_all = ["out", "spec"])]
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
        let source = self.source()?;
        if let Some(path) = &self.write_jj {
            write(path, &jj::write(&source.instance))?;
        }
        match (&self.audit, &self.out) {
            (Some(pattern), _) => self.audit(&source.instance, pattern),
            (None, Some(out)) => self.protect(&source, out),
            (None, None) => Ok(ExitCode::SUCCESS),
        }
    }

    /// The table, from whichever files were named.
    fn source(&self) -> anyhow::Result<Source> {
        let failed = |path: &Path| format!("cannot use the table {}", path.display());
        if let (Some(data), Some(spec)) = (&self.table, &self.spec) {
            let mut source = tabulated(data, spec, self.singletons)?;
            self.count(&mut source.instance);
            return Ok(source);
        }
        let mut instance = match (&self.jj, &self.cells, &self.relations) {
            (Some(path), ..) => jj::read(&text(path)?).with_context(|| failed(path))?,
            (None, Some(cells), Some(relations)) => {
                let cost = match self.cost {
                    CostName::Value => Cost::Value,
                    CostName::Count => Cost::Count,
                };
                read(&text(cells)?, &text(relations)?, cost).with_context(|| failed(cells))?
            }
            _ => anyhow::bail!("name --cells and --relations, or --jj, or a table and --spec"),
        };
        if self.jj.is_some() {
            self.count(&mut instance);
        }
        Ok(Source { instance, table: None, singletons: self.singletons })
    }

    /// With `--cost count` each cell costs one.
    fn count(&self, instance: &mut Instance) {
        if matches!(self.cost, CostName::Count) {
            instance.cells.iter_mut().for_each(|cell| cell.cost = 1.0);
        }
    }

    fn protect(&self, source: &Source, out: &Path) -> anyhow::Result<ExitCode> {
        let instance = &source.instance;
        let options = Options { work: self.work, seed: self.seed, singletons: source.singletons };
        match solve(instance, options) {
            Ok(pattern) => {
                let text = match &source.table {
                    Some(table) => table.written(&pattern),
                    None => written(instance, &pattern),
                };
                write(out, &text)?;
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

/// A table to protect.
struct Source {
    instance: Instance,
    /// Where it was made of microdata.
    table: Option<Table>,
    singletons: bool,
}

fn tabulated(data: &Path, spec_path: &Path, singletons: bool) -> anyhow::Result<Source> {
    let spec: Spec = toml::from_str(&text(spec_path)?)
        .with_context(|| format!("cannot use the spec {}", spec_path.display()))?;
    let folder = spec_path.parent().unwrap_or(Path::new("."));
    let mut hierarchies = BTreeMap::new();
    for (dimension, file) in &spec.hierarchies {
        hierarchies.insert(dimension.clone(), text(&folder.join(file))?);
    }
    let table = tabulate(&text(data)?, &spec, &hierarchies)
        .with_context(|| format!("cannot tabulate {}", data.display()))?;
    let singletons = singletons || spec.rules.singletons;
    Ok(Source { instance: table.instance.clone(), table: Some(table), singletons })
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
