//! Expectation-maximisation over the counts of patterns.

use super::classes::{Class, Shape, are_persons, start};
use crate::compare::{Kind, level_of};

/// How a model is fitted.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Its classes.
    pub shape: Shape,
    /// Pairs of each class that the starting probabilities count as.
    pub strength: f64,
    /// Rounds at most.
    pub rounds: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { shape: Shape::Mixture, strength: 30.0, rounds: 80 }
    }
}

/// A fitted model.
#[derive(Debug, Clone)]
pub struct Model {
    /// What each place of a pattern compares.
    pub kinds: Vec<Kind>,
    /// The classes.
    pub classes: Vec<Class>,
    /// Rounds that were made.
    pub rounds: usize,
}

/// What is known of pairs from elsewhere than their patterns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Truth {
    /// Nothing.
    #[default]
    Unknown,
    /// They are one person or firm.
    Match,
    /// They are not.
    Other,
}

/// Pairs of one pattern of which the same is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// The pattern.
    pub pattern: u64,
    /// How many pairs it counts for.
    pub count: f64,
    /// What is known of them.
    pub truth: Truth,
}

impl Row {
    /// Pairs of which nothing is known.
    pub fn all(patterns: &[u64], counts: &[u64]) -> Vec<Self> {
        let row = |(pattern, count): (&u64, &u64)| Self {
            pattern: *pattern,
            count: *count as f64,
            truth: Truth::Unknown,
        };
        patterns.iter().zip(counts).map(row).collect()
    }
}

/// Places for classes, so that a loop over them becomes vector instructions.
const LANES: usize = 16;

type Lanes = [f64; LANES];

/// Probabilities by comparison, level and class.
type Table = Vec<[Lanes; 16]>;

fn table(classes: &[Class], comparisons: usize) -> Table {
    let mut table = vec![[[0.0; LANES]; 16]; comparisons];
    for (at, levels) in table.iter_mut().enumerate() {
        levels[0] = [1.0; LANES]; // a missing value says nothing
        for (lane, class) in classes.iter().enumerate() {
            for (level, probability) in class.levels[at].iter().enumerate().skip(1) {
                levels[level][lane] = *probability;
            }
        }
    }
    table
}

/// Share of each class times the probability of a pattern in it.
#[inline]
fn joint(pattern: u64, shares: &Lanes, table: &Table) -> Lanes {
    let mut found = *shares;
    for (at, levels) in table.iter().enumerate() {
        let factors = &levels[level_of(pattern, at)];
        for (value, factor) in found.iter_mut().zip(factors) {
            *value *= factor;
        }
    }
    found
}

/// Fits a model to pairs. What is known of a pair keeps it in the classes of matches, or out of them.
/// The same input gives the same model, bit for bit.
pub fn fit(kinds: &[Kind], rows: &[Row], settings: Settings) -> Model {
    let mut seen: Vec<Vec<f64>> = kinds.iter().map(|_| vec![0.0; 16]).collect();
    for row in rows {
        for (at, levels) in seen.iter_mut().enumerate() {
            levels[level_of(row.pattern, at)] += row.count;
        }
    }
    let prior = start(kinds, &seen, settings.shape);
    let mut model = Model { kinds: kinds.to_vec(), classes: prior.clone(), rounds: 0 };
    let mut last = f64::NEG_INFINITY;
    for round in 0..settings.rounds {
        let (sums, shares, likelihood) = expect(&model, rows);
        maximise(&mut model, &prior, &sums, &shares, settings);
        model.rounds = round + 1;
        if (likelihood - last).abs() < 1e-6 * likelihood.abs() {
            break;
        }
        last = likelihood;
    }
    model
}

