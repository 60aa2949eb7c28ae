//! The classes of pairs that the model starts from.

use crate::compare::{Grade, Kind};
use std::borrow::Cow;

/// One class of pairs.
#[derive(Debug, Clone)]
pub struct Class {
    /// Its name in reports.
    pub name: Cow<'static, str>,
    /// Whether its pairs are one person or firm.
    pub is_match: bool,
    /// Its share of all compared pairs.
    pub share: f64,
    /// By comparison and level (0 is missing, and not counted) the probability of the level.
    pub levels: Vec<Vec<f64>>,
}

/// How many classes of non-matches a model has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// Twins, siblings, parents of one name, strangers that share this or that.
    #[default]
    Mixture,
    /// One class of matches and one of non-matches (Fellegi and Sunter 1969, as Splink has it).
    Single,
}

/// Expected probabilities of agreement and near agreement, in the order of [`column`].
type Expected = [(f64, f64); 7];

/// Family, given, birth, sex, place, address, anything that belongs to one person only.
const CLASSES: &[(&str, bool, f64, Expected)] = &[
    (
        "match",
        true,
        0.28,
        [
            (0.95, 0.045),
            (0.96, 0.035),
            (0.97, 0.025),
            (0.995, 0.0),
            (0.96, 0.03),
            (0.92, 0.07),
            (0.97, 0.02),
        ],
    ),
    (
        "match that moved",
        true,
        0.07,
        [
            (0.92, 0.07),
            (0.94, 0.05),
            (0.96, 0.03),
            (0.995, 0.0),
            (0.95, 0.04),
            (0.01, 0.14),
            (0.90, 0.04),
        ],
    ),
    (
        "match with errors",
        true,
        0.04,
        [
            (0.66, 0.28),
            (0.66, 0.28),
            (0.66, 0.28),
            (0.97, 0.0),
            (0.80, 0.10),
            (0.60, 0.25),
            (0.75, 0.20),
        ],
    ),
    (
        "strangers",
        false,
        0.10,
        [
            (0.03, 0.07),
            (0.03, 0.07),
            (0.02, 0.10),
            (0.5, 0.0),
            (0.03, 0.06),
            (0.002, 0.02),
            (0.0001, 0.0005),
        ],
    ),
    (
        "strangers of one name",
        false,
        0.10,
        [
            (0.90, 0.06),
            (0.85, 0.10),
            (0.002, 0.03),
            (0.96, 0.0),
            (0.03, 0.06),
            (0.002, 0.03),
            (0.0001, 0.0005),
        ],
    ),
    (
        "strangers of one family name and part of a date",
        false,
        0.06,
        [
            (0.90, 0.06),
            (0.01, 0.05),
            (0.02, 0.94),
            (0.5, 0.0),
            (0.03, 0.06),
            (0.002, 0.03),
            (0.0001, 0.0005),
        ],
    ),
    (
        "parent and child of one name",
        false,
        0.02,
        [
            (0.90, 0.06),
            (0.90, 0.06),
            (0.001, 0.01),
            (0.98, 0.0),
            (0.15, 0.30),
            (0.55, 0.15),
            (0.01, 0.01),
        ],
    ),
    (
        "siblings",
        false,
        0.06,
        [
            (0.92, 0.06),
            (0.01, 0.08),
            (0.001, 0.02),
            (0.5, 0.0),
            (0.50, 0.20),
            (0.60, 0.15),
            (0.01, 0.01),
        ],
    ),
    (
        "twins",
        false,
        0.02,
        [
            (0.92, 0.06),
            (0.01, 0.08),
            (0.97, 0.02),
            (0.6, 0.0),
            (0.96, 0.02),
            (0.70, 0.10),
            (0.01, 0.01),
        ],
    ),
    (
        "strangers born on one day",
        false,
        0.12,
        [
            (0.02, 0.15),
            (0.03, 0.10),
            (0.95, 0.04),
            (0.5, 0.0),
            (0.04, 0.06),
            (0.001, 0.02),
            (0.0001, 0.0005),
        ],
    ),
    (
        "strangers of one given name and date",
        false,
        0.08,
        [
            (0.02, 0.10),
            (0.92, 0.06),
            (0.95, 0.04),
            (0.97, 0.0),
            (0.04, 0.06),
            (0.001, 0.02),
            (0.0001, 0.0005),
        ],
    ),
    (
        "same household",
        false,
        0.05,
        [
            (0.35, 0.10),
            (0.02, 0.05),
            (0.001, 0.02),
            (0.3, 0.0),
            (0.15, 0.20),
            (0.93, 0.05),
            (0.02, 0.01),
        ],
    ),
];

/// Whether comparisons are of persons: what they say of a firm is then an employer's, and many
/// persons'.
pub(super) fn are_persons(kinds: &[Kind]) -> bool {
    kinds.iter().any(|kind| matches!(kind, Kind::Family | Kind::Given | Kind::Birth))
}

