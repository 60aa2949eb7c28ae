//! Whether the markers of a graphic stand for single units.

/// Distinct markers below which a cloud may be groups: quantile bins, years, regions.
pub const LEAST: usize = 20;

/// Distinct markers from which on heaps are looked for: the outliers of two boxes are few.
const LEAST_HEAPED: usize = 8;

/// Markers over one place from which on they heap up.
const HEAP: usize = 4;

/// The number of distinct markers where they look like single units: at least [`LEAST`] of them,
/// whose places along the first axis are neither few nor evenly spaced, as those of years, ages
/// and categories are, or over whose places they heap up. `None` otherwise.
pub fn individuals(points: &[(f64, f64)]) -> Option<usize> {
    let mut distinct: Vec<(i64, i64)> =
        points.iter().filter_map(|(x, y)| Some((fixed(*x)?, fixed(*y)?))).collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < LEAST_HEAPED {
        return None;
    }
    if is_heaped(&distinct) {
        return Some(distinct.len());
    }
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
    let uneven = along.len() >= LEAST && across >= LEAST / 2 && !is_even(along);
    uneven.then_some(distinct.len())
}

/// Whether markers heap up over the same places, and not as often over each: outliers of box plots,
/// strips, and clouds of whole numbers. Series have one marker, or one each, over each place.
fn is_heaped(distinct: &[(i64, i64)]) -> bool {
    let mut heights: Vec<usize> =
        distinct.chunk_by(|a, b| a.0 == b.0).map(<[(i64, i64)]>::len).collect();
    heights.sort_unstable();
    let usual = heights.chunk_by(|a, b| a == b).map(<[usize]>::len).max().unwrap_or(0);
    let highest = heights.last().copied().unwrap_or(0);
    // A few markers must heap up more clearly: a group without a value is no heap.
    if distinct.len() < LEAST {
        return heights.len() >= 2 && highest > HEAP && usual * 2 <= heights.len();
    }
    heights.len() >= 2 && highest >= HEAP && usual * 10 < heights.len() * 7
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
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
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

    #[test]
    fn heaps_over_whole_numbers_and_boxes_are_single_units_and_parallel_series_are_not() {
        let heap = |over: usize, high: fn(usize) -> usize| -> Vec<(f64, f64)> {
            let column = |x: usize| (0..high(x)).map(move |y| (x, y));
            let points = (0..over).flat_map(column);
            points.map(|(x, y)| (x as f64 * 12.0, (y * y) as f64 * 2.3)).collect()
        };
        assert_eq!(individuals(&heap(24, |x| 1 + x * 7 % 5)), Some(71));
        assert_eq!(individuals(&heap(2, |x| 11 + 3 * x)), Some(25));
        assert_eq!(individuals(&heap(16, |_| 5)), None);
        // Outliers of two boxes; three groups of four, one without a value.
        assert_eq!(individuals(&heap(2, |x| 5 + 2 * x)), Some(12));
        assert_eq!(individuals(&heap(3, |x| if x < 1 { 3 } else { 4 })), None);
        // The last series begins later.
        assert_eq!(individuals(&heap(16, |x| if x < 4 { 4 } else { 5 })), None);
    }
}
