//! A linear program with bounded variables, its basis and its point.
//!
//! The rows are `A x + s = rhs`, with a logical variable `s` a row. `primal.rs` and `dual.rs`
//! walk from basis to basis; this file holds what both need.

use super::lu::{Factors, TINY};
use super::sparse::Sparse;

/// What a variable may be beyond its bounds and still count as within, per unit of scale.
pub const FEASIBLE: f64 = 1e-9;
/// What a reduced cost may have of the wrong sign.
pub const OPTIMAL: f64 = 1e-9;
/// A smaller pivot is not trusted.
pub const PIVOT: f64 = 1e-7;
/// Columns replaced before the basis is factorised anew.
const REFACTOR: usize = 64;
/// Says of a variable that it is out of the basis.
pub const OUT: usize = usize::MAX;

/// How a solve ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// No better point exists.
    Optimal,
    /// The objective falls without end.
    Unbounded,
    /// No point meets the rows and the bounds.
    Infeasible,
    /// The work allowed is spent, or the numbers could not be trusted: nothing is proved.
    Stopped,
}

/// A linear program: minimise `cost . x` where `A x + s = rhs` within bounds. Variables are the
/// columns of A, then one logical a row.
#[derive(Debug, Clone)]
pub struct Simplex {
    /// The matrix.
    pub matrix: Sparse,
    /// The right-hand side.
    pub rhs: Vec<f64>,
    /// Lower bounds, of logicals too.
    pub lower: Vec<f64>,
    /// Upper bounds.
    pub upper: Vec<f64>,
    /// Costs.
    pub cost: Vec<f64>,
    /// The point.
    pub x: Vec<f64>,
    /// Reduced costs, of variables out of the basis.
    pub reduced: Vec<f64>,
    /// Where each variable stands in the basis, or [`OUT`].
    pub place: Vec<usize>,
    /// The variable at each position.
    pub head: Vec<usize>,
    /// Entries touched since the start: the clock of this engine, the same at each run.
    pub work: u64,
    pub(super) factors: Factors,
    pub(super) weight: Vec<f64>,
    pub(super) alpha: Vec<f64>,
    pub(super) rho: Vec<f64>,
    pub(super) pivot_row: Vec<f64>,
    pub(super) touched: Vec<usize>,
    seen: Vec<bool>,
    scratch: Vec<f64>,
}

impl Simplex {
    /// A program on `matrix` whose logicals are fixed at zero (equalities), everything at zero
    /// and the logicals in the basis.
    pub fn new(matrix: Sparse, lower: Vec<f64>, upper: Vec<f64>, cost: Vec<f64>) -> Self {
        let (rows, width) = (matrix.rows, matrix.width());
        let all = width + rows;
        let wide = |mut list: Vec<f64>| {
            list.resize(all, 0.0);
            list
        };
        let mut made = Self {
            matrix,
            rhs: vec![0.0; rows],
            lower: wide(lower),
            upper: wide(upper),
            cost: wide(cost),
            x: vec![0.0; all],
            reduced: vec![0.0; all],
            place: vec![OUT; all],
            head: Vec::new(),
            work: 0,
            factors: Factors::default(),
            weight: vec![1.0; all],
            alpha: vec![0.0; rows],
            rho: vec![0.0; rows],
            pivot_row: vec![0.0; all],
            touched: Vec::new(),
            seen: vec![false; all],
            scratch: vec![0.0; rows],
        };
        made.logical_basis();
        made
    }

    /// How many columns are not logicals.
    pub fn width(&self) -> usize {
        self.matrix.width()
    }

    /// Puts the logicals in the basis and everything else out of it.
    pub fn logical_basis(&mut self) {
        let width = self.width();
        for place in &mut self.place {
            *place = OUT;
        }
        self.head = (width..width + self.matrix.rows).collect();
        for (at, variable) in self.head.iter().enumerate() {
            self.place[*variable] = at;
        }
        for weight in &mut self.weight {
            *weight = 1.0;
        }
        self.factors = Factors::identity(self.matrix.rows);
    }

    /// Factorises the basis anew; a dependent column gives its place to a logical.
    pub fn factorise(&mut self) {
        let columns: Vec<Vec<(usize, f64)>> =
            self.head.iter().map(|variable| self.column(*variable)).collect();
        self.work += 4 * columns.iter().map(Vec::len).sum::<usize>() as u64;
        let (factors, deficient) = Factors::new(columns);
        self.factors = factors;
        for lost in deficient {
            let (old, new) = (self.head[lost.position], self.width() + lost.row);
            self.place[old] = OUT;
            self.head[lost.position] = new;
            self.place[new] = lost.position;
        }
    }

    /// Whether the basis has been changed often enough to be factorised anew.
    pub(super) fn stale(&self) -> bool {
        self.factors.replaced() >= REFACTOR
    }

    fn column(&self, variable: usize) -> Vec<(usize, f64)> {
        match variable.checked_sub(self.width()) {
            None => self.matrix.column(variable).to_vec(),
            Some(row) => vec![(row, 1.0)],
        }
    }

    /// Computes the basic variables from those out of the basis.
    pub fn place_basics(&mut self) {
        let mut right = self.rhs.clone();
        for variable in 0..self.x.len() {
            let value = self.x[variable];
            if value == 0.0 || self.place[variable] != OUT {
                continue;
            }
            match variable.checked_sub(self.width()) {
                None => {
                    let column = self.matrix.column(variable);
                    for (row, entry) in column {
                        right[*row] -= entry * value;
                    }
                }
                Some(row) => right[row] -= value,
            }
        }
        let mut found = std::mem::take(&mut self.scratch);
        self.factors.forward(&mut right, &mut found);
        for (variable, value) in self.head.iter().zip(&found) {
            self.x[*variable] = *value;
        }
        self.scratch = found;
    }

