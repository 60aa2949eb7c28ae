//! A model whose probabilities are given, for any two records, instead of being fitted.

use super::{Class, Model};
use crate::block::Part;
use crate::compare::{Grade, Kind};
use crate::read::column::{Role, recognise};
use crate::records::{FAMILY, GIVEN, OTHER, PLACE, Records};

/// Probability of a level among matches (m) and among any other two records (u).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rates {
    /// Among matches.
    pub m: f64,
    /// Among others.
    pub u: f64,
}

/// What is known of one column's agreement.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GivenComparison {
    /// The column, by its name in the files.
    pub column: String,
    /// Equal values.
    pub agree: Option<Rates>,
    /// Values that are alike; none where that counts as different.
    pub near: Option<Rates>,
    /// The rest.
    pub differ: Option<Rates>,
    /// Whether common values say less than rare ones.
    pub has_frequencies: bool,
}

/// What a blocking rule asks for: something that we know, or a column by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulePart {
    /// Something that we know.
    Part(Part),
    /// A column that is compared as it is.
    Column(String),
}

/// A given model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GivenModel {
    /// Probability that two random records match.
    pub prior: f64,
    /// Comparisons.
    pub comparisons: Vec<GivenComparison>,
    /// Blocking rules; none leaves them to the tool.
    pub rules: Vec<Vec<RulePart>>,
    /// Columns that comparisons or rules read as they are, without a meaning that we know.
    pub others: Vec<String>,
}

impl GivenModel {
    /// The model for comparisons that stand in the order of [`Self::comparisons`].
    pub fn model(&self, records: &Records, kinds: &[Kind]) -> Model {
        let class = |name: &'static str, is_match: bool| Class {
            name: name.into(),
            is_match,
            share: if is_match { self.prior } else { 1.0 - self.prior },
            levels: kinds
                .iter()
                .zip(&self.comparisons)
                .map(|(kind, given)| given.levels(records, *kind, is_match))
                .collect(),
        };
        let classes = vec![class("match", true), class("non-match", false)];
        Model { kinds: kinds.to_vec(), classes, rounds: 0 }
    }
}

impl GivenComparison {
    /// Whether rare values may say more than common ones here: names, places, and what is compared as
    /// it is.
    pub fn may_have_frequencies(&self) -> bool {
        matches!(self.fixed(), None | Some(Kind::Family | Kind::Given | Kind::Place))
    }

    /// Which of our comparisons reads the column; none where it is one of [`GivenModel::others`].
    pub fn fixed(&self) -> Option<Kind> {
        match recognise(&self.column)? {
            Role::BirthName => Some(Kind::Family),
            Role::Given => Some(Kind::Given),
            Role::Sex => Some(Kind::Sex),
            Role::BirthDate => Some(Kind::Birth),
            Role::BirthPlace => Some(Kind::Place),
            Role::Nir => Some(Kind::Nir),
            Role::Email => Some(Kind::Email),
            Role::Phone => Some(Kind::Phone),
            Role::Siren => Some(Kind::Siren),
            Role::Firm => Some(Kind::Firm),
            _ => None,
        }
    }

    /// The comparison in two files.
    pub fn kind(&self, records: &Records) -> Option<Kind> {
        self.fixed().or_else(|| records.other(&self.column).map(Kind::Other))
    }

    /// The probability of each of our levels: those of one grade share its own, so that each has
    /// the same weight, but for equal values by how rare they are.
    fn levels(&self, records: &Records, kind: Kind, is_match: bool) -> Vec<f64> {
        let of = |rates: Option<Rates>| {
            rates.map_or(0.0, |rates| if is_match { rates.m } else { rates.u })
        };
        let grades = kind.levels();
        let count = |grade: Grade| grades.iter().filter(|(_, other)| *other == grade).count();
        // Where only equal and different were told apart, likeness is a difference.
        let (near, differ) = match self.near.is_some() {
            true => (
                of(self.near) / count(Grade::Near).max(1) as f64,
                of(self.differ) / count(Grade::Differ) as f64,
            ),
            false => {
                let each = of(self.differ) / (count(Grade::Near) + count(Grade::Differ)) as f64;
                (each, each)
            }
        };
        let mut levels = vec![0.0];
        levels.extend(grades.iter().map(|(_, grade)| match grade {
            Grade::Agree => of(self.agree) / count(Grade::Agree) as f64,
            Grade::Near => near,
            Grade::Differ => differ,
        }));
        if let Some(shares) = shares(records, kind, is_match).filter(|_| self.has_frequencies) {
            for (level, share) in shares.iter().enumerate() {
                levels[level + 1] = of(self.agree) * share;
            }
        }
        for level in levels.iter_mut().skip(1) {
            *level = level.max(1e-12);
        }
        levels
    }
}

/// How equal values divide over the levels from rare to common: among matches as the records that
/// have them, among others as the chance that two records do (the sum of squared frequencies), so
/// that the weight of a level is that of a value of its mean frequency, as term-frequency
/// adjustment has it value by value. `None` for comparisons that do not tell rare from common.
fn shares(records: &Records, kind: Kind, is_match: bool) -> Option<Vec<f64>> {
    let values = &records.values;
    let (slot, levels) = match kind {
        Kind::Family => (FAMILY, 4),
        Kind::Given => (GIVEN, 4),
        Kind::Place => (PLACE, 3),
        Kind::Other(at) => (OTHER + usize::from(at), 3),
        _ => return None,
    };
    let word_and_level = |code: u32| {
        let at = code as usize;
        match kind {
            Kind::Family => (values.families[at].birth, usize::from(values.families[at].bin)),
            Kind::Given => (values.givens[at].names.first, usize::from(values.givens[at].bin)),
            Kind::Place => (code, usize::from(values.place_bins[at].saturating_sub(1))),
            _ => (code, usize::from(values.text_bins[at].saturating_sub(1))),
        }
    };
    let mut counts = std::collections::BTreeMap::<u32, (usize, f64)>::new();
    for side in std::iter::once(&records.left).chain(&records.right) {
        for code in side.column(slot).filter(|code| *code != 0) {
            let (word, level) = word_and_level(code);
            counts.entry(word).or_insert((level, 0.0)).1 += 1.0;
        }
    }
    let mut sums = vec![0.0; levels];
    for (level, count) in counts.into_values() {
        sums[level] += if is_match { count } else { count * count };
    }
    let total: f64 = sums.iter().sum();
    (total > 0.0).then(|| sums.into_iter().map(|sum| sum / total).collect())
}
