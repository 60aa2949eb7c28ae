//! What additive relations give away: which unknowns have one value, and between which bounds the
//! others lie when none is below zero.
//!
//! Exact values come from elimination modulo a prime, so that no rounding hides a recovery; a
//! wrong one needs a minor of the matrix to be a multiple of 2^61 - 1, which the 0/1 matrices of
//! tables of the size read here do not have in practice. Bounds come from propagation over the
//! relations and the rows that elimination leaves: they always hold, and are exact on tables of two
//! dimensions without subtotals where each unknown stands in two relations at most.

use std::cell::OnceCell;

const P: i128 = (1 << 61) - 1;

/// Rounds of propagation at most; each makes bounds tighter, so that stopping early says less than
/// is true and never more.
const ROUNDS: usize = 40;
/// Coefficients that are looked at in all rounds at most.
const WORK: usize = 20_000_000;

/// Between which values an unknown lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The least value.
    pub low: f64,
    /// The greatest value; infinite where no relation bounds it.
    pub high: f64,
}

/// Relations between unknowns: some of them, with signs, add up to a whole number.
#[derive(Debug, Default, Clone)]
pub struct System {
    unknowns: usize,
    rows: Vec<(Vec<(usize, i8)>, i64)>,
    /// The rows that elimination leaves: cubic, so that it is done once.
    reduced: OnceCell<Vec<Sparse>>,
}

/// Unknowns in rising order with their factors modulo [`P`], and their sum.
type Sparse = (Vec<(usize, i128)>, i128);

impl System {
    /// Without relations, on so many unknowns.
    pub fn new(unknowns: usize) -> Self {
        Self { unknowns, rows: Vec::new(), reduced: OnceCell::new() }
    }

    /// Adds: the unknowns, each with its sign, add up to `sum`.
    ///
    /// # Panics
    /// Never: an unknown that is out of range makes the relation void.
    pub fn add(&mut self, mut terms: Vec<(usize, i8)>, sum: i64) {
        terms.sort_unstable();
        if terms.iter().all(|(unknown, _)| *unknown < self.unknowns) && !terms.is_empty() {
            self.rows.push((terms, sum));
            self.reduced = OnceCell::new();
        }
    }

    /// The unknowns that have one value only, with it.
    pub fn determined(&self) -> Vec<(usize, i64)> {
        let reduced = self.reduced();
        let value = |sum: i128| if sum > P / 2 { sum - P } else { sum };
        let single = |(terms, sum): &(Vec<(usize, i128)>, i128)| match terms.as_slice() {
            [(unknown, 1)] => Some((*unknown, i64::try_from(value(*sum)).ok()?)),
            _ => None,
        };
        reduced.iter().filter_map(single).collect()
    }

    /// Gauss and Jordan's elimination on sparse rows; each row left has a leading 1.
    fn reduced(&self) -> &[Sparse] {
        self.reduced.get_or_init(|| self.eliminated())
    }

    fn eliminated(&self) -> Vec<Sparse> {
        let whole = |(terms, sum): &(Vec<(usize, i8)>, i64)| -> Sparse {
            let mut row: Sparse = (Vec::new(), i128::from(*sum).rem_euclid(P));
            for (unknown, sign) in terms {
                let sign = i128::from(*sign).rem_euclid(P);
                match row.0.last_mut() {
                    Some((last, factor)) if last == unknown => *factor = (*factor + sign) % P,
                    _ => row.0.push((*unknown, sign)),
                }
            }
            row.0.retain(|(_, factor)| *factor != 0);
            row
        };
        let mut open: Vec<Sparse> = self.rows.iter().map(whole).collect();
        let mut done: Vec<Sparse> = Vec::new();
        // Short rows first: they fill others least.
        while let Some(at) =
            (0..open.len()).filter(|r| !open[*r].0.is_empty()).min_by_key(|r| open[*r].0.len())
        {
            let mut pivot = open.swap_remove(at);
            let Some((column, factor)) = pivot.0.first().copied() else { continue };
            let inverse = power(factor, P - 2);
            pivot.0.iter_mut().for_each(|(_, f)| *f = *f * inverse % P);
            pivot.1 = pivot.1 * inverse % P;
            for row in open.iter_mut().chain(&mut done) {
                if let Ok(place) = row.0.binary_search_by_key(&column, |(unknown, _)| *unknown) {
                    let factor = row.0[place].1;
                    *row =
                        (less(&row.0, &pivot.0, factor), (row.1 - factor * pivot.1).rem_euclid(P));
                }
            }
            done.push(pivot);
        }
        done
    }

