//! A first valid pattern: each demand in turn gets the cheapest further suppressions, then what
//! proved needless is published again.

use super::cheapest::Cheapest;
use super::demand::Demand;
use super::guard::{Guard, Witness};

/// Suppresses until every demand is met, taking open demands from the largest; `prices` hold one
/// price a cell, `rounds` is how often slopes are scaled. The soft demands that nothing meets are
/// returned.
///
/// # Errors
/// The demand that cannot be met by suppressing all that may be.
pub fn complete(
    guard: &mut Guard<'_>,
    cheapest: &mut Cheapest<'_>,
    prices: &[f64],
    order: &[usize],
    rounds: usize,
) -> Result<Vec<usize>, Demand> {
    let mut hopeless = Vec::new();
    for demand in order.iter().copied() {
        if guard.prove_one(demand) {
            continue;
        }
        let asked = guard.demands[demand];
        let found = cheapest
            .find(guard, asked, prices, rounds)
            .map(|found| found.witness)
            .or_else(|| anything(guard, asked));
        match found {
            Some(witness) => {
                let moved = witness.tables.iter().flatten();
                moved.for_each(|(cell, _)| guard.suppress(*cell));
                guard.record(demand, witness);
            }
            None if asked.soft => hopeless.push(demand),
            None => return Err(asked),
        }
    }
    hopeless.sort_unstable();
    Ok(hopeless)
}

/// A witness with every cell suppressed that may be: from a point that is always feasible, so
/// that only its failure counts as a proof that a demand cannot be met.
fn anything(guard: &Guard<'_>, asked: Demand) -> Option<Witness> {
    let mut all = Guard::new(guard.instance, vec![asked]);
    for cell in (0..guard.instance.cells.len()).filter(|cell| guard.instance.may_suppress(*cell)) {
        all.suppress(cell);
    }
    all.find(asked)
}

/// Open demands, the largest amount first.
pub fn largest_first(guard: &Guard<'_>) -> Vec<usize> {
    let mut order = guard.open();
    order.sort_by(|a, b| {
        guard.demands[*b].amount.total_cmp(&guard.demands[*a].amount).then(a.cmp(b))
    });
    order
}

/// Publishes secondaries that are not needed, the dearest first; gives how many.
pub fn prune(guard: &mut Guard<'_>, mut candidates: Vec<usize>) -> usize {
    let cost = |cell: &usize| guard.instance.cells[*cell].cost;
    candidates.sort_by(|a, b| cost(b).total_cmp(&cost(a)).then(a.cmp(b)));
    let mut published = 0;
    for cell in candidates {
        if guard.try_publish(cell) {
            published += 1;
        }
    }
    published
}
