//! A table in multiples of a base, and what is left above them.

use super::RoundError;
use crate::protect::model::Instance;

/// The largest whole number below which a double has all of them.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// By cell, its lower multiple in units of the base, and how far the value lies above that, in
/// the value's unit.
pub(super) struct Parts {
    pub below: Vec<i64>,
    pub rest: Vec<f64>,
}

impl Parts {
    /// Rests are compared with the table's own step: a tolerance that grew with the value would
    /// take large values for multiples.
    ///
    /// # Errors
    /// A value whose multiples a double cannot tell apart.
    pub fn new(instance: &Instance, base: u32) -> Result<Self, RoundError> {
        let size = f64::from(base);
        let slack = 1e-3 * instance.step();
        let mut parts = Self { below: Vec::new(), rest: Vec::new() };
        for cell in &instance.cells {
            if cell.value.abs() + size > EXACT {
                return Err(RoundError::Large(cell.id.clone()));
            }
            // The remainder of doubles is exact.
            let rest = cell.value.rem_euclid(size);
            let below = ((cell.value - rest) / size).round();
            let (below, rest) = match rest {
                rest if rest <= slack => (below, 0.0),
                rest if rest >= size - slack => (below + 1.0, 0.0),
                rest => (below, rest),
            };
            #[expect(clippy::cast_possible_truncation, reason = "whole, and at most 2^53")]
            parts.below.push(below as i64);
            parts.rest.push(rest);
        }
        Ok(parts)
    }
}
