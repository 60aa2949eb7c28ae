//! The whole way from two files to linked pairs.

use crate::assign::{Method, compete, one_to_one};
use crate::block::rule::available;
use crate::block::{Candidates, Indexes, candidates};
use crate::build::build;
use crate::cluster::clusters;
use crate::compare::comparisons;
use crate::error::LinkError;
use crate::model::cut::{choose, unreached};
use crate::model::{Cut, Model, Settings, fit};
use crate::parallel;
use crate::read::{Table, read};
use crate::records::{NIR, Records};
use std::path::Path;

/// How to link.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The id column; the first of `rec_id`, `unique_id`, `id` where none is named.
    pub id: Option<String>,
    /// How partners are chosen, where a record may have one only.
    pub one_to_one: Option<Method>,
    /// Pairs of at least this probability are links; chosen by the model where none is given.
    pub cut: Option<f64>,
    /// Pairs below the cut that are given all the same, down to this probability.
    pub floor: Option<f64>,
    /// The model.
    pub model: Settings,
    /// Threads; 0 takes what the machine has. The result does not depend on it.
    pub threads: usize,
}

/// Where a linkage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Files are read.
    Reading,
    /// Values are normalised.
    Normalising,
    /// Keys are sorted.
    Blocking,
    /// Pairs are made and compared; so many records of so many are done.
    Comparing(u64, u64),
    /// The model is fitted.
    Fitting,
    /// Pairs are weighed and chosen.
    Choosing,
}

/// One linked pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Row of the left file.
    pub left: u32,
    /// Row of the right file.
    pub right: u32,
    /// Base-2 logarithm of the odds.
    pub weight: f64,
    /// Probability that the records are one.
    pub probability: f64,
    /// Place in the candidates' patterns.
    pub pattern: u32,
}

/// What a linkage found.
pub struct Linked {
    /// The left file.
    pub left: Table,
    /// The right file; none where one file is linked with itself.
    pub right: Option<Table>,
    /// Links, by rows; with [`Options::floor`] also pairs below the cut.
    pub links: Vec<Link>,
    /// Cluster of each record above the cut, left rows first.
    pub clusters: Vec<u32>,
    /// What was compared.
    pub candidates: Candidates,
    /// The model.
    pub model: Model,
    /// The cut.
    pub cut: Cut,
    /// What a person should know, in sentences.
    pub notes: Vec<String>,
}

/// Links two files, or one with itself.
///
/// # Errors
/// [`LinkError`].
pub fn link(
    left: &Path,
    right: Option<&Path>,
    options: &Options,
    progress: &(dyn Fn(Step) + Sync),
) -> Result<Linked, LinkError> {
    let threads = match options.threads {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        threads => threads,
    };
    progress(Step::Reading);
    let paths: Vec<&Path> = std::iter::once(left).chain(right).collect();
    let read = |at: usize, (): &mut ()| read(paths[at], options.id.as_deref());
    let mut tables = parallel::map(paths.len(), threads, read).into_iter();
    let mut left = tables.next().expect("there is a left file")?;
    let mut right = tables.next().transpose()?;
    progress(Step::Normalising);
    let records = build(&left, right.as_ref())?;
    let mut notes: Vec<String> = std::mem::take(&mut left.notes);
    notes.extend(right.as_mut().map(|table| std::mem::take(&mut table.notes)).unwrap_or_default());
    forget(&mut left);
    right.iter_mut().for_each(forget);
    progress(Step::Blocking);
    let kinds = comparisons(&records);
    let total = records.left.len() + records.right.as_ref().map_or(0, |side| side.len());
    let indexes = Indexes::new(&records, available(&records), budget(total), threads);
    let asked = std::sync::atomic::AtomicU64::new(0);
    let candidates = candidates(&records, &indexes, &kinds, threads, &|count| {
        let done = asked.fetch_add(count, std::sync::atomic::Ordering::Relaxed) + count;
        progress(Step::Comparing(done, records.left.len().max(records.right().len()) as u64));
    });
    drop(indexes);
    notes.extend(warnings(&records, &candidates, total));
    progress(Step::Fitting);
    let model = fit(&kinds, &candidates.patterns, &candidates.counts, options.model);
    progress(Step::Choosing);
    let (links, cut) = chosen(&records, &candidates, &model, options);
    let clusters = clustered(&records, &links, &cut);
    Ok(Linked { left, right, links, clusters, candidates, model, cut, notes })
}

