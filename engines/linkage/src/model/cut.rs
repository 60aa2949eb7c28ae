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

/// A cut and what the model expects of it. Nothing here was checked against the truth: these are
/// the model's own estimates, and docs/linkage.md says how far they were from it where it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// Pairs of at least this probability are links.
    pub probability: f64,
    /// Links.
    pub links: usize,
    /// Share of the links that are true; unknown where there are none.
    pub precision: Option<Share>,
    /// Share of the true pairs that are linked, those included that no rule reached; unknown where
    /// nothing tells how many those are.
    pub recall: Option<Share>,
    /// True pairs among those that were compared.
    pub expected: f64,
    /// True pairs that no rule is thought to reach; unknown where nothing tells.
    pub unreached: Option<f64>,
}

/// The least probability of a link where the tool chooses the cut: what is likelier false than
/// true is no link, even if the greatest expected F1 would have it.
const LEAST_CUT: f64 = 0.5;

/// How many times as many, or as few, false links there may be as the model counts: on generated
/// files with known truth there were 0.4 to 3 times as many with one partner each, and 2 to 7 times
/// pair by pair, where nothing tells relatives from the same person (docs/linkage.md).
const DOUBT_ONE_TO_ONE: (f64, f64) = (4.0, 4.0);
const DOUBT_PAIR_BY_PAIR: (f64, f64) = (10.0, 4.0);

/// The same of missed pairs: there were 0.3 to 2 times as many.
const DOUBT_OF_RECALL: (f64, f64) = (4.0, 4.0);

/// The estimate of a share whose complement has `errors` expected in `total`: a Poisson interval
/// of 95 % around the errors, widened by how many times too few or too many they may be.
fn share(errors: f64, total: f64, (more, less): (f64, f64)) -> Share {
    let low = (errors / less - 1.96 * (errors / less).sqrt()).max(0.0);
    let high = errors * more + 1.96 * (errors * more + 1.0).sqrt();
    let of = |errors: f64| (1.0 - errors / total).clamp(0.0, 1.0);
    Share { value: of(errors), low: of(high), high: of(low) }
}

/// The cut with the greatest expected F1 among all probabilities from a half, or the one that is
/// asked for. `expected` is the number of true pairs among all candidates, `unreached` of those
/// beyond; `one_to_one` says whether rivals were weighed against each other.
pub fn choose(
    links: &[Link],
    expected: f64,
    unreached: Option<f64>,
    asked: Option<f64>,
    one_to_one: bool,
) -> Cut {
    let mut sorted: Vec<f64> = links.iter().map(|link| link.probability).collect();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let all = expected + unreached.unwrap_or(0.0);
    let cut = asked.unwrap_or_else(|| best(&sorted, all).max(LEAST_CUT));
    let kept = sorted.partition_point(|probability| *probability >= cut);
    let good: f64 = sorted[..kept].iter().sum();
    let doubt = if one_to_one { DOUBT_ONE_TO_ONE } else { DOUBT_PAIR_BY_PAIR };
    let precision = (kept > 0).then(|| share(kept as f64 - good, kept as f64, doubt));
    let recall = unreached
        .filter(|_| all > 0.0)
        .map(|_| share((all - good).max(0.0), all.max(good), DOUBT_OF_RECALL));
    Cut { probability: cut, links: kept, precision, recall, expected, unreached }
}

/// The probability, among those of pairs sorted from the greatest, whose expected F1 is best.
fn best(sorted: &[f64], all: f64) -> f64 {
    let (mut sum, mut best, mut cut) = (0.0, -1.0, 1.0);
    for (at, probability) in sorted.iter().enumerate() {
        sum += probability;
        let f1 = 2.0 * sum / (at as f64 + 1.0 + all);
        if f1 > best {
            (best, cut) = (f1, *probability);
        }
    }
    cut
}

/// True pairs that no rule reached, from how many one rule and two rules found (Chao 1984, in its
/// bias-corrected form `f1 (f1 - 1) / 2 (f2 + 1)`: records differ in how many errors they have, and
/// those that few rules find tell of those that none does). A lower bound for rules that are
/// independent; ours are not, and docs/linkage.md says what it is worth. Without meaning where all
/// rules ask for one field ([`crate::block::rule::share_a_field`]).
pub fn unreached([one, two, _]: [f64; 3]) -> f64 {
    (one * (one - 1.0) / (2.0 * (two + 1.0))).max(0.0)
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
        let cut = choose(&links, 3.08, Some(0.0), None, true);
        assert_eq!((cut.probability, cut.links), (0.9, 3));
        let precision = cut.precision.unwrap();
        assert!((precision.value - 2.87 / 3.0).abs() < 1e-9);
        assert!(precision.low < precision.value && precision.value <= precision.high);
        assert_eq!(choose(&links, 3.08, Some(0.0), Some(0.15), true).links, 4);
        let nothing = choose(&[], 0.0, Some(0.0), None, true);
        assert_eq!((nothing.links, nothing.precision), (0, None));
    }

    #[test]
    fn what_is_likelier_false_than_true_is_no_link_unless_asked_for() {
        let links = [0.45, 0.4, 0.3].map(link);
        assert_eq!(choose(&links, 1.15, Some(0.0), None, true).links, 0);
        assert_eq!(choose(&links, 1.15, Some(0.0), Some(0.4), true).links, 2);
    }

    #[test]
    fn recall_is_unknown_where_nothing_tells_what_no_rule_reached() {
        let cut = choose(&[link(0.9)], 0.9, None, None, true);
        assert_eq!((cut.recall, cut.unreached), (None, None));
        let recall = choose(&[link(0.9)], 0.9, Some(1.0), None, true).recall.unwrap();
        assert!((recall.value - 0.9 / 1.9).abs() < 1e-9 && recall.low < recall.value);
        assert_eq!(choose(&[], 0.0, Some(0.0), None, true).recall, None);
    }

    #[test]
    fn what_few_rules_find_tells_of_what_none_does() {
        assert!((unreached([11.0, 4.0, 900.0]) - 11.0).abs() < 1e-9);
        for none in [[0.0, 0.0, 500.0], [0.4, 3.0, 1.0]] {
            assert_eq!(unreached(none).to_bits(), 0.0_f64.to_bits());
        }
    }
}
