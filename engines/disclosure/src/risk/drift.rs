//! Whether requests still look like those that a model learnt from.
//!
//! Population stability index: `sum (a - e) ln(a / e)` over classes of a feature, `e` its share in
//! the training and `a` its share now (Lewis 1994, "An Introduction to Credit Scoring"; above 0.2
//! it is read there as a change that needs an act). Half a request is added to each class on both
//! sides, so that an empty class says something finite.

use serde::{Deserialize, Serialize};

use super::numbers::of;

/// Above this a feature has drifted.
pub const ALARM: f64 = 0.2;

/// Requests below which nothing is said: by chance alone the index is about (classes - 1) times
/// the sum of the inverse sizes.
pub const LEAST: usize = 100;

/// The classes of a feature: tenths of the training where they differ, missing ones apart.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Where each class after the first begins, rising.
    pub edges: Vec<f64>,
    /// Requests of the training in each class; the last one is of missing values.
    pub counts: Vec<u64>,
}

impl Spread {
    /// Of the values of one feature.
    pub fn of(values: &[f64]) -> Self {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        let mut edges: Vec<f64> =
            (1..10).filter_map(|tenth| sorted.get(sorted.len() * tenth / 10).copied()).collect();
        edges.dedup();
        // What lies below the first edge is a class of its own where anything does.
        if sorted.first().zip(edges.first()).is_some_and(|(least, edge)| least >= edge) {
            edges.remove(0);
        }
        let mut spread = Self { counts: vec![0; edges.len() + 2], edges };
        for value in values {
            let class = spread.class(*value);
            spread.counts[class] += 1;
        }
        spread
    }

    fn class(&self, value: f64) -> usize {
        if value.is_nan() {
            return self.edges.len() + 1;
        }
        self.edges.partition_point(|edge| *edge <= value)
    }

    /// The index of `values` against the training; 0 where there are none.
    pub fn index(&self, values: &[f64]) -> f64 {
        if values.is_empty() || self.counts.len() != self.edges.len() + 2 {
            return 0.0;
        }
        let mut now = vec![0_u64; self.counts.len()];
        for value in values {
            now[self.class(*value)] += 1;
        }
        let before: u64 = self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count));
        let classes = of(self.counts.len());
        let share = |count: u64, all: f64| (number(count) + 0.5) / (all + 0.5 * classes);
        let pairs = self.counts.iter().zip(&now);
        pairs
            .map(|(before_count, now_count)| {
                let expected = share(*before_count, number(before));
                let actual = share(*now_count, of(values.len()));
                (actual - expected) * (actual / expected).ln()
            })
            .sum()
    }

    /// Whether it is what [`Self::of`] can give.
    pub fn is_sound(&self) -> bool {
        let rises = self.edges.windows(2).all(|pair| pair[0] < pair[1]);
        self.counts.len() == self.edges.len() + 2
            && rises
            && self.edges.len() < 10
            && self.edges.iter().all(|edge| edge.is_finite())
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^53")]
fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::random::Random;

    #[test]
    fn the_same_requests_have_not_drifted_and_others_have() {
        let mut random = Random::new(1);
        let before: Vec<f64> = (0..2000).map(|_| random.unit()).collect();
        let spread = Spread::of(&before);
        assert!(spread.is_sound() && spread.edges.len() == 9);
        let same: Vec<f64> = (0..500).map(|_| random.unit()).collect();
        let moved: Vec<f64> = (0..500).map(|_| random.unit() * 0.6 + 0.4).collect();
        assert!(spread.index(&same) < 0.05, "{}", spread.index(&same));
        assert!(spread.index(&moved) > ALARM, "{}", spread.index(&moved));
        assert!(spread.index(&[]).abs() < 1e-12);
        assert!(spread.index(&vec![f64::NAN; 200]) > ALARM, "all missing now");
    }

    #[test]
    fn the_index_of_a_case_worked_by_hand() {
        // 0 in half, 1 in half: two classes and the one of missing values.
        let spread = Spread::of(&[0.0, 0.0, 1.0, 1.0]);
        assert_eq!(
            (spread.edges.as_slice(), spread.counts.as_slice()),
            (&[1.0][..], &[2, 2, 0][..])
        );
        let share = |count: f64| (count + 0.5) / 5.5;
        let term = |before: f64, now: f64| (now - before) * (now / before).ln();
        let expected = term(share(2.0), share(4.0)) + term(share(2.0), share(0.0));
        assert!((spread.index(&[0.0; 4]) - expected).abs() < 1e-12);
    }

    #[test]
    fn a_feature_that_never_changes_has_one_class() {
        let spread = Spread::of(&[3.0; 50]);
        assert!(spread.is_sound() && spread.edges.is_empty());
        assert!(spread.index(&[3.0; 50]).abs() < 1e-12);
        assert!(Spread::of(&[]).is_sound());
    }
}
