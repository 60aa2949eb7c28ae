//! The factors of a basis: sparse LU with Markowitz pivots, updated by product form.
//!
//! The bases of tables are almost triangular: taking rows and columns with one entry first
//! leaves a small kernel, in which the pivot with the fewest possible fill-ins is taken among
//! those at least a tenth as large as the largest of their column (Markowitz 1957; Suhl and
//! Suhl 1990).

use super::active::{Active, THRESHOLD};

/// Below this a number is the rounding error of a zero.
pub const TINY: f64 = 1e-12;
/// One elimination step: `row` leaves with the column at `position`.
#[derive(Debug, Clone, Copy)]
struct Pivot {
    row: usize,
    position: usize,
    value: f64,
}

/// One replaced column: `alpha` is the new column in terms of the basis before.
#[derive(Debug, Clone)]
struct Eta {
    position: usize,
    pivot: f64,
    others: Vec<(usize, f64)>,
}

/// Factors of a square basis of `size` rows.
#[derive(Debug, Clone, Default)]
pub struct Factors {
    size: usize,
    pivots: Vec<Pivot>,
    /// For steps that changed other rows: (pivot row, (row, multiplier)).
    lower: Vec<(usize, Vec<(usize, f64)>)>,
    /// By step: the entries of U's column above the pivot, as (row, value).
    upper_columns: Vec<Vec<(usize, f64)>>,
    /// By step: the entries of U's row right of the pivot, as (position, value).
    upper_rows: Vec<Vec<(usize, f64)>>,
    etas: Vec<Eta>,
}

/// A column that had no usable pivot, and the row that was left without one: the caller puts the
/// row's logical variable at the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deficient {
    /// The column's position in the basis.
    pub position: usize,
    /// The row without a pivot.
    pub row: usize,
}

impl Factors {
    /// The factors of the basis of logicals.
    pub fn identity(size: usize) -> Self {
        Self {
            size,
            pivots: (0..size).map(|at| Pivot { row: at, position: at, value: 1.0 }).collect(),
            upper_columns: vec![Vec::new(); size],
            upper_rows: vec![Vec::new(); size],
            ..Self::default()
        }
    }

    /// Factorises the basis whose columns are given in order of position, each as (row, value).
    /// Columns that depend on others are reported, and stand in the factors as unit columns.
    pub fn new(columns: Vec<Vec<(usize, f64)>>) -> (Self, Vec<Deficient>) {
        let size = columns.len();
        let mut factors = Self { size, ..Self::default() };
        factors.pivots.reserve(size);
        let mut active = Active::new(columns);
        factors.singletons(&mut active);
        let mut open: Vec<usize> = (0..size).filter(|p| active.column_open[*p]).collect();
        while let Some((row, position)) = active.markowitz(&mut open) {
            factors.eliminate(&mut active, row, position);
            factors.singletons(&mut active);
        }
        let deficient = factors.patch(&active);
        factors.index_columns();
        (factors, deficient)
    }

    /// Takes every column and every row with one entry, until there are none.
    fn singletons(&mut self, active: &mut Active) {
        let all = 0..self.size;
        let lone = |at: &usize| active.column_open[*at] && active.columns[*at].len() == 1;
        let mut columns: Vec<usize> = all.clone().filter(lone).collect();
        let lone = |at: &usize| active.row_open[*at] && active.rows[*at].len() == 1;
        let mut rows: Vec<usize> = all.filter(lone).collect();
        loop {
            let (row, position) = if let Some(position) = columns.pop() {
                let ([(row, value)], true) =
                    (active.columns[position].as_slice(), active.column_open[position])
                else {
                    continue;
                };
                if value.abs() < 1e-9 {
                    continue;
                }
                (*row, position)
            } else if let Some(row) = rows.pop() {
                let ([position], true) = (active.rows[row].as_slice(), active.row_open[row]) else {
                    continue;
                };
                let value = active.columns[*position].iter().find(|(r, _)| *r == row);
                let least = (active.largest(*position) * THRESHOLD).max(1e-9);
                if value.is_none_or(|(_, value)| value.abs() < least) {
                    continue;
                }
                (row, *position)
            } else {
                return;
            };
            let touched_rows: Vec<usize> =
                active.columns[position].iter().map(|(row, _)| *row).collect();
            let touched_columns = active.rows[row].clone();
            self.eliminate(active, row, position);
            columns.extend(touched_columns.iter().filter(|p| active.columns[**p].len() == 1));
            rows.extend(touched_rows.iter().filter(|r| active.rows[**r].len() == 1));
        }
    }

