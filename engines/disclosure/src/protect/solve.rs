//! From an instance to a protected pattern.

use super::audit::{Exposed, exposed};
use super::bound::Master;
use super::cheapest::Cheapest;
use super::construct::{complete, largest_first, prune};
use super::core::Core;
use super::demand::{Demand, Impossible};
use super::guard::Guard;
use super::improve::improve;
use super::model::Instance;
use super::random::Random;
use super::scale;
use super::singletons::unmet;

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
    let mut random = Random::new(options.seed);
    let (mut best, waived) = first(instance, &mut demands, options)?;
    let mut cost = instance.cost_of(best.iter().copied());
    let mut master = Master::new(instance);
    if cost > 0.0 {
        master.raise(&demands, work / 3);
        master.round_up(cost);
    }
    let dived = if cost > master.bound { master.dive(&demands, work / 6) } else { Vec::new() };
    for (least, times) in [(60, 3), (150, 8)] {
        if cost <= master.bound * (1.0 + 1e-9) {
            break;
        }
        let excess = master.excess();
        let limit = threshold(instance, &excess, least + times * best.len());
        let core = Core::new(instance, |cell| {
            excess[cell] <= limit || best.contains(&cell) || dived.contains(&cell)
        });
        let guide: Vec<f64> = core.whole.iter().map(|cell| master.x[*cell]).collect();
        let starts = [best.as_slice(), dived.as_slice()];
        let search =
            Search { core: &core, options, guide: &guide, work: work / 4, waived: &waived };
        let found = search.run(&mut demands, starts, &mut random);
        let now = instance.cost_of(found.iter().copied());
        if now < cost || (now <= cost && found.len() < best.len()) {
            (best, cost) = (found, now);
        }
    }
    Ok(Found { secondaries: best, bound: master.bound, waived, demands })
}

/// The excess of the `count` safe cells that have least of it.
fn threshold(instance: &Instance, excess: &[f64], count: usize) -> f64 {
    let mut all: Vec<f64> = (0..excess.len())
        .filter(|cell| instance.may_suppress(*cell))
        .map(|cell| excess[cell])
        .collect();
    all.sort_by(f64::total_cmp);
    all.get(count).or(all.last()).copied().unwrap_or(0.0)
}

/// A first pattern, and the soft demands that nothing meets; these leave the list, and what lone
/// contributors make necessary joins it.
fn first(
    instance: &Instance,
    demands: &mut Vec<Demand>,
    options: Options,
) -> Result<(Vec<usize>, Vec<Demand>), Demand> {
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
    Ok((guard.secondaries(), guard.waived))
}

/// Adds the demands of lone contributors that the guard's pattern does not meet; says whether
/// there are any.
fn ask_more(guard: &mut Guard<'_>) -> bool {
    let more = unmet(guard);
    for demand in &more {
        guard.ask(*demand);
    }
    !more.is_empty()
}

/// One search within a core.
struct Search<'a> {
    core: &'a Core,
    options: Options,
    guide: &'a [f64],
    work: u64,
    waived: &'a [Demand],
}

impl Search<'_> {
    /// From the better of the patterns that `starts` grow into: the first is valid, the second a
    /// part of one. Demands of lone contributors that turn up are added to `demands`.
    fn run(
        &self,
        demands: &mut Vec<Demand>,
        starts: [&[usize]; 2],
        random: &mut Random,
    ) -> Vec<usize> {
        let instance = &self.core.instance;
        let mut guard = Guard::new(instance, self.core.demands(demands));
        guard.waived = self.core.demands(self.waived);
        let before = guard.demands.len();
        let mut cheapest = Cheapest::new(instance);
        let prices: Vec<f64> = instance
            .cells
            .iter()
            .zip(self.guide)
            .map(|(cell, x)| cell.cost * (1.0 - 0.9 * x))
            .collect();
        let mut best = None;
        for start in starts {
            guard.restart();
            start.iter().filter_map(|cell| self.core.place(*cell)).for_each(|c| guard.suppress(c));
            if self.settle(&mut guard, &mut cheapest, &prices)
                && best.as_ref().is_none_or(|(cost, _)| guard.cost() < *cost)
            {
                best = Some((guard.cost(), guard.snapshot()));
            }
        }
        if let Some((_, snapshot)) = best {
            guard.restore(&snapshot);
            if self.settle(&mut guard, &mut cheapest, &prices) {
                improve(&mut guard, &mut cheapest, random, self.work, 3_000, self.guide);
            }
        }
        let settled = self.settle(&mut guard, &mut cheapest, &prices);
        let whole = |cell: usize| self.core.whole[cell];
        demands.extend(guard.demands[before..].iter().map(|demand| Demand {
            cell: whole(demand.cell),
            known: demand.known.map(whole),
            ..*demand
        }));
        if !settled {
            return starts[0].to_vec();
        }
        guard.secondaries().into_iter().map(whole).collect()
    }

    /// Completes and prunes until nothing more is asked; says whether the pattern is valid.
    fn settle(&self, guard: &mut Guard<'_>, cheapest: &mut Cheapest<'_>, prices: &[f64]) -> bool {
        loop {
            guard.prove();
            let order = largest_first(guard);
            let hopeless = complete(guard, cheapest, prices, &order, 3);
            if !hopeless.is_ok_and(|hopeless| hopeless.is_empty()) {
                return false;
            }
            let secondaries = guard.secondaries();
            prune(guard, secondaries);
            if !self.options.singletons || !ask_more(guard) {
                return true;
            }
        }
    }
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
