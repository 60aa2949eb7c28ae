//! The margin from which a request goes to a person, so that few unsafe ones stay below.
//!
//! Split conformal (Papadopoulos et al. 2002; Vovk, Gammerman and Shafer 2005) of the unsafe class
//! alone (Vovk 2012, "Conditional validity of inductive conformal predictors"): of `n` unsafe
//! requests that the model did not learn from, the `k`-th smallest margin is the limit, `k` the
//! whole part of `aim (n + 1)`. A further unsafe request, exchangeable with these, stays below with
//! probability `k / (n + 1)` at most, whatever the model.

/// The limit for unsafe requests alone. Margins below it are let pass. With too few to promise
/// anything it is negative infinity: nothing passes. NaN among the margins counts as the smallest.
pub fn limit(margins: &[f64], aim: f64) -> f64 {
    let allowed = whole(aim * (super::numbers::of(margins.len()) + 1.0));
    let Some(place) = allowed.checked_sub(1) else { return f64::NEG_INFINITY };
    let clean = |margin: &f64| if margin.is_nan() { f64::NEG_INFINITY } else { *margin };
    let mut sorted: Vec<f64> = margins.iter().map(clean).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(place).copied().unwrap_or(f64::INFINITY)
}

/// One request with its margin and what was decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decided {
    /// The margin of a model that did not learn from it.
    pub margin: f64,
    /// Whether it was decided to be unsafe.
    pub is_unsafe: bool,
    /// For how many requests it stands, above 0.
    pub weight: f64,
}

/// The limit where a share `noise` of all decisions is wrong, either way, or where decisions stand for
/// more requests than one.
///
/// Without correction nearly every request would have to be read: of wrong decisions on safe
/// requests most stand below any limit. And what is left of unsafe ones far below is too little to be
/// counted among these, so that it is told by a curve: the probability of being unsafe is logistic in
/// the margin (Platt 1999), seen through decisions of which a share is wrong (Angluin and Laird 1988;
/// for conformal limits: Sesia, Wang and Tong 2023, "Adaptive conformal classification with noisy
/// labels"). The limit is the greatest margin below which these probabilities sum up to no more than
/// `aim` of all. An estimate, not a promise: the promise of [`limit`] needs right decisions.
pub fn limit_with_noise(decided: &[Decided], aim: f64, noise: f64) -> f64 {
    let curve = Curve::fit(decided, noise);
    let mut rows: Vec<(f64, f64)> =
        decided.iter().map(|one| (one.margin, curve.at(one.margin) * one.weight)).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = rows.iter().map(|(_, missed)| missed).sum();
    if all * aim < 1.0 {
        return f64::NEG_INFINITY; // so few unsafe ones that one missed is more than the aim
    }
    let (mut missed, mut limit) = (0.0, f64::NEG_INFINITY);
    for (margin, probability) in &rows {
        // Below this margin stands what was added so far.
        if missed > aim * all {
            break;
        }
        limit = *margin;
        missed += probability;
    }
    limit
}

/// A logistic curve of the margin.
struct Curve {
    slope: f64,
    shift: f64,
}

impl Curve {
    /// The most likely one behind decisions of which a share `noise` is wrong, by Fisher's scoring.
    #[expect(clippy::many_single_char_names, reason = "the letters of the formula")]
    fn fit(decided: &[Decided], noise: f64) -> Self {
        let mut curve = Self { slope: 1.0, shift: 0.0 };
        for _ in 0..60 {
            // The score, and the information as a symmetric matrix.
            let (mut u, mut v, mut a, mut b, mut c) = (0.0, 0.0, 1e-6, 0.0, 1e-6);
            for one in decided {
                let p = curve.at(one.margin);
                let told = noise + (1.0 - 2.0 * noise) * p;
                let slope = (1.0 - 2.0 * noise) * p * (1.0 - p);
                let spread = (told * (1.0 - told)).max(1e-12);
                let off = f64::from(u8::from(one.is_unsafe)) - told;
                let (m, weight) = (one.margin, one.weight * slope / spread);
                u += weight * off * m;
                v += weight * off;
                a += weight * slope * m * m;
                b += weight * slope * m;
                c += weight * slope;
            }
            let det = a * c - b * b;
            if det.abs() < 1e-300 {
                break;
            }
            let (by, to) = ((c * u - b * v) / det, (a * v - b * u) / det);
            // Short steps: far from the top the information says too little.
            let short = 1.0 / by.abs().max(to.abs()).max(1.0);
            curve.slope = (curve.slope + by * short).max(0.05); // a greater margin is a greater risk
            curve.shift += to * short;
            if by.abs() + to.abs() < 1e-9 {
                break;
            }
        }
        curve
    }

    fn at(&self, margin: f64) -> f64 {
        super::numbers::logistic(self.slope * margin + self.shift)
    }
}

/// The probability of being unsafe behind that of being decided so.
pub fn without_noise(probability: f64, noise: f64) -> f64 {
    ((probability - noise) / (1.0 - 2.0 * noise)).clamp(0.0, 1.0)
}

