//! Pairs, made piece by piece of the asking file: each once, by the first rule that finds it.

use super::index::{Indexes, RuleReport};
use super::rule::share_a_field;
use crate::compare::{Comparer, Kind};
use crate::parallel;
use crate::radix;
use crate::records::Records;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Rules of a linkage at most: their numbers fit in the low bits of a pair while it is sorted.
pub const MOST_RULES: usize = 64;
const RULE_BITS: u32 = 6;

/// Records of the asking file taken at once.
const PIECE: usize = 1 << 14;

/// Pairs and how they compare; the rows are those of left and right file.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    /// Rows of left and right, sorted; in one file the smaller row is left.
    pub pairs: Vec<(u32, u32)>,
    /// For each pair its place in `patterns`.
    pub pattern_of: Vec<u32>,
    /// Distinct patterns, sorted.
    pub patterns: Vec<u64>,
    /// Pairs of each pattern.
    pub counts: Vec<u64>,
    /// For each pattern its pairs by how many rules found them: one, two, more.
    pub caught: Vec<[u32; 3]>,
    /// Whether some field is asked for by every rule.
    pub share_a_field: bool,
    /// What each rule gave.
    pub reports: Vec<RuleReport>,
    /// Records of the left and of the right file that no rule compares with any other.
    pub uncovered: [usize; 2],
}

#[derive(Default)]
struct Piece {
    pairs: Vec<(u32, u32)>,
    pattern_of: Vec<u32>,
    patterns: Vec<u64>,
    caught: Vec<[u32; 3]>,
    new: Vec<u64>,
}

#[derive(Default)]
struct Scratch {
    found: Vec<u64>,
    spare: Vec<u64>,
    asked: Vec<u64>,
    keys: Vec<u64>,
    values: Vec<u64>,
}

/// A hasher for patterns, whose own bits are already spread enough by one product.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = crate::hash::bytes(bytes);
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = crate::hash::mix(value);
    }
}

type PatternMap = HashMap<u64, u32, BuildHasherDefault<Spread>>;

/// Makes and compares all pairs.
pub fn candidates(
    records: &Records,
    indexes: &Indexes,
    kinds: &[Kind],
    threads: usize,
    progress: &(dyn Fn(u64) + Sync),
) -> Candidates {
    let asking = if indexes.right_is_indexed { &records.left } else { records.right() };
    let first = records.first_new;
    let pieces = (asking.len() - first).div_ceil(PIECE);
    let done = parallel::map(pieces, threads, |at, scratch: &mut Scratch| {
        let rows = first + at * PIECE..(first + (at + 1) * PIECE).min(asking.len());
        let count = rows.len() as u64;
        let piece = piece(records, indexes, kinds, rows, scratch);
        progress(count);
        piece
    });
    gathered(done, indexes)
}

fn piece(
    records: &Records,
    indexes: &Indexes,
    kinds: &[Kind],
    rows: std::ops::Range<usize>,
    scratch: &mut Scratch,
) -> Piece {
    let mut piece = Piece { new: vec![0; indexes.rules.len()], ..Piece::default() };
    scratch.found.clear();
    for rule in 0..indexes.rules.len() {
        ask(records, indexes, rule, &rows, scratch);
    }
    let Scratch { found, spare, .. } = scratch;
    // Rules came in order and the sort keeps it: the first of equal pairs has the first rule.
    radix::sort(found, spare, RULE_BITS, RULE_BITS + indexes.row_bits + PIECE.ilog2());
    let mut comparer = Comparer::new(records, kinds);
    let mut known = PatternMap::default();
    let rule_of = |entry: &u64| (entry & (MOST_RULES as u64 - 1)) as usize;
    for entries in found.chunk_by(|a, b| a >> RULE_BITS == b >> RULE_BITS) {
        let pair = entries[0] >> RULE_BITS;
        piece.new[rule_of(&entries[0])] += 1;
        let rules = entries.chunk_by(|a, b| rule_of(a) == rule_of(b)).count();
        let asked = rows.start + (pair >> indexes.row_bits) as usize;
        let other = (pair & ((1 << indexes.row_bits) - 1)) as usize;
        // A record before the first new one never asks: it stands left, as the smaller row does.
        let is_left = indexes.right_is_indexed && other >= records.first_new;
        let (left, right) = if is_left { (asked, other) } else { (other, asked) };
        let pattern = comparer.pattern(left, right);
        let id = piece.id(pattern, &mut known);
        piece.caught[id as usize][rules.min(3) - 1] += 1;
        let row = |row: usize| u32::try_from(row).expect("fewer than four billion records");
        piece.pairs.push((row(left), row(right)));
        piece.pattern_of.push(id);
    }
    piece
}

