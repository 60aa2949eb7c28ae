//! Whether the markers of a graphic stand for single units.

/// Distinct markers below which a cloud may be groups: quantile bins, years, regions.
pub const LEAST: usize = 20;

/// The number of distinct markers where they look like single units: at least [`LEAST`] of them,
/// whose places along the first axis are neither few nor evenly spaced, as those of years, ages
/// and categories are. `None` otherwise.
pub fn individuals(points: &[(f64, f64)]) -> Option<usize> {
    let mut distinct: Vec<(i64, i64)> =
        points.iter().filter_map(|(x, y)| Some((fixed(*x)?, fixed(*y)?))).collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < LEAST {
        return None;
    }
    let axis = |of: fn(&(i64, i64)) -> i64| {
        let mut places: Vec<i64> = distinct.iter().map(of).collect();
        places.sort_unstable();
        places.dedup();
        places
    };
    let (xs, ys) = (axis(|p| p.0), axis(|p| p.1));
    // One place on an axis: ticks, or a strip of points, which are single units all the same when
    // they are many and uneven along the other axis.
    let along = if xs.len() <= 2 { &ys } else { &xs };
    let across = if xs.len() <= 2 { distinct.len() } else { ys.len() };
    (along.len() >= LEAST && across >= LEAST / 2 && !is_even(along)).then_some(distinct.len())
}

/// Thousandths, so that what a program writes twice is the same.
fn fixed(value: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "bounded in the same line")]
    (value.is_finite() && value.abs() < 1e12).then_some((value * 1000.0).round() as i64)
}

/// Whether rising places are multiples of one step, as years and categories are.
fn is_even(places: &[i64]) -> bool {
    let gaps: Vec<i64> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mut sorted = gaps.clone();
    sorted.sort_unstable();
    let Some(step) = sorted.get(sorted.len() / 2).copied().filter(|step| *step > 0) else {
        return true;
    };
    let tolerance = (step / 20).max(2);
    let off = |gap: &&i64| {
        let rest = gap.rem_euclid(step);
        rest.min(step - rest) > tolerance
    };
    gaps.iter().filter(off).count() * 10 <= gaps.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cloud_is_single_units_and_a_series_is_not() {
        let mut seed = 7_u32;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(seed >> 16) / 65.0
        };
        let cloud: Vec<_> = (0..60).map(|_| (next(), next())).collect();
        assert_eq!(individuals(&cloud), Some(60));
        let years: Vec<_> = (0..40).map(|at| (f64::from(at) * 10.5, next())).collect();
        assert_eq!(individuals(&years), None);
        assert_eq!(individuals(&cloud[..15]), None);
    }
}
