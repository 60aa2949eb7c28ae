//! The other methods of `bulle protect`: controlled rounding, recoding proposals.

use std::{collections::BTreeMap, path::Path, process::ExitCode};

use anyhow::Context;
use disclosure::protect::recoding::{Recoding, propose};
use disclosure::protect::rounding::{Rounded, round, unmet, written};

use super::{Protect, Source, hierarchies, spec, text, write};

/// Entries touched while looking for a rounded table; two-dimensional tables need few.
const ROUNDING_WORK: u64 = 500_000_000;

impl Protect {
    /// Exits 0 when a rounded table is written, 1 when there is none, or when it would let unsafe
    /// cells be estimated more closely than their levels allow.
    pub(super) fn round(&self, source: &Source, out: &Path) -> anyhow::Result<ExitCode> {
        let instance = &source.instance;
        let work = self.work.unwrap_or(ROUNDING_WORK);
        let rounded = match round(instance, self.base, work) {
            Ok(rounded) => rounded,
            Err(error) => return Ok(refused(&error)),
        };
        let exposed = match unmet(instance, &rounded, self.base) {
            Ok(exposed) => exposed,
            Err(error) => return Ok(refused(&error)),
        };
        if let Some(first) = exposed.iter().find(|found| !found.demand.soft) {
            let id = &instance.cells[first.demand.cell].id;
            let asked = first.demand.amount;
            return Ok(refused(&format!(
                "rounded to {} the table leaves {} levels of unsafe cells unmet, first `{id}`, \
                 which moves by {} and should by {asked}: take a larger --base, or suppression",
                self.base,
                exposed.iter().filter(|found| !found.demand.soft).count(),
                first.reached,
            )));
        }
        let table = match &source.table {
            Some(table) => table.rounded(&rounded),
            None => written(instance, &rounded),
        };
        write(out, &table)?;
        print!("{}", told(&rounded, self.base));
        for found in exposed.iter().filter(|found| found.demand.soft) {
            let id = &instance.cells[found.demand.cell].id;
            println!("warning: `{id}` has no protection levels and can be recovered exactly");
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Exits 0 when the proposals are written, be there none.
    pub(super) fn recode(&self) -> anyhow::Result<ExitCode> {
        let (Some(data), Some(spec_path), Some(out)) = (&self.table, &self.spec, &self.out) else {
            anyhow::bail!("recoding needs microdata: name a table, --spec and --out");
        };
        let spec = spec(spec_path)?;
        let mut trees = BTreeMap::new();
        for (dimension, file) in hierarchies(spec_path, &spec) {
            trees.insert(dimension, text(&file)?);
        }
        let found = propose(&text(data)?, &spec, &trees, self.merges)
            .with_context(|| format!("cannot tabulate {}", data.display()))?;
        write(out, &found.written())?;
        print!("{}", proposed(&found));
        Ok(ExitCode::SUCCESS)
    }
}

fn refused(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("nothing is written: {error}");
    ExitCode::from(1)
}

fn told(rounded: &Rounded, base: u32) -> String {
    let mut text = format!(
        "cells: {}, base: {base}\ndistance: {}\nlower bound: {}\n",
        rounded.values.len(),
        rounded.distance,
        rounded.bound
    );
    text.push_str("audit: every sum adds up, every level is met\n");
    text
}

fn proposed(found: &Recoding) -> String {
    let (cells, primary) = found.before;
    let mut text = format!("as it is: {cells} cells, {primary} primary\n");
    for step in &found.proposals {
        let [a, b] = &step.codes;
        text.push_str(&format!(
            "{}: merge `{a}` with `{b}`: {} cells, {} primary, cost {}\n",
            step.dimension, step.cells, step.primaries, step.cost
        ));
    }
    if found.proposals.is_empty() {
        text.push_str("no merge of two categories leaves fewer primary cells\n");
    }
    text
}
