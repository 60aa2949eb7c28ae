//! Local search: publish a few neighbouring secondaries, protect again at shaken prices, keep
//! what is not dearer (large neighbourhood search, Shaw 1998). Every step keeps a proved pattern.

use super::cheapest::Cheapest;
use super::construct::{complete, prune};
use super::guard::{Guard, Snapshot};
use super::random::Random;

/// Searches until `work` entries have been touched by the guard's and the pricing programs
/// together, or `stall` tries in a row gave nothing.
pub fn improve(
    guard: &mut Guard<'_>,
    cheapest: &mut Cheapest<'_>,
    random: &mut Random,
    work: u64,
    stall: usize,
    guide: &[f64],
) {
    let near = Neighbours::new(guard);
    let start = guard.work() + cheapest.work();
    let mut best = (worth(guard), guard.snapshot());
    let mut idle = 0;
    while guard.work() + cheapest.work() - start < work && idle < stall {
        let secondaries = guard.secondaries();
        if secondaries.is_empty() {
            return;
        }
        let removed = near.pick(&secondaries, random);
        let found = attempt(guard, cheapest, random, &removed, &near, guide);
        let now = worth(guard);
        if !found || now > best.0 {
            guard.restore(&best.1);
            idle += 1;
            continue;
        }
        idle = if now < best.0 { 0 } else { idle + 1 };
        best = (now, guard.snapshot());
    }
    guard.restore(&best.1);
}

/// The cost to nine digits, then the number of secondaries: of two patterns of one cost the
/// smaller is better, and rounding must not decide.
fn worth(guard: &Guard<'_>) -> (f64, usize) {
    let cost = guard.cost();
    let unit = 10_f64.powi((cost.max(1e-9).log10().floor()) as i32 - 8);
    ((cost / unit).round() * unit, guard.secondaries().len())
}

/// Publishes `removed`, repairs, prunes around; says whether the pattern is valid again.
fn attempt(
    guard: &mut Guard<'_>,
    cheapest: &mut Cheapest<'_>,
    random: &mut Random,
    removed: &[usize],
    near: &Neighbours,
    guide: &[f64],
) -> bool {
    removed.iter().for_each(|cell| guard.publish(*cell));
    let before = guard.secondaries();
    let trust = [0.0, 0.4, 0.8][random.below(3)];
    let mut prices: Vec<f64> = guard
        .instance
        .cells
        .iter()
        .zip(guide)
        .map(|(cell, x)| cell.cost * (1.0 - trust * x) * (0.7 + 0.6 * random.unit()))
        .collect();
    let banned = removed[random.below(removed.len())];
    prices[banned] *= 3.0;
    let mut order = guard.open();
    for at in (1..order.len()).rev() {
        order.swap(at, random.below(at + 1));
    }
    if complete(guard, cheapest, &prices, &order, 1 + random.below(2)).is_err() {
        return false;
    }
    let added: Vec<usize> = guard
        .secondaries()
        .into_iter()
        .filter(|cell| before.binary_search(cell).is_err())
        .collect();
    let around: Vec<usize> = guard
        .secondaries()
        .into_iter()
        .filter(|cell| added.iter().any(|new| near.touch(*cell, *new)))
        .collect();
    prune(guard, around);
    true
}

/// Which cells share a sum.
struct Neighbours {
    sums: Vec<Vec<usize>>,
}

impl Neighbours {
    fn new(guard: &Guard<'_>) -> Self {
        let sums = guard.instance.columns();
        let sums = sums.into_iter().map(|list| list.into_iter().map(|(at, _)| at).collect());
        Self { sums: sums.collect() }
    }

    fn touch(&self, a: usize, b: usize) -> bool {
        self.sums[a].iter().any(|sum| self.sums[b].contains(sum))
    }

    /// A random secondary with up to four others, neighbours first.
    fn pick(&self, secondaries: &[usize], random: &mut Random) -> Vec<usize> {
        let mut picked = vec![secondaries[random.below(secondaries.len())]];
        let aim = 1 + random.below(5);
        for _ in 1..aim {
            let touching: Vec<usize> = secondaries
                .iter()
                .copied()
                .filter(|c| !picked.contains(c) && picked.iter().any(|p| self.touch(*p, *c)))
                .collect();
            if touching.is_empty() {
                break;
            }
            picked.push(touching[random.below(touching.len())]);
        }
        picked
    }
}