    /// Bounds of every unknown, starting from zero and `above` (infinite where nothing is known).
    pub fn bounds(&self, above: &[f64]) -> Vec<Bounds> {
        let start =
            |at: usize| Bounds { low: 0.0, high: above.get(at).copied().unwrap_or(f64::INFINITY) };
        let mut bounds: Vec<Bounds> = (0..self.unknowns).map(start).collect();
        let mut rows: Vec<(Vec<(usize, f64)>, f64)> = self.rows.iter().map(plain).collect();
        rows.extend(self.reduced().iter().filter_map(small));
        let size: usize = rows.iter().map(|(terms, _)| terms.len()).sum();
        for _ in 0..ROUNDS.min(WORK / size.max(1) + 1) {
            let mut changed = false;
            for (terms, sum) in &rows {
                changed |= tighten(terms, *sum, &mut bounds);
            }
            if !changed {
                break;
            }
        }
        bounds
    }
}

#[expect(clippy::cast_precision_loss, reason = "sums of table cells are below 2^53")]
fn plain((terms, sum): &(Vec<(usize, i8)>, i64)) -> (Vec<(usize, f64)>, f64) {
    (terms.iter().map(|(unknown, sign)| (*unknown, f64::from(*sign))).collect(), *sum as f64)
}

/// A reduced row whose factors are small whole numbers is a relation of its own.
#[expect(clippy::cast_precision_loss, reason = "checked to be small")]
fn small((terms, sum): &(Vec<(usize, i128)>, i128)) -> Option<(Vec<(usize, f64)>, f64)> {
    let signed = |value: i128, most: i128| {
        let value = if value > P / 2 { value - P } else { value };
        (value.abs() <= most).then_some(value as f64)
    };
    let factor = |(unknown, factor): &(usize, i128)| Some((*unknown, signed(*factor, 1000)?));
    Some((terms.iter().map(factor).collect::<Option<_>>()?, signed(*sum, 1 << 50)?))
}

/// Makes the bounds of a relation's unknowns as tight as the others' bounds allow.
fn tighten(terms: &[(usize, f64)], sum: f64, bounds: &mut [Bounds]) -> bool {
    let least = |(unknown, factor): &(usize, f64), bounds: &[Bounds]| {
        let own = bounds[*unknown];
        if *factor > 0.0 { factor * own.low } else { factor * own.high }
    };
    let most = |(unknown, factor): &(usize, f64), bounds: &[Bounds]| {
        let own = bounds[*unknown];
        if *factor > 0.0 { factor * own.high } else { factor * own.low }
    };
    // An infinite bound of one term bounds the others by nothing: counted, not added.
    let fold = |values: Vec<f64>| {
        let open = values.iter().filter(|v| v.is_infinite()).count();
        (values.iter().filter(|v| v.is_finite()).sum::<f64>(), open)
    };
    let (low_sum, low_open) = fold(terms.iter().map(|t| least(t, bounds)).collect());
    let (high_sum, high_open) = fold(terms.iter().map(|t| most(t, bounds)).collect());
    let mut changed = false;
    for term in terms {
        let (own_least, own_most) = (least(term, bounds), most(term, bounds));
        let without = |total: f64, open: usize, own: f64| match (open, own.is_infinite()) {
            (0, _) => Some(total - own),
            (1, true) => Some(total),
            _ => None,
        };
        let (unknown, factor) = *term;
        let top = without(low_sum, low_open, own_least).map(|rest| (sum - rest) / factor);
        let floor = without(high_sum, high_open, own_most).map(|rest| (sum - rest) / factor);
        let (low, high) = if factor > 0.0 { (floor, top) } else { (top, floor) };
        let own = &mut bounds[unknown];
        // Whole numbers: a bound moves to the next one inside.
        if let Some(low) = low.map(|v| (v - 1e-6).ceil()).filter(|v| *v > own.low) {
            (own.low, changed) = (low, true);
        }
        if let Some(high) = high.map(|v| (v + 1e-6).floor()).filter(|v| *v < own.high) {
            (own.high, changed) = (high, true);
        }
        // The sums above are looser than the new bounds, so that what follows from them still holds.
    }
    changed
}

