//! The whole way from two files to linked pairs.

mod chosen;
mod earlier;
mod groups;
mod judged;
mod told;

use crate::assign::Method;
use crate::block::{Candidates, Indexes, candidates};
use crate::build::build;
use crate::cluster::clusters;
use crate::cluster::previous::Previous;
use crate::error::LinkError;
use crate::model::{Cut, Kept, Model, Settings, Steps};
use crate::parallel;
use crate::read::column::{Role, squashed};
use crate::read::{Table, read};
use crate::records::{NIR, Records, Side};
use crate::report::{Filled, Group};
use crate::review::{Labels, Review};
use crate::spec::{Plan, Spec};
pub use earlier::Drift;
use judged::{Judge, Judged};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// How to link.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The id column; the first of `rec_id`, `unique_id`, `id` where none is named.
    pub id: Option<String>,
    /// Columns, rules and comparisons, where the tool should not choose them.
    pub spec: Spec,
    /// How partners are chosen, where a record may have one only.
    pub one_to_one: Option<Method>,
    /// Pairs of at least this probability are links; chosen by the model where none is given.
    pub cut: Option<f64>,
    /// Pairs below the cut that are given all the same, down to this probability.
    pub floor: Option<f64>,
    /// The model.
    pub model: Settings,
    /// A model of an earlier run instead of one that is fitted.
    pub kept: Option<Kept>,
    /// The clusters of an earlier run, whose ids stay.
    pub previous: Option<Previous>,
    /// What people said of pairs.
    pub labels: Option<Labels>,
    /// The right file holds new records of the left one, whose own are in [`Self::previous`].
    pub is_addition: bool,
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
    /// The right file, or the new records ([`Self::is_addition`]); none where one file is linked with
    /// itself.
    pub right: Option<Table>,
    /// Whether both files are one: rows of links count through the left file, then the right one.
    pub is_addition: bool,
    /// Names of the columns of other meaning that were compared.
    pub others: Vec<String>,
    /// Links, by rows; with [`Options::floor`] also pairs below the cut.
    pub links: Vec<Link>,
    /// Cluster of each record above the cut, left rows first.
    pub clusters: Vec<u32>,
    /// What became of the clusters of the earlier run.
    pub drift: Option<Drift>,
    /// What labels changed and measured.
    pub review: Option<Review>,
    /// Where firms were linked by their numbers first, how many pairs each step decided.
    pub steps: Option<Steps>,
    /// What was compared.
    pub candidates: Candidates,
    /// The model.
    pub model: Model,
    /// The cut.
    pub cut: Cut,
    /// How full the columns are.
    pub filled: Vec<Filled>,
    /// How many of the left file's records were linked, by group.
    pub groups: Vec<Group>,
    /// What a person should know, in sentences.
    pub notes: Vec<String>,
}

impl Linked {
    /// Whether records are of two sides.
    pub fn has_sides(&self) -> bool {
        self.right.is_some() && !self.is_addition
    }

    /// The id of a record, left rows first.
    pub fn id(&self, row: usize) -> &str {
        match (&self.right, row.checked_sub(self.left.len())) {
            (Some(right), Some(row)) => right.ids.get(row),
            _ => self.left.ids.get(row),
        }
    }

    /// The ids of a link's records.
    pub fn ids(&self, link: &Link) -> (&str, &str) {
        let before = if self.has_sides() { self.left.len() } else { 0 };
        (self.id(link.left as usize), self.id(before + link.right as usize))
    }

    /// The model, to be used by a later run.
    pub fn kept(&self) -> Kept {
        Kept::new(&self.model, &self.others)
    }

