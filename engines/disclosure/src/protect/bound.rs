//! A lower bound on the cost of every valid pattern: the linear program of all capacity cuts
//! found so far, and a fractional pattern that guides the search.

use super::cut::{Cut, Separator};
use super::demand::Demand;
use super::lp::{End, Simplex, Sparse};
use super::model::{Instance, Status};

/// Cuts in the program at most; the slackest leave when there are more.
const MOST_CUTS: usize = 3_000;
/// Steps of the simplex allowed, and how many more for each cut: where all costs are equal it may
/// go round in place for long.
const STEPS: (usize, usize) = (2_000, 4);

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
    next: usize,
    diving: bool,
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
            next: 0,
            diving: false,
        };
        master.read();
        master
    }

    /// The work done so far, in entries touched.
    pub fn work(&self) -> u64 {
        self.program.work + self.separator.work() + self.spent
    }

    /// Takes cuts that were found elsewhere, as many as there is room for.
    pub fn take(&mut self, mut cuts: Vec<Cut>) {
        cuts.truncate(MOST_CUTS / 2);
        self.add(cuts);
        self.solve();
    }

    /// Cuts and solves until nothing is cut off, the bound stalls, or `work` is spent. Says
    /// whether nothing is cut off.
    pub fn raise(&mut self, demands: &[Demand], work: u64) -> bool {
        let end = self.work() + work;
        let mut stalled = 0;
        let mut spread = 0.02;
        while self.work() < end && stalled < 8 {
            let found = self.separate(demands, spread, end, usize::MAX);
            if found.len() < 4 && spread > 0.0 {
                spread = if spread > 0.002 { spread / 8.0 } else { 0.0 };
            } else if found.is_empty() {
                return self.work() < end;
            }
            if found.is_empty() {
                continue;
            }
            let before = self.bound;
            self.add(found);
            if self.solve() != End::Optimal {
                return false;
            }
            stalled = if self.bound > before * (1.0 + 1e-4) { 0 } else { stalled + 1 };
        }
        false
    }

    /// Follows the fractional pattern down to a whole one: takes the cells it is surest of, cuts,
    /// solves, and so on (diving). Gives the cells taken; they may be too few when `work` ends.
    /// The bound does not move, the cuts found stay.
    pub fn dive(&mut self, demands: &[Demand], work: u64) -> Vec<usize> {
        let end = self.work() + work;
        let mut taken = Vec::new();
        self.diving = true;
        while self.work() < end {
            let found = self.separate(demands, 0.0, end, 40);
            let open = |cell: &usize| self.program.lower[*cell] < 0.5 && self.x[*cell] > 1e-6;
            let mut sure: Vec<usize> =
                (0..self.x.len()).filter(open).filter(|cell| self.x[*cell] > 0.9).collect();
            if sure.is_empty() && found.is_empty() {
                let surest = (0..self.x.len())
                    .filter(open)
                    .max_by(|a, b| self.x[*a].total_cmp(&self.x[*b]).then(b.cmp(a)));
                match surest {
                    None => break,
                    Some(cell) => sure.push(cell),
                }
            }
            if found.is_empty() || sure.len() > 1 {
                for cell in sure {
                    self.program.lower[cell] = 1.0;
                    taken.push(cell);
                }
            }
            self.add(found);
            if self.solve() != End::Optimal {
                break;
            }
        }
        for cell in &taken {
            self.program.lower[*cell] = 0.0;
        }
        let kept = self.x.clone();
        self.solve();
        self.diving = false;
        let more = (0..kept.len()).filter(|cell| kept[*cell] > 0.9 && !taken.contains(cell));
        let more: Vec<usize> = more.collect();
        taken.extend(more);
        taken
    }

    /// Violated cuts at the present point, about `most` of them; each call goes on where the
    /// last one ended.
    fn separate(&mut self, demands: &[Demand], spread: f64, end: u64, most: usize) -> Vec<Cut> {
        let x = self.x.clone();
        self.separator.set(&x, spread);
        let mut found: Vec<Cut> = Vec::new();
        let start = self.next;
        for step in 0..demands.len() {
            let at = (start + step) % demands.len();
            if self.work() > end || found.len() >= most {
                break;
            }
            self.next = at + 1;
            if let Some(cut) = self.separator.cut(&demands[at])
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
        if self.program.head.is_empty() {
            return End::Optimal;
        }
        self.program.price();
        self.program.to_bounds();
        let end = self.program.dual(STEPS.0 + STEPS.1 * self.cuts.len());
        if end == End::Optimal {
            self.read();
            if !self.diving {
                self.bound = self.bound.max(self.proved());
                self.forget();
            }
        }
        end
    }

    fn read(&mut self) {
        let count = self.instance.cells.len();
        self.x.copy_from_slice(&self.program.x[..count]);
        for x in &mut self.x {
            *x = x.clamp(0.0, 1.0);
        }
    }

    /// Raises the bound to the next multiple of the step in which all costs are counted; `cost`,
    /// that of a known pattern, is never passed.
    pub fn round_up(&mut self, cost: f64) {
        let whole = |cell: &super::model::Cell| cell.cost.fract() == 0.0 && cell.cost < 1e15;
        if self.instance.cells.iter().all(whole) {
            self.bound = (self.bound - 1e-6 * self.bound.max(1.0)).ceil().max(0.0).min(cost);
        }
    }

    /// How much dearer than the bound every pattern with that cell is, at least, by cell.
    pub fn excess(&mut self) -> Vec<f64> {
        let (reduced, _) = self.priced();
        reduced.into_iter().map(|reduced| reduced.max(0.0) * self.unit).collect()
    }

    /// The bound that the duals prove by themselves: for any y >= 0, no x in [0, 1] costs less
    /// than `sum y + sum min(0, cost - y A)`. Nothing of the simplex is trusted.
    fn proved(&mut self) -> f64 {
        let (reduced, total) = self.priced();
        let total = total + reduced.iter().map(|reduced| reduced.min(0.0)).sum::<f64>();
        (total * self.unit * (1.0 - 1e-9)).max(0.0)
    }

    /// The cells' costs less what the cuts' duals pay for them, and the sum of the duals.
    fn priced(&mut self) -> (Vec<f64>, f64) {
        let duals: Vec<f64> = self.program.duals().into_iter().map(|dual| dual.max(0.0)).collect();
        let mut reduced: Vec<f64> =
            self.instance.cells.iter().map(|cell| cell.cost / self.unit).collect();
        for (cut, dual) in self.cuts.iter().zip(&duals).filter(|(_, dual)| **dual > 0.0) {
            cut.weights.iter().for_each(|(cell, weight)| reduced[*cell] -= weight * dual);
        }
        (reduced, duals.iter().sum())
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
        self.program.dual(STEPS.0 + STEPS.1 * self.cuts.len());
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
