//! What attackers can conclude from a rounded table.

use super::Rounded;
use crate::protect::audit::{Exposed, exposed, hopeless};
use crate::protect::demand::Impossible;
use crate::protect::model::{Instance, Status};

/// What became of the demands of unsafe cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// How many are met.
    pub met: usize,
    /// Those that are not.
    pub unmet: Vec<Exposed>,
    /// Those beyond the levels given that no suppression meets either: attackers know too much
    /// beforehand.
    pub hopeless: Vec<Exposed>,
}

/// Proves the demands of unsafe cells against attackers who know the base, that the true table
/// adds up, and the cells that must be published, at their true values: so each other true value,
/// a multiple of the table's step, lies less than the base from the rounded one. With
/// `singletons`, also against contributors who are alone in an unsafe cell.
///
/// # Errors
/// [`Impossible`] where a level is beyond what attackers know anyway.
pub fn prove(
    instance: &Instance,
    rounded: &Rounded,
    base: u32,
    singletons: bool,
) -> Result<Proof, Impossible> {
    let demands = instance.demands()?;
    let attacked = attacked(instance, rounded, base);
    let all = vec![true; attacked.cells.len()];
    let missed = exposed(&attacked, &demands, &all, singletons);
    let asked = missed.iter().filter(|found| found.demand.known.is_none()).count();
    let (hopeless, unmet) = missed
        .into_iter()
        .partition(|found| found.demand.soft && hopeless(instance, &found.demand));
    Ok(Proof { met: demands.len() - asked, unmet, hopeless })
}

/// The table as attackers see it: every cell may move, within what they know.
fn attacked(instance: &Instance, rounded: &Rounded, base: u32) -> Instance {
    let reach = f64::from(base) - instance.step();
    let mut attacked = instance.clone();
    for (cell, value) in attacked.cells.iter_mut().zip(&rounded.values) {
        #[expect(clippy::cast_precision_loss, reason = "at most 2^53, checked when rounded")]
        let value = *value as f64;
        if cell.status == Status::Published {
            cell.status = Status::Safe;
            (cell.low, cell.high) = (cell.value, cell.value);
        }
        cell.low = cell.low.max(value - reach).min(cell.value);
        cell.high = cell.high.min(value + reach).max(cell.value);
    }
    attacked
}
