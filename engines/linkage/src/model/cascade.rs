//! Firms by their numbers first: what a valid SIRET or SIREN says is not left to the model. Only pairs
//! of which a number is missing or has a wrong check digit are judged by names and addresses.

use super::em::Truth;
use crate::compare::{Kind, level_of};
use serde::Deserialize;

/// What a record of a firm stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A firm: one SIREN, whatever its establishments.
    #[default]
    Firm,
    /// An establishment: one SIRET.
    Establishment,
}

/// Levels of [`Kind::Siren`].
const SIRET: usize = 1;
const FIRM: usize = 2;
const ELSEWHERE: usize = 3;
const APART: usize = 6;

/// Odds of pairs that share a SIRET, and of those that share a SIREN alone: sure enough for any cut, and
/// in this order where one partner is chosen.
const BY_SIRET: f64 = 1_048_576.0;
const BY_SIREN: f64 = 65_536.0;
/// Odds of pairs of two firms.
const NONE: f64 = 1e-30;

/// The cascade over the patterns of a linkage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cascade {
    place: usize,
    unit: Unit,
}

/// Pairs by the step of the cascade that decided them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Steps {
    /// The same SIRET.
    pub siret: u64,
    /// The same SIREN, where firms are linked.
    pub siren: u64,
    /// Two valid numbers that differ: no link.
    pub apart: u64,
    /// Left to names and addresses.
    pub rest: u64,
}

impl Cascade {
    /// The cascade for these comparisons; none where they compare persons (an employer's number is many
    /// persons') or no number.
    pub fn new(kinds: &[Kind], unit: Unit) -> Option<Self> {
        let of_persons = |kind: &Kind| matches!(kind, Kind::Family | Kind::Given | Kind::Birth);
        if kinds.iter().any(of_persons) {
            return None;
        }
        let place = kinds.iter().position(|kind| *kind == Kind::Siren)?;
        Some(Self { place, unit })
    }

    /// What numbers say of the pairs of a pattern.
    pub fn truth(self, pattern: u64) -> Truth {
        match (level_of(pattern, self.place), self.unit) {
            (SIRET, _) | (FIRM | ELSEWHERE, Unit::Firm) => Truth::Match,
            (APART, _) | (ELSEWHERE, Unit::Establishment) => Truth::Other,
            _ => Truth::Unknown,
        }
    }

    /// Puts what numbers say in the place of what the model says.
    pub fn settle(self, patterns: &[u64], odds: &mut [f64]) {
        for (pattern, odds) in patterns.iter().zip(odds) {
            *odds = match self.truth(*pattern) {
                Truth::Unknown => *odds,
                Truth::Other => NONE,
                Truth::Match if level_of(*pattern, self.place) == SIRET => odds.max(BY_SIRET),
                Truth::Match => odds.clamp(BY_SIREN, BY_SIRET / 2.0),
            };
        }
    }

    /// How many pairs each step decided.
    pub fn steps(self, patterns: &[u64], counts: &[u64]) -> Steps {
        let mut steps = Steps::default();
        for (pattern, count) in patterns.iter().zip(counts) {
            let sum = match (self.truth(*pattern), level_of(*pattern, self.place)) {
                (Truth::Match, SIRET) => &mut steps.siret,
                (Truth::Match, _) => &mut steps.siren,
                (Truth::Other, _) => &mut steps.apart,
                (Truth::Unknown, _) => &mut steps.rest,
            };
            *sum += count;
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_decide_and_the_unit_says_what_of() {
        let patterns = [0x11, 0x21, 0x31, 0x41, 0x51, 0x61, 0x71, 0x01];
        let kinds = [Kind::Firm, Kind::Siren];
        let settled = |unit: Unit| -> Vec<f64> {
            let mut odds = [8.0; 8];
            Cascade::new(&kinds, unit).unwrap().settle(&patterns, &mut odds);
            odds.map(|odds| odds.log2().round()).to_vec()
        };
        let same = |found: Vec<f64>, expected: [f64; 8]| {
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.1), "{found:?}");
        };
        same(settled(Unit::Firm), [20.0, 16.0, 16.0, 3.0, 3.0, -100.0, 3.0, 3.0]);
        same(settled(Unit::Establishment), [20.0, 3.0, -100.0, 3.0, 3.0, -100.0, 3.0, 3.0]);
        let steps = Cascade::new(&kinds, Unit::Firm).unwrap().steps(&patterns, &[1; 8]);
        assert_eq!(steps, Steps { siret: 1, siren: 2, apart: 1, rest: 4 });
    }

    #[test]
    fn the_number_of_an_employer_decides_nothing_of_persons() {
        assert_eq!(Cascade::new(&[Kind::Siren, Kind::Birth], Unit::Firm), None);
        assert_eq!(Cascade::new(&[Kind::Firm], Unit::Firm), None);
    }
}
