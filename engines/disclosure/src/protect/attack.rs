//! The attacker's programs behind a guard's proofs, and what is learnt from them.

use std::rc::Rc;

use super::cut::Cut;
use super::demand::{Demand, Reach, Way};
use super::guard::{Guard, Witness};
use super::lp::{End, Simplex};

/// Steps of the simplex allowed for one program; far above what tables need.
const STEPS: usize = 200_000;

impl Guard<'_> {
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
    /// where it is there. What the program could not settle counts as not reached. The demand's
    /// amount says in which units the program is solved, and so what it can tell apart.
    pub fn farthest(&mut self, demand: Demand, way: Way, most: f64) -> (f64, Vec<(usize, f64)>) {
        if std::mem::take(&mut self.stale_rows) {
            let suppressed = &self.suppressed;
            self.program.matrix.list_rows(|cell| suppressed[cell]);
        }
        let cell = demand.cell;
        self.bring(demand.amount);
        let kept = self.hold(demand, way, most * self.factor);
        self.program.to_zero();
        self.program.cost[cell] = -way.sign();
        self.program.price();
        let end = self.program.primal(STEPS);
        // With a zero added, since minus zero would be printed.
        let reached = self.program.x[cell] * way.sign() / self.factor + 0.0;
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

    /// Caps the cell at `most` (in the program's units) and fixes the cell that is known; gives
    /// back the bounds to restore.
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
        let by = |cell: usize| (cell, self.program.x[cell] / self.factor);
        self.program.matrix.listed().iter().copied().filter(moved).map(by).collect()
    }

    /// Whether a cut learnt earlier shows that the present pattern does not meet a demand: saves
    /// most programs that would fail.
    pub(super) fn refuted(&self, demand: usize) -> bool {
        self.lessons[demand].iter().any(|cut| {
            let sum: f64 = cut
                .weights
                .iter()
                .filter(|(cell, _)| self.suppressed[*cell])
                .map(|(_, weight)| weight)
                .sum();
            sum < 1.0 - 1e-6
        })
    }

    /// Keeps the cut that the program just solved without success proves.
    pub(super) fn learn(&mut self, demand: usize) {
        const KEPT: usize = 16;
        let asked = self.demands[demand];
        let Reach::One(way) = asked.reach else { return };
        self.program.cost[asked.cell] = -way.sign();
        let duals = self.program.duals();
        self.program.cost[asked.cell] = 0.0;
        let gains = (0..self.suppressed.len()).map(|cell| {
            let column = self.program.matrix.column(cell);
            let paid: f64 = column.iter().map(|(row, sign)| duals[*row] * sign).sum();
            paid + if cell == asked.cell { way.sign() } else { 0.0 }
        });
        if let Some(cut) = Cut::read(self.instance, &asked, way, gains) {
            let lessons = &mut self.lessons[demand];
            if lessons.len() == KEPT {
                lessons.remove(0);
            }
            lessons.push(cut);
        }
    }

    /// A table that proves one demand often proves others: stretched as far as the bounds allow,
    /// or turned round (differences from the true table may be scaled, since bounds are convex
    /// and contain it).
    pub(super) fn share(&mut self, owner: usize, table: &[(usize, f64)]) {
        let open: Vec<usize> = self.open().into_iter().filter(|at| *at != owner).collect();
        if open.is_empty() {
            return;
        }
        let stretch = |turn: f64| {
            let room = |(cell, deviation): &(usize, f64)| {
                let signed = deviation * turn;
                let room =
                    if signed > 0.0 { self.instance.up(*cell) } else { self.instance.down(*cell) };
                room / signed.abs()
            };
            table.iter().map(room).fold(f64::INFINITY, f64::min)
        };
        let size = table.iter().map(|(_, by)| by.abs()).fold(0.0, f64::max);
        let stretches = [(1.0, stretch(1.0)), (-1.0, stretch(-1.0))];
        for at in open {
            let asked = self.demands[at];
            if asked.known.is_some_and(|known| table.iter().any(|(cell, _)| *cell == known)) {
                continue;
            }
            let Some((_, own)) = table.iter().find(|(cell, _)| *cell == asked.cell) else {
                continue;
            };
            // What moves by a thousandth of the rest may be that much rounding, once stretched.
            if own.abs() < 1e-3 * size {
                continue;
            }
            for (turn, stretch) in stretches {
                let reach = own * turn * stretch;
                let serves = match asked.reach {
                    Reach::One(way) => reach * way.sign() >= asked.amount,
                    Reach::Width => reach.abs() >= asked.amount,
                };
                if serves {
                    let scale = turn * asked.amount / own.abs();
                    let scaled = table.iter().map(|(cell, by)| (*cell, by * scale)).collect();
                    self.put(at, Rc::new(Witness { tables: vec![scaled] }));
                    break;
                }
            }
        }
    }
}

/// A reach that misses the aim by rounding alone is the aim.
fn snapped(reached: f64, aim: f64) -> f64 {
    if aim.is_finite() && reached < aim && reached >= aim * (1.0 - 1e-9) { aim } else { reached }
}
