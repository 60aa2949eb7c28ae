//! Isotonic regression: margins to probabilities, without any assumption but that a greater margin
//! is no smaller risk.
//!
//! Pool adjacent violators (Ayer et al. 1955, Annals of Mathematical Statistics 26(4); for
//! calibration: Zadrozny and Elkan 2002, KDD).

use serde::{Deserialize, Serialize};

/// A rising step function of a margin.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Isotonic {
    /// Where each step begins, rising.
    pub from: Vec<f64>,
    /// Its value, rising strictly.
    pub value: Vec<f64>,
}

/// One observation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The margin.
    pub margin: f64,
    /// What was seen there.
    pub value: f64,
    /// How much it counts, above 0.
    pub weight: f64,
}

struct Block {
    from: f64,
    sum: f64,
    weight: f64,
}

impl Block {
    fn mean(&self) -> f64 {
        self.sum / self.weight
    }
}

impl Isotonic {
    /// The rising function nearest to the points by weighted squares. Points at one margin are one.
    pub fn fit(points: &[Point]) -> Self {
        let mut sorted: Vec<Point> = points.to_vec();
        sorted.sort_by(|a, b| a.margin.total_cmp(&b.margin));
        let mut same: Vec<Block> = Vec::new();
        for point in sorted {
            let sum = point.value * point.weight;
            match same.last_mut() {
                Some(last) if last.from.total_cmp(&point.margin).is_eq() => {
                    last.sum += sum;
                    last.weight += point.weight;
                }
                _ => same.push(Block { from: point.margin, sum, weight: point.weight }),
            }
        }
        let mut blocks: Vec<Block> = Vec::new();
        for mut block in same {
            while let Some(last) = blocks.pop_if(|last| last.mean() >= block.mean()) {
                block = Block {
                    from: last.from,
                    sum: last.sum + block.sum,
                    weight: last.weight + block.weight,
                };
            }
            blocks.push(block);
        }
        Self {
            from: blocks.iter().map(|block| block.from).collect(),
            value: blocks.iter().map(Block::mean).collect(),
        }
    }

    /// The value at a margin: that of the step it stands on; below the first, the first's. `None`
    /// where nothing was fitted.
    pub fn at(&self, margin: f64) -> Option<f64> {
        let step = self.from.partition_point(|from| *from <= margin);
        self.value.get(step.saturating_sub(1)).copied()
    }

    /// Whether it is what [`Self::fit`] can give of probabilities: as many values as steps, finite,
    /// rising, from 0 to 1.
    pub fn is_sound(&self) -> bool {
        let finite = self.from.iter().all(|from| from.is_finite());
        let rises = self.from.windows(2).all(|pair| pair[0] < pair[1])
            && self.value.windows(2).all(|pair| pair[0] <= pair[1]);
        let probable = self.value.iter().all(|value| (0.0..=1.0).contains(value));
        !self.from.is_empty() && self.from.len() == self.value.len() && finite && rises && probable
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The min-max formula (Robertson, Wright and Dykstra 1988, theorem 1.4.4): the largest of the
    /// smallest means of what starts at or before a margin and ends at or after it.
    fn naive(points: &[(i32, bool, u8)], margin: i32) -> f64 {
        let mut margins: Vec<i32> = points.iter().map(|p| p.0).collect();
        margins.sort_unstable();
        margins.dedup();
        let mean = |from: i32, to: i32| {
            let inside = points.iter().filter(|p| (from..=to).contains(&p.0));
            let (mut sum, mut weight) = (0.0, 0.0);
            for (_, value, w) in inside {
                sum += f64::from(u8::from(*value)) * f64::from(*w);
                weight += f64::from(*w);
            }
            sum / weight
        };
        let starts = margins.iter().filter(|from| **from <= margin);
        starts
            .map(|from| {
                let ends = margins.iter().filter(|to| **to >= margin);
                ends.map(|to| mean(*from, *to)).fold(f64::INFINITY, f64::min)
            })
            .fold(f64::NEG_INFINITY, f64::max)
    }

    proptest! {
        #[test]
        fn fit_agrees_with_the_min_max_formula(rows in proptest::collection::vec((-9..9_i32, any::<bool>(), 1..5_u8), 1..40)) {
            let points: Vec<Point> = rows.iter().map(|(margin, value, weight)| Point {
                margin: f64::from(*margin),
                value: f64::from(u8::from(*value)),
                weight: f64::from(*weight),
            }).collect();
            let fitted = Isotonic::fit(&points);
            prop_assert!(fitted.is_sound());
            for (margin, ..) in &rows {
                let at = fitted.at(f64::from(*margin)).expect("fitted");
                prop_assert!((at - naive(&rows, *margin)).abs() < 1e-9, "{at} at {margin}");
            }
        }
    }

    #[test]
    fn what_stands_below_the_first_step_has_its_value() {
        let fitted = Isotonic { from: vec![0.0, 1.0], value: vec![0.2, 0.9] };
        assert_eq!(
            (fitted.at(-5.0), fitted.at(0.5), fitted.at(1.0)),
            (Some(0.2), Some(0.2), Some(0.9))
        );
        assert_eq!(Isotonic::default().at(0.0), None);
        assert!(!Isotonic::default().is_sound());
        assert!(!Isotonic { from: vec![1.0, 0.0], value: vec![0.0, 1.0] }.is_sound());
    }
}
