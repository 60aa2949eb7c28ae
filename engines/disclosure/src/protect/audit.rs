//! The audit of a pattern: what an attacker can conclude about each suppressed cell, by linear
//! programs, each answer certified on its own.
//!
//! For a cell the attacker's interval is the range of its values over all tables that agree with
//! the published cells, add up, and stay within the bounds known beforehand. The audit starts
//! from the pattern alone: it knows nothing of how it was found.

use super::demand::{Demand, Reach, Way};
use super::guard::Guard;
use super::model::{Instance, Status};
use super::scale;
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

/// Every demand checked against the pattern `suppressed` (one truth a cell): those not met.
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
    let factor = scale::factor_of(demands);
    let scaled = scale::instance(instance, factor);
    let instance = &scaled;
    let own = scale::demands(demands, factor);
    let mut guard = Guard::new(instance, own.clone());
    for (cell, hidden) in suppressed.iter().enumerate() {
        if instance.cells[cell].status != Status::Unsafe && *hidden {
            guard.suppress(cell);
        }
    }
    let mut failed = Vec::new();
    for (at, demand) in own.iter().enumerate() {
        if !suppressed[demand.cell] {
            failed.push(Exposed { demand: *demand, reached: 0.0 });
            continue;
        }
        let proved = guard.prove_one(at)
            && guard
                .witness(at)
                .is_some_and(|witness| verify(instance, demand, &witness.tables, suppressed));
        if !proved {
            let reached = match demand.reach {
                Reach::One(way) => guard.farthest(*demand, way, demand.amount).0,
                Reach::Width => {
                    let up = guard.farthest(*demand, Way::Up, demand.amount).0;
                    up + guard.farthest(*demand, Way::Down, demand.amount).0
                }
            };
            failed.push(Exposed { demand: *demand, reached });
        }
    }
    if singletons && failed.is_empty() {
        let unmet = unmet(&mut guard).into_iter().filter(|demand| !demand.soft);
        failed.extend(unmet.map(|demand| Exposed { demand, reached: 0.0 }));
    }
    for found in &mut failed {
        found.demand.amount /= factor;
        found.reached /= factor;
    }
    failed
}

/// Whether the tables prove the demand: only suppressed cells move, every sum stays, bounds
/// hold, and the cell is as far as asked; all within a billionth of the sizes involved.
pub fn verify(
    instance: &Instance,
    demand: &Demand,
    tables: &[Vec<(usize, f64)>],
    suppressed: &[bool],
) -> bool {
    let columns = instance.columns();
    let mut reached = (0.0_f64, 0.0_f64);
    for table in tables {
        let mut residual = vec![0.0; instance.sums.len()];
        let mut size = 1.0_f64;
        for (cell, deviation) in table {
            let slack = 1e-8 * deviation.abs().max(1.0);
            let held = !suppressed[*cell] || demand.known == Some(*cell);
            if held
                || *deviation > instance.up(*cell) + slack
                || -*deviation > instance.down(*cell) + slack
            {
                return false;
            }
            size = size.max(deviation.abs());
            columns[*cell].iter().for_each(|(sum, sign)| residual[*sum] += sign * deviation);
            if *cell == demand.cell {
                reached = (reached.0.max(*deviation), reached.1.max(-deviation));
            }
        }
        if residual.iter().any(|rest| rest.abs() > 1e-8 * size) {
            return false;
        }
    }
    let far = match demand.reach {
        Reach::One(Way::Up) => reached.0,
        Reach::One(Way::Down) => reached.1,
        Reach::Width => reached.0 + reached.1,
    };
    far >= demand.amount * (1.0 - 1e-8)
}

/// The attacker's interval of every suppressed cell.
pub fn intervals(instance: &Instance, suppressed: &[bool]) -> Vec<Interval> {
    let rooms = (0..suppressed.len()).filter(|cell| suppressed[*cell]);
    let rooms = rooms.flat_map(|cell| [instance.up(cell), instance.down(cell)]);
    let factor = scale::factor(rooms.filter(|room| room.is_finite()).fold(0.0, f64::max));
    let scaled = scale::instance(instance, factor);
    let mut guard = Guard::new(&scaled, Vec::new());
    for (cell, hidden) in suppressed.iter().enumerate() {
        if *hidden {
            guard.suppress(cell);
        } else {
            guard.publish(cell);
        }
    }
    let suppressed = (0..suppressed.len()).filter(|cell| suppressed[*cell]);
    let mut found = Vec::new();
    for cell in suppressed {
        let demand = Demand { cell, reach: Reach::Width, amount: 0.0, known: None, soft: false };
        let value = instance.cells[cell].value;
        let most = value + guard.farthest(demand, Way::Up, f64::INFINITY).0 / factor;
        let least = value - guard.farthest(demand, Way::Down, f64::INFINITY).0 / factor;
        found.push(Interval { cell, least, most });
    }
    found
}
