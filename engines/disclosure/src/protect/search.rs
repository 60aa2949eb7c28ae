//! Searches among the cells that matter, one after the other: from the best pattern, afresh, and
//! among the cells that the patterns found so far are made of.

use super::bound::Master;
use super::cheapest::Cheapest;
use super::construct::{complete, largest_first, prune};
use super::core::Core;
use super::demand::Demand;
use super::guard::Guard;
use super::improve::{Until, improve};
use super::model::Instance;
use super::random::Random;
use super::singletons::unmet;
use super::solve::Options;

/// Where a search looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// From the best pattern and the one dived to, among few cells.
    Near,
    /// Afresh, at shaken prices, among few cells.
    Fresh,
    /// From the best pattern, among the cells of all patterns found (construct, merge, solve and
    /// adapt: Blum et al. 2016): what two good patterns share mostly stays, and the programs are
    /// small.
    Merged,
    /// From the best pattern, among many cells.
    Far,
}

/// Searches that are made unless one ends all; those after them as long as each finds better.
pub(super) const ROUNDS: usize = 6;
const SMALL: &[Kind] =
    &[Kind::Near, Kind::Fresh, Kind::Fresh, Kind::Merged, Kind::Far, Kind::Merged, Kind::Far];
const MEDIUM: &[Kind] = &[Kind::Near, Kind::Fresh, Kind::Merged, Kind::Far];
const LARGE: &[Kind] = &[Kind::Near, Kind::Far];
/// Up to how many cells a table is small, and medium.
const SIZES: (usize, usize) = (1_800, 12_000);

/// What all searches on an instance share.
pub(super) struct Field<'a> {
    pub instance: &'a Instance,
    pub options: Options,
    pub master: Master<'a>,
    pub waived: Vec<Demand>,
    /// The cells that the bound's fractional pattern leads to.
    pub dived: Vec<usize>,
    pub random: Random,
    pub work: u64,
}

impl Field<'_> {
    /// Which searches to make: on large tables the first pattern alone takes long.
    pub fn plan(&self) -> &'static [Kind] {
        match self.instance.cells.len() {
            cells if cells <= SIZES.0 => SMALL,
            cells if cells <= SIZES.1 => MEDIUM,
            _ => LARGE,
        }
    }

    /// Which cells a search looks among.
    fn kept(&mut self, kind: Kind, best: &[usize], elites: &[Vec<usize>]) -> Vec<bool> {
        let excess = self.master.excess();
        let limit = match kind {
            Kind::Near | Kind::Fresh => threshold(self.instance, &excess, 60 + 3 * best.len()),
            Kind::Merged => f64::NEG_INFINITY,
            Kind::Far => threshold(self.instance, &excess, 150 + 8 * best.len()),
        };
        let mut kept: Vec<bool> = excess.iter().map(|excess| *excess <= limit).collect();
        let others = elites.iter().flatten().filter(|_| kind == Kind::Merged);
        best.iter().chain(&self.dived).chain(others).for_each(|cell| kept[*cell] = true);
        kept
    }

    /// One search; gives a valid pattern.
    pub fn look(
        &mut self,
        kind: Kind,
        demands: &mut Vec<Demand>,
        best: &[usize],
        elites: &[Vec<usize>],
    ) -> Vec<usize> {
        let kept = self.kept(kind, best, elites);
        let core = Core::new(self.instance, |cell| kept[cell]);
        let guide: Vec<f64> = core.whole.iter().map(|cell| self.master.x[*cell]).collect();
        let all = [best, self.dived.as_slice()];
        let starts: &[&[usize]] = match kind {
            Kind::Near => &all,
            Kind::Fresh => &[&[]],
            Kind::Merged | Kind::Far => &all[..1],
        };
        let share = match kind {
            Kind::Fresh => 8,
            _ if (6_000..=SIZES.1).contains(&self.instance.cells.len()) => 6,
            _ => 4,
        };
        let until = Until { work: self.work / share, cost: self.master.bound };
        let (options, waived) = (self.options, self.waived.as_slice());
        let search = Search {
            core: &core,
            options,
            guide: &guide,
            until,
            waived,
            fresh: kind == Kind::Fresh,
        };
        search.run(demands, starts, &mut self.random).unwrap_or_else(|| best.to_vec())
    }
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

/// One search within a core.
struct Search<'a> {
    core: &'a Core,
    options: Options,
    guide: &'a [f64],
    until: Until,
    waived: &'a [Demand],
    fresh: bool,
}

impl Search<'_> {
    /// From the best of the patterns that `starts` grow into: parts of a pattern, or whole ones.
    /// Demands of lone contributors that turn up are added to `demands`.
    fn run(
        &self,
        demands: &mut Vec<Demand>,
        starts: &[&[usize]],
        random: &mut Random,
    ) -> Option<Vec<usize>> {
        let instance = &self.core.instance;
        let mut guard = Guard::new(instance, self.core.demands(demands));
        guard.waived = self.core.demands(self.waived);
        let before = guard.demands.len();
        let mut cheapest = Cheapest::new(instance);
        let prices = self.prices(random);
        let mut best = None;
        for &start in starts {
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
            // A later start may have met demands of lone contributors that this one does not.
            if guard.open().is_empty() || self.settle(&mut guard, &mut cheapest, &prices) {
                improve(&mut guard, &mut cheapest, random, self.until, self.guide);
            }
        }
        let settled = self.settle(&mut guard, &mut cheapest, &prices);
        let whole = |cell: usize| self.core.whole[cell];
        demands.extend(guard.demands[before..].iter().map(|demand| Demand {
            cell: whole(demand.cell),
            known: demand.known.map(whole),
            ..*demand
        }));
        settled.then(|| guard.secondaries().into_iter().map(whole).collect())
    }

    /// Costs, less where the fractional pattern has a cell, shaken where the search is fresh.
    fn prices(&self, random: &mut Random) -> Vec<f64> {
        let cells = self.core.instance.cells.iter().zip(self.guide);
        cells
            .map(|(cell, x)| {
                let shaken = if self.fresh { 0.5 + random.unit() } else { 1.0 };
                cell.cost * (1.0 - 0.9 * x) * shaken
            })
            .collect()
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

/// Adds the demands of lone contributors that the guard's pattern does not meet; says whether
/// there are any.
pub(super) fn ask_more(guard: &mut Guard<'_>) -> bool {
    let more = unmet(guard);
    for demand in &more {
        guard.ask(*demand);
    }
    !more.is_empty()
}
