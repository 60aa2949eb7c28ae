//! Capacity cuts: what every valid pattern must satisfy, read off an attacker's program.
//!
//! Let `x` say which cells are suppressed, fractions allowed, and let an attacker move cell j by
//! at most `room_j * x_j`. If he cannot move primary cell p by U, the duals `y` of his program
//! prove it: with `r = e_p - M'y`, every pattern under which p moves by U has
//! `sum of (r_j up_j if r_j > 0, -r_j down_j if r_j < 0) * x_j >= U`. Coefficients are cut down
//! to the right-hand side, since `x` is 0 or 1 (Fischetti and Salazar-González 2001, their
//! capacity constraints and strengthening).

use super::demand::{Demand, Reach, Way};
use super::lp::{End, Simplex, Sparse};
use super::model::{Instance, Status};

/// `sum of weight * x >= 1` over cells that may be suppressed.
#[derive(Debug, Clone, PartialEq)]
pub struct Cut {
    /// (cell, weight), weights in (0, 1].
    pub weights: Vec<(usize, f64)>,
}

impl Cut {
    /// The left-hand side at a point given by cell.
    pub fn at(&self, x: &[f64]) -> f64 {
        self.weights.iter().map(|(cell, weight)| weight * x[*cell]).sum()
    }

    /// The cut that `gains` prove: by cell, what the attacker's objective gains for a unit of the
    /// cell's move beyond what the sums' duals charge (`r` above). Primary cells' share moves to
    /// the right-hand side. Nothing when they alone reach the amount.
    pub fn read(
        instance: &Instance,
        demand: &Demand,
        way: Way,
        gains: impl Iterator<Item = f64>,
    ) -> Option<Self> {
        let mut right = demand.amount;
        let mut weights = Vec::new();
        for (cell, gain) in gains.enumerate() {
            let status = instance.cells[cell].status;
            if gain.abs() < 1e-9 || status == Status::Published {
                continue;
            }
            let up = gain > 0.0;
            let room = if up { instance.up(cell) } else { instance.down(cell) };
            // The cell itself need not go farther than asked.
            let own = cell == demand.cell && up == (way == Way::Up);
            let weight = gain.abs() * if own { room.min(demand.amount) } else { room };
            match status {
                Status::Unsafe => right -= weight,
                _ if weight > 0.0 => weights.push((cell, weight)),
                _ => {}
            }
        }
        if !(right.is_finite() && right > 1e-9 * demand.amount) {
            return None;
        }
        for (_, weight) in &mut weights {
            *weight = (*weight / right).min(1.0);
        }
        Some(Self { weights })
    }
}

/// Attackers' programs at fractional patterns.
#[derive(Debug, Clone)]
pub struct Separator<'a> {
    instance: &'a Instance,
    program: Simplex,
}

const STEPS: usize = 20_000;

impl<'a> Separator<'a> {
    /// For the cells that may be suppressed at all.
    pub fn new(instance: &'a Instance) -> Self {
        let count = instance.cells.len();
        let mut matrix = Sparse::from_columns(instance.sums.len(), &instance.columns());
        let open: Vec<bool> =
            instance.cells.iter().map(|cell| cell.status != Status::Published).collect();
        matrix.list_rows(|cell| open[cell]);
        let zero = vec![0.0; count];
        let program = Simplex::new(matrix, zero.clone(), zero.clone(), zero);
        Self { instance, program }
    }

    /// The work done so far, in entries touched.
    pub fn work(&self) -> u64 {
        self.program.work
    }

    /// Sets the pattern to cut off: one fraction a cell, of which primary cells' do not count.
    /// `spread` is added everywhere, so that cells outside the pattern weigh as little as they
    /// can in the cut (Magnanti and Wong 1981).
    pub fn set(&mut self, x: &[f64], spread: f64) {
        for (cell, x) in x.iter().enumerate() {
            let part = match self.instance.cells[cell].status {
                Status::Unsafe => 1.0,
                Status::Safe => (x + spread).min(1.0),
                Status::Published => 0.0,
            };
            let room = |room: f64| if part > 0.0 { room.min(1e12) * part } else { 0.0 };
            self.program.lower[cell] = -room(self.instance.down(cell));
            self.program.upper[cell] = room(self.instance.up(cell));
        }
    }

    /// A cut for a demand, if the pattern set does not meet it.
    pub fn cut(&mut self, demand: &Demand) -> Option<Cut> {
        if demand.known.is_some() {
            return None;
        }
        match demand.reach {
            Reach::One(way) => self.one_way(demand, way),
            Reach::Width => {
                // Either way will do, or both together by half each at least: no cut from one
                // way alone is valid, but the larger of both weights is.
                let half = Demand { amount: demand.amount / 2.0, ..*demand };
                let up = self.one_way(&half, Way::Up)?;
                let down = self.one_way(&half, Way::Down)?;
                Some(either(&up, &down))
            }
        }
    }

    fn one_way(&mut self, demand: &Demand, way: Way) -> Option<Cut> {
        let cell = demand.cell;
        let kept = (self.program.lower[cell], self.program.upper[cell]);
        match way {
            Way::Up => self.program.upper[cell] = kept.1.min(demand.amount),
            Way::Down => self.program.lower[cell] = kept.0.max(-demand.amount),
        }
        self.program.to_zero();
        self.program.cost[cell] = -way.sign();
        self.program.price();
        let end = self.program.primal(STEPS);
        let reached = self.program.x[cell] * way.sign();
        let found = if end == End::Optimal && reached < demand.amount * (1.0 - 1e-6) {
            self.program.price();
            let reduced = self.program.reduced[..self.instance.cells.len()].iter();
            Cut::read(self.instance, demand, way, reduced.map(|reduced| -reduced))
        } else {
            None
        };
        self.program.cost[cell] = 0.0;
        (self.program.lower[cell], self.program.upper[cell]) = kept;
        found
    }
}

/// A cut that holds where one of two holds.
fn either(a: &Cut, b: &Cut) -> Cut {
    let mut weights: std::collections::BTreeMap<usize, f64> = a.weights.iter().copied().collect();
    for (cell, weight) in &b.weights {
        let kept = weights.entry(*cell).or_insert(0.0);
        *kept = kept.max(*weight);
    }
    Cut { weights: weights.into_iter().collect() }
}
