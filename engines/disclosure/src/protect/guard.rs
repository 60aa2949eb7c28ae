//! Keeps a pattern of suppressions and, for every demand, the proof that it is met.
//!
//! The proof of a demand is a witness: another table, equal on every published cell and within
//! the attackers' bounds, in which the primary cell is as far away as asked. Removing a
//! suppression voids only the witnesses that move that cell, so most removals are judged by a
//! few small linear programs.

use std::rc::Rc;

use super::demand::{Demand, Reach, Way};
use super::lp::{End, Simplex, Sparse};
use super::model::{Instance, Status};

/// Another consistent table, as the cells that differ and by how much; two tables for a width.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    /// The tables, each as (cell, deviation from the true value).
    pub tables: Vec<Vec<(usize, f64)>>,
}

impl Witness {
    /// Whether a table of it moves the cell.
    pub fn moves(&self, cell: usize) -> bool {
        self.tables.iter().flatten().any(|(moved, _)| *moved == cell)
    }
}

/// A pattern and its witnesses.
#[derive(Debug, Clone)]
pub struct Guard<'a> {
    /// The instance.
    pub instance: &'a Instance,
    /// What is asked.
    pub demands: Vec<Demand>,
    suppressed: Vec<bool>,
    witnesses: Vec<Option<Rc<Witness>>>,
    program: Simplex,
    stale_rows: bool,
}

/// A pattern with its proofs, to come back to.
#[derive(Debug, Clone)]
pub struct Snapshot {
    suppressed: Vec<bool>,
    witnesses: Vec<Option<Rc<Witness>>>,
}

/// Steps of the simplex allowed for one program; far above what tables need.
const STEPS: usize = 200_000;

impl<'a> Guard<'a> {
    /// The pattern of the primary cells alone, with nothing proved.
    pub fn new(instance: &'a Instance, demands: Vec<Demand>) -> Self {
        let count = instance.cells.len();
        let matrix = Sparse::from_columns(instance.sums.len(), &instance.columns());
        let zero = vec![0.0; count];
        let program = Simplex::new(matrix, zero.clone(), zero.clone(), zero);
        let witnesses = vec![None; demands.len()];
        let suppressed = vec![false; count];
        let mut guard =
            Self { instance, demands, suppressed, witnesses, program, stale_rows: true };
        for cell in instance.primaries() {
            guard.set(cell, true);
        }
        guard
    }

    /// Comes back to the pattern of the primary cells alone.
    pub fn restart(&mut self) {
        for cell in self.secondaries() {
            self.publish(cell);
        }
    }

    /// The work done so far, in entries touched.
    pub fn work(&self) -> u64 {
        self.program.work
    }

    /// Whether a cell is suppressed.
    pub fn is_suppressed(&self, cell: usize) -> bool {
        self.suppressed[cell]
    }

    /// The suppressed cells that are not primary.
    pub fn secondaries(&self) -> Vec<usize> {
        (0..self.suppressed.len())
            .filter(|c| self.suppressed[*c] && self.instance.cells[*c].status != Status::Unsafe)
            .collect()
    }

    /// What the secondary suppressions cost.
    pub fn cost(&self) -> f64 {
        self.instance.cost_of(self.secondaries())
    }

    /// Suppresses a cell or publishes it, without a look at the demands.
    fn set(&mut self, cell: usize, suppressed: bool) {
        self.suppressed[cell] = suppressed;
        self.stale_rows = true;
        let room = |room: f64| if suppressed { room } else { 0.0 };
        self.program.lower[cell] = -room(self.instance.down(cell));
        self.program.upper[cell] = room(self.instance.up(cell));
    }

    /// Suppresses a cell: witnesses stay valid.
    pub fn suppress(&mut self, cell: usize) {
        self.set(cell, true);
    }

    /// Publishes a cell and drops the witnesses that moved it.
    pub fn publish(&mut self, cell: usize) {
        self.set(cell, false);
        for at in self.using(cell) {
            self.witnesses[at] = None;
        }
    }

    /// The demands whose witness moves the cell.
    pub fn using(&self, cell: usize) -> Vec<usize> {
        let moves = |witness: &Option<Rc<Witness>>| witness.as_ref().is_some_and(|w| w.moves(cell));
        (0..self.demands.len()).filter(|at| moves(&self.witnesses[*at])).collect()
    }

    /// The demands without a witness.
    pub fn open(&self) -> Vec<usize> {
        (0..self.demands.len()).filter(|at| self.witnesses[*at].is_none()).collect()
    }

    /// The witness of a demand.
    pub fn witness(&self, demand: usize) -> Option<&Rc<Witness>> {
        self.witnesses[demand].as_ref()
    }

    /// Keeps a witness for `demand`, and for every open demand that it serves as well.
    pub fn record(&mut self, demand: usize, witness: Witness) {
        let witness = Rc::new(witness);
        for (cell, deviation) in witness.tables.iter().flatten() {
            let _ = (cell, deviation);
        }
        self.witnesses[demand] = Some(witness);
    }

