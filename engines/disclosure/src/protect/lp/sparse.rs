//! A sparse matrix kept by column and by row.

/// Entries of a matrix, read by column or by row.
#[derive(Debug, Clone, Default)]
pub struct Sparse {
    /// How many rows.
    pub rows: usize,
    columns: Lists,
    by_row: Lists,
    listed: Vec<usize>,
}

/// Lists of (index, value) laid end to end.
#[derive(Debug, Clone, Default)]
struct Lists {
    starts: Vec<usize>,
    entries: Vec<(usize, f64)>,
}

impl Lists {
    fn list(&self, at: usize) -> &[(usize, f64)] {
        &self.entries[self.starts[at]..self.starts[at + 1]]
    }

    /// The same entries, listed by the other index (`count` lists) where `keep` holds.
    fn turned(&self, count: usize, keep: impl Fn(usize) -> bool) -> Self {
        let mut starts = vec![0; count + 1];
        let own = self.starts.len().saturating_sub(1);
        for column in (0..own).filter(|c| keep(*c)) {
            self.list(column).iter().for_each(|(row, _)| starts[row + 1] += 1);
        }
        for row in 0..count {
            starts[row + 1] += starts[row];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, 0.0); starts[count]];
        for column in (0..own).filter(|c| keep(*c)) {
            for (row, value) in self.list(column) {
                entries[next[*row]] = (column, *value);
                next[*row] += 1;
            }
        }
        Self { starts, entries }
    }
}

impl Sparse {
    /// From columns, each a list of (row, value) without a row twice.
    pub fn from_columns(rows: usize, columns: &[Vec<(usize, f64)>]) -> Self {
        let mut starts = Vec::with_capacity(columns.len() + 1);
        let mut entries = Vec::with_capacity(columns.iter().map(Vec::len).sum());
        starts.push(0);
        for column in columns {
            entries.extend_from_slice(column);
            starts.push(entries.len());
        }
        let columns = Lists { starts, entries };
        let by_row = columns.turned(rows, |_| true);
        let listed = (0..columns.starts.len() - 1).collect();
        Self { rows, columns, by_row, listed }
    }

    /// How many columns.
    pub fn width(&self) -> usize {
        self.columns.starts.len().saturating_sub(1)
    }

    /// A column's (row, value).
    pub fn column(&self, at: usize) -> &[(usize, f64)] {
        self.columns.list(at)
    }

    /// A row's (column, value), of the columns listed last by [`Self::list_rows`].
    pub fn row(&self, at: usize) -> &[(usize, f64)] {
        self.by_row.list(at)
    }

    /// Lists in the rows only the columns that `keep` names: a pivot row then costs what the
    /// columns in play cost, and not the whole table.
    pub fn list_rows(&mut self, keep: impl Fn(usize) -> bool) {
        self.listed = (0..self.width()).filter(|column| keep(*column)).collect();
        self.by_row = self.columns.turned(self.rows, keep);
    }

    /// The columns that the rows list.
    pub fn listed(&self) -> &[usize] {
        &self.listed
    }

    /// Adds a row, given as (column, value).
    pub fn add_rows(&mut self, rows: &[Vec<(usize, f64)>]) {
        let width = self.width();
        let mut lists = std::mem::take(&mut self.by_row);
        if lists.starts.is_empty() {
            lists.starts.push(0);
        }
        for row in rows {
            lists.entries.extend_from_slice(row);
            lists.starts.push(lists.entries.len());
        }
        self.rows += rows.len();
        self.columns = lists.turned(width, |_| true);
        self.by_row = lists;
    }
}