fn less(row: &[(usize, i128)], pivot: &[(usize, i128)], factor: i128) -> Vec<(usize, i128)> {
    let mut out = Vec::with_capacity(row.len() + pivot.len());
    let (mut row, mut pivot) = (row.iter().copied().peekable(), pivot.iter().copied().peekable());
    loop {
        let next = match (row.peek().copied(), pivot.peek().copied()) {
            (Some((at, own)), Some((other, minus))) if at == other => {
                row.next();
                pivot.next();
                (at, (own - factor * minus).rem_euclid(P))
            }
            (Some((at, own)), other) if other.is_none_or(|(other, _)| at < other) => {
                row.next();
                (at, own)
            }
            (_, Some((other, minus))) => {
                pivot.next();
                (other, (-factor * minus).rem_euclid(P))
            }
            (_, None) => return out,
        };
        if next.1 != 0 {
            out.push(next);
        }
    }
}

fn power(mut base: i128, mut exponent: i128) -> i128 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % P;
        }
        base = base * base % P;
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn system(unknowns: usize, rows: &[(&[usize], i64)]) -> System {
        let mut system = System::new(unknowns);
        for (terms, sum) in rows {
            system.add(terms.iter().map(|t| (*t, 1)).collect(), *sum);
        }
        system
    }

    #[test]
    fn a_single_unknown_of_a_line_is_given_back() {
        let mut found = system(2, &[(&[0], 7), (&[0, 1], 4)]).determined();
        found.sort_unstable();
        assert_eq!(found, [(0, 7), (1, -3)]);
    }

    #[test]
    fn a_square_of_masks_is_bounded_and_not_given_back() {
        let square = system(4, &[(&[0, 1], 9), (&[2, 3], 8), (&[0, 2], 10), (&[1, 3], 7)]);
        assert!(square.determined().is_empty());
        let bounds = square.bounds(&[]);
        assert_eq!(bounds[0], Bounds { low: 2.0, high: 9.0 });
        assert_eq!(bounds[3], Bounds { low: 0.0, high: 7.0 });
    }

    /// Every table of two rows and three columns with the same margins.
    fn naive(rows: [i64; 2], columns: [i64; 3]) -> Option<[(i64, i64); 6]> {
        let mut found: Option<[(i64, i64); 6]> = None;
        for a in 0..=columns[0] {
            for b in 0..=columns[1] {
                let c = rows[0] - a - b;
                let cells = [a, b, c, columns[0] - a, columns[1] - b, columns[2] - c];
                if cells.iter().any(|v| *v < 0) || cells[3] + cells[4] + cells[5] != rows[1] {
                    continue;
                }
                let seen = found.get_or_insert(cells.map(|v| (v, v)));
                for (range, v) in seen.iter_mut().zip(cells) {
                    *range = (range.0.min(v), range.1.max(v));
                }
            }
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(3), ..ProptestConfig::default() })]

        /// The oracle tries every table that has these margins.
        #[test]
        fn bounds_of_a_masked_table_agree_with_trying_every_table(cells in proptest::array::uniform6(0i64..9)) {
            let rows = [cells[0] + cells[1] + cells[2], cells[3] + cells[4] + cells[5]];
            let columns = [cells[0] + cells[3], cells[1] + cells[4], cells[2] + cells[5]];
            let table = system(6, &[
                (&[0, 1, 2], rows[0]), (&[3, 4, 5], rows[1]),
                (&[0, 3], columns[0]), (&[1, 4], columns[1]), (&[2, 5], columns[2]),
            ]);
            let naive = naive(rows, columns).expect("the table itself");
            for (own, (low, high)) in table.bounds(&[]).iter().zip(naive) {
                #[expect(clippy::cast_precision_loss, reason = "small")]
                let both = (low as f64, high as f64);
                prop_assert_eq!((own.low, own.high), both);
            }
        }

        /// What elimination gives back is what the hidden table holds, and the bounds hold it too.
        #[test]
        fn what_is_given_back_is_true(hidden in proptest::collection::vec(0i64..50, 2..12), picks in proptest::collection::vec(proptest::collection::vec(any::<bool>(), 12), 1..10)) {
            let mut system = System::new(hidden.len());
            for pick in &picks {
                let terms: Vec<usize> = (0..hidden.len()).filter(|i| pick[*i]).collect();
                let sum = terms.iter().map(|i| hidden[*i]).sum();
                system.add(terms.iter().map(|i| (*i, 1)).collect(), sum);
            }
            for (unknown, value) in system.determined() {
                prop_assert_eq!(value, hidden[unknown]);
            }
            for (own, value) in system.bounds(&[]).iter().zip(&hidden) {
                #[expect(clippy::cast_precision_loss, reason = "small")]
                let value = *value as f64;
                prop_assert!(own.low <= value && value <= own.high);
            }
        }
    }
}
