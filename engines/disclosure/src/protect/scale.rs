//! Units in which the programs' tolerances mean something.
//!
//! Tables come in euros or in thousand tonnes, and one cell of a table may be a billion times
//! another. The programs compare with absolute tolerances, so each brings the demand that it is
//! about to a thousand or so first. Factors are powers of two: nothing is rounded.

use super::demand::Demand;
use super::model::Instance;

/// The factor that brings `largest` to about 1,000; 1 where it is between 100 and 10,000, or
/// where there is nothing to bring.
pub fn factor(largest: f64) -> f64 {
    if !largest.is_finite() || largest <= 0.0 || (100.0..=10_000.0).contains(&largest) {
        return 1.0;
    }
    // The exponent is read off the bits: a logarithm may differ between platforms.
    let exponent = (largest.to_bits() >> 52).clamp(32, 2_015);
    f64::from_bits((1_023 + 1_023 + 9 - exponent) << 52)
}

/// The factor for some demands.
pub fn factor_of(demands: &[Demand]) -> f64 {
    factor(demands.iter().map(|demand| demand.amount).fold(0.0, f64::max))
}

/// The instance in other units; costs stay.
pub fn instance(instance: &Instance, factor: f64) -> Instance {
    let mut scaled = instance.clone();
    for cell in &mut scaled.cells {
        for number in [
            &mut cell.value,
            &mut cell.low,
            &mut cell.high,
            &mut cell.lower_level,
            &mut cell.upper_level,
            &mut cell.sliding_level,
        ] {
            *number *= factor;
        }
    }
    scaled
}

/// The demands in other units.
pub fn demands(demands: &[Demand], factor: f64) -> Vec<Demand> {
    let scaled = |demand: &Demand| Demand { amount: demand.amount * factor, ..*demand };
    demands.iter().map(scaled).collect()
}
