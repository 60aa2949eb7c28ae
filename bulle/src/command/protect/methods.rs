//! The other methods of `bulle protect`: controlled rounding, recoding proposals.

use std::{collections::BTreeMap, fs, path::Path, process::ExitCode};

use anyhow::{Context, bail};
use disclosure::protect::audit::Exposed;
use disclosure::protect::files::shown;
use disclosure::protect::recoding::{Recoding, propose};
use disclosure::protect::rounding::{Key, Proof, RoundError, Rounded, prove, round, written};
use disclosure::protect::{Instance, Status};

use super::{Protect, Source, hierarchies, spec, text, write};

/// Entries touched while looking for a rounded table; two-dimensional tables need few.
const ROUNDING_WORK: u64 = 500_000_000;
const BASE: u32 = 5;
const MERGES: usize = 20;

impl Protect {
    /// Exits 0 when a rounded table is written, 1 when there is none, or when it would let unsafe
    /// cells be estimated more closely than is asked.
    pub(super) fn round(&self, source: &Source, out: &Path) -> anyhow::Result<ExitCode> {
        let instance = &source.instance;
        let (base, work) = (self.base.unwrap_or(BASE), self.work.unwrap_or(ROUNDING_WORK));
        let key = self.key.as_deref().map(key).transpose()?;
        let rounded = match round(instance, base, key.as_ref(), work) {
            Ok(rounded) => rounded,
            Err(error @ (RoundError::Base | RoundError::Large(_))) => return Err(error.into()),
            Err(error) => return Ok(refused(&error)),
        };
        let proof = match prove(instance, &rounded, base, source.singletons) {
            Ok(proof) => proof,
            Err(error) => return Ok(refused(&error)),
        };
        if let Some(first) = proof.unmet.first() {
            return Ok(refused(&format!(
                "rounded to {base} the table leaves {} demands of unsafe cells unmet, first {}, \
                 which moves by {} and should by {}: take a larger --base, or suppression",
                proof.unmet.len(),
                named(instance, first),
                shown(first.reached),
                shown(first.demand.amount),
            )));
        }
        let table = match &source.table {
            Some(table) => table.rounded(&rounded),
            None => written(instance, &rounded),
        };
        write(out, &table)?;
        print!("{}", told(instance, &rounded, &proof, base, key.is_some()));
        Ok(ExitCode::SUCCESS)
    }

    /// Exits 0 when the proposals are written, be there none.
    pub(super) fn recode(&self) -> anyhow::Result<ExitCode> {
        let (Some(data), Some(spec_path), Some(out)) = (&self.table, &self.spec, &self.out) else {
            bail!("recoding needs microdata: name a table, --spec and --out");
        };
        let spec = spec(spec_path)?;
        let mut trees = BTreeMap::new();
        for (dimension, file) in hierarchies(spec_path, &spec) {
            trees.insert(dimension, text(&file)?);
        }
        let found = propose(&text(data)?, &spec, &trees, self.merges.unwrap_or(MERGES))
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

/// The longest key that is read, in bytes.
const MOST_KEY_BYTES: u64 = 1 << 16;

fn key(path: &Path) -> anyhow::Result<Key> {
    let failed = || format!("cannot read the file {}", path.display());
    let found = fs::metadata(path).with_context(failed)?;
    // A device gives another key each time, and without an end.
    if !found.is_file() || found.len() > MOST_KEY_BYTES {
        bail!("{} is no key: a file of at most {MOST_KEY_BYTES} bytes", path.display());
    }
    let bytes = fs::read(path).with_context(failed)?;
    Key::new(&bytes).with_context(|| format!("cannot use the key {}", path.display()))
}

/// A cell, and who attacks it where that is not anyone.
fn named(instance: &Instance, found: &Exposed) -> String {
    let id = |cell: usize| instance.cells[cell].id.as_str();
    let by = found.demand.known.map(|known| format!(" for the contributor of `{}`", id(known)));
    format!("`{}`{}", id(found.demand.cell), by.unwrap_or_default())
}

fn told(instance: &Instance, rounded: &Rounded, proof: &Proof, base: u32, secret: bool) -> String {
    let mut text = format!(
        "cells: {}, base: {base}\ndistance: {}\nlower bound: {}\n\
         audit: every sum adds up, {} demands met, {} missed\n",
        rounded.values.len(),
        shown(rounded.distance),
        shown(rounded.bound),
        proof.met,
        proof.hopeless.len(),
    );
    for found in &proof.hopeless {
        text.push_str(&format!(
            "warning: {} has no protection levels and moves by {} only; no suppression changes \
             that\n",
            named(instance, found),
            shown(found.reached),
        ));
    }
    let kept = instance.cells.iter().filter(|cell| cell.status == Status::Published);
    #[expect(clippy::cast_precision_loss, reason = "at most 2^53, checked when rounded")]
    let moved = instance.cells.iter().zip(&rounded.values).filter(|(cell, value)| {
        cell.status == Status::Published && (**value as f64 - cell.value).abs() > 0.0
    });
    let (kept, moved) = (kept.count(), moved.count());
    if moved > 0 {
        text.push_str(&format!(
            "warning: of {kept} cells with status z {moved} are rounded; attackers are taken to \
             know their true values\n"
        ));
    }
    if !secret {
        text.push_str(
            "warning: without --key who knows this program can exclude true tables to which \
             another one is closer; the audit does not count that\n",
        );
    }
    text
}

fn proposed(found: &Recoding) -> String {
    let (cells, primary) = found.before;
    let mut text = format!("as it is: {cells} cells, {primary} primary\n");
    for step in &found.proposals {
        let [a, b] = &step.codes;
        text.push_str(&format!(
            "{}: merge `{a}` with `{b}`: {} cells, {} primary, cost {}\n",
            step.dimension,
            step.cells,
            step.primaries,
            shown(step.cost)
        ));
    }
    if found.proposals.is_empty() {
        text.push_str("no merge of two categories leaves fewer primary cells\n");
    }
    text.push_str(if found.compared {
        "each step is the best of all merges; all steps together are a heuristic\n"
    } else {
        "a heuristic: too many categories to compare all merges at each step\n"
    });
    text
}
