//! How many unsafe requests slipped through a route without review, from a random sample of it.
//!
//! Each request that could pass is drawn for review with a known probability. The share of unsafe
//! ones is estimated by weighting each reviewed one with the inverse of its probability (Horvitz and
//! Thompson 1952; divided by the sum of the weights, Hájek 1971). The interval is that of Clopper
//! and Pearson (1934) at the effective size of the sample, `(sum w)² / sum w²` (Kish 1965), as Korn
//! and Graubard (1998, Survey Methodology 24(2)) do for small proportions: exact where all
//! probabilities are equal, and never empty where nothing was found.

use serde::{Deserialize, Serialize};

/// A request that could pass without review.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// With which probability it was drawn for review, above 0 up to 1.
    pub probability: f64,
    /// What the review found; `None` where it passed, or is not decided yet.
    pub is_unsafe: Option<bool>,
}

/// What was estimated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Missed {
    /// Requests of the sample that were decided.
    pub reviewed: usize,
    /// Of these, unsafe ones.
    pub found: usize,
    /// The estimated share of unsafe ones among all that could pass; `None` without a sample.
    pub share: Option<f64>,
    /// Lower end of the interval of 95 %.
    pub low: f64,
    /// Upper end of the interval of 95 %.
    pub high: f64,
    /// Of how many equally weighted reviews the sample is worth.
    pub effective: f64,
}

/// Two-sided error of the interval.
const ALPHA: f64 = 0.05;

/// Estimates. Draws whose probability is not above 0 up to 1 are left out: they say nothing.
pub fn missed(drawn: &[Drawn]) -> Missed {
    let (mut reviewed, mut found, mut weights, mut squares, mut hits) = (0, 0, 0.0, 0.0, 0.0);
    for one in drawn.iter().filter(|one| one.probability > 0.0 && one.probability <= 1.0) {
        let Some(is_unsafe) = one.is_unsafe else { continue };
        let weight = 1.0 / one.probability;
        reviewed += 1;
        weights += weight;
        squares += weight * weight;
        if is_unsafe {
            found += 1;
            hits += weight;
        }
    }
    if reviewed == 0 {
        return Missed { reviewed, found, share: None, low: 0.0, high: 1.0, effective: 0.0 };
    }
    let share: f64 = hits / weights;
    let effective = weights * weights / squares;
    let (low, high) = interval(share * effective, effective);
    Missed { reviewed, found, share: Some(share), low, high, effective }
}

/// Clopper and Pearson's interval of `hits` in `size`, neither of them whole.
fn interval(hits: f64, size: f64) -> (f64, f64) {
    let rest = (size - hits).max(0.0);
    let low = if hits <= 1e-12 { 0.0 } else { beta_quantile(ALPHA / 2.0, hits, rest + 1.0) };
    let high = if rest <= 1e-12 { 1.0 } else { beta_quantile(1.0 - ALPHA / 2.0, hits + 1.0, rest) };
    (low, high)
}

/// The `p` quantile of a beta distribution, by halving: 60 steps leave 1e-18.
fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if beta(middle, a, b) < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The regularised incomplete beta function, by its continued fraction (DLMF 8.17.22, evaluated by
/// Lentz's method).
fn beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_tail(1.0 - x, b, a);
    }
    beta_tail(x, a, b)
}

