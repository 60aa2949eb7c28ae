//! Local search: publish a few neighbouring secondaries, protect again at shaken prices, keep
//! what is not dearer (large neighbourhood search, Shaw 1998). Every step keeps a proved pattern.

use super::cheapest::Cheapest;
use super::construct::{complete, prune};
use super::guard::Guard;
use super::random::Random;

/// When a search ends.
#[derive(Debug, Clone, Copy)]
pub struct Until {
    /// Entries touched by the guard's and the pricing programs together.
    pub work: u64,
    /// A pattern of that cost: no cheaper one exists.
    pub cost: f64,
}

/// Tries in a row without a better pattern that end a search, and how many more for each
/// secondary: on tables of up to 2,000 cells the best pattern was found after fewer.
const IDLE: (usize, usize) = (50, 5);

/// Searches until the work is done, the cost is reached, or many tries in a row gave nothing.
pub fn improve(
    guard: &mut Guard<'_>,
    cheapest: &mut Cheapest<'_>,
    random: &mut Random,
    until: Until,
    guide: &[f64],
) {
    let near = Neighbours::new(guard);
    let start = guard.work() + cheapest.work();
    let mut best = (worth(guard), guard.snapshot());
    let mut current = best.clone();
    let mut idle = 0;
    loop {
        let spent = guard.work() + cheapest.work() - start;
        let secondaries = guard.secondaries();
        let done = spent >= until.work || best.0.0 <= until.cost * (1.0 + 1e-9);
        if done || secondaries.is_empty() || idle > IDLE.0 + IDLE.1 * secondaries.len() {
            break;
        }
        let removed = near.pick(&secondaries, random);
        let found = attempt(guard, cheapest, random, &removed, &near, guide);
        let now = worth(guard);
        idle += 1;
        if now < best.0 && found {
            best = (now, guard.snapshot());
            idle = 0;
        }
        let left = 1.0 - part(spent, until.work);
        let share = random.unit();
        let accepted = best.0.0 * (1.0 + SLACK * left * share * share);
        if found && (now <= current.0 || now.0 <= accepted) {
            current = (now, guard.snapshot());
        } else {
            guard.restore(&current.1);
        }
    }
    guard.restore(&best.1);
}

/// How much dearer than the best a pattern may be and still be searched on from, at the start;
/// it falls to nothing (threshold accepting, Dueck and Scheuer 1990).
const SLACK: f64 = 0.05;

#[expect(clippy::cast_precision_loss, reason = "a share")]
fn part(spent: u64, work: u64) -> f64 {
    spent as f64 / work.max(1) as f64
}

/// The cost to nine digits, then the number of secondaries: of two patterns of one cost the
/// smaller is better, and rounding must not decide.
fn worth(guard: &Guard<'_>) -> (f64, usize) {
    // 30 of the 52 binary digits; by the bits, since logarithms may differ between platforms.
    const REST: u64 = 1 << 22;
    let bits = guard.cost().to_bits();
    (f64::from_bits((bits + REST / 2) & !(REST - 1)), guard.secondaries().len())
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
    for cell in removed {
        guard.publish(*cell);
    }
    let before = guard.secondaries();
    let prices = shaken(guard, random, removed, guide);
    let mut order = guard.open();
    for at in (1..order.len()).rev() {
        order.swap(at, random.below(at + 1));
    }
    let hopeless = complete(guard, cheapest, &prices, &order, 1 + random.below(2));
    if !hopeless.is_ok_and(|hopeless| hopeless.is_empty()) {
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

/// Costs shaken at random, less where the guide has a cell, and one of the removed cells dear.
fn shaken(guard: &Guard<'_>, random: &mut Random, removed: &[usize], guide: &[f64]) -> Vec<f64> {
    let trust = [0.0, 0.4, 0.8][random.below(3)];
    let mut prices: Vec<f64> = guard
        .instance
        .cells
        .iter()
        .zip(guide)
        .map(|(cell, x)| cell.cost * (1.0 - trust * x) * (0.7 + 0.6 * random.unit()))
        .collect();
    prices[removed[random.below(removed.len())]] *= 3.0;
    prices
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

    /// A random secondary with neighbours: mostly up to five, now and then up to a half of all.
    fn pick(&self, secondaries: &[usize], random: &mut Random) -> Vec<usize> {
        let mut picked = vec![secondaries[random.below(secondaries.len())]];
        let wide = random.below(5) == 0;
        let most = if wide { (secondaries.len() / 2).clamp(5, 30) } else { 5 };
        let aim = 1 + random.below(most);
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
