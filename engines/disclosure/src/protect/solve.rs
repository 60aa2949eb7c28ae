//! From an instance to a protected pattern.

use super::audit::{Exposed, exposed};
use super::bound::Master;
use super::cheapest::Cheapest;
use super::construct::{complete, largest_first, prune};
use super::cut::Cut;
use super::demand::{Demand, Impossible};
use super::guard::Guard;
use super::model::Instance;
use super::random::Random;
use super::scale;
use super::search::{Field, Kind, ROUNDS, ask_more};

/// How to search. The same options give the same pattern at each run and on each machine: no
/// clock is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Entries of matrices that the search may touch, about; twenty million take roughly a
    /// second of one core. `None`: by the table's size.
    pub work: Option<u64>,
    /// The seed of the local search.
    pub seed: u64,
    /// Whether a contributor who is alone in a primary cell counts as an attacker who knows it.
    pub singletons: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { work: None, seed: 1, singletons: false }
    }
}

impl Options {
    fn work(&self, instance: &Instance) -> u64 {
        let cells = instance.cells.len() as u64;
        // Beyond 12,000 cells the first pattern and the audit take most of a minute themselves.
        let most = 300_000_000 - (20_000 * cells.saturating_sub(12_000)).min(250_000_000);
        let small = (60_000 * cells).clamp(15_000_000, 50_000_000);
        self.work.unwrap_or((small + 150_000 * cells.saturating_sub(1_800)).min(most))
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
    /// Soft demands that nothing meets: primary cells without levels that remain recoverable,
    /// by anyone or by the lone contributor named, whatever is suppressed.
    pub recoverable: Vec<Demand>,
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
    #[error("the final audit refuses the pattern: `{cell}` moves by {reached}, not by {asked}")]
    Refused {
        /// The first exposed cell.
        cell: String,
        /// How far it moves.
        reached: f64,
        /// How far it should.
        asked: f64,
    },
}

/// Finds a cheap valid pattern: a first one, the bound and its fractional pattern, then a search
/// among the cells that the bound does not exclude, twice with a growing core.
///
/// # Errors
/// [`SolveError`]: when no pattern is valid, or the audit disagrees.
pub fn solve(instance: &Instance, options: Options) -> Result<Protected, SolveError> {
    let demands = instance.demands()?;
    let factor = scale::factor_of(&demands);
    let scaled = scale::instance(instance, factor);
    let demands = scale::demands(&demands, factor);
    let found =
        search(&scaled, demands, options).map_err(|demand| impossible(instance, demand, factor))?;
    audited(instance, found, factor, options)
}

fn impossible(instance: &Instance, demand: Demand, factor: f64) -> Impossible {
    let known = demand
        .known
        .map(|known| format!(" (against the lone contributor of `{}`)", instance.cells[known].id));
    Impossible {
        cell: instance.cells[demand.cell].id.clone(),
        reason: format!(
            "even with every cell suppressed that may be, its value cannot move by {}{}: the \
             published totals and the attackers' bounds hold it",
            demand.amount / factor,
            known.unwrap_or_default(),
        ),
    }
}

/// What the search found, in the search's units.
struct Found {
    secondaries: Vec<usize>,
    bound: f64,
    waived: Vec<Demand>,
    demands: Vec<Demand>,
}

fn search(
    instance: &Instance,
    mut demands: Vec<Demand>,
    options: Options,
) -> Result<Found, Demand> {
    let work = options.work(instance);
    let random = Random::new(options.seed);
    let First { mut best, waived, cuts } = first(instance, &mut demands, options)?;
    let mut cost = instance.cost_of(best.iter().copied());
    let mut master = Master::new(instance);
    if cost > 0.0 {
        master.take(cuts);
        master.raise(&demands, work / 3);
        master.round_up(cost);
    }
    let mut elites = vec![best.clone()];
    let dived = if cost > master.bound { master.dive(&demands, work / 6) } else { Vec::new() };
    let mut field = Field { instance, options, master, waived, dived, random, work };
    for (round, kind) in field.plan().iter().enumerate() {
        if cost <= field.master.bound * (1.0 + 1e-9) {
            break;
        }
        let found = field.look(*kind, &mut demands, &best, &elites);
        let now = instance.cost_of(found.iter().copied());
        let better = now < cost || (now <= cost && found.len() < best.len());
        if better {
            (best, cost) = (found.clone(), now);
        } else if round + 1 >= ROUNDS || (*kind == Kind::Fresh && found == best) {
            // A search afresh that ends at the same pattern: there is hardly a better one.
            break;
        }
        elites.push(found);
    }
    let Field { master, waived, .. } = field;
    Ok(Found { secondaries: best, bound: master.bound, waived, demands })
}

/// A first pattern.
struct First {
    best: Vec<usize>,
    /// Soft demands that nothing meets.
    waived: Vec<Demand>,
    /// What failed proofs on the way say of every valid pattern.
    cuts: Vec<Cut>,
}

/// A first pattern. Soft demands that nothing meets leave the list, and what lone contributors
/// make necessary joins it.
fn first(
    instance: &Instance,
    demands: &mut Vec<Demand>,
    options: Options,
) -> Result<First, Demand> {
    let mut guard = Guard::new(instance, demands.clone());
    let mut cheapest = Cheapest::new(instance);
    let prices: Vec<f64> = instance.cells.iter().map(|cell| cell.cost).collect();
    guard.prove();
    loop {
        let order = largest_first(&guard);
        let hopeless = complete(&mut guard, &mut cheapest, &prices, &order, 3)?;
        hopeless.into_iter().rev().for_each(|at| guard.waive(at));
        let secondaries = guard.secondaries();
        prune(&mut guard, secondaries);
        if !options.singletons || !ask_more(&mut guard) {
            break;
        }
    }
    demands.clone_from(&guard.demands);
    let (best, cuts) = (guard.secondaries(), guard.take_lessons());
    Ok(First { best, waived: guard.waived, cuts })
}

/// The last word: the audit starts from the pattern alone.
fn audited(
    instance: &Instance,
    found: Found,
    factor: f64,
    options: Options,
) -> Result<Protected, SolveError> {
    let Found { secondaries, bound, waived, demands } = found;
    let demands = scale::demands(&demands, 1.0 / factor);
    let mut pattern = vec![false; instance.cells.len()];
    for cell in secondaries.iter().copied().chain(instance.primaries()) {
        pattern[cell] = true;
    }
    let recoverable = scale::demands(&waived, 1.0 / factor);
    let mut failed = exposed(instance, &demands, &pattern, options.singletons);
    failed.retain(|found| !recoverable.contains(&found.demand));
    if let Some(Exposed { demand, reached }) = failed.into_iter().next() {
        let cell = instance.cells[demand.cell].id.clone();
        return Err(SolveError::Refused { cell, reached, asked: demand.amount });
    }
    let cost = instance.cost_of(secondaries.iter().copied());
    let bound = bound.min(cost);
    Ok(Protected { secondaries, cost, bound, recoverable, demands: demands.len() })
}
