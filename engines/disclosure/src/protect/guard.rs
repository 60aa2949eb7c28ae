//! Keeps a pattern of suppressions and, for every demand, the proof that it is met.
//!
//! The proof of a demand is a witness: another table, equal on every published cell and within
//! the attackers' bounds, in which the primary cell is as far away as asked. Removing a
//! suppression voids only the witnesses that move that cell, so most removals are judged by a
//! few small linear programs.

use std::rc::Rc;

use super::cut::Cut;
use super::demand::{Demand, Reach};
use super::lp::{Simplex, Sparse};
use super::model::{Instance, Status};
use super::scale;

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
    pub(super) suppressed: Vec<bool>,
    witnesses: Vec<Option<Rc<Witness>>>,
    /// By cell, the demands whose witness moves it, and some whose did: primary cells, which stay
    /// suppressed, have none.
    users: Vec<Vec<usize>>,
    pub(super) program: Simplex,
    pub(super) stale_rows: bool,
    /// The units in which the program's bounds stand: the program's number is the table's times
    /// this.
    pub(super) factor: f64,
    /// By cell, the demand that last kept it from being published.
    forbade: Vec<Option<usize>>,
    /// Soft demands that nothing meets, dropped: not to be asked again.
    pub(super) waived: Vec<Demand>,
    /// By demand, cuts that patterns must satisfy to meet it, learnt from failed proofs.
    pub(super) lessons: Vec<Vec<Cut>>,
}

/// A pattern with its proofs, to come back to.
#[derive(Debug, Clone)]
pub struct Snapshot {
    suppressed: Vec<bool>,
    witnesses: Vec<Option<Rc<Witness>>>,
}

impl<'a> Guard<'a> {
    /// The pattern of the primary cells alone, with nothing proved.
    pub fn new(instance: &'a Instance, demands: Vec<Demand>) -> Self {
        let count = instance.cells.len();
        let matrix = Sparse::from_columns(instance.sums.len(), &instance.columns());
        let zero = vec![0.0; count];
        let program = Simplex::new(matrix, zero.clone(), zero.clone(), zero);
        let witnesses = vec![None; demands.len()];
        let lessons = vec![Vec::new(); demands.len()];
        let suppressed = vec![false; count];
        let mut guard = Self {
            instance,
            demands,
            suppressed,
            witnesses,
            users: vec![Vec::new(); count],
            program,
            stale_rows: true,
            factor: 1.0,
            forbade: vec![None; count],
            waived: Vec::new(),
            lessons,
        };
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
        self.bound(cell);
    }

    /// Sets the program's bounds of a cell.
    fn bound(&mut self, cell: usize) {
        let part = if self.suppressed[cell] { self.factor } else { 0.0 };
        let room = |room: f64| if part > 0.0 { room * part } else { 0.0 };
        self.program.lower[cell] = -room(self.instance.down(cell));
        self.program.upper[cell] = room(self.instance.up(cell));
    }