#[expect(clippy::many_single_char_names, reason = "the letters of the formula")]
fn beta_tail(x: f64, a: f64, b: f64) -> f64 {
    let front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln();
    let away = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let (mut c, mut d) = (1.0, 1.0 / away(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    let mut m = 0.0;
    for _ in 0..500 {
        m += 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut last = 1.0;
        for step in [even, odd] {
            d = 1.0 / away(1.0 + step * d);
            c = away(1.0 + step / c);
            last = c * d;
            fraction *= last;
        }
        if (last - 1.0_f64).abs() < 1e-15 {
            break;
        }
    }
    front.exp() * fraction / a
}

/// The logarithm of the gamma function above 0: Stirling's series (DLMF 5.11.1) from 10 on, and
/// `gamma(x) = gamma(x + 1) / x` below.
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 0.0);
    while x < 10.0 {
        shift += x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / (x * x);
    let series =
        (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse * (1.0 / 1260.0 - inverse / 1680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series - shift
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::random::Random;
    use crate::risk::numbers::of;
    use proptest::prelude::*;

    fn sample(size: usize, hits: usize) -> Missed {
        let one = |at: usize| Drawn { probability: 0.05, is_unsafe: Some(at < hits) };
        missed(&(0..size).map(one).collect::<Vec<_>>())
    }

    /// Values of R's `binom.test(x, n)$conf.int`.
    #[test]
    fn equal_probabilities_give_clopper_and_pearson() {
        for (size, hits, low, high) in [
            (10, 0, 0.0, 0.308_497_1),
            (10, 1, 0.002_528_579, 0.445_016_1),
            (20, 10, 0.271_957_8, 0.728_042_2),
            (10, 10, 0.691_502_9, 1.0),
        ] {
            let found = sample(size, hits);
            assert!((found.low - low).abs() < 1e-6, "{found:?}");
            assert!((found.high - high).abs() < 1e-6, "{found:?}");
            assert!((found.effective - of(size)).abs() < 1e-9);
        }
    }

    #[test]
    fn no_sample_says_that_nothing_is_known() {
        let passed = Drawn { probability: 0.05, is_unsafe: None };
        let found = missed(&[passed; 50]);
        assert_eq!((found.share, found.low, found.high), (None, 0.0, 1.0));
        let strange = Drawn { probability: f64::NAN, is_unsafe: Some(true) };
        assert_eq!(missed(&[strange, Drawn { probability: 0.0, ..strange }]).reviewed, 0);
    }

    /// Exact sums of binomial probabilities as the oracle.
    fn naive(x: f64, n: u32, from: u32) -> f64 {
        let mut sum = 0.0;
        for k in from..=n {
            let mut term = 1.0;
            for i in 0..k {
                term *= f64::from(n - i) / f64::from(i + 1) * x;
            }
            sum += term * (1.0 - x).powi(i32::try_from(n - k).expect("few"));
        }
        sum
    }

    proptest! {
        #[test]
        fn beta_agrees_with_binomial_sums(x in 0.001..0.999_f64, n in 1..60_u32, from in 1..60_u32) {
            prop_assume!(from <= n);
            let found = beta(x, f64::from(from), f64::from(n - from) + 1.0);
            prop_assert!((found - naive(x, n, from)).abs() < 1e-9, "{found}");
        }

        #[test]
        fn the_interval_holds_the_estimate(size in 1..300_usize, hits in 0..300_usize) {
            prop_assume!(hits <= size);
            let found = sample(size, hits);
            let share = found.share.expect("a sample");
            prop_assert!(found.low <= share + 1e-9 && share <= found.high + 1e-9);
            prop_assert!((0.0..=1.0).contains(&found.low) && (0.0..=1.0).contains(&found.high));
        }
    }

    /// Draws from a population whose probabilities of review differ fourfold and go with the risk;
    /// the interval must hold the true share as often as it says, and the estimate be right on
    /// average.
    #[test]
    fn intervals_hold_the_true_share_as_often_as_they_say() {
        for truth in [0.005, 0.02, 0.1] {
            let mut random = Random::new(7);
            let (mut held, mut mean, rounds) = (0_u32, 0.0, 600);
            for _ in 0..rounds {
                let mut drawn = Vec::new();
                let mut all_unsafe = 0;
                for at in 0..4000 {
                    let probability = if at % 2 == 0 { 0.04 } else { 0.16 };
                    let share = if at % 2 == 0 { truth * 0.5 } else { truth * 1.5 };
                    let is_unsafe = random.unit() < share;
                    all_unsafe += usize::from(is_unsafe);
                    let is_drawn = random.unit() < probability;
                    drawn.push(Drawn { probability, is_unsafe: is_drawn.then_some(is_unsafe) });
                }
                let found = missed(&drawn);
                let actual = of(all_unsafe) / 4000.0;
                held += u32::from(found.low <= actual && actual <= found.high);
                mean += found.share.expect("a sample") / f64::from(rounds);
            }
            let coverage = f64::from(held) / f64::from(rounds);
            assert!(coverage >= 0.935, "{coverage} at {truth}");
            assert!((mean - truth).abs() < truth * 0.1, "{mean} for {truth}");
        }
    }
}
