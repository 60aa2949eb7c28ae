//! The audit of a pattern: what an attacker can conclude about each suppressed cell, by linear
//! programs, each answer certified on its own.
//!
//! For a cell the attacker's interval is the range of its values over all tables that agree with
//! the published cells, add up, and stay within the bounds known beforehand. The audit starts
//! from the pattern alone: it knows nothing of how it was found.

use super::demand::{Demand, Reach, Way};
use super::guard::Guard;
use super::model::{Instance, Status};
use super::singletons::unmet;

/// What an attacker knows of a suppressed cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// The cell.
    pub cell: usize,
    /// The least value possible.
    pub least: f64,
    /// The largest.
    pub most: f64,
}

/// A primary cell that the pattern does not protect.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposed {
    /// The demand that is not met.
    pub demand: Demand,
    /// How far the cell goes, of the amount asked.
    pub reached: f64,
}

/// Every demand checked against the pattern `suppressed` (one truth a cell): those not met, the
/// soft ones too.
///
/// A primary cell that is not suppressed is exposed with a reach of zero. A demand counts as met
/// only when a table is shown that meets it: sums are added up again, bounds compared again.
/// With `singletons`, contributors who are alone in a primary cell attack too.
pub fn exposed(
    instance: &Instance,
    demands: &[Demand],
    suppressed: &[bool],
    singletons: bool,
) -> Vec<Exposed> {
    let mut guard = Guard::new(instance, demands.to_vec());
    for (cell, hidden) in suppressed.iter().enumerate() {
        match (*hidden, guard.is_suppressed(cell)) {
            (true, false) => guard.suppress(cell),
            (false, true) => guard.publish(cell),
            _ => {}
        }
    }
    let mut failed = Vec::new();
    let check = Check::new(instance);
    for (at, demand) in demands.iter().enumerate() {
        if !proved(&mut guard, &check, at, suppressed) {
            let reached = if suppressed[demand.cell] { reach(&mut guard, demand) } else { 0.0 };
            failed.push(Exposed { demand: *demand, reached });
        }
    }
    if singletons {
        // A cell that anyone can estimate is told of once.
        let told = |demand: &Demand| {
            failed.iter().any(|f| f.demand.cell == demand.cell && f.demand.reach == demand.reach)
        };
        let alone: Vec<Demand> = unmet(&mut guard).into_iter().filter(|d| !told(d)).collect();
        for demand in alone {
            failed.push(Exposed { demand, reached: reach(&mut guard, &demand) });
        }
    }
    failed
}

/// Whether a table is at hand, or found, that stands the check.
fn proved(guard: &mut Guard<'_>, check: &Check<'_>, at: usize, suppressed: &[bool]) -> bool {
    let demand = guard.demands[at];
    if !suppressed[demand.cell] {
        return false;
    }
    let stands = |tables: &[Vec<(usize, f64)>]| check.verify(&demand, tables, suppressed);
    // A table that was found for another demand may be too coarse for this one: its own decides.
    guard.prove_one(at) && guard.witness(at).is_some_and(|witness| stands(&witness.tables))
        || guard.find(demand).is_some_and(|witness| stands(&witness.tables))
}

fn reach(guard: &mut Guard<'_>, demand: &Demand) -> f64 {
    let mut far = |way| guard.farthest(*demand, way, demand.amount).0;
    match demand.reach {
        Reach::One(way) => far(way),
        Reach::Width => far(Way::Up) + far(Way::Down),
    }
}

/// What witnesses are checked against.
#[derive(Debug)]
pub struct Check<'a> {
    instance: &'a Instance,
    /// By cell the sums it stands in.
    columns: Vec<Vec<(usize, f64)>>,
}

impl<'a> Check<'a> {
    /// Of an instance.
    pub fn new(instance: &'a Instance) -> Self {
        Self { instance, columns: instance.columns() }
    }

    /// Whether the tables prove the demand: only suppressed cells move, every sum stays, bounds
    /// hold, and the cell is as far as asked. All is measured against what is asked: sums and
    /// bounds may be off by 1e-8 of the demand's amount, whatever else stands in the table, and
    /// the cell may fall short by as much. Numbers that are none prove nothing.
    pub fn verify(
        &self,
        demand: &Demand,
        tables: &[Vec<(usize, f64)>],
        suppressed: &[bool],
    ) -> bool {
        let instance = self.instance;
        let slack = 1e-8 * demand.amount;
        let mut reached = (0.0_f64, 0.0_f64);
        for table in tables {
            let mut residual = vec![0.0_f64; instance.sums.len()];
            for (cell, deviation) in table {
                let held = !suppressed[*cell] || demand.known == Some(*cell);
                let within = -instance.down(*cell) - slack..=instance.up(*cell) + slack;
                if held || !deviation.is_finite() || !within.contains(deviation) {
                    return false;
                }
                for (sum, sign) in &self.columns[*cell] {
                    residual[*sum] += sign * deviation;
                }
                if *cell == demand.cell {
                    reached = (reached.0.max(*deviation), reached.1.max(-deviation));
                }
            }
            if !residual.iter().all(|rest| rest.abs() <= slack) {
                return false;
            }
        }
        let far = match demand.reach {
            Reach::One(Way::Up) => reached.0,
            Reach::One(Way::Down) => reached.1,
            Reach::Width => reached.0 + reached.1,
        };
        far >= demand.amount - slack
    }
}

/// Whether no pattern at all meets a demand: it fails with every cell suppressed that may be.
pub fn hopeless(instance: &Instance, demand: &Demand) -> bool {
    let may = |at: usize| instance.cells[at].status != Status::Published;
    let all: Vec<bool> = (0..instance.cells.len()).map(may).collect();
    !exposed(instance, std::slice::from_ref(demand), &all, false).is_empty()
}

/// The attacker's interval of every suppressed cell. Each end is found in units of its own size.
pub fn intervals(instance: &Instance, suppressed: &[bool]) -> Vec<Interval> {
    let mut guard = Guard::new(instance, Vec::new());
    for (cell, hidden) in suppressed.iter().enumerate() {
        if *hidden {
            guard.suppress(cell);
        } else {
            guard.publish(cell);
        }
    }
    let hidden: Vec<usize> = (0..suppressed.len()).filter(|cell| suppressed[*cell]).collect();
    let value = |cell: usize| instance.cells[cell].value;
    let sizes = hidden.iter().map(|cell| value(*cell).abs()).filter(|size| *size > 0.0);
    let least_size = sizes.min_by(f64::total_cmp).unwrap_or(1.0);
    let mut found = Vec::new();
    for cell in hidden {
        let size = if value(cell) == 0.0 { least_size } else { value(cell).abs() };
        let most = value(cell) + end(&mut guard, cell, Way::Up, size);
        let least = value(cell) - end(&mut guard, cell, Way::Down, size);
        found.push(Interval { cell, least, most });
    }
    found
}

/// How far a cell goes, solved in units of `size`, and again where it goes much farther or less.
fn end(guard: &mut Guard<'_>, cell: usize, way: Way, size: f64) -> f64 {
    let asked = |amount| Demand { cell, reach: Reach::Width, amount, known: None, soft: false };
    let (far, _) = guard.farthest(asked(size), way, f64::INFINITY);
    if far.is_finite() && far > 0.0 && !(1e-3..=1e3).contains(&(far / size)) {
        return guard.farthest(asked(far), way, f64::INFINITY).0;
    }
    far
}
