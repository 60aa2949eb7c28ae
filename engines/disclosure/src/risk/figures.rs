//! How good a model's scores are.

use serde::{Deserialize, Serialize};

use super::numbers::of;

/// A score with what was true.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// What ranks: a margin or a probability.
    pub rank: f64,
    /// The probability that was told.
    pub probability: f64,
    /// Whether it was unsafe.
    pub is_unsafe: bool,
    /// Whether the route is a person's.
    pub is_manual: bool,
    /// For how many requests it stands, above 0.
    pub weight: f64,
}

/// The figures of a model card.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Requests that they were measured on.
    pub requests: usize,
    /// Of these, unsafe ones.
    pub unsafe_requests: usize,
    /// Area under the ROC curve.
    pub auc: f64,
    /// Expected calibration error over ten equal classes of probability.
    pub ece: f64,
    /// Mean squared error of the probability (Brier 1950).
    pub brier: f64,
    /// Share of all requests that goes to a person because of the model.
    pub manual: f64,
    /// Share of the unsafe requests among these.
    pub caught: f64,
}

impl Figures {
    /// Measures; `None` without requests of both kinds.
    pub fn of(scored: &[Scored]) -> Option<Self> {
        let unsafe_requests = scored.iter().filter(|one| one.is_unsafe).count();
        if unsafe_requests == 0 || unsafe_requests == scored.len() {
            return None;
        }
        let sum = |keep: fn(&Scored) -> bool| -> f64 {
            scored.iter().filter(|one| keep(one)).map(|one| one.weight).sum()
        };
        let all = sum(|_| true);
        let brier = |one: &Scored| (one.probability - seen(one)).powi(2) * one.weight;
        Some(Self {
            requests: scored.len(),
            unsafe_requests,
            auc: auc(scored),
            ece: ece(scored) / all,
            brier: scored.iter().map(brier).sum::<f64>() / all,
            manual: sum(|one| one.is_manual) / all,
            caught: sum(|one| one.is_manual && one.is_unsafe) / sum(|one| one.is_unsafe),
        })
    }
}

fn seen(one: &Scored) -> f64 {
    f64::from(u8::from(one.is_unsafe))
}

/// The probability that an unsafe request ranks above a safe one, ties counted half (Mann and
/// Whitney 1947; Hanley and `McNeil` 1982).
fn auc(scored: &[Scored]) -> f64 {
    let mut sorted: Vec<&Scored> = scored.iter().collect();
    sorted.sort_by(|a, b| a.rank.total_cmp(&b.rank));
    let (mut above, mut safe_below, mut all_unsafe) = (0.0, 0.0, 0.0);
    for same in sorted.chunk_by(|a, b| a.rank.total_cmp(&b.rank).is_eq()) {
        let of_kind = |is_unsafe: bool| -> f64 {
            same.iter().filter(|one| one.is_unsafe == is_unsafe).map(|one| one.weight).sum()
        };
        let (safe, is_unsafe) = (of_kind(false), of_kind(true));
        above += is_unsafe * (safe_below + safe / 2.0);
        safe_below += safe;
        all_unsafe += is_unsafe;
    }
    above / (safe_below * all_unsafe)
}

/// Sum over ten classes of probability of the distance between what was told and what was true
/// (Naeini, Cooper and Hauskrecht 2015), not yet divided by all weights.
fn ece(scored: &[Scored]) -> f64 {
    let mut classes = [(0.0, 0.0); 10];
    for one in scored {
        let at = (0..9).take_while(|class| one.probability >= (of(*class) + 1.0) / 10.0).count();
        classes[at].0 += one.probability * one.weight;
        classes[at].1 += seen(one) * one.weight;
    }
    classes.iter().map(|(told, seen)| (told - seen).abs()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scored(rows: &[(u8, bool)]) -> Vec<Scored> {
        let one = |(rank, is_unsafe): &(u8, bool)| Scored {
            rank: f64::from(*rank),
            probability: f64::from(*rank) / 10.0,
            is_unsafe: *is_unsafe,
            is_manual: *rank > 4,
            weight: 1.0,
        };
        rows.iter().map(one).collect()
    }

    proptest! {
        #[test]
        fn auc_agrees_with_comparing_every_pair(rows in proptest::collection::vec((0..10_u8, any::<bool>()), 2..60)) {
            let list = scored(&rows);
            let Some(figures) = Figures::of(&list) else { return Ok(()) };
            let (mut sum, mut pairs) = (0.0, 0.0);
            for a in list.iter().filter(|one| one.is_unsafe) {
                for b in list.iter().filter(|one| !one.is_unsafe) {
                    pairs += 1.0;
                    sum += if a.rank > b.rank { 1.0 } else if a.rank < b.rank { 0.0 } else { 0.5 };
                }
            }
            prop_assert!((figures.auc - sum / pairs).abs() < 1e-9);
        }

        #[test]
        fn a_weight_of_two_is_the_same_request_twice(rows in proptest::collection::vec((0..10_u8, any::<bool>()), 2..40)) {
            let mut heavy = scored(&rows);
            heavy[0].weight = 2.0;
            let twice: Vec<Scored> = scored(&rows[..1]).into_iter().chain(scored(&rows)).collect();
            if let (Some(a), Some(b)) = (Figures::of(&heavy), Figures::of(&twice)) {
                for (x, y) in [(a.auc, b.auc), (a.ece, b.ece), (a.brier, b.brier), (a.manual, b.manual)] {
                    prop_assert!((x - y).abs() < 1e-9);
                }
            }
        }
    }

    #[test]
    fn the_figures_of_a_case_worked_by_hand() {
        let list = scored(&[(1, false), (1, false), (9, true), (9, false)]);
        let figures = Figures::of(&list).expect("both kinds");
        assert!((figures.auc - 2.5 / 3.0).abs() < 1e-12);
        // Class of 0.1: told 0.2, seen 0. Class of 0.9: told 1.8, seen 1.
        assert!((figures.ece - (0.2 + 0.8) / 4.0).abs() < 1e-12);
        assert!((figures.brier - (0.01 + 0.01 + 0.01 + 0.81) / 4.0).abs() < 1e-12);
        assert_eq!((figures.manual, figures.caught), (0.5, 1.0));
        assert_eq!(Figures::of(&list[..2]), None);
    }
}