    /// Why recall is unknown, where it is.
    pub fn why_recall_is_unknown(&self) -> &'static str {
        match (self.candidates.pairs.is_empty(), self.candidates.share_a_field) {
            (true, _) => "nothing was compared",
            (_, true) => "all rules ask for one field",
            (_, false) => "no true pair is expected among those compared",
        }
    }
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
    options.spec.check(options.one_to_one.is_some(), right.is_some() && !options.is_addition)?;
    options.check()?;
    progress(Step::Reading);
    let (mut left, mut right) = tables(left, right, options, threads)?;
    progress(Step::Normalising);
    let mut records = build(&left, right.as_ref(), &options.spec)?;
    let mut plan = options.spec.plan(&records, &left, right.as_ref())?;
    let mut notes = options.spec.notes.clone();
    let before = earlier::before(&left, right.as_ref(), options)?;
    let known = judged::known(&left, right.as_ref(), options)?;
    notes.append(&mut records.notes);
    let filled = groups::filled(&records);
    if options.is_addition {
        records = records.stacked();
    }
    notes.extend(options.settle(&records, &mut plan)?);
    for table in std::iter::once(&mut left).chain(&mut right) {
        notes.append(&mut table.notes);
        forget(table, &records.other_names);
    }
    let candidates = compared(&records, &plan, options, threads, progress);
    notes.extend(told::of(&records, &candidates));
    progress(Step::Fitting);
    let cascade = options.cascade(&plan);
    let judge = Judge { records: &records, plan: &plan, candidates: &candidates, options, cascade };
    let Judged { model, links, cut, review } = judge.judged(known);
    let steps = cascade.map(|of| of.steps(&candidates.patterns, &candidates.counts));
    notes.extend(steps.as_ref().map(|steps| told::steps(steps, options.spec.firms.unit)));
    notes.extend(review.as_ref().map(told::review).unwrap_or_default());
    progress(Step::Choosing);
    let clusters =
        clustered(&records, &links, &cut, &before[..records.first_new.min(before.len())]);
    let (clusters, drift) = earlier::renamed(clusters, &before, options, &mut notes)?;
    let groups = groups::linked(&records, &links, &cut);
    let (is_addition, others) = (options.is_addition, records.other_names);
    Ok(Linked {
        left,
        right,
        is_addition,
        others,
        links,
        clusters,
        drift,
        review,
        steps,
        candidates,
        model,
        cut,
        filled,
        groups,
        notes,
    })
}

fn tables(
    left: &Path,
    right: Option<&Path>,
    options: &Options,
    threads: usize,
) -> Result<(Table, Option<Table>), LinkError> {
    let paths: Vec<&Path> = std::iter::once(left).chain(right).collect();
    let read =
        |at: usize, (): &mut ()| read(paths[at], options.id.as_deref(), &options.spec.columns);
    let mut tables = parallel::map(paths.len(), threads, read).into_iter();
    let left = tables.next().expect("there is a left file")?;
    Ok((left, tables.next().transpose()?))
}

/// Values are not needed once records are built; names of columns are, for reports. Columns of
/// other meaning that serve no comparison are unused.
fn forget(table: &mut Table, others: &[String]) {
    for (role, mut column) in std::mem::take(&mut table.columns) {
        if role == Role::Other && !others.contains(&squashed(&column.name)) {
            table.unused.push(column.name);
            continue;
        }
        column.codes = Vec::new();
        column.values = crate::dict::Dict::default();
        table.columns.push((role, column));
    }
}

fn compared(
    records: &Records,
    plan: &Plan,
    options: &Options,
    threads: usize,
    progress: &(dyn Fn(Step) + Sync),
) -> Candidates {
    progress(Step::Blocking);
    let total = records.left.len() + records.right.as_ref().map_or(0, Side::len);
    let budget = options.spec.blocking.most_pairs.unwrap_or_else(|| budget(total));
    let indexes = Indexes::new(records, plan.rules.clone(), budget, threads);
    let (asked, all) = (AtomicU64::new(0), records.left.len().max(records.right().len()) as u64);
    candidates(records, &indexes, &plan.kinds, threads, &|count| {
        let done = asked.fetch_add(count, Ordering::Relaxed) + count;
        progress(Step::Comparing(done, all));
    })
}

/// Pairs that one rule may make: in proportion to the records, so that work is.
fn budget(records: usize) -> u64 {
    50_000 + records as u64 / 2
}

fn clustered(records: &Records, links: &[Link], cut: &Cut, joined: &[u32]) -> Vec<u32> {
    let left = records.left.len();
    let right = records.right.as_ref().map_or(0, Side::len);
    let sure: Vec<Link> =
        links.iter().filter(|link| link.probability >= cut.probability).copied().collect();
    let code = |record: usize| match record.checked_sub(left) {
        Some(row) if right > 0 => records.right().row(row)[NIR],
        _ => records.left.row(record)[NIR],
    };
    clusters(&sure, left, right, code, joined)
}