/// How probably a request is unsafe, given that with probability `before` it is, and what was decided:
/// Bayes' rule.
pub fn after_decision(before: f64, is_unsafe: bool, noise: f64) -> f64 {
    let (told_unsafe, told_safe) =
        if is_unsafe { (1.0 - noise, noise) } else { (noise, 1.0 - noise) };
    let (if_unsafe, if_safe) = (before * told_unsafe, (1.0 - before) * told_safe);
    if if_unsafe + if_safe > 0.0 { if_unsafe / (if_unsafe + if_safe) } else { before }
}

/// The share of wrong decisions behind the share of disagreements of two checkers who do not see
/// each other's vote: each is wrong by itself, so they differ with probability `2 e (1 - e)`.
pub fn noise_of(disagreement: f64) -> f64 {
    (1.0 - (1.0 - 2.0 * disagreement.clamp(0.0, 0.5)).sqrt()) / 2.0
}

/// The whole part of a number that is not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "floored, not negative, and far below 2^53"
)]
fn whole(number: f64) -> usize {
    if number.is_finite() && number > 0.0 { (number + 1e-9).floor() as usize } else { 0 }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the same operations give the same bits")]
mod tests {
    use super::*;
    use crate::protect::random::Random;
    use proptest::prelude::*;

    proptest! {
        /// The naive oracle tries every margin: the greatest that leaves `k - 1` at most below.
        #[test]
        fn the_limit_agrees_with_trying_every_margin(margins in proptest::collection::vec(-50..50_i32, 0..200), aim in 0.0..0.5_f64) {
            let margins: Vec<f64> = margins.into_iter().map(f64::from).collect();
            let found = limit(&margins, aim);
            let n = f64::from(u32::try_from(margins.len()).expect("few"));
            let holds = |limit: f64| {
                let below = margins.iter().filter(|margin| **margin < limit).count();
                f64::from(u32::try_from(below).expect("few")) + 1.0 <= aim * (n + 1.0) + 1e-9
            };
            let best = margins.iter().copied().filter(|limit| holds(*limit)).fold(f64::NEG_INFINITY, f64::max);
            prop_assert_eq!(found, best);
        }

        #[test]
        fn a_greater_aim_never_lowers_the_limit(margins in proptest::collection::vec(-50..50_i32, 1..100), aim in 0.0..0.4_f64) {
            let margins: Vec<f64> = margins.into_iter().map(f64::from).collect();
            prop_assert!(limit(&margins, aim) <= limit(&margins, aim + 0.1));
        }
    }

    #[test]
    fn a_further_unsafe_request_stays_below_as_seldom_as_promised() {
        let mut random = Random::new(11);
        let (mut below, rounds) = (0_u32, 4000);
        for _ in 0..rounds {
            let margins: Vec<f64> = (0..199).map(|_| random.unit().powi(3)).collect();
            below += u32::from(random.unit().powi(3) < limit(&margins, 0.05));
        }
        let share = f64::from(below) / f64::from(rounds);
        assert!((share - 0.05).abs() < 0.011, "{share}: three standard errors are 0.0103");
    }

    #[test]
    fn too_few_unsafe_requests_let_nothing_pass() {
        assert_eq!(limit(&[1.0; 98], 0.01), f64::NEG_INFINITY);
        assert_eq!(limit(&[1.0; 99], 0.01), 1.0);
        assert_eq!(limit_with_noise(&[], 0.01, 0.05), f64::NEG_INFINITY);
        assert_eq!(limit(&[f64::NAN; 200], 0.01), f64::NEG_INFINITY);
    }

    #[test]
    fn with_wrong_decisions_the_true_share_below_stays_near_the_aim() {
        let mut random = Random::new(5);
        let (mut missed, mut passed) = (0.0, 0.0);
        for _ in 0..20 {
            let (mut decided, mut truth) = (Vec::new(), Vec::new());
            for _ in 0..5000 {
                let is_unsafe = random.unit() < 0.2;
                let noise = random.unit() < 0.05;
                // Two normal curves (Box and Muller): the odds are logistic in the margin.
                let (u, v) = (random.unit().max(1e-12), random.unit());
                let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
                let margin = normal + if is_unsafe { 1.75 } else { -1.75 };
                truth.push((margin, is_unsafe));
                decided.push(Decided { margin, is_unsafe: is_unsafe != noise, weight: 1.0 });
            }
            let limit = limit_with_noise(&decided, 0.02, 0.05);
            let all = truth.iter().filter(|(_, is)| *is).count();
            let below = truth.iter().filter(|(margin, is)| *is && *margin < limit).count();
            let safe = truth.iter().filter(|(margin, is)| !*is && *margin < limit).count();
            missed += super::super::numbers::of(below) / super::super::numbers::of(all) / 20.0;
            passed += super::super::numbers::of(safe) / 4000.0 / 20.0;
        }
        assert!((0.01..0.03).contains(&missed), "{missed} of the unsafe ones stay below");
        assert!(
            passed > 0.5,
            "{passed} of the safe ones pass; without correction almost none would"
        );
    }

    #[test]
    fn disagreement_gives_the_share_of_wrong_decisions() {
        for noise in [0.0, 0.01, 0.05, 0.2] {
            assert!((noise_of(2.0 * noise * (1.0 - noise)) - noise).abs() < 1e-12);
        }
        assert!(noise_of(0.9) <= 0.5);
    }
}
