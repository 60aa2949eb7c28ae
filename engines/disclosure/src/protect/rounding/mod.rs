//! Controlled rounding: every cell goes to one of the two multiples of a base next to it, or stays
//! where it is one, and the rounded table adds up exactly (zero-restricted controlled rounding,
//! Cox 1987; Salazar-González 2006).
//!
//! With `y` saying which cells go up, sums ask `sum of the children's y - the total's y` to be a
//! whole number known beforehand, and the distance to the true table is linear in `y`. In tables
//! of two dimensions, of which one may be a hierarchy, the matrix is that of a network: the
//! simplex ends in a whole solution, the closest there is. Others are branched on.
//!
//! Start reading at [`round`]; [`prove`] says what attackers can conclude, [`Key`] what the
//! closest table gives away.

mod key;
mod parts;
mod proof;
#[cfg(test)]
mod tests;
mod tree;

pub use key::{Key, ShortKey};
pub use proof::{Proof, prove};

use super::files::quoted;
use super::model::Instance;
use super::tabulate::{Table, nodes};
use parts::Parts;
use tree::Tree;

/// A rounded table.
#[derive(Debug, Clone, PartialEq)]
pub struct Rounded {
    /// By cell the rounded value.
    pub values: Vec<i64>,
    /// The sum of the distances between true and rounded values.
    pub distance: f64,
    /// No rounded table is closer than this.
    pub bound: f64,
}

/// Why there is no rounded table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoundError {
    /// A base that rounds nothing.
    #[error("the base must be a whole number from 2")]
    Base,
    /// A value that is too large for whole numbers.
    #[error("the cell `{0}` is too large to be rounded exactly")]
    Large(String),
    /// Proved.
    #[error(
        "no table of multiples next to the true values adds up: try another base, or suppression"
    )]
    Impossible,
    /// The work is spent.
    #[error(
        "no table of multiples next to the true values was found that adds up, and none is \
         excluded: try more --work, another base, or suppression"
    )]
    NotFound,
}

/// Rounds to multiples of `base` within `work` entries touched: without a key to the closest
/// table found, with one to where its directions lead.
///
/// # Errors
/// [`RoundError`]; nothing is rounded farther than to the next multiple.
pub fn round(
    instance: &Instance,
    base: u32,
    key: Option<&Key>,
    work: u64,
) -> Result<Rounded, RoundError> {
    if base < 2 {
        return Err(RoundError::Base);
    }
    let parts = Parts::new(instance, base)?;
    let (ups, bound) = Tree::new(instance, &parts, base, key).search(work)?;
    let values: Vec<i64> = parts
        .below
        .iter()
        .zip(&ups)
        .map(|(below, up)| (below + i64::from(*up)) * i64::from(base))
        .collect();
    if !adds_up(instance, &values) {
        return Err(RoundError::NotFound);
    }
    let size = f64::from(base);
    let distance = |(rest, up): (&f64, &bool)| if *up { size - rest } else { *rest };
    let distance = parts.rest.iter().zip(&ups).map(distance).fold(0.0, |sum, by| sum + by);
    let least = match key {
        None => bound * size + parts.rest.iter().sum::<f64>(),
        Some(_) => parts.rest.iter().map(|rest| rest.min(size - rest)).sum(),
    };
    // What adding in another order leaves.
    let closest = least > distance - 1e-3 * instance.step();
    Ok(Rounded { values, distance, bound: if closest { distance } else { least.max(0.0) } })
}

/// Whether every total is the sum of its children.
pub fn adds_up(instance: &Instance, values: &[i64]) -> bool {
    instance.sums.iter().all(|sum| {
        let children = sum.children.iter().map(|child| i128::from(values[*child]));
        children.sum::<i128>() == i128::from(values[sum.total])
    })
}

/// The rounded table: `id,value`, in the cells' order.
pub fn written(instance: &Instance, rounded: &Rounded) -> String {
    let mut text = String::from("id,value\n");
    for (cell, value) in instance.cells.iter().zip(&rounded.values) {
        text.push_str(&format!("{},{value}\n", quoted(&cell.id)));
    }
    text
}

impl Table {
    /// The rounded table: the dimensions and `value`. Counts of units are left out: they are not
    /// rounded.
    pub fn rounded(&self, rounded: &Rounded) -> String {
        let mut text = String::new();
        for (name, _) in &self.dimensions {
            text.push_str(&format!("{},", quoted(name)));
        }
        text.push_str("value\n");
        for (at, value) in rounded.values.iter().enumerate() {
            for (node, (_, tree)) in nodes(&self.dimensions, at).iter().zip(&self.dimensions) {
                text.push_str(&format!("{},", quoted(&tree.codes[*node])));
            }
            text.push_str(&format!("{value}\n"));
        }
        text
    }
}
