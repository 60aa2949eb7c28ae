//! The cheapest further suppressions that meet one demand.
//!
//! To move a primary cell by U, other cells must move with it. Moving cell j by d costs
//! `cost_j * |d| / min(U, room_j)` (here times U: no unit is left): a lower bound of the fixed
//! cost of suppressing it, and nothing where it is suppressed already (the incremental program of
//! Kelly, Golden and Assad 1992, with the slopes of Fischetti and Salazar-González' strengthened
//! capacity cuts). The program is solved again with the slopes that the last flow shows to be too
//! low (dynamic slope scaling, Kim and Pardalos 1999), and the cheapest set found is kept.

use super::demand::{Demand, Reach, Way};
use super::guard::{Guard, Witness};
use super::lp::{End, Simplex, Sparse};
use super::model::{Instance, Status};
use super::scale;

/// Of an already suppressed cell: not zero, so that no needless cell moves.
const FREE: f64 = 1e-7;
/// The part of the amount below which a move or a room costs no more a unit: slopes without end
/// would drown the others' digits.
const LEAST: f64 = 1e-6;
const STEPS: usize = 50_000;

/// Solves the programs of one instance.
#[derive(Debug, Clone)]
pub struct Cheapest<'a> {
    instance: &'a Instance,
    program: Simplex,
    /// The unit of cost: the mean cost of a cell, so that tolerances mean the same everywhere.
    unit: f64,
    /// The units in which the program's bounds stand: the program's number is the table's times
    /// this.
    factor: f64,
}

/// What a program is to reach: the cell, where to, and how far in the program's units.
#[derive(Debug, Clone, Copy)]
struct Aim {
    cell: usize,
    way: Way,
    amount: f64,
}

/// A way to meet a demand.
#[derive(Debug, Clone)]
pub struct Move {
    /// The further cells to suppress.
    pub added: Vec<usize>,
    /// What they cost at the prices given.
    pub price: f64,
    /// The table that proves the demand once they are suppressed.
    pub witness: Witness,
}

impl<'a> Cheapest<'a> {
    /// Prepares the programs of an instance: two columns a cell, up and down.
    pub fn new(instance: &'a Instance) -> Self {
        let columns = instance.columns();
        let mut halves = Vec::with_capacity(2 * columns.len());
        for column in columns {
            let down = column.iter().map(|(row, value)| (*row, -value)).collect();
            halves.push(column);
            halves.push(down);
        }
        let upper = rooms(instance, 1.0);
        let matrix = Sparse::from_columns(instance.sums.len(), &halves);
        let zero = vec![0.0; upper.len()];
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 cells")]
        let count = instance.cells.len().max(1) as f64;
        let unit = (instance.cells.iter().map(|cell| cell.cost).sum::<f64>() / count).max(1e-9);
        let program = Simplex::new(matrix, zero.clone(), upper, zero);
        Self { instance, program, unit, factor: 1.0 }
    }

    /// The work done so far, in entries touched.
    pub fn work(&self) -> u64 {
        self.program.work
    }

    /// The cheapest move found for a demand under the guard's pattern, at `prices` (one a cell),
    /// after `rounds` of slope scaling. Nothing when no pattern meets it.
    pub fn find(
        &mut self,
        guard: &Guard<'_>,
        demand: Demand,
        prices: &[f64],
        rounds: usize,
    ) -> Option<Move> {
        let ways: &[Way] = match demand.reach {
            Reach::One(Way::Up) => &[Way::Up],
            Reach::One(Way::Down) => &[Way::Down],
            Reach::Width => &[Way::Up, Way::Down],
        };
        let found = ways.iter().filter_map(|way| self.one_way(guard, demand, *way, prices, rounds));
        found.min_by(|a, b| a.price.total_cmp(&b.price))
    }