/// Which of the columns of [`CLASSES`] tells of a comparison.
fn column(kind: Kind, are_persons: bool) -> usize {
    match kind {
        Kind::Firm | Kind::Siren if are_persons => 5,
        Kind::Family | Kind::Usage | Kind::Firm => 0,
        Kind::Given | Kind::More => 1,
        Kind::Birth => 2,
        Kind::Sex => 3,
        Kind::Place => 4,
        Kind::Address | Kind::Other(_) => 5,
        Kind::Nir | Kind::Email | Kind::Phone | Kind::Siren => 6,
    }
}

/// In a class of matches, and in one that agrees on names or dates, at least this share of pairs
/// does, nearly or fully.
const LEAST_LIKE: f64 = 0.75;
/// In a class that does not, at most this multiple of the expected share does.
const MOST_LIKE: f64 = 2.0;

impl Class {
    /// Keeps a class what it is called: EM may move a class as far as the data want, and a class of
    /// matches that wanders off to pairs with nothing in common but a house would make links of
    /// them. Only family and given names and the date of birth tell classes apart; the rest is free.
    pub(super) fn hold(&self, kind: Kind, are_persons: bool, at: usize, levels: &mut [f64]) {
        let tells_apart = match kind {
            Kind::Family | Kind::Given | Kind::Birth => true,
            Kind::Firm => !are_persons,
            _ => false,
        };
        if !tells_apart {
            return;
        }
        let grades = kind.levels();
        let sum = |levels: &[f64], wanted: &dyn Fn(Grade) -> bool| -> f64 {
            let all = grades.iter().zip(&levels[1..]);
            all.filter(|((_, grade), _)| wanted(*grade)).map(|(_, share)| share).sum()
        };
        let is_like = |grade: Grade| grade != Grade::Differ;
        let (expected, inside) = (sum(&self.levels[at], &is_like), sum(levels, &is_like));
        let bound = match (self.is_match || expected >= 0.9, expected <= 0.15) {
            (true, _) if inside < LEAST_LIKE => LEAST_LIKE,
            (_, true) if inside > MOST_LIKE * expected => MOST_LIKE * expected,
            _ => return,
        };
        let (grow, shrink) = (bound / inside.max(1e-12), (1.0 - bound) / (1.0 - inside).max(1e-12));
        for ((_, grade), share) in grades.iter().zip(&mut levels[1..]) {
            *share = (*share * if is_like(*grade) { grow } else { shrink }).max(1e-9);
        }
    }
}

/// The probabilities that EM starts from and is drawn to where it sees few pairs. `seen` are the
/// counts of each level over all pairs: levels of one grade share its probability as they share
/// the pairs, which EM then tells apart by class.
pub fn start(kinds: &[Kind], seen: &[Vec<f64>], shape: Shape) -> Vec<Class> {
    let classes = CLASSES.iter().map(|(name, is_match, share, expected)| {
        let levels = kinds.iter().zip(seen).map(|(kind, seen)| {
            let (agree, near) = expected[column(*kind, are_persons(kinds))];
            by_level(*kind, seen, agree, near, *is_match)
        });
        Class {
            name: Cow::Borrowed(name),
            is_match: *is_match,
            share: *share,
            levels: levels.collect(),
        }
    });
    match shape {
        Shape::Mixture => classes.collect(),
        Shape::Single => {
            let mut two: Vec<Class> = classes.take(4).collect();
            two.drain(1..3);
            two[0].share = 0.4;
            two[1].share = 0.6;
            two[1].name = Cow::Borrowed("non-match");
            two
        }
    }
}

fn by_level(kind: Kind, seen: &[f64], agree: f64, near: f64, is_match: bool) -> Vec<f64> {
    let levels = kind.levels();
    let has_near = levels.iter().any(|(_, grade)| *grade == Grade::Near);
    let near = if has_near { near } else { 0.0 };
    let of = |grade: Grade| match grade {
        Grade::Agree => agree,
        Grade::Near => near,
        Grade::Differ => 1.0 - agree - near,
    };
    // Chance agrees on common values, matches on all alike.
    let tilt =
        |level: usize| if is_match { 1.0 } else { 2_f64.powi(i32::try_from(level).unwrap_or(0)) };
    let weight = |level: usize| {
        let (_, grade) = levels[level - 1];
        let tilt = if grade == Grade::Agree { tilt(level) } else { 1.0 };
        (seen[level] + 1.0) * tilt
    };
    let mut found = vec![0.0; levels.len() + 1];
    for level in 1..=levels.len() {
        let grade = levels[level - 1].1;
        let same = (1..=levels.len()).filter(|other| levels[other - 1].1 == grade);
        let sum: f64 = same.map(weight).sum();
        found[level] = (of(grade) * weight(level) / sum).max(1e-6);
    }
    found
}
