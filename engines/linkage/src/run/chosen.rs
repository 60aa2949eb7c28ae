//! From weighed patterns to links.

use super::{Link, Options};
use crate::assign::{compete, one_to_one};
use crate::block::Candidates;
use crate::model::Cut;
use crate::model::cut::{choose, unreached};
use crate::records::Records;
use crate::review::Known;

/// Odds below these take no part in the choice of partners.
const LEAST_ODDS: f64 = 1e-3;

/// Odds of a pair that a person said is a match; of one that is none, their inverse.
const SURE: f64 = 1_073_741_824.0;

/// The links, by rows, and the cut. `odds` are those of the patterns, `known` what labels say of pairs.
pub(super) fn links(
    records: &Records,
    candidates: &Candidates,
    odds: &[f64],
    known: &Known,
    options: &Options,
) -> (Vec<Link>, Cut) {
    let (mut expected, caught) = expected(candidates, odds);
    let floor = options.floor.map_or(f64::INFINITY, |floor| floor / (1.0 - floor));
    let (mut links, mut faint) = (Vec::new(), Vec::new());
    for ((left, right), pattern) in candidates.pairs.iter().zip(&candidates.pattern_of) {
        let odds = match known.get(&(*left, *right)) {
            Some(true) => SURE,
            Some(false) => 1.0 / SURE,
            None => odds[*pattern as usize],
        };
        let (weight, probability) = (odds.log2(), odds / (1.0 + odds));
        let link = Link { left: *left, right: *right, weight, probability, pattern: *pattern };
        if odds >= LEAST_ODDS {
            links.push(link);
        } else if odds >= floor {
            faint.push(link);
        }
    }
    if let (Some(method), Some(right)) = (options.one_to_one, &records.right) {
        let (left, right) = (records.left.len(), right.len());
        compete(&mut links, left, right);
        expected = links.iter().map(|link| link.probability).sum();
        links.append(&mut faint);
        let base = options.cut.map_or(0.0, |cut| (cut / (1.0 - cut)).log2().clamp(-100.0, 100.0));
        links = one_to_one(&links, left, right, method, base);
    }
    links.append(&mut faint);
    let most = (most_pairs(records, options) - expected).max(0.0);
    let unreached = (!candidates.share_a_field).then(|| unreached(caught).min(most));
    let cut = choose(&links, expected, unreached, options.cut, options.one_to_one.is_some());
    let least = options.floor.unwrap_or(cut.probability).min(cut.probability);
    links.retain(|link| link.probability >= least);
    links.sort_by_key(|link| (link.left, link.right));
    (links, cut)
}

/// True pairs at most: records have one partner, or hardly more.
fn most_pairs(records: &Records, options: &Options) -> f64 {
    let (left, right) = (records.left.len(), records.right().len());
    match options.one_to_one {
        Some(_) => left.min(right) as f64,
        None if records.first_new > 0 => (left - records.first_new) as f64,
        None => (left + right) as f64,
    }
}

/// True pairs that the model expects among the candidates: all, and by how many rules found them.
fn expected(candidates: &Candidates, odds: &[f64]) -> (f64, [f64; 3]) {
    let (mut expected, mut caught) = (0.0, [0.0; 3]);
    for ((odds, count), by_rules) in odds.iter().zip(&candidates.counts).zip(&candidates.caught) {
        let probability = odds / (1.0 + odds);
        expected += probability * *count as f64;
        for (sum, pairs) in caught.iter_mut().zip(by_rules) {
            *sum += probability * f64::from(*pairs);
        }
    }
    (expected, caught)
}