    fn one_way(
        &mut self,
        guard: &Guard<'_>,
        demand: Demand,
        way: Way,
        prices: &[f64],
        rounds: usize,
    ) -> Option<Move> {
        let factor = scale::factor(demand.amount);
        if factor.to_bits() != self.factor.to_bits() {
            self.factor = factor;
            for (upper, room) in self.program.upper.iter_mut().zip(rooms(self.instance, factor)) {
                *upper = room;
            }
        }
        let aim = Aim { cell: demand.cell, way, amount: demand.amount * factor };
        let forced = 2 * aim.cell + usize::from(way == Way::Down);
        let kept = (self.program.upper[forced], self.program.upper[forced ^ 1]);
        if kept.0 < aim.amount {
            return None;
        }
        self.set_slopes(guard, aim.amount, prices);
        let known = demand.known.map(|known| {
            let held = (self.program.upper[2 * known], self.program.upper[2 * known + 1]);
            self.program.upper[2 * known] = 0.0;
            self.program.upper[2 * known + 1] = 0.0;
            (known, held)
        });
        self.program.lower[forced] = aim.amount;
        self.program.upper[forced] = aim.amount;
        self.program.upper[forced ^ 1] = 0.0;
        let best = self.scaled(guard, aim, prices, rounds);
        self.program.lower[forced] = 0.0;
        (self.program.upper[forced], self.program.upper[forced ^ 1]) = kept;
        if let Some((known, held)) = known {
            (self.program.upper[2 * known], self.program.upper[2 * known + 1]) = held;
        }
        best
    }

    /// The best of some rounds of slope scaling.
    fn scaled(
        &mut self,
        guard: &Guard<'_>,
        aim: Aim,
        prices: &[f64],
        rounds: usize,
    ) -> Option<Move> {
        let mut best: Option<Move> = None;
        for _ in 0..rounds.max(1) {
            let Some(found) = self.solve(guard, aim, prices) else { break };
            let better = best.as_ref().is_none_or(|best| found.price < best.price);
            let done = found.added.is_empty();
            self.scale_slopes(guard, aim.amount, prices);
            if better {
                best = Some(found);
            } else if !done {
                break;
            }
            if done {
                break;
            }
        }
        best
    }

    fn set_slopes(&mut self, guard: &Guard<'_>, amount: f64, prices: &[f64]) {
        for (cell, price) in prices.iter().enumerate() {
            for half in [2 * cell, 2 * cell + 1] {
                let room = self.program.upper[half].min(amount);
                self.program.cost[half] = if guard.is_suppressed(cell) || room <= 0.0 {
                    FREE
                } else {
                    (price / self.unit + FREE) * amount / room.max(LEAST * amount)
                };
            }
        }
    }

    /// Cells that moved get the slope that would have told their true cost.
    fn scale_slopes(&mut self, guard: &Guard<'_>, amount: f64, prices: &[f64]) {
        for (cell, price) in prices.iter().enumerate() {
            for half in [2 * cell, 2 * cell + 1] {
                let flow = self.program.x[half];
                if flow > 1e-9 && !guard.is_suppressed(cell) {
                    self.program.cost[half] =
                        (price / self.unit + FREE) * amount / flow.max(LEAST * amount);
                }
            }
        }
    }

    fn solve(&mut self, guard: &Guard<'_>, aim: Aim, prices: &[f64]) -> Option<Move> {
        self.program.logical_basis();
        self.program.reduced.copy_from_slice(&self.program.cost);
        self.program.to_bounds();
        if self.program.dual(STEPS) != End::Optimal {
            return None;
        }
        let flow = |cell: usize| self.program.x[2 * cell] - self.program.x[2 * cell + 1];
        // A program that ends without the cell where it should be proves nothing.
        if flow(aim.cell) * aim.way.sign() < aim.amount * (1.0 - 1e-9) {
            return None;
        }
        let table: Vec<(usize, f64)> = (0..prices.len())
            .map(|cell| (cell, flow(cell)))
            .filter(|(_, deviation)| deviation.abs() > 1e-9)
            .map(|(cell, deviation)| (cell, deviation / self.factor))
            .collect();
        let added: Vec<usize> = table
            .iter()
            .map(|(cell, _)| *cell)
            .filter(|cell| !guard.is_suppressed(*cell))
            .collect();
        let price = added.iter().map(|cell| prices[*cell]).sum();
        Some(Move { added, price, witness: Witness { tables: vec![table] } })
    }

    /// The instance it works on.
    pub fn instance(&self) -> &Instance {
        self.instance
    }
}

/// How far each cell may go up and down, in units that `factor` brings it to; published cells
/// stay.
fn rooms(instance: &Instance, factor: f64) -> Vec<f64> {
    let pair = |cell: usize| {
        let free = instance.cells[cell].status != Status::Published;
        let room = |room: f64| if free { room * factor } else { 0.0 };
        [room(instance.up(cell)), room(instance.down(cell))]
    };
    (0..instance.cells.len()).flat_map(pair).collect()
}