    /// The duals of the rows for the present costs.
    pub fn duals(&mut self) -> Vec<f64> {
        let mut costs: Vec<f64> = self.head.iter().map(|variable| self.cost[*variable]).collect();
        let mut duals = vec![0.0; self.matrix.rows];
        self.factors.backward(&mut costs, &mut duals);
        self.work += self.matrix.rows as u64;
        duals
    }

    /// Computes all reduced costs from the present costs.
    pub fn price(&mut self) {
        let duals = self.duals();
        self.reduced.copy_from_slice(&self.cost);
        for (row, dual) in duals.iter().enumerate().filter(|(_, dual)| **dual != 0.0) {
            let width = self.matrix.width();
            self.reduced[width + row] -= dual;
            let entries = self.matrix.row(row);
            self.work += entries.len() as u64;
            for (column, value) in entries {
                self.reduced[*column] -= dual * value;
            }
        }
        for variable in &self.head {
            self.reduced[*variable] = 0.0;
        }
    }

    /// Puts the inverse of the basis times a variable's column in `alpha`.
    pub(super) fn forward(&mut self, variable: usize) {
        let mut right = std::mem::take(&mut self.scratch);
        right.fill(0.0);
        match variable.checked_sub(self.width()) {
            None => {
                let column = self.matrix.column(variable);
                for (row, value) in column {
                    right[*row] = *value;
                }
            }
            Some(row) => right[row] = 1.0,
        }
        self.factors.forward(&mut right, &mut self.alpha);
        self.work += self.matrix.rows as u64 / 4;
        self.scratch = right;
    }

    /// B^-1 times the sum of some columns, each times a number; by position.
    pub(super) fn image(&mut self, moves: &[(usize, f64)]) -> Vec<f64> {
        let mut right = std::mem::take(&mut self.scratch);
        right.fill(0.0);
        for (variable, by) in moves {
            match variable.checked_sub(self.width()) {
                None => {
                    let column = self.matrix.column(*variable);
                    for (row, value) in column {
                        right[*row] += value * by;
                    }
                }
                Some(row) => right[row] += by,
            }
        }
        let mut found = vec![0.0; right.len()];
        self.factors.forward(&mut right, &mut found);
        self.work += self.matrix.rows as u64 / 4;
        self.scratch = right;
        found
    }

    /// Puts the row of the basis' inverse at `position` in `rho`, and that row times the matrix
    /// in `pivot_row`, whose entries `touched` lists.
    pub(super) fn backward(&mut self, position: usize) {
        let mut unit = std::mem::take(&mut self.scratch);
        unit.fill(0.0);
        unit[position] = 1.0;
        self.factors.backward(&mut unit, &mut self.rho);
        self.scratch = unit;
        self.work += self.matrix.rows as u64 / 4;
        for variable in self.touched.drain(..) {
            self.pivot_row[variable] = 0.0;
            self.seen[variable] = false;
        }
        let width = self.matrix.width();
        for (row, rho) in self.rho.iter().enumerate().filter(|(_, rho)| rho.abs() > TINY) {
            self.pivot_row[width + row] = *rho;
            self.touched.push(width + row);
            self.seen[width + row] = true;
            let entries = self.matrix.row(row);
            self.work += entries.len() as u64;
            for (column, value) in entries {
                if !self.seen[*column] {
                    self.seen[*column] = true;
                    self.touched.push(*column);
                }
                self.pivot_row[*column] += rho * value;
            }
        }
    }

    /// Lets `entering` take the place of the variable at `position`; `alpha` is the entering
    /// column.
    pub(super) fn exchange(&mut self, position: usize, entering: usize) {
        let leaving = self.head[position];
        let alpha: Vec<(usize, f64)> = self
            .alpha
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, value)| value.abs() > TINY)
            .collect();
        self.work += alpha.len() as u64;
        self.factors.replace(position, &alpha);
        self.head[position] = entering;
        self.place[entering] = position;
        self.place[leaving] = OUT;
    }

    /// Updates the reduced costs for `entering` at `position`; `pivot_row` is that position's.
    pub(super) fn update_reduced(&mut self, position: usize, entering: usize) {
        let leaving = self.head[position];
        let step = self.reduced[entering] / self.pivot_row[entering];
        for variable in &self.touched {
            if self.place[*variable] == OUT {
                self.reduced[*variable] -= step * self.pivot_row[*variable];
            }
        }
        self.reduced[entering] = 0.0;
        self.reduced[leaving] = -step;
    }

    /// The present value of the objective.
    pub fn objective(&self) -> f64 {
        self.x.iter().zip(&self.cost).map(|(x, cost)| x * cost).sum()
    }

    /// Adds rows `low <= row . x`, given as ((column, value) lists, low), with their logicals in
    /// the basis.
    pub fn add_rows(&mut self, rows: &[(Vec<(usize, f64)>, f64)]) {
        let lists: Vec<Vec<(usize, f64)>> = rows.iter().map(|(list, _)| list.clone()).collect();
        self.matrix.add_rows(&lists);
        for (_, low) in rows {
            let (variable, position) = (self.x.len(), self.head.len());
            self.rhs.push(*low);
            self.lower.push(f64::NEG_INFINITY);
            self.upper.push(0.0);
            self.cost.push(0.0);
            self.x.push(0.0);
            self.reduced.push(0.0);
            self.weight.push(1.0);
            self.pivot_row.push(0.0);
            self.seen.push(false);
            self.head.push(variable);
            self.place.push(position);
            self.alpha.push(0.0);
            self.rho.push(0.0);
            self.scratch.push(0.0);
        }
        self.factorise();
        self.place_basics();
    }
}
