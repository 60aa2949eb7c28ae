//! For each rule the keys of one file, sorted; blocks that cost too much are left out.

use super::rule::Rule;
use crate::parallel;
use crate::radix;
use crate::records::{Records, Side};
use std::ops::Range;

/// What a rule costs, known before any pair is made.
#[derive(Debug, Clone, Default)]
pub struct RuleReport {
    /// The rule's name.
    pub name: String,
    /// Pairs that share a key, each key counted.
    pub pairs: u64,
    /// Pairs of the blocks that were left out.
    pub left_out: u64,
    /// Blocks left out.
    pub blocks_left_out: u64,
    /// The largest block: its pairs.
    pub largest: u64,
    /// Pairs that no earlier rule found.
    pub new: u64,
}

/// The sorted keys of one rule: the high bits of an entry are its key, the low ones its row.
pub(super) struct Index {
    pub entries: Vec<u64>,
    /// Where the entries start whose key has each start.
    starts: Vec<u32>,
    /// Bits of a key that `starts` knows.
    start_bits: u32,
}

/// All rules over both files.
pub struct Indexes {
    pub(super) rules: Vec<Rule>,
    pub(super) by_rule: Vec<Index>,
    /// Bits of an entry that are its row.
    pub(super) row_bits: u32,
    /// Whether the right file is indexed and the left one asks; otherwise the other way round.
    pub(super) right_is_indexed: bool,
    /// One a rule.
    pub reports: Vec<RuleReport>,
    /// Records of the left and of the right file whose keys were left out of every rule, or that
    /// have none: no pair of theirs is compared.
    pub uncovered: [usize; 2],
}

/// A mark for each row.
type Marks = Vec<u64>;

fn mark(marks: &mut Marks, entries: &[u64], row_bits: u32) {
    for entry in entries {
        let row = (entry & ((1 << row_bits) - 1)) as usize;
        marks[row / 64] |= 1 << (row % 64);
    }
}

/// Rows from `first` on that no rule marked.
fn unmarked<'a>(all: impl Iterator<Item = &'a Marks>, first: usize, rows: usize) -> usize {
    let mut any: Marks = vec![0; rows.div_ceil(64)];
    for marks in all {
        any.iter_mut().zip(marks).for_each(|(any, mark)| *any |= mark);
    }
    (first..rows).filter(|row| any[row / 64] >> (row % 64) & 1 == 0).count()
}

/// Whose records ask an index.
#[derive(Clone, Copy)]
enum Asked<'a> {
    /// Those of another file, by its sorted entries.
    Other(&'a [u64]),
    /// Those of the same file, from this row on.
    Same { first_new: usize },
}

impl Indexes {
    /// Sorts the keys of all rules. `budget` bounds the pairs of a rule: its largest blocks are
    /// left out until the rest fits, so that no key (a default date, a name that every record has)
    /// makes the work grow with the square of the records.
    pub fn new(records: &Records, rules: Vec<Rule>, budget: u64, threads: usize) -> Self {
        let right_is_indexed = records.right().len() <= records.left.len();
        let (indexed, asking) = match right_is_indexed {
            true => (records.right(), &records.left),
            false => (&records.left, records.right()),
        };
        let rows = indexed.len().max(asking.len()).max(2);
        let row_bits = usize::BITS - (rows - 1).leading_zeros();
        let made = parallel::map(rules.len(), threads, |at, spare: &mut Vec<u64>| {
            let rule = &rules[at];
            let mut entries = sorted(records, indexed, rule, row_bits, spare);
            let others = match records.is_dedupe() {
                true => None,
                false => Some(sorted(records, asking, rule, row_bits, spare)),
            };
            let mut report = RuleReport { name: rule.name(), ..RuleReport::default() };
            let mut marks = [indexed, asking].map(|side| vec![0; side.len().div_ceil(64)]);
            let asked = match &others {
                Some(others) => Asked::Other(others),
                None => Asked::Same { first_new: records.first_new },
            };
            trim(&mut entries, asked, row_bits, budget, &mut report, &mut marks);
            (Index::new(entries, row_bits), (report, marks))
        });
        let (by_rule, told): (_, Vec<_>) = made.into_iter().unzip();
        let (reports, marks): (_, Vec<_>) = told.into_iter().unzip();
        let first = records.first_new;
        let uncovered = unmarked(marks.iter().map(|sides| &sides[0]), first, indexed.len());
        let asking = match records.is_dedupe() {
            true => 0,
            false => unmarked(marks.iter().map(|sides| &sides[1]), 0, asking.len()),
        };
        let uncovered = match right_is_indexed && !records.is_dedupe() {
            true => [asking, uncovered],
            false => [uncovered, asking],
        };
        Self { rules, by_rule, row_bits, right_is_indexed, reports, uncovered }
    }
}

/// The entries of a rule, sorted by key, then by row; each key of a record once.
fn sorted(
    records: &Records,
    side: &Side,
    rule: &Rule,
    row_bits: u32,
    spare: &mut Vec<u64>,
) -> Vec<u64> {
    let mut entries = Vec::with_capacity(side.len());
    let (mut keys, mut scratch) = (Vec::new(), Vec::new());
    for row in 0..side.len() {
        rule.keys(&records.values, side.row(row), &mut keys, &mut scratch);
        entries.extend(keys.iter().map(|key| key >> row_bits << row_bits | row as u64));
    }
    radix::sort(&mut entries, spare, row_bits, 64);
    entries.dedup();
    entries
}

