//! What to tabulate and which rules make a cell unsafe: the file of `bulle protect --spec`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A table to make of microdata and to protect.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The columns that make the cells.
    pub dimensions: Vec<String>,
    /// The column to add up; without it the table counts units.
    pub value: Option<String>,
    /// The column of weights.
    pub weight: Option<String>,
    /// The column of holdings: units of one holding count as one contributor.
    pub holding: Option<String>,
    /// How totals are called.
    #[serde(default = "total")]
    pub total: String,
    /// By dimension, the .hrc file of its hierarchy, relative to the spec.
    #[serde(default)]
    pub hierarchies: BTreeMap<String, String>,
    /// Which cells are unsafe.
    pub rules: Rules,
}

fn total() -> String {
    "Total".to_owned()
}

/// The primary rules; each that is given applies.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The least number of contributors of a published cell.
    pub frequency: Option<f64>,
    /// Whether the frequency rule adds weights instead of counting contributors (INSEE's rule for
    /// enterprises).
    #[serde(default)]
    pub weighted_frequency: bool,
    /// The n largest contributors hold more than k percent.
    #[serde(default)]
    pub dominance: Vec<Dominance>,
    /// The second largest can estimate the largest to within p percent.
    pub p_percent: Option<f64>,
    /// The protection that the frequency rule asks, in percent of the value (tau-ARGUS' safety
    /// range).
    #[serde(default = "range")]
    pub frequency_range: f64,
    /// Whether a lone contributor counts as an attacker.
    #[serde(default)]
    pub singletons: bool,
}

fn range() -> f64 {
    20.0
}

/// An (n, k) dominance rule.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dominance {
    /// How many of the largest contributors.
    pub n: usize,
    /// Percent of the total.
    pub k: f64,
}

/// Contributions to a cell.
#[derive(Debug, Clone, Default)]
pub struct Contributions {
    /// Units, or holdings.
    pub units: u64,
    /// Sum of weights.
    pub weighted_units: f64,
    /// Weighted sum of values.
    pub total: f64,
    /// Unweighted contributions, the largest first.
    pub largest: Vec<f64>,
}

/// INSEE's statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letter {
    /// Primary, too few contributors.
    A,
    /// Primary, dominance.
    B,
    /// Primary, p percent.
    F,
    /// Secondary.
    D,
    /// May be published.
    V,
}

impl Letter {
    /// The letter.
    pub fn text(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::F => "F",
            Self::D => "D",
            Self::V => "V",
        }
    }
}

impl Rules {
    /// The first rule that a cell breaks, and the protection level that the broken rules ask for,
    /// each way (Handbook on SDC 2nd ed., section 4.2: for dominance `100/k` times the n largest
    /// less the total, for p percent `p/100` of the largest less what the others hold).
    pub fn judge(&self, cell: &Contributions) -> Option<(Letter, f64)> {
        let mut found: Vec<(Letter, f64)> = Vec::new();
        #[expect(clippy::cast_precision_loss, reason = "a count")]
        let units = if self.weighted_frequency { cell.weighted_units } else { cell.units as f64 };
        if self.frequency.is_some_and(|least| units > 0.0 && units < least) {
            found.push((Letter::A, self.frequency_range / 100.0 * cell.total.abs()));
        }
        for rule in &self.dominance {
            let top: f64 = cell.largest.iter().take(rule.n).sum();
            if top > 0.0 && top > rule.k / 100.0 * cell.total {
                found.push((Letter::B, 100.0 / rule.k * top - cell.total));
            }
        }
        if let (Some(p), [first, rest @ ..]) = (self.p_percent, cell.largest.as_slice()) {
            let second = rest.first().copied().unwrap_or(0.0);
            let others = cell.total - first - second;
            if others < p / 100.0 * first {
                found.push((Letter::F, p / 100.0 * first - others));
            }
        }
        let level = found.iter().map(|(_, level)| *level).fold(0.0, f64::max);
        found.first().map(|(letter, _)| (*letter, level))
    }

    /// How many of the largest contributions the rules look at.
    pub fn depth(&self) -> usize {
        self.dominance.iter().map(|rule| rule.n).max().unwrap_or(0).max(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::cast_precision_loss, reason = "a few contributors")]
    fn cell(largest: &[f64]) -> Contributions {
        Contributions {
            units: largest.len() as u64,
            weighted_units: largest.len() as f64,
            total: largest.iter().sum(),
            largest: largest.to_vec(),
        }
    }

    #[test]
    fn each_rule_names_itself_and_its_level() {
        let rules: Rules =
            toml::from_str("frequency = 3\ndominance = [{ n = 1, k = 85 }]\np_percent = 10\n")
                .expect("rules");
        assert!(matches!(rules.judge(&cell(&[5.0, 4.0])), Some((Letter::A, _))));
        let (letter, level) = rules.judge(&cell(&[90.0, 3.0, 3.0, 4.0])).expect("dominated");
        assert_eq!(letter, Letter::B);
        // 90 / 0.85 - 100 = 5.88; p percent: 9 - 7 = 2.
        assert!((level - (90.0 / 0.85 - 100.0)).abs() < 1e-9);
        let (letter, level) = rules.judge(&cell(&[60.0, 38.0, 1.0, 1.0])).expect("p percent");
        assert_eq!(letter, Letter::F);
        assert!((level - 4.0).abs() < 1e-9);
        assert!(rules.judge(&cell(&[40.0, 30.0, 30.0])).is_none());
        assert!(rules.judge(&cell(&[])).is_none());
    }
}
