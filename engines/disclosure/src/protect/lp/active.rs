//! What is left of a basis while it is factorised, and the choice of the next pivot.

use super::lu::TINY;

/// A pivot is at least this part of the largest entry of its column.
pub const THRESHOLD: f64 = 0.1;

/// What is left to eliminate.
pub struct Active {
    /// The columns' entries, as (row, value).
    pub columns: Vec<Vec<(usize, f64)>>,
    /// By row, the columns with an entry in it.
    pub rows: Vec<Vec<usize>>,
    /// Whether each column is still to be eliminated.
    pub column_open: Vec<bool>,
    /// Whether each row is.
    pub row_open: Vec<bool>,
    slot: Vec<usize>,
}

impl Active {
    /// Everything, of a basis given by its columns.
    pub fn new(columns: Vec<Vec<(usize, f64)>>) -> Self {
        let size = columns.len();
        let mut rows = vec![Vec::new(); size];
        for (position, column) in columns.iter().enumerate() {
            for (row, _) in column {
                rows[*row].push(position);
            }
        }
        Self {
            columns,
            rows,
            column_open: vec![true; size],
            row_open: vec![true; size],
            slot: vec![usize::MAX; size],
        }
    }

    /// A column's largest entry.
    pub fn largest(&self, position: usize) -> f64 {
        self.columns[position].iter().map(|(_, value)| value.abs()).fold(0.0, f64::max)
    }

    /// The pivot with the fewest possible fill-ins among the four shortest open columns.
    pub fn markowitz(&self, open: &mut Vec<usize>) -> Option<(usize, usize)> {
        open.retain(|position| self.column_open[*position]);
        let mut best: Option<(usize, usize, usize)> = None;
        let mut shortest: Vec<usize> = Vec::with_capacity(5);
        for position in open.iter().copied() {
            let length = self.columns[position].len();
            let at = shortest.partition_point(|p| self.columns[*p].len() <= length);
            if at < 4 {
                shortest.insert(at, position);
                shortest.truncate(4);
            }
        }
        for position in shortest {
            let least = (self.largest(position) * THRESHOLD).max(1e-9);
            for (row, value) in &self.columns[position] {
                let fill = (self.rows[*row].len() - 1) * (self.columns[position].len() - 1);
                if value.abs() >= least && best.is_none_or(|(found, ..)| fill < found) {
                    best = Some((fill, *row, position));
                }
            }
        }
        best.map(|(_, row, position)| (row, position))
    }

    /// Subtracts the pivot column's `others`, times `value`, from column `target`.
    pub fn subtract(&mut self, target: usize, others: &[(usize, f64)], value: f64) {
        for (at, (row, _)) in self.columns[target].iter().enumerate() {
            self.slot[*row] = at;
        }
        for (row, factor) in others {
            let change = factor * value;
            match self.slot[*row] {
                usize::MAX => {
                    self.columns[target].push((*row, -change));
                    self.rows[*row].push(target);
                }
                at => self.columns[target][at].1 -= change,
            }
        }
        for (row, _) in &self.columns[target] {
            self.slot[*row] = usize::MAX;
        }
        let rows = &mut self.rows;
        self.columns[target].retain(|(row, value)| {
            let kept = value.abs() > TINY;
            if !kept {
                rows[*row].retain(|position| *position != target);
            }
            kept
        });
    }
}