impl Piece {
    /// The number of a pattern in this piece.
    #[inline]
    fn id(&mut self, pattern: u64, known: &mut PatternMap) -> u32 {
        let next = u32::try_from(self.patterns.len()).expect("fewer patterns than pairs");
        *known.entry(pattern).or_insert_with(|| {
            self.patterns.push(pattern);
            self.caught.push([0; 3]);
            next
        })
    }
}

/// Appends the pairs of one rule to `scratch.found`.
fn ask(
    records: &Records,
    indexes: &Indexes,
    rule: usize,
    rows: &std::ops::Range<usize>,
    scratch: &mut Scratch,
) {
    let side = if indexes.right_is_indexed { &records.left } else { records.right() };
    let (row_bits, index) = (indexes.row_bits, &indexes.by_rule[rule]);
    if index.entries.is_empty() {
        return;
    }
    let Scratch { found, spare, asked, keys, values } = scratch;
    asked.clear();
    for row in rows.clone() {
        indexes.rules[rule].keys(&records.values, side.row(row), keys, values);
        let local = (row - rows.start) as u64;
        asked.extend(keys.iter().map(|key| key >> row_bits << row_bits | local));
    }
    // Sorted, the questions walk through the index from start to end instead of jumping in it.
    radix::sort(asked, spare, 64 - 22, 64);
    let mask = (1_u64 << row_bits) - 1;
    let dedupe = records.is_dedupe();
    for question in asked.iter() {
        let local = question & mask;
        for entry in index.find(*question, row_bits) {
            let other = entry & mask;
            let is_new = other >= records.first_new as u64;
            if dedupe && is_new && other <= local + rows.start as u64 {
                continue;
            }
            found.push((local << row_bits | other) << RULE_BITS | rule as u64);
        }
    }
}

/// Puts the pieces together; patterns are numbered by their value, so that their numbers do not
/// depend on the order of the work.
fn gathered(pieces: Vec<Piece>, indexes: &Indexes) -> Candidates {
    let mut all = Candidates {
        reports: indexes.reports.clone(),
        uncovered: indexes.uncovered,
        share_a_field: share_a_field(&indexes.rules),
        ..Candidates::default()
    };
    all.patterns = pieces.iter().flat_map(|piece| piece.patterns.iter().copied()).collect();
    all.patterns.sort_unstable();
    all.patterns.dedup();
    all.counts = vec![0; all.patterns.len()];
    all.caught = vec![[0; 3]; all.patterns.len()];
    let total = pieces.iter().map(|piece| piece.pairs.len()).sum();
    all.pairs.reserve_exact(total);
    all.pattern_of.reserve_exact(total);
    for piece in pieces {
        let place = |pattern: &u64| {
            let at = all.patterns.binary_search(pattern).expect("all patterns were gathered");
            u32::try_from(at).expect("fewer patterns than pairs")
        };
        let places: Vec<u32> = piece.patterns.iter().map(place).collect();
        for (place, caught) in places.iter().zip(&piece.caught) {
            for (sum, count) in all.caught[*place as usize].iter_mut().zip(caught) {
                *sum += count;
            }
        }
        for id in &piece.pattern_of {
            let place = places[*id as usize];
            all.counts[place as usize] += 1;
            all.pattern_of.push(place);
        }
        all.pairs.extend_from_slice(&piece.pairs);
        for (report, new) in all.reports.iter_mut().zip(&piece.new) {
            report.new += new;
        }
    }
    all
}
