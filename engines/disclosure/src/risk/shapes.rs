//! The shapes of a request's tables: sizes, and how small their counts are.

use super::numbers::{log2, of};
use crate::report::{FileReport, TableView};
use crate::value::{Decimal, Value, read};
use crate::words::{Role, role_of};

/// Cells that are looked at: a hostile request must not take minutes.
const CELLS: usize = 2_000_000;

/// Sizes and small counts of all tables together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shapes {
    tables: usize,
    cells: usize,
    longest: usize,
    widest: usize,
    figures: usize,
    masked: usize,
    counts: usize,
    near: usize,
    smallest: Option<f64>,
}

impl Shapes {
    /// Of the tables of `reports`; counts from `min_count` to below its double are near.
    pub fn of<'a>(reports: impl Iterator<Item = &'a FileReport>, min_count: u32) -> Self {
        let mut shapes = Self::default();
        for table in reports.flat_map(|report| &report.tables) {
            shapes.add(table, f64::from(min_count));
        }
        shapes
    }

    fn add(&mut self, table: &TableView, least: f64) {
        let header = usize::try_from(table.header_rows).unwrap_or(usize::MAX).min(table.rows.len());
        let (titles, body) = table.rows.split_at(header);
        self.tables += 1;
        self.longest = self.longest.max(body.len());
        self.widest = self.widest.max(body.iter().map(Vec::len).max().unwrap_or(0));
        let counted: Vec<u32> = titles
            .iter()
            .flatten()
            .filter(|cell| matches!(role_of(&cell.text), Role::Count { .. }))
            .map(|cell| cell.column)
            .collect();
        for cell in body.iter().flatten() {
            if self.cells >= CELLS {
                return;
            }
            self.cells += 1;
            match read(&cell.text, Decimal::Unknown) {
                Value::Number(number) => {
                    self.figures += 1;
                    if counted.contains(&cell.column) && number.is_count() {
                        self.count(number.value, least);
                    }
                }
                Value::Mask => self.masked += 1,
                _ => {}
            }
        }
    }

    fn count(&mut self, value: f64, least: f64) {
        self.counts += 1;
        if value > 0.0 {
            self.smallest = Some(self.smallest.map_or(value, |known| known.min(value)));
        }
        self.near += usize::from(value >= least && value < 2.0 * least);
    }

    /// In the order of [`super::FEATURES`], from `tables` to `masked_share`.
    pub(super) fn features(&self) -> [f64; 9] {
        let share = |part: usize, all: usize| if all == 0 { 0.0 } else { of(part) / of(all) };
        [
            of(self.tables),
            log2(of(self.cells)),
            log2(of(self.longest)),
            log2(of(self.widest)),
            log2(of(self.figures)),
            log2(of(self.counts)),
            self.smallest.map_or(f64::NAN, log2),
            share(self.near, self.counts),
            share(self.masked, self.figures + self.masked),
        ]
    }
}
