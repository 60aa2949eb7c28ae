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
    /// Share of the links that are true.
    pub precision: Share,
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
/// files with known truth there were 0.3 to 4 times as many (docs/linkage.md).
const DOUBT_OF_PRECISION: (f64, f64) = (5.0, 5.0);

/// The same of missed pairs: there were up to eight times as many, because a record with errors in
/// one field has them in others too, which neither the model nor the estimate of what no rule
/// reached knows.
const DOUBT_OF_RECALL: (f64, f64) = (10.0, 3.0);

/// The estimate of a share whose complement has `errors` expected in `total`: a Poisson interval
/// of 95 % around the errors, widened by how many times too few or too many they may be.
fn share(errors: f64, total: f64, (more, less): (f64, f64)) -> Share {
    if total <= 0.0 {
        return Share { value: 1.0, low: 0.0, high: 1.0 };
    }
    let low = (errors / less - 1.96 * (errors / less).sqrt()).max(0.0);
    let high = errors * more + 1.96 * (errors * more + 1.0).sqrt();
    let of = |errors: f64| (1.0 - errors / total).clamp(0.0, 1.0);
    Share { value: of(errors), low: of(high), high: of(low) }
}

/// The cut with the greatest expected F1 among all probabilities from a half, or the one that is
/// asked for. `expected` is the number of true pairs among all candidates, `unreached` of those
/// beyond.
pub fn choose(links: &[Link], expected: f64, unreached: Option<f64>, asked: Option<f64>) -> Cut {
    let mut sorted: Vec<f64> = links.iter().map(|link| link.probability).collect();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let all = expected + unreached.unwrap_or(0.0);
    let cut = asked.unwrap_or_else(|| best(&sorted, all).max(LEAST_CUT));
    let kept = sorted.partition_point(|probability| *probability >= cut);
    let good: f64 = sorted[..kept].iter().sum();
    let precision = share(kept as f64 - good, kept as f64, DOUBT_OF_PRECISION);
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

/// True pairs that no rule reached, by capture and recapture (Lincoln 1930): the share of one
/// net's catch that the other has too is the share that it catches of all. The nets ask for no
/// common field ([`crate::block::Rule::net`]), so that an error in one field does not make both
/// miss; that some records have more errors than others still makes the estimate too low.
/// `caught` counts expected matches by who caught them: neither net, the first, the second, both.
/// `None` where no match is in both nets: then nothing is known.
pub fn unreached(caught: [f64; 4]) -> Option<f64> {
    let (first, second, both) = (caught[1] + caught[3], caught[2] + caught[3], caught[3]);
    (both >= 1.0).then(|| (first * second / both - caught.iter().sum::<f64>()).max(0.0))
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
        let cut = choose(&links, 3.08, Some(0.0), None);
        assert_eq!((cut.probability, cut.links), (0.9, 3));
        assert!((cut.precision.value - 2.87 / 3.0).abs() < 1e-9);
        assert!(
            cut.precision.low < cut.precision.value && cut.precision.value <= cut.precision.high
        );
        assert_eq!(choose(&links, 3.08, Some(0.0), Some(0.15)).links, 4);
        assert_eq!(choose(&[], 0.0, Some(0.0), None).links, 0);
    }

    #[test]
    fn what_is_likelier_false_than_true_is_no_link_unless_asked_for() {
        let links = [0.45, 0.4, 0.3].map(link);
        assert_eq!(choose(&links, 1.15, Some(0.0), None).links, 0);
        assert_eq!(choose(&links, 1.15, Some(0.0), Some(0.4)).links, 2);
    }

    #[test]
    fn recall_is_unknown_where_nothing_tells_what_no_rule_reached() {
        let cut = choose(&[link(0.9)], 0.9, None, None);
        assert_eq!((cut.recall, cut.unreached), (None, None));
        let recall = choose(&[link(0.9)], 0.9, Some(1.0), None).recall.unwrap();
        assert!((recall.value - 0.9 / 1.9).abs() < 1e-9 && recall.low < recall.value);
        assert_eq!(choose(&[], 0.0, Some(0.0), None).recall, None);
    }

    #[test]
    fn independent_nets_tell_what_both_missed() {
        // Nets that catch 80 % and 50 % of 1,000: 400 by both, 400, 100, 100 by none.
        assert!((unreached([0.0, 400.0, 100.0, 400.0]).unwrap() - 100.0).abs() < 1e-9);
        assert_eq!(unreached([5.0, 0.0, 0.0, 0.0]), None);
    }
}
