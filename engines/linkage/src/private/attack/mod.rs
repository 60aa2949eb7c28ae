//! What somebody who knows the records, and not the key, can find out from their filters.
//!
//! The attacker knows the very same records (a register that holds them all), which is the worst that
//! can be, and looks for whose filter is whose, by ways that are published; one knows twenty of the
//! pairs to begin with. Each attack is made here in a plain form: a better attacker may find more. An
//! encoded file leaves only if none finds one in a hundred of the records that are tried.

mod frequency;
mod graph;
mod pattern;

use super::filter::Filters;
use super::key::Key;
use graph::Likeness;

/// Records that are tried, for what grows with their square.
const TRIED: usize = 800;
/// Pairs of filter and record that an insider knows.
const INSIDER: usize = 20;
/// Fewer say nothing.
pub const LEAST: usize = 200;
/// The share of records that an attack may find.
pub const LIMIT: f64 = 0.01;

/// What an attack found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// The attack.
    pub attack: &'static str,
    /// Records that were tried.
    pub tried: usize,
    /// Those whose filter it gave to the right record, or to one of the very same values.
    pub found: usize,
    /// Those to which it gave some filter.
    pub claimed: usize,
}

impl Finding {
    /// Whether it found too many.
    pub fn is_too_much(&self) -> bool {
        self.found as f64 > LIMIT * self.tried as f64
    }
}

/// What an attacker sees: records as the parts that were hashed, and filters in another order.
struct Seen<'a> {
    /// Parts of each record, sorted.
    parts: &'a [Vec<u32>],
    filters: &'a Filters,
}

/// Tries all attacks on the records whose places are in `chosen`. `parts` and `filters` are in the order
/// of the records; the attacks see filters in an order of their own, so that no tie falls to the
/// right record by its place.
pub(super) fn all(parts: &[Vec<u32>], filters: &Filters, key: &Key) -> Vec<Finding> {
    let order = key.permutation("attack: which", filters.len());
    let chosen = &order[..filters.len().min(TRIED)];
    let shuffle = key.permutation("attack: order", chosen.len());
    let known: Vec<Vec<u32>> = chosen.iter().map(|at| parts[*at as usize].clone()).collect();
    let mut seen = Filters::new(0, filters.words);
    for at in &shuffle {
        seen.push(filters.get(chosen[*at as usize] as usize));
    }
    let seen = Seen { parts: &known, filters: &seen };
    let insider: Vec<(usize, usize)> = shuffle
        .iter()
        .enumerate()
        .take(INSIDER)
        .map(|(filter, at)| (filter, *at as usize))
        .collect();
    let judged = |attack, guesses: Vec<Option<u32>>| {
        // Whoever knows which values a filter stands for knows all that it holds.
        let is_right = |(guess, at): &(&Option<u32>, &u32)| {
            guess.is_some_and(|guess| known[guess as usize] == known[**at as usize])
        };
        let found = guesses.iter().zip(&shuffle).filter(is_right).count();
        Finding { attack, tried: guesses.len(), found, claimed: guesses.iter().flatten().count() }
    };
    vec![
        judged("frequency", frequency::guesses(&seen)),
        judged("pattern", pattern::guesses(&seen)),
        judged("graph", graph::guesses(&seen, Likeness::Shared, &[])),
        judged("graph of differences", graph::guesses(&seen, Likeness::Differing, &[])),
        judged("graph with an insider", {
            let mut guesses = graph::guesses(&seen, Likeness::Differing, &insider);
            // What the insider knew is not found.
            for (filter, _) in &insider {
                guesses[*filter] = None;
            }
            guesses
        }),
    ]
}

/// For each filter the record that is nearest to it, where it is nearest to that record too and no
/// other is as near: `distance` of filter and record.
fn mutual(count: usize, distance: impl Fn(usize, usize) -> f64) -> Vec<(Option<u32>, f64)> {
    // The nearest, which it is, and how far the next one is.
    let nearest = |far: &mut dyn Iterator<Item = f64>| {
        let mut found = (f64::INFINITY, 0, f64::INFINITY);
        for (at, far) in far.enumerate() {
            if far < found.0 {
                found = (far, at, found.0);
            } else if far < found.2 {
                found.2 = far;
            }
        }
        found
    };
    let all: Vec<f64> = (0..count * count).map(|at| distance(at / count, at % count)).collect();
    let of = |filter: usize, record: usize| all[filter * count + record];
    let of_filter: Vec<_> = (0..count)
        .map(|filter| nearest(&mut (0..count).map(|record| of(filter, record))))
        .collect();
    let of_record: Vec<_> = (0..count)
        .map(|record| nearest(&mut (0..count).map(|filter| of(filter, record))))
        .collect();
    let guess = |filter: usize| {
        let (far, record, second) = of_filter[filter];
        let (back_far, back, back_second) = of_record[record];
        let is_sure = far < second && back_far < back_second && back == filter;
        let margin = (second.min(back_second) - far) / second.max(1e-12);
        match is_sure && far.is_finite() {
            true => (Some(u32::try_from(record).expect("few")), margin),
            false => (None, 0.0),
        }
    };
    (0..count).map(guess).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::build;
    use crate::generate::{Profile, persons};
    use crate::private::encode::{Design, filters, parts_of};
    use crate::read::read;
    use crate::spec::Spec;

    /// How many records in a thousand each attack finds.
    fn found(design: &Design) -> Vec<(&'static str, usize)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let made = persons(1200, &Profile::named("medium").unwrap(), 3);
        std::fs::write(&path, made.left).unwrap();
        let table = read(&path, None, &Spec::default().columns).unwrap();
        let records = build(&table, None, &Spec::default()).unwrap();
        let (parts, key) = (parts_of(&records, design), Key::new(&[1; 32]));
        let findings = all(&parts, &filters(&records, design, &key), &Key::new(&[2; 32]));
        findings.iter().map(|of| (of.attack, of.found * 1000 / of.tried)).collect()
    }

    fn of(found: &[(&'static str, usize)], attack: &str) -> usize {
        found.iter().find(|(name, _)| *name == attack).expect("an attack").1
    }

    #[test]
    fn filters_as_they_were_first_proposed_are_opened() {
        let bare = Design { diffusion: 0, ..Design::default() };
        let opened = found(&bare);
        assert!(of(&opened, "graph") > 800, "{opened:?}");
        assert!(of(&opened, "graph of differences") > 800, "{opened:?}");
        assert!(of(&opened, "pattern") > 15, "{opened:?}");
    }

    #[test]
    fn balancing_and_folding_stop_the_outsider_and_not_the_insider() {
        let folded = Design { diffusion: 0, balance: true, fold: true, ..Design::default() };
        let opened = found(&folded);
        assert!(of(&opened, "graph with an insider") > 300, "{opened:?}");
    }

    #[test]
    fn diffused_filters_stay_closed() {
        let opened = found(&Design::default());
        assert!(opened.iter().all(|(_, found)| *found <= 10), "{opened:?}");
    }

    #[test]
    fn only_mutual_and_single_neighbours_are_guessed() {
        let far = [[0.0, 5.0, 5.0], [5.0, 1.0, 1.0], [5.0, 4.0, 2.0]];
        let found = mutual(3, |filter, record| far[filter][record]);
        let guesses: Vec<Option<u32>> = found.iter().map(|(guess, _)| *guess).collect();
        assert_eq!(guesses, [Some(0), None, None]);
    }
}