    /// Brings the program to units in which `amount` is about a thousand: what the program's
    /// tolerances blur is then a millionth of a millionth of it, whatever else is in the table.
    pub(super) fn bring(&mut self, amount: f64) {
        let factor = scale::factor(amount);
        if factor.to_bits() != self.factor.to_bits() {
            self.factor = factor;
            // Published cells stay where they are in any unit.
            for cell in 0..self.suppressed.len() {
                if self.suppressed[cell] {
                    self.bound(cell);
                }
            }
        }
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

    /// The demands whose witness moves the cell, in order.
    pub fn using(&mut self, cell: usize) -> Vec<usize> {
        let moves = |at: &usize| self.witnesses[*at].as_ref().is_some_and(|w| w.moves(cell));
        if self.instance.cells[cell].status == Status::Unsafe {
            return (0..self.demands.len()).filter(moves).collect();
        }
        let mut users = std::mem::take(&mut self.users[cell]);
        users.sort_unstable();
        users.dedup();
        users.retain(moves);
        self.users[cell].clone_from(&users);
        users
    }

    /// Sets a demand's witness.
    pub(super) fn put(&mut self, demand: usize, witness: Rc<Witness>) {
        for (cell, _) in witness.tables.iter().flatten() {
            if self.instance.cells[*cell].status != Status::Unsafe {
                let users = &mut self.users[*cell];
                users.push(demand);
                if users.len() > 64 + 4 * self.demands.len() {
                    users.sort_unstable();
                    users.dedup();
                }
            }
        }
        self.witnesses[demand] = Some(witness);
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
        if let [table] = witness.tables.as_slice() {
            self.share(demand, table);
        }
        self.put(demand, Rc::new(witness));
    }

    /// Adds a demand, unproved.
    pub fn ask(&mut self, demand: Demand) {
        self.demands.push(demand);
        self.witnesses.push(None);
        self.lessons.push(Vec::new());
    }

    /// Drops a demand that nothing can meet.
    pub fn waive(&mut self, demand: usize) {
        self.waived.push(self.demands.remove(demand));
        let mut witnesses = std::mem::take(&mut self.witnesses);
        witnesses.remove(demand);
        self.lessons.remove(demand);
        // Demands are renumbered.
        self.users.iter_mut().for_each(Vec::clear);
        self.witnesses = vec![None; witnesses.len()];
        for (at, witness) in witnesses.into_iter().enumerate() {
            if let Some(witness) = witness {
                self.put(at, witness);
            }
        }
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
        if self.refuted(demand) {
            return false;
        }
        let asked = self.demands[demand];
        if let Some(witness) = self.find(asked) {
            self.record(demand, witness);
            return true;
        }
        if let (Reach::One(_), None) = (asked.reach, asked.known) {
            self.learn(demand);
        }
        false
    }

    /// Publishes a secondary if every demand can be met without it.
    pub fn try_publish(&mut self, cell: usize) -> bool {
        let mut broken = self.using(cell);
        // The demand that forbade it last time most likely does so again.
        if let Some(last) = self.forbade[cell]
            && let Some(at) = broken.iter().position(|demand| *demand == last)
        {
            broken.swap(0, at);
        }
        let kept: Vec<_> = broken.iter().map(|at| self.witnesses[*at].clone()).collect();
        self.publish(cell);
        let refuted = broken.iter().copied().find(|at| self.refuted(*at));
        let failed = refuted.or_else(|| broken.iter().copied().find(|at| !self.prove_one(*at)));
        let Some(failed) = failed else { return true };
        self.forbade[cell] = Some(failed);
        self.set(cell, true);
        for (at, witness) in broken.into_iter().zip(kept) {
            if let Some(witness) = witness {
                self.put(at, witness);
            }
        }
        false
    }

    /// The last cut learnt of each demand.
    pub fn take_lessons(&mut self) -> Vec<Cut> {
        self.lessons.iter_mut().filter_map(Vec::pop).collect()
    }

    /// A copy of the pattern and its proofs.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { suppressed: self.suppressed.clone(), witnesses: self.witnesses.clone() }
    }

    /// Comes back to a snapshot; demands asked since are open again.
    pub fn restore(&mut self, snapshot: &Snapshot) {
        for cell in 0..self.suppressed.len() {
            if self.suppressed[cell] != snapshot.suppressed[cell] {
                self.set(cell, snapshot.suppressed[cell]);
            }
        }
        for at in 0..self.demands.len() {
            match snapshot.witnesses.get(at).cloned().flatten() {
                None => self.witnesses[at] = None,
                Some(witness) => {
                    let same = |own: &Rc<Witness>| Rc::ptr_eq(own, &witness);
                    if !self.witnesses[at].as_ref().is_some_and(same) {
                        self.put(at, witness);
                    }
                }
            }
        }
    }
}
