//! The cross-tabulation kernel: counts, sums and leading contributions of each cell in one pass.

/// What one cell of a cross table holds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Contributions {
    /// How many units.
    pub units: u32,
    /// The largest contribution, absolute.
    pub first: f64,
    /// The second largest, absolute.
    pub second: f64,
    /// The sum of all others, absolute.
    pub rest: f64,
}

impl Contributions {
    /// Whichever of three falls out of the top two joins `rest`: no branch, and no subtraction
    /// from a total, which would lose small contributors to rounding.
    fn add(&mut self, v: f64) {
        self.units += 1;
        self.rest += v.min(self.second);
        self.second = self.second.max(v.min(self.first));
        self.first = self.first.max(v);
    }

    /// The sum of the absolute contributions.
    pub fn total(&self) -> f64 {
        self.first + self.second + self.rest
    }

    /// Whether the largest (`n` = 1) or the two largest (`n` = 2) hold more than `percent` %.
    /// A larger `n` is answered as 2, which never says more than is true.
    pub fn is_dominated(&self, n: u8, percent: f64) -> bool {
        self.leading(n) > percent / 100.0 * self.total()
    }

    /// The sum of the largest (`n` = 1) or of the two largest contributions.
    pub fn leading(&self, n: u8) -> f64 {
        if n == 1 { self.first } else { self.first + self.second }
    }
}

/// Why a cross-tabulation was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CrossTabError {
    /// As many cell codes as values are needed.
    #[error("{values} values and {cells} cell codes: one of each is needed")]
    Lengths {
        /// Values given.
        values: usize,
        /// Cell codes given.
        cells: usize,
    },
    /// A cell code is not below the number of cells.
    #[error("a cell code is not below {0}")]
    Code(usize),
    /// A value is NaN or infinite, so that no share can be told.
    #[error("a value is not finite")]
    NotFinite,
}

/// Adds `|values[i]|` to cell `cells[i]` of `count` cells. One pass, 32 bytes a cell.
///
/// Absolute values, so that contributions of both signs do not hide each other (ABS, rule of
/// dominance on absolute values).
///
/// # Errors
/// See [`CrossTabError`]; a NaN refuses the table rather than one cell.
pub fn cross_tab(
    values: &[f64],
    cells: &[u32],
    count: usize,
) -> Result<Vec<Contributions>, CrossTabError> {
    if values.len() != cells.len() {
        return Err(CrossTabError::Lengths { values: values.len(), cells: cells.len() });
    }
    let mut table = vec![Contributions::default(); count];
    let mut finite = true;
    for (value, code) in values.iter().zip(cells) {
        finite &= value.is_finite();
        let cell = table.get_mut(*code as usize).ok_or(CrossTabError::Code(count))?;
        cell.add(value.abs());
    }
    if finite { Ok(table) } else { Err(CrossTabError::NotFinite) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sorts each cell, and adds up what is left of its two largest.
    fn naive(rows: &[(i32, u32)], count: u32) -> Vec<(u32, f64, f64, f64)> {
        (0..count)
            .map(|cell| {
                let mut own: Vec<f64> =
                    rows.iter().filter(|r| r.1 == cell).map(|r| f64::from(r.0.abs())).collect();
                own.sort_by(|a, b| b.total_cmp(a));
                let at = |i: usize| own.get(i).copied().unwrap_or(0.0);
                let units = u32::try_from(own.len()).expect("few rows");
                (units, at(0), at(1), own.iter().skip(2).sum())
            })
            .collect()
    }

    proptest! {
        #[test]
        fn cross_tab_agrees_with_naive(rows in proptest::collection::vec((-500..500_i32, 0..4_u32), 0..200)) {
            let values: Vec<f64> = rows.iter().map(|r| f64::from(r.0)).collect();
            let codes: Vec<u32> = rows.iter().map(|r| r.1).collect();
            let table = cross_tab(&values, &codes, 4).expect("finite");
            let seen: Vec<_> = table.iter().map(|c| (c.units, c.first, c.second, c.rest)).collect();
            prop_assert_eq!(seen, naive(&rows, 4));
        }

        #[test]
        fn dominance_and_p_percent_agree_with_naive(rows in proptest::collection::vec((0..500_i32, 0..3_u32), 0..60), k in 50..99_u8, p in 1..50_u8) {
            let values: Vec<f64> = rows.iter().map(|r| f64::from(r.0)).collect();
            let codes: Vec<u32> = rows.iter().map(|r| r.1).collect();
            let table = cross_tab(&values, &codes, 3).expect("finite");
            for (cell, (_, first, second, rest)) in table.iter().zip(naive(&rows, 3)) {
                let total = first + second + rest;
                prop_assert_eq!(cell.is_dominated(1, f64::from(k)), first > f64::from(k) / 100.0 * total);
                prop_assert_eq!(cell.is_dominated(2, f64::from(k)), first + second > f64::from(k) / 100.0 * total);
                let fires = crate::rules::p_percent::fires(cell.rest, cell.first, f64::from(p));
                prop_assert_eq!(fires, total - first - second < f64::from(p) / 100.0 * first);
            }
        }
    }

    #[test]
    fn a_value_that_is_no_number_refuses_the_table() {
        assert_eq!(cross_tab(&[f64::NAN], &[0], 1), Err(CrossTabError::NotFinite));
        assert_eq!(cross_tab(&[1.0], &[1], 1), Err(CrossTabError::Code(1)));
    }
}