/// Drops keys that only one file has, and the largest blocks beyond the budget; marks the rows of
/// `entries` and `others` that have a key which was not left out.
fn trim(
    entries: &mut Vec<u64>,
    asked: Asked<'_>,
    row_bits: u32,
    budget: u64,
    report: &mut RuleReport,
    marks: &mut [Marks; 2],
) {
    let mut sizes = Vec::new();
    each_block(entries, asked, row_bits, |_, _, pairs| sizes.push(pairs));
    report.pairs = sizes.iter().sum();
    report.largest = sizes.iter().copied().max().unwrap_or(0);
    let limit = limit(&mut sizes, budget);
    let mut kept = Vec::with_capacity(entries.len());
    let asking = match asked {
        Asked::Other(others) => others,
        Asked::Same { .. } => &[],
    };
    let mut next = 0;
    each_block(entries, asked, row_bits, |block, partners, pairs| {
        mark(&mut marks[1], &asking[next..partners.start], row_bits);
        next = partners.end;
        if pairs > limit {
            report.left_out += pairs;
            report.blocks_left_out += 1;
            return;
        }
        mark(&mut marks[0], block, row_bits);
        mark(&mut marks[1], &asking[partners], row_bits);
        if pairs > 0 {
            kept.extend_from_slice(block);
        }
    });
    mark(&mut marks[1], &asking[next..], row_bits);
    kept.shrink_to_fit();
    *entries = kept;
}

/// The size of the largest block that fits, where smaller ones come first and blocks of one size
/// come all or none.
fn limit(sizes: &mut [u64], budget: u64) -> u64 {
    sizes.sort_unstable();
    let (mut sum, mut limit) = (0, 0);
    for run in sizes.chunk_by(|a, b| a == b) {
        sum += run[0] * run.len() as u64;
        if sum > budget {
            break;
        }
        limit = run[0];
    }
    limit
}

/// Gives each block of `entries` with the places of its key in `others` and the pairs it makes.
fn each_block(
    entries: &[u64],
    asked: Asked<'_>,
    row_bits: u32,
    mut take: impl FnMut(&[u64], Range<usize>, u64),
) {
    let mut at = 0;
    for block in entries.chunk_by(|a, b| a >> row_bits == b >> row_bits) {
        let size = block.len() as u64;
        let others = match asked {
            Asked::Other(others) => others,
            Asked::Same { first_new } => {
                // Rows are sorted within a block: those before the first new one ask nobody.
                let row = |entry: &u64| (entry & ((1 << row_bits) - 1)) as usize;
                let old = block.partition_point(|entry| row(entry) < first_new) as u64;
                let new = size - old;
                take(block, 0..0, new * old + new * new.saturating_sub(1) / 2);
                continue;
            }
        };
        let key = block[0] >> row_bits;
        while at < others.len() && others[at] >> row_bits < key {
            at += 1;
        }
        let from = at;
        while at < others.len() && others[at] >> row_bits == key {
            at += 1;
        }
        take(block, from..at, size * (at - from) as u64);
    }
}

impl Index {
    fn new(entries: Vec<u64>, row_bits: u32) -> Self {
        let wanted = (entries.len().max(2) / 2).ilog2().clamp(4, 20);
        let start_bits = wanted.min(64 - row_bits);
        let mut starts = vec![0_u32; (1 << start_bits) + 1];
        for entry in &entries {
            starts[(entry >> (64 - start_bits)) as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Self { entries, starts, start_bits }
    }

    /// The entries of a key, given as an entry of any row.
    #[inline]
    pub fn find(&self, entry: u64, row_bits: u32) -> &[u64] {
        let start = (entry >> (64 - self.start_bits)) as usize;
        let (from, to) = (self.starts[start] as usize, self.starts[start + 1] as usize);
        let near = &self.entries[from..to];
        let key = entry >> row_bits;
        let first = near.iter().position(|found| found >> row_bits >= key).unwrap_or(near.len());
        let count = near[first..].iter().take_while(|found| *found >> row_bits == key).count();
        &near[first..first + count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_blocks_go_first_and_the_budget_holds() {
        assert_eq!(limit(&mut [1, 5, 1, 100], 10), 5);
        assert_eq!(limit(&mut [5, 5, 1], 6), 1);
        assert_eq!(limit(&mut [50], 6), 0);
        assert_eq!(limit(&mut [], 6), 0);
    }

    #[test]
    fn old_rows_of_one_file_make_no_pairs() {
        let count = |first_new: usize| {
            let mut sizes = Vec::new();
            let asked = Asked::Same { first_new };
            each_block(&[0x100, 0x101, 0x105, 0x107, 0x201], asked, 8, |_, _, pairs| {
                sizes.push(pairs);
            });
            sizes
        };
        assert_eq!((count(0), count(5), count(9)), (vec![6, 0], vec![5, 0], vec![0, 0]));
    }

    #[test]
    fn blocks_are_counted_and_left_out() {
        // Keys 1 (three rows against two) and 2 (one against one), row in the low 8 bits.
        let mut entries = vec![0x100, 0x101, 0x102, 0x203, 0x904];
        let others = [0x100, 0x105, 0x200];
        let mut report = RuleReport::default();
        let mut marks = [vec![0], vec![0]];
        trim(&mut entries, Asked::Other(&others), 8, 3, &mut report, &mut marks);
        // Rows 0 to 2 of the first and 0 of the second have another key as well, or not.
        assert_eq!(marks, [vec![0b1_1000], vec![0b1]]);
        assert_eq!(entries, [0x203]);
        assert_eq!((report.pairs, report.left_out, report.largest), (7, 6, 6));
    }
}
