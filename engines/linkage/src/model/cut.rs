//! Where to cut, and how good what is above the cut should be.

use crate::run::Link;

/// A share with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The estimate.
    pub value: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A cut and what the model expects of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// Pairs of at least this probability are links.
    pub probability: f64,
    /// Links.
    pub links: usize,
    /// Share of the links that are true.
    pub precision: Share,
    /// Share of the true pairs that are linked, those included that no rule reached.
    pub recall: Share,
    /// True pairs that no rule is thought to reach.
    pub unreached: f64,
}

/// How far the model's own count of errors is trusted: a model that is wrong about dependence has
/// errors of another number than it thinks. Chosen, not proved: docs/linkage.md has what was
/// measured.
const DOUBT: f64 = 3.0;

/// The estimate of a share whose complement has `errors` expected in `total`: a Poisson interval
/// of 95 % around the errors, widened by [`DOUBT`].
fn share(errors: f64, total: f64) -> Share {
    if total <= 0.0 {
        return Share { value: 1.0, low: 0.0, high: 1.0 };
    }
    let low = (errors / DOUBT - 1.96 * (errors / DOUBT).sqrt()).max(0.0);
    let high = errors * DOUBT + 1.96 * (errors * DOUBT + 1.0).sqrt();
    let of = |errors: f64| (1.0 - errors / total).clamp(0.0, 1.0);
    Share { value: of(errors), low: of(high), high: of(low) }
}

/// The cut with the greatest expected F1 among all probabilities, or the one that is asked for.
/// `expected` is the number of true pairs among all candidates, `unreached` of those beyond.
pub fn choose(links: &[Link], expected: f64, unreached: f64, asked: Option<f64>) -> Cut {
    let mut sorted: Vec<f64> = links.iter().map(|link| link.probability).collect();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let all = expected + unreached;
    let (mut sum, mut best, mut cut) = (0.0, -1.0, asked.unwrap_or(1.0));
    if asked.is_none() {
        for (at, probability) in sorted.iter().enumerate() {
            sum += probability;
            let f1 = 2.0 * sum / (at as f64 + 1.0 + all);
            if f1 > best {
                (best, cut) = (f1, *probability);
            }
        }
    }
    let kept = sorted.partition_point(|probability| *probability >= cut);
    let good: f64 = sorted[..kept].iter().sum();
    let precision = share(kept as f64 - good, kept as f64);
    let recall = share((all - good).max(0.0), all.max(good));
    Cut { probability: cut, links: kept, precision, recall, unreached }
}

/// True pairs that no rule reached, by capture and recapture (Lincoln 1930; Chao's lower bound is
/// not better here): rules that ask for the whole date of birth and rules that ask for no part of
/// it catch pairs nearly independently, so the share of one's catch that the other has too is the
/// share that it catches of all. `caught` counts expected matches by who caught them: neither
/// (rules with a part of the date), the first, the second, both.
pub fn unreached(caught: [f64; 4]) -> f64 {
    let (first, second, both) = (caught[1] + caught[3], caught[2] + caught[3], caught[3]);
    if both < 1.0 {
        return 0.0;
    }
    (first * second / both - caught.iter().sum::<f64>()).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(probability: f64) -> Link {
        Link { left: 0, right: 0, weight: 0.0, probability, pattern: 0 }
    }

    #[test]
    fn the_cut_has_the_greatest_expected_f1() {
        let links = [0.99, 0.98, 0.9, 0.2, 0.01].map(link);
        let cut = choose(&links, 3.08, 0.0, None);
        assert_eq!((cut.probability, cut.links), (0.9, 3));
        assert!((cut.precision.value - 2.87 / 3.0).abs() < 1e-9);
        assert!(
            cut.precision.low < cut.precision.value && cut.precision.value <= cut.precision.high
        );
        assert_eq!(choose(&links, 3.08, 0.0, Some(0.15)).links, 4);
        assert_eq!(choose(&[], 0.0, 0.0, None).links, 0);
    }

    #[test]
    fn independent_nets_tell_what_both_missed() {
        // Nets that catch 80 % and 50 % of 1,000: 400 by both, 400, 100, 100 by none.
        assert!((unreached([0.0, 400.0, 100.0, 400.0]) - 100.0).abs() < 1e-9);
        assert_eq!(unreached([5.0, 0.0, 0.0, 0.0]).to_bits(), 0.0_f64.to_bits());
    }
}
