//! The whole way from two files to linked pairs.

use crate::assign::{Method, compete, one_to_one};
use crate::block::rule::available;
use crate::block::{Candidates, Indexes, Rule, candidates};
use crate::build::build;
use crate::cluster::clusters;
use crate::compare::comparisons;
use crate::error::LinkError;
use crate::model::cut::{choose, unreached};
use crate::model::{Cut, Model, Settings, fit};
use crate::normalise::date;
use crate::parallel;
use crate::read::{Table, read};
use crate::records::{BIRTH, NIR, PLACE, Records, SEX, Side};
use crate::report::{Filled, Group};
use crate::spec::Spec;
use std::collections::BTreeMap;
use std::path::Path;

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
    /// How full the columns are.
    pub filled: Vec<Filled>,
    /// How many of the left file's records were linked, by group.
    pub groups: Vec<Group>,
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
    let read =
        |at: usize, (): &mut ()| read(paths[at], options.id.as_deref(), &options.spec.columns);
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
    let mut kinds = comparisons(&records);
    kinds.retain(|kind| !options.spec.comparisons.leave_out.iter().any(|name| kind.is(name)));
    let total = records.left.len() + records.right.as_ref().map_or(0, |side| side.len());
    let blocking = &options.spec.blocking;
    let rules = match blocking.rules.is_empty() {
        true => available(&records),
        false => blocking.rules.iter().map(|parts| Rule::new(parts)).collect(),
    };
    let budget = blocking.most_pairs.unwrap_or_else(|| budget(total));
    let indexes = Indexes::new(&records, rules, budget, threads);
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
    let (filled, groups) = (filled(&records), groups(&records, &links, &cut));
    Ok(Linked { left, right, links, clusters, candidates, model, cut, filled, groups, notes })
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
    50_000 + records as u64 / 2
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

/// How full the columns are.
fn filled(records: &Records) -> Vec<Filled> {
    const NAMES: [&str; 13] = [
        "family name",
        "given name",
        "sex",
        "date of birth",
        "place of birth",
        "postcode",
        "town",
        "street",
        "national number",
        "e-mail",
        "telephone",
        "SIREN",
        "firm",
    ];
    let share = |side: &Side, slot: usize| {
        side.column(slot).filter(|code| *code != 0).count() as f64 / side.len().max(1) as f64
    };
    let others = records.other_names.iter().map(String::as_str);
    let names = NAMES.into_iter().chain(others).enumerate();
    let used = names.filter(|(slot, _)| records.filled[*slot]);
    used.map(|(slot, name)| Filled {
        name: name.to_owned(),
        left: share(&records.left, slot),
        right: share(records.right(), slot),
    })
    .collect()
}

/// The left file's records by sex, time of birth and birth abroad, and how many were linked.
fn groups(records: &Records, links: &[Link], cut: &Cut) -> Vec<Group> {
    let mut linked = vec![false; records.left.len()];
    for link in links.iter().filter(|link| link.probability >= cut.probability) {
        linked[link.left as usize] = true;
        if records.is_dedupe() {
            linked[link.right as usize] = true;
        }
    }
    let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (row, linked) in linked.iter().enumerate() {
        let codes = records.left.row(row);
        let year = date::parts(codes[BIRTH]).0;
        let sex = ["", "sex: male", "sex: female"][codes[SEX].min(2) as usize];
        let born = if year == 0 {
            String::new()
        } else {
            format!("born {} to {}", year / 20 * 20, year / 20 * 20 + 19)
        };
        let area = records.values.places.get(codes[PLACE] as usize).map_or(0, |place| place.area);
        let place = match (area, records.values.texts.get(area)) {
            (0, _) => "",
            (_, b"#99") => "born abroad",
            _ => "born in France",
        };
        for name in [sex, &born, place].into_iter().filter(|name| !name.is_empty()) {
            let sums = match groups.get_mut(name) {
                Some(sums) => sums,
                None => groups.entry(name.to_owned()).or_default(),
            };
            sums.0 += 1;
            sums.1 += usize::from(*linked);
        }
    }
    // A group of a few persons could tell who they are.
    let large = groups.into_iter().filter(|(_, (records, _))| *records >= 20);
    large.map(|(name, (records, linked))| Group { name, records, linked }).collect()
}