/// Expected counts by comparison, level and class; pairs of each class; the log likelihood.
fn expect(model: &Model, rows: &[Row]) -> (Table, Lanes, f64) {
    let comparisons = model.kinds.len();
    let table = table(&model.classes, comparisons);
    let shares = model.shares();
    let mut sums = vec![[[0.0; LANES]; 16]; comparisons];
    let (mut pairs, mut likelihood) = ([0.0; LANES], 0.0);
    let of_matches = model.lanes(true);
    let of_others = model.lanes(false);
    for Row { pattern, count, truth } in rows {
        let mut found = joint(*pattern, &shares, &table);
        let possible = match truth {
            Truth::Unknown => &[1.0; LANES],
            Truth::Match => &of_matches,
            Truth::Other => &of_others,
        };
        for (value, possible) in found.iter_mut().zip(possible) {
            *value *= possible;
        }
        let sum: f64 = found.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        likelihood += count * sum.ln();
        for value in &mut found {
            *value *= count / sum;
        }
        for (pairs, value) in pairs.iter_mut().zip(&found) {
            *pairs += value;
        }
        for (at, levels) in sums.iter_mut().enumerate() {
            for (sum, value) in levels[level_of(*pattern, at)].iter_mut().zip(&found) {
                *sum += value;
            }
        }
    }
    (sums, pairs, likelihood)
}

fn maximise(model: &mut Model, prior: &[Class], sums: &Table, pairs: &Lanes, settings: Settings) {
    let total: f64 = pairs.iter().sum();
    let are_persons = are_persons(&model.kinds);
    for (lane, (class, before)) in model.classes.iter_mut().zip(prior).enumerate() {
        class.share = (pairs[lane] + 1.0) / (total + prior.len() as f64);
        for (at, levels) in class.levels.iter_mut().enumerate() {
            let expected =
                |level: usize| sums[at][level][lane] + settings.strength * before.levels[at][level];
            let sum: f64 = (1..levels.len()).map(expected).sum();
            for (level, probability) in levels.iter_mut().enumerate().skip(1) {
                *probability = (expected(level) / sum).max(1e-9);
            }
            if settings.shape == Shape::Mixture {
                before.hold(model.kinds[at], are_persons, at, levels);
            }
        }
    }
}

impl Model {
    /// 1 in the places of the classes of matches, or of the others.
    fn lanes(&self, is_match: bool) -> Lanes {
        let mut lanes = [0.0; LANES];
        for (lane, class) in lanes.iter_mut().zip(&self.classes) {
            *lane = f64::from(u8::from(class.is_match == is_match));
        }
        lanes
    }

    /// Classes at most.
    pub const MOST_CLASSES: usize = LANES;

    /// Fits the shares of the classes alone, which the present ones draw as `settings.strength` pairs
    /// each would.
    pub fn fit_shares(&mut self, rows: &[Row], settings: Settings) {
        let weight = settings.strength * self.classes.len() as f64;
        let prior: Vec<f64> = self.classes.iter().map(|class| class.share * weight).collect();
        let mut last = f64::NEG_INFINITY;
        for round in 0..settings.rounds {
            let (_, pairs, likelihood) = expect(self, rows);
            let total: f64 = pairs.iter().sum::<f64>() + prior.iter().sum::<f64>();
            for (lane, class) in self.classes.iter_mut().enumerate() {
                class.share = (pairs[lane] + prior[lane]) / total;
            }
            self.rounds = round + 1;
            if (likelihood - last).abs() < 1e-6 * likelihood.abs() {
                break;
            }
            last = likelihood;
        }
    }

    fn shares(&self) -> Lanes {
        let mut shares = [0.0; LANES];
        for (share, class) in shares.iter_mut().zip(&self.classes) {
            *share = class.share;
        }
        shares
    }

    /// For each pattern the odds that its pairs are matches.
    pub fn odds(&self, patterns: &[u64]) -> Vec<f64> {
        let (shares, table) = (self.shares(), table(&self.classes, self.kinds.len()));
        let odds = patterns.iter().map(|pattern| {
            let found = joint(*pattern, &shares, &table);
            let of = |is_match: bool| -> f64 {
                let classes = self.classes.iter().zip(&found);
                classes
                    .filter(|(class, _)| class.is_match == is_match)
                    .map(|(_, value)| value)
                    .sum()
            };
            (of(true) / of(false).max(1e-300)).clamp(1e-30, 1e30)
        });
        odds.collect()
    }

    /// For a pattern the share of each class in its pairs.
    pub fn class_shares(&self, pattern: u64) -> Vec<f64> {
        let table = table(&self.classes, self.kinds.len());
        let found = joint(pattern, &self.shares(), &table);
        let sum: f64 = found.iter().sum();
        found.iter().take(self.classes.len()).map(|value| value / sum).collect()
    }
}
