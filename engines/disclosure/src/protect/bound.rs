//! A lower bound on the cost of every valid pattern: the linear program of all capacity cuts
//! found so far, and a fractional pattern that guides the search.

use super::cut::{Cut, Separator};
use super::demand::Demand;
use super::lp::{End, Simplex, Sparse};
use super::model::{Instance, Status};

/// Cuts in the program at most; the slackest leave when there are more.
const MOST_CUTS: usize = 3_000;
const STEPS: usize = 50_000;

/// The program of cuts.
#[derive(Debug, Clone)]
pub struct Master<'a> {
    instance: &'a Instance,
    separator: Separator<'a>,
    program: Simplex,
    cuts: Vec<Cut>,
    unit: f64,
    /// The fractional pattern, by cell.
    pub x: Vec<f64>,
    /// The best bound so far.
    pub bound: f64,
    spent: u64,
}

impl<'a> Master<'a> {
    /// Without any cut: a bound of zero.
    pub fn new(instance: &'a Instance) -> Self {
        let largest = instance.cells.iter().map(|cell| cell.cost).fold(0.0, f64::max);
        let unit = if largest > 0.0 { largest / 100.0 } else { 1.0 };
        let mut master = Self {
            instance,
            separator: Separator::new(instance),
            program: program(instance, unit),
            cuts: Vec::new(),
            unit,
            x: vec![0.0; instance.cells.len()],
            bound: 0.0,
            spent: 0,
        };
        master.read();
        master
    }

    /// The work done so far, in entries touched.
    pub fn work(&self) -> u64 {
        self.program.work + self.separator.work() + self.spent
    }

    /// Cuts and solves until nothing is cut off, the bound stalls, or `work` is spent.
    pub fn raise(&mut self, demands: &[Demand], work: u64) {
        let end = self.work() + work;
        let mut stalled = 0;
        let mut spread = 0.02;
        while self.work() < end && stalled < 8 {
            let found = self.separate(demands, spread, end);
            if found.is_empty() {
                if spread == 0.0 {
                    return;
                }
                spread = 0.0;
                continue;
            }
            let before = self.bound;
            self.add(found);
            if self.solve() != End::Optimal {
                return;
            }
            stalled = if self.bound > before * (1.0 + 1e-4) { 0 } else { stalled + 1 };
        }
    }

    /// Violated cuts at the present point.
    fn separate(&mut self, demands: &[Demand], spread: f64, end: u64) -> Vec<Cut> {
        let x = self.x.clone();
        self.separator.set(&x, spread);
        let mut found: Vec<Cut> = Vec::new();
        for demand in demands {
            if self.work() > end {
                break;
            }
            if let Some(cut) = self.separator.cut(demand)
                && cut.at(&x) < 1.0 - 1e-4
                && !found.contains(&cut)
            {
                found.push(cut);
            }
        }
        found
    }

    fn add(&mut self, found: Vec<Cut>) {
        let rows: Vec<(Vec<(usize, f64)>, f64)> =
            found.iter().map(|cut| (cut.weights.clone(), 1.0)).collect();
        self.program.add_rows(&rows);
        self.cuts.extend(found);
    }

    fn solve(&mut self) -> End {
        self.program.price();
        self.program.to_bounds();
        let end = self.program.dual(STEPS);
        if end == End::Optimal {
            self.read();
            self.bound = self.bound.max(self.proved());
            self.forget();
        }
        end
    }

    fn read(&mut self) {
        let count = self.instance.cells.len();
        self.x.copy_from_slice(&self.program.x[..count]);
        self.x.iter_mut().for_each(|x| *x = x.clamp(0.0, 1.0));
    }

    /// The bound that the duals prove by themselves: for any y >= 0, no x in [0, 1] costs less
    /// than `sum y + sum min(0, cost - y A)`. Nothing of the simplex is trusted.
    fn proved(&mut self) -> f64 {
        let duals: Vec<f64> = self.program.duals().into_iter().map(|dual| dual.max(0.0)).collect();
        let mut reduced: Vec<f64> =
            self.instance.cells.iter().map(|cell| cell.cost / self.unit).collect();
        let mut total = 0.0;
        for (cut, dual) in self.cuts.iter().zip(&duals) {
            total += dual;
            cut.weights.iter().for_each(|(cell, weight)| reduced[*cell] -= weight * dual);
        }
        total += reduced.iter().map(|reduced| reduced.min(0.0)).sum::<f64>();
        (total * self.unit * (1.0 - 1e-9)).max(0.0)
    }

    /// Drops the cuts that are slack once there are too many.
    fn forget(&mut self) {
        if self.cuts.len() <= MOST_CUTS {
            return;
        }
        let cuts = std::mem::take(&mut self.cuts);
        let kept: Vec<Cut> = cuts.into_iter().filter(|cut| cut.at(&self.x) < 1.0 + 1e-6).collect();
        self.spent += self.program.work;
        self.program = program(self.instance, self.unit);
        self.add(kept);
        self.program.price();
        self.program.to_bounds();
        self.program.dual(STEPS);
    }
}

/// One column a cell; those that may not be chosen are fixed at zero.
fn program(instance: &Instance, unit: f64) -> Simplex {
    let count = instance.cells.len();
    let matrix = Sparse::from_columns(0, &vec![Vec::new(); count]);
    let upper = instance
        .cells
        .iter()
        .map(|cell| if cell.status == Status::Safe { 1.0 } else { 0.0 })
        .collect();
    let cost = instance.cells.iter().map(|cell| cell.cost / unit).collect();
    Simplex::new(matrix, vec![0.0; count], upper, cost)
}