    /// Eliminates with the pivot at (`row`, `position`).
    fn eliminate(&mut self, active: &mut Active, row: usize, position: usize) {
        let column = std::mem::take(&mut active.columns[position]);
        let pivot = column.iter().find(|(r, _)| *r == row).map_or(1.0, |(_, value)| *value);
        let others: Vec<(usize, f64)> = column
            .iter()
            .filter(|(r, _)| *r != row)
            .map(|(r, value)| (*r, value / pivot))
            .collect();
        active.column_open[position] = false;
        active.row_open[row] = false;
        for (other, _) in &others {
            active.rows[*other].retain(|p| *p != position);
        }
        let mut upper = Vec::new();
        for other in std::mem::take(&mut active.rows[row]) {
            if other == position {
                continue;
            }
            let found = active.columns[other].iter().position(|(r, _)| *r == row);
            let Some(found) = found else { continue };
            let (_, value) = active.columns[other].swap_remove(found);
            upper.push((other, value));
            if !others.is_empty() {
                active.subtract(other, &others, value);
            }
        }
        self.pivots.push(Pivot { row, position, value: pivot });
        self.upper_rows.push(upper);
        if !others.is_empty() {
            self.lower.push((row, others));
        }
    }

    /// Puts unit columns where no pivot was found.
    fn patch(&mut self, active: &Active) -> Vec<Deficient> {
        let rows = (0..self.size).filter(|row| active.row_open[*row]);
        let positions = (0..self.size).filter(|position| active.column_open[*position]);
        let pairs: Vec<Deficient> =
            positions.zip(rows).map(|(position, row)| Deficient { position, row }).collect();
        for pair in &pairs {
            self.pivots.push(Pivot { row: pair.row, position: pair.position, value: 1.0 });
            self.upper_rows.push(Vec::new());
        }
        if !pairs.is_empty() {
            // What U says of a replaced column is void: its unit column has no entry above.
            let replaced: std::collections::BTreeSet<usize> =
                pairs.iter().map(|pair| pair.position).collect();
            for row in &mut self.upper_rows {
                row.retain(|(position, _)| !replaced.contains(position));
            }
        }
        pairs
    }

    /// Lists U by column, for forward solves.
    fn index_columns(&mut self) {
        let mut step_of = vec![0; self.size];
        for (step, pivot) in self.pivots.iter().enumerate() {
            step_of[pivot.position] = step;
        }
        self.upper_columns = vec![Vec::new(); self.size];
        for (step, row) in self.upper_rows.iter().enumerate() {
            for (position, value) in row {
                self.upper_columns[step_of[*position]].push((self.pivots[step].row, *value));
            }
        }
    }

    /// Solves B z = y: `y` by row comes in and is spent, `z` by position comes out.
    pub fn forward(&self, y: &mut [f64], z: &mut [f64]) {
        for (row, others) in &self.lower {
            let value = y[*row];
            if value != 0.0 {
                for (other, factor) in others {
                    y[*other] -= factor * value;
                }
            }
        }
        for (step, pivot) in self.pivots.iter().enumerate().rev() {
            let value = y[pivot.row];
            y[pivot.row] = 0.0;
            if value.abs() <= TINY {
                z[pivot.position] = 0.0;
                continue;
            }
            let value = value / pivot.value;
            z[pivot.position] = value;
            for (row, u) in &self.upper_columns[step] {
                y[*row] -= u * value;
            }
        }
        for eta in &self.etas {
            let value = z[eta.position];
            if value != 0.0 {
                let value = value / eta.pivot;
                z[eta.position] = value;
                eta.others.iter().for_each(|(other, alpha)| z[*other] -= alpha * value);
            }
        }
    }