/// Values are not needed once records are built; names of columns are, for reports.
fn forget(table: &mut Table) {
    for (_, column) in &mut table.columns {
        column.codes = Vec::new();
        column.values = crate::dict::Dict::default();
    }
}

/// Pairs that one rule may make: in proportion to the records, so that work is.
fn budget(records: usize) -> u64 {
    100_000 + 2 * records as u64
}

/// Odds below these are not worth choosing among.
const LEAST_ODDS: f64 = 1e-3;

fn chosen(
    records: &Records,
    candidates: &Candidates,
    model: &Model,
    options: &Options,
) -> (Vec<Link>, Cut) {
    let odds = model.odds(&candidates.patterns);
    let mut caught = [0.0; 4];
    let mut expected = 0.0;
    for ((odds, count), by_net) in odds.iter().zip(&candidates.counts).zip(&candidates.caught) {
        let probability = odds / (1.0 + odds);
        expected += probability * *count as f64;
        for (sum, pairs) in caught.iter_mut().zip(by_net) {
            *sum += probability * f64::from(*pairs);
        }
    }
    let mut links = Vec::new();
    for ((left, right), pattern) in candidates.pairs.iter().zip(&candidates.pattern_of) {
        let odds = odds[*pattern as usize];
        if odds >= LEAST_ODDS {
            let (weight, probability) = (odds.log2(), odds / (1.0 + odds));
            links.push(Link { left: *left, right: *right, weight, probability, pattern: *pattern });
        }
    }
    if let (Some(method), Some(right)) = (options.one_to_one, &records.right) {
        let (left, right) = (records.left.len(), right.len());
        compete(&mut links, left, right);
        expected = links.iter().map(|link| link.probability).sum();
        links = one_to_one(&links, left, right, method);
    }
    let cut = choose(&links, expected, unreached(caught), options.cut);
    let least = options.floor.unwrap_or(cut.probability).min(cut.probability);
    links.retain(|link| link.probability >= least);
    links.sort_by_key(|link| (link.left, link.right));
    (links, cut)
}

fn clustered(records: &Records, links: &[Link], cut: &Cut) -> Vec<u32> {
    let left = records.left.len();
    let right = records.right.as_ref().map_or(0, |side| side.len());
    let sure: Vec<Link> =
        links.iter().filter(|link| link.probability >= cut.probability).copied().collect();
    clusters(&sure, left, right, |record| match record.checked_sub(left) {
        Some(row) if right > 0 => records.right().row(row)[NIR],
        _ => records.left.row(record)[NIR],
    })
}

/// What a person should know of the data: default dates, blocks left out.
fn warnings(records: &Records, candidates: &Candidates, total: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if !records.values.default_dates.is_empty() {
        let dates = records.values.default_dates.iter().map(u32::to_string).collect::<Vec<_>>();
        notes.push(format!(
            "dates of birth too common to be true are taken for unknown: {}",
            dates.join(", ")
        ));
    }
    for report in &candidates.reports {
        // Common names make large blocks in any file: only what is out of all proportion is told.
        if report.largest > 1_000_000.max(10 * total as u64) {
            notes.push(format!(
                "rule \"{}\": one value alone would make {} pairs; {} blocks with {} pairs were left \
                 out, other rules must find these records",
                report.name, report.largest, report.blocks_left_out, report.left_out
            ));
        }
    }
    notes
}
