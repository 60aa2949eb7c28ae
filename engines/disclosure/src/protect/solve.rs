//! From an instance to a protected pattern.

use super::audit::{Exposed, exposed};
use super::bound::Master;
use super::cheapest::Cheapest;
use super::construct::{complete, largest_first, prune};
use super::demand::Impossible;
use super::guard::Guard;
use super::improve::improve;
use super::model::Instance;
use super::random::Random;

/// How hard to search; the same numbers give the same pattern on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Entries of the programs' matrices that may be touched, about; ten million take roughly
    /// 0.05 s.
    pub work: u64,
    /// The seed of the local search.
    pub seed: u64,
}

impl Default for Effort {
    fn default() -> Self {
        Self { work: 200_000_000, seed: 1 }
    }
}

/// A pattern that met every demand in the final audit.
#[derive(Debug, Clone, PartialEq)]
pub struct Protected {
    /// The secondary suppressions, in the cells' order.
    pub secondaries: Vec<usize>,
    /// Their cost.
    pub cost: f64,
    /// No valid pattern is cheaper than this.
    pub bound: f64,
    /// Primary cells without levels that remain exactly recoverable whatever is suppressed.
    pub recoverable: Vec<usize>,
    /// Demands that were met.
    pub demands: usize,
}

/// Why there is no pattern.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SolveError {
    /// No pattern can be valid.
    #[error(transparent)]
    Impossible(#[from] Impossible),
    /// The final audit refused the pattern: a fault of this program, and nothing is given out.
    #[error(
        "the final audit refuses the pattern: `{cell}` moves by {reached} and should by {asked}"
    )]
    Refused {
        /// The first exposed cell.
        cell: String,
        /// How far it moves.
        reached: f64,
        /// How far it should.
        asked: f64,
    },
}

/// Finds a cheap valid pattern.
///
/// # Errors
/// [`SolveError`]: when no pattern is valid, or the audit disagrees.
pub fn solve(instance: &Instance, effort: Effort) -> Result<Protected, SolveError> {
    let demands = instance.demands()?;
    let mut guard = Guard::new(instance, demands);
    let mut cheapest = Cheapest::new(instance);
    let prices: Vec<f64> = instance.cells.iter().map(|cell| cell.cost).collect();
    guard.prove();
    let order = largest_first(&guard);
    let recoverable = complete(&mut guard, &mut cheapest, &prices, &order)?;
    let secondaries = guard.secondaries();
    prune(&mut guard, secondaries);
    let mut random = Random::new(effort.seed);
    let flat = vec![0.0; instance.cells.len()];
    improve(&mut guard, &mut cheapest, &mut random, effort.work / 10, 300, &flat);
    let mut master = Master::new(instance);
    master.raise(&guard.demands, effort.work / 3);
    if std::env::var("TRACE").is_ok() {
        eprintln!(
            "first {} bound {} works {} {} {}",
            guard.cost(),
            master.bound,
            guard.work(),
            cheapest.work(),
            master.work()
        );
    }
    let first = guard.snapshot();
    let before = guard.cost();
    let prices: Vec<f64> =
        prices.iter().zip(&master.x).map(|(price, x)| price * (1.0 - 0.9 * x)).collect();
    guard.restart();
    guard.prove();
    let order = largest_first(&guard);
    complete(&mut guard, &mut cheapest, &prices, &order)?;
    let secondaries = guard.secondaries();
    prune(&mut guard, secondaries);
    if std::env::var("TRACE").is_ok() {
        eprintln!("guided {}", guard.cost());
    }
    if guard.cost() > before {
        guard.restore(&first);
    }
    improve(&mut guard, &mut cheapest, &mut random, effort.work, 2_000, &master.x);
    let secondaries = guard.secondaries();
    let pattern: Vec<bool> =
        (0..instance.cells.len()).map(|cell| guard.is_suppressed(cell)).collect();
    if let Some(Exposed { demand, reached }) =
        exposed(instance, &guard.demands, &pattern).into_iter().next()
    {
        let cell = instance.cells[demand.cell].id.clone();
        return Err(SolveError::Refused { cell, reached, asked: demand.amount });
    }
    let cost = instance.cost_of(secondaries.iter().copied());
    Ok(Protected {
        secondaries,
        cost,
        bound: master.bound,
        recoverable,
        demands: guard.demands.len(),
    })
}
