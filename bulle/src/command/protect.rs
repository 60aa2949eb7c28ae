//! `bulle protect`: secondary suppression of a table, proved by an audit; controlled rounding and
//! recoding proposals beside it.

mod methods;
mod options;
mod places;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use disclosure::protect::audit::{Exposed, exposed, hopeless, intervals};
use disclosure::protect::files::{Cost, quoted, read, read_pattern, written};
use disclosure::protect::jj;
use disclosure::protect::spec::Spec;
use disclosure::protect::tabulate::{Table, tabulate};
use disclosure::protect::{Instance, Options, Protected, Reach, SolveError, Status, Way, solve};
use places::write;

/// The name under which a bubble sees this program: then it is `bulle protect`.
pub const IN_BUBBLE: &str = "bulle-protect";

/// `bulle protect` where the data are.
#[derive(clap::Parser)]
#[command(name = IN_BUBBLE, version)]
pub struct InBubble {
    /// All of it.
    #[command(flatten)]
    pub protect: Protect,
}

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
    /// How to protect: suppress further cells, round every cell to a multiple of `--base` next to
    /// it, or propose categories to merge (with `--spec`)
    #[arg(long, value_enum, default_value = "suppression")]
    method: Method,
    /// The base of rounding, from 2 [default: 5]
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..))]
    base: Option<u32>,
    /// A secret of at least 32 random bytes that rounding draws its directions from: without it
    /// who knows this program can conclude more from a rounded table than the audit tells
    #[arg(long)]
    key: Option<PathBuf>,
    /// How many merges to propose at most [default: 20]
    #[arg(long)]
    merges: Option<usize>,
    /// What to keep small: the value or the number of suppressed cells [default: value]
    #[arg(long, value_enum)]
    cost: Option<CostName>,
    /// Where to write the suppressed cells (CSV: id, status primary|secondary; with `--spec` the
    /// whole table with INSEE's statuses A, B, F, D, V), the rounded table (CSV: id, value) or the
    /// merges (CSV: step, dimension, merge, with, primary, cells, cost)
    #[arg(long, required_unless_present_any = ["audit", "write_jj"])]
    out: Option<PathBuf>,
    /// Where to write the cells and sums as a tau-ARGUS file
    #[arg(long)]
    write_jj: Option<PathBuf>,
    /// Check the pattern of this file (CSV: id) instead of making one
    #[arg(long, conflicts_with_all = ["out", "spec", "work", "seed"])]
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
    /// The seed of the search [default: 1]
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Method {
    Suppression,
    Rounding,
    Recoding,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum CostName {
    Value,
    Count,
}

impl Protect {
    /// Exits 0 when the pattern is written (or the audited one is valid), 1 when no pattern can
    /// be valid or the audited one is not, 2 on an error. Unless it exits with 0, files that stand
    /// where a pattern should go are left as they are, and that is said.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        self.check_options()?;
        self.check_places()?;
        let ended = self.answer();
        if let Some(out) = self.out.as_ref().filter(|out| out.is_file())
            && !matches!(ended, Ok(ExitCode::SUCCESS))
        {
            eprintln!("{} is older and not an answer to this", out.display());
        }
        ended
    }

    fn answer(&self) -> anyhow::Result<ExitCode> {
        if self.method == Method::Recoding {
            return self.recode();
        }
        let source = self.source()?;
        if source.singletons && source.instance.cells.iter().all(|cell| cell.units.is_none()) {
            anyhow::bail!("no cell says how many units contribute: nobody is known to be alone");
        }
        if let Some(path) = &self.write_jj {
            write(path, &jj::write(&source.instance))?;
        }
        match (&self.audit, &self.out) {
            (Some(pattern), _) => self.audit(&source.instance, pattern),
            (None, Some(out)) if self.method == Method::Rounding => self.round(&source, out),
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
                    None | Some(CostName::Value) => Cost::Value,
                    Some(CostName::Count) => Cost::Count,
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
        if matches!(self.cost, Some(CostName::Count)) {
            instance.cells.iter_mut().for_each(|cell| cell.cost = 1.0);
        }
    }

    fn protect(&self, source: &Source, out: &Path) -> anyhow::Result<ExitCode> {
        let instance = &source.instance;
        let seed = self.seed.unwrap_or(Options::default().seed);
        let options = Options { work: self.work, seed, singletons: source.singletons };
        match solve(instance, options) {
            Ok(pattern) => {
                let text = match &source.table {
                    Some(table) => table.written(&pattern),
                    None => written(instance, &pattern),
                };
                let mut suppressed = vec![false; instance.cells.len()];
                let all = pattern.secondaries.iter().copied().chain(instance.primaries());
                all.for_each(|cell| suppressed[cell] = true);
                self.write_intervals(instance, &suppressed)?;
                write(out, &text)?;
                print!("{}", told(instance, &pattern));
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
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
            let wrong = match (cell.status, *hidden) {
                (Status::Published, true) => "is suppressed and must be published",
                (Status::Unsafe, false) => "is published and must be suppressed",
                _ => continue,
            };
            println!("`{}` {wrong}", cell.id);
            faults += 1;
        }
        for found in exposed(instance, &demands, &suppressed, self.singletons) {
            if suppressed[found.demand.cell] {
                faults += usize::from(fault(instance, &found));
            }
        }
        println!("audit: {} demands, {faults} faults", demands.len());
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

/// Tells of a demand that is not met; says whether that is a fault of the pattern. It is none
/// where the demand goes beyond the levels given and no pattern at all meets it.
fn fault(instance: &Instance, found: &Exposed) -> bool {
    let (demand, cell) = (found.demand, &instance.cells[found.demand.cell]);
    let known = demand.known.map(|known| instance.cells[known].id.as_str());
    let by = known.map(|id| format!(" for the contributor of `{id}`")).unwrap_or_default();
    let forgiven = demand.soft && hopeless(instance, &demand);
    let way = match demand.reach {
        Reach::One(Way::Up) => "up",
        Reach::One(Way::Down) => "down",
        Reach::Width => "in all",
    };
    let why = if forgiven { "; no pattern changes that" } else { "" };
    println!(
        "`{}` moves {way} by {}{by} and should by {}{why}",
        cell.id, found.reached, demand.amount
    );
    !forgiven
}

fn spec(path: &Path) -> anyhow::Result<Spec> {
    toml::from_str(&text(path)?).with_context(|| format!("cannot use the spec {}", path.display()))
}

/// By dimension, the file of its hierarchy.
fn hierarchies(spec_path: &Path, spec: &Spec) -> BTreeMap<String, PathBuf> {
    let folder = spec_path.parent().unwrap_or(Path::new("."));
    spec.hierarchies.iter().map(|(name, file)| (name.clone(), folder.join(file))).collect()
}

fn tabulated(data: &Path, spec_path: &Path, singletons: bool) -> anyhow::Result<Source> {
    let spec = spec(spec_path)?;
    let mut trees = BTreeMap::new();
    for (dimension, file) in hierarchies(spec_path, &spec) {
        trees.insert(dimension, text(&file)?);
    }
    let table = tabulate(&text(data)?, &spec, &trees)
        .with_context(|| format!("cannot tabulate {}", data.display()))?;
    let singletons = singletons || spec.rules.singletons;
    Ok(Source { instance: table.instance.clone(), table: Some(table), singletons })
}

fn text(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read the file {}", path.display()))
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
    for demand in &pattern.recoverable {
        let known = demand.known.map(|known| instance.cells[known].id.as_str());
        let by = known.map(|id| format!(" by the contributor of `{id}`")).unwrap_or_default();
        text.push_str(&format!(
            "warning: `{}` has no protection levels and can be recovered exactly{by}, whatever is \
             suppressed\n",
            instance.cells[demand.cell].id
        ));
    }
    text
}