    /// Adds a demand, unproved.
    pub fn ask(&mut self, demand: Demand) {
        self.demands.push(demand);
        self.witnesses.push(None);
    }

    /// Drops a demand that nothing can meet.
    pub fn waive(&mut self, demand: usize) {
        self.demands.remove(demand);
        self.witnesses.remove(demand);
    }

    /// Looks for a witness of every open demand; the demands that have none are returned.
    pub fn prove(&mut self) -> Vec<usize> {
        let open = self.open();
        open.into_iter().filter(|at| !self.prove_one(*at)).collect()
    }

    /// Looks for a witness of one demand under the present pattern and keeps it.
    pub fn prove_one(&mut self, demand: usize) -> bool {
        if self.witnesses[demand].is_some() {
            return true;
        }
        match self.find(self.demands[demand]) {
            Some(witness) => {
                self.record(demand, witness);
                true
            }
            None => false,
        }
    }

    /// Publishes a secondary if every demand can be met without it.
    pub fn try_publish(&mut self, cell: usize) -> bool {
        let broken = self.using(cell);
        let kept: Vec<_> = broken.iter().map(|at| self.witnesses[*at].clone()).collect();
        self.publish(cell);
        if broken.iter().all(|at| self.prove_one(*at)) {
            return true;
        }
        self.set(cell, true);
        for (at, witness) in broken.into_iter().zip(kept) {
            self.witnesses[at] = witness;
        }
        false
    }

    /// A copy of the pattern and its proofs.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { suppressed: self.suppressed.clone(), witnesses: self.witnesses.clone() }
    }

    /// Comes back to a snapshot (taken with as many demands).
    pub fn restore(&mut self, snapshot: &Snapshot) {
        for cell in 0..self.suppressed.len() {
            if self.suppressed[cell] != snapshot.suppressed[cell] {
                self.set(cell, snapshot.suppressed[cell]);
            }
        }
        self.witnesses.clone_from(&snapshot.witnesses);
    }

    /// A witness for a demand under the present pattern.
    pub fn find(&mut self, demand: Demand) -> Option<Witness> {
        match demand.reach {
            Reach::One(way) => {
                let (reached, table) = self.farthest(demand, way, demand.amount);
                (reached >= demand.amount).then(|| Witness { tables: vec![table] })
            }
            Reach::Width => {
                let (up, above) = self.farthest(demand, Way::Up, demand.amount);
                if up >= demand.amount {
                    return Some(Witness { tables: vec![above] });
                }
                let (down, below) = self.farthest(demand, Way::Down, demand.amount);
                if down >= demand.amount {
                    return Some(Witness { tables: vec![below] });
                }
                (up + down >= demand.amount).then(|| Witness { tables: vec![above, below] })
            }
        }
    }

    /// How far the demand's cell goes that way, at most `most` (may be infinite), and a table
    /// where it is there. What the program could not settle counts as not reached.
    pub fn farthest(&mut self, demand: Demand, way: Way, most: f64) -> (f64, Vec<(usize, f64)>) {
        if std::mem::take(&mut self.stale_rows) {
            let suppressed = &self.suppressed;
            self.program.matrix.list_rows(|cell| suppressed[cell]);
        }
        let cell = demand.cell;
        let kept = self.hold(demand, way, most);
        self.program.to_zero();
        self.program.cost[cell] = -way.sign();
        self.program.price();
        let end = self.program.primal(STEPS);
        let reached = self.program.x[cell] * way.sign();
        let table = self.table();
        self.program.cost[cell] = 0.0;
        for (held, low, high) in kept {
            self.program.lower[held] = low;
            self.program.upper[held] = high;
        }
        match end {
            End::Unbounded => (f64::INFINITY, table),
            _ => (snapped(reached, most), table),
        }
    }

    /// Caps the cell at `most` and fixes the cell that is known; gives back the bounds to
    /// restore.
    fn hold(&mut self, demand: Demand, way: Way, most: f64) -> Vec<(usize, f64, f64)> {
        let bounds = |program: &Simplex, at: usize| (at, program.lower[at], program.upper[at]);
        let mut kept = vec![bounds(&self.program, demand.cell)];
        match way {
            Way::Up => {
                let upper = &mut self.program.upper[demand.cell];
                *upper = upper.min(most);
            }
            Way::Down => {
                let lower = &mut self.program.lower[demand.cell];
                *lower = lower.max(-most);
            }
        }
        if let Some(known) = demand.known {
            kept.push(bounds(&self.program, known));
            self.program.lower[known] = 0.0;
            self.program.upper[known] = 0.0;
        }
        kept
    }

    fn table(&self) -> Vec<(usize, f64)> {
        let moved = |cell: &usize| self.suppressed[*cell] && self.program.x[*cell].abs() > 1e-9;
        (0..self.suppressed.len()).filter(moved).map(|cell| (cell, self.program.x[cell])).collect()
    }
}

/// A reach that misses the aim by rounding alone is the aim.
fn snapped(reached: f64, aim: f64) -> f64 {
    if aim.is_finite() && reached < aim && reached >= aim - 1e-9 * aim.max(1.0) {
        aim
    } else {
        reached
    }
}