    /// Solves B'w = g: `g` by position comes in and is spent, `w` by row comes out.
    pub fn backward(&self, g: &mut [f64], w: &mut [f64]) {
        for eta in self.etas.iter().rev() {
            let sum: f64 = eta.others.iter().map(|(other, alpha)| alpha * g[*other]).sum();
            g[eta.position] = (g[eta.position] - sum) / eta.pivot;
        }
        for (step, pivot) in self.pivots.iter().enumerate() {
            let value = g[pivot.position];
            g[pivot.position] = 0.0;
            if value.abs() <= TINY {
                w[pivot.row] = 0.0;
                continue;
            }
            let value = value / pivot.value;
            w[pivot.row] = value;
            for (position, u) in &self.upper_rows[step] {
                g[*position] -= u * value;
            }
        }
        for (row, others) in self.lower.iter().rev() {
            let sum: f64 = others.iter().map(|(other, factor)| factor * w[*other]).sum();
            w[*row] -= sum;
        }
    }

    /// Replaces the column at `position` by one that is `alpha` in terms of this basis.
    pub fn replace(&mut self, position: usize, alpha: &[(usize, f64)]) {
        let pivot = alpha.iter().find(|(p, _)| *p == position).map_or(1.0, |(_, value)| *value);
        let others = alpha.iter().filter(|(p, _)| *p != position).copied().collect();
        self.etas.push(Eta { position, pivot, others });
    }

    /// How many columns were replaced since the factorisation.
    pub fn replaced(&self) -> usize {
        self.etas.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn product(columns: &[Vec<(usize, f64)>], z: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; columns.len()];
        for (column, value) in columns.iter().zip(z) {
            for (row, entry) in column {
                y[*row] += entry * value;
            }
        }
        y
    }

    proptest! {
        #[test]
        fn solves_give_back_what_the_matrix_made(
            size in 1_usize..12,
            entries in proptest::collection::vec((0_usize..12, 0_usize..12, -3_i8..=3), 0..60),
            z in proptest::collection::vec(-5.0_f64..5.0, 12),
            new in proptest::collection::vec(-3_i8..=3, 12),
            at in 0_usize..12,
        ) {
            let mut columns = vec![Vec::<(usize, f64)>::new(); size];
            for (row, column, value) in entries {
                let (row, column) = (row % size, column % size);
                if value != 0 && columns[column].iter().all(|(r, _)| *r != row) {
                    columns[column].push((row, f64::from(value)));
                }
            }
            let (mut factors, deficient) = Factors::new(columns.clone());
            for lost in &deficient {
                columns[lost.position] = vec![(lost.row, 1.0)];
            }
            let z = &z[..size];
            let (mut y, mut found) = (product(&columns, z), vec![0.0; size]);
            factors.forward(&mut y, &mut found);
            for (a, b) in found.iter().zip(z) {
                prop_assert!((a - b).abs() < 1e-6, "{found:?} {z:?}");
            }
            let at = at % size;
            let column: Vec<(usize, f64)> = (0..size)
                .filter(|row| new[*row] != 0).map(|row| (row, f64::from(new[row]))).collect();
            let mut dense = vec![0.0; size];
            for (row, value) in &column {
                dense[*row] = *value;
            }
            let mut alpha = vec![0.0; size];
            factors.forward(&mut dense, &mut alpha);
            prop_assume!(alpha[at].abs() > 1e-3);
            let sparse: Vec<(usize, f64)> =
                alpha.iter().copied().enumerate().filter(|(_, v)| *v != 0.0).collect();
            factors.replace(at, &sparse);
            columns[at] = column;
            let mut g: Vec<f64> = columns
                .iter().map(|column| column.iter().map(|(row, v)| v * z[*row]).sum()).collect();
            let mut w = vec![0.0; size];
            factors.backward(&mut g, &mut w);
            for (a, b) in w.iter().zip(z) {
                prop_assert!((a - b).abs() < 1e-5, "{w:?} {z:?}");
            }
        }
    }
}
