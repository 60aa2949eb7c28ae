//! Contributions behind the cells of a request's tables, from a supporting file.
//!
//! Two forms are read. The long form has a line for each contribution: the categories of its cell,
//! the contributor, the value, a weight where the data are a sample. The control file of French
//! secure centres ('fichier de contrôle') has a line for each cell: its categories, its largest
//! contribution, and the second, the total and the number of units as far as they are known.

use std::collections::HashMap;

pub use crate::contribution_file::read;
use crate::contribution_file::{MAX_BYTES, MAX_FIELDS};
use crate::kernel::{Contributions, CrossTabError, cross_tab};
use crate::structure::Key;
use crate::words::{fold, tokens};

/// Why contributions could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ContributorsError {
    /// A value is no number.
    #[error("line {line}: `{column}` is no number")]
    NotANumber {
        /// The line, from 1.
        line: usize,
        /// The column.
        column: String,
    },
    /// The kernel refused them.
    #[error(transparent)]
    Kernel(#[from] CrossTabError),
    /// More bytes, lines or columns than are read.
    #[error("it has more than is read of contributions: {MAX_BYTES} bytes, {MAX_FIELDS} fields")]
    TooLarge,
}

/// The contributions of one supporting file.
#[derive(Debug)]
pub struct Contributors {
    /// The file, as the caller named it.
    pub name: String,
    /// Its columns of categories.
    pub(crate) columns: Vec<KeyColumn>,
    /// What each line gives.
    pub(crate) lines: Lines,
}

/// A column of categories: the code of each, and each line's.
#[derive(Debug, Default)]
pub(crate) struct KeyColumn {
    /// The code of each category, by its hash.
    pub codes: HashMap<u64, u32>,
    /// The code of each line.
    pub lines: Vec<u32>,
}

/// What the lines of a file give.
#[derive(Debug)]
pub(crate) enum Lines {
    /// A contribution each.
    Long { values: Vec<f64>, weights: Option<Vec<f64>>, contributors: Vec<u32> },
    /// A cell each.
    Control(Vec<Cell>),
}

/// What is known of the contributions to a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// How many contributors, where known.
    pub units: Option<f64>,
    /// The largest contribution, absolute.
    pub first: f64,
    /// The second largest, where known.
    pub second: Option<f64>,
    /// The total of the absolute contributions, weighted where weights are given; where known.
    pub total: Option<f64>,
    /// What they add up to with their signs, weighted where weights are given; where known.
    pub net: Option<f64>,
}

/// Whether a file's name says that it supports others: contributions, a control file.
pub fn is_named_so(name: &str) -> bool {
    let folded = fold(name.rsplit(['/', '\\']).next().unwrap_or(name));
    let words = tokens(&folded);
    words.iter().any(|word| word.starts_with("contribut") || *word == "controle")
        || folded.contains("control_file")
        || folded.contains("control-file")
}

/// The cells of a file for one choice of key columns.
#[derive(Debug, Default)]
pub struct Cells {
    codes: HashMap<Vec<u32>, usize>,
    cells: Vec<Cell>,
}

impl Contributors {
    /// Which column and code each category of `key` is; `None` where one is unknown here.
    pub fn find(&self, key: &Key) -> Option<Vec<(usize, u32)>> {
        let mut found: Vec<(usize, u32)> = Vec::new();
        for category in key {
            let free = |at: &usize| found.iter().all(|(used, _)| used != at);
            let mut columns = (0..self.columns.len()).filter(free);
            let hit = columns.find_map(|at| Some((at, *self.columns[at].codes.get(category)?)))?;
            found.push(hit);
        }
        found.sort_unstable();
        Some(found)
    }

    /// Adds the contributions up over the key columns `by`: one pass, one entry a contributor and
    /// cell, since what one unit gives in several lines is one contribution.
    ///
    /// # Errors
    /// A value that is not finite.
    pub fn cells(&self, by: &[usize]) -> Result<Cells, ContributorsError> {
        let lines = self.columns.first().map_or(0, |column| column.lines.len());
        let mut codes: HashMap<Vec<u32>, usize> = HashMap::new();
        let mut of_line = Vec::with_capacity(lines);
        for line in 0..lines {
            let key: Vec<u32> = by.iter().map(|column| self.columns[*column].lines[line]).collect();
            let next = codes.len();
            of_line.push(*codes.entry(key).or_insert(next));
        }
        let cells = match &self.lines {
            Lines::Long { values, weights, contributors } => {
                added_up(&of_line, codes.len(), values, weights.as_deref(), contributors)?
            }
            Lines::Control(cells) => {
                rolled_up(&of_line, codes.len(), cells, by.len() == self.columns.len())
            }
        };
        Ok(Cells { codes, cells })
    }
}

impl Cell {
    /// A cell of which nothing is known.
    pub(crate) const UNKNOWN: Self =
        Self { units: None, first: 0.0, second: None, total: None, net: None };

    /// Of two sayings on one cell, what makes it the more dominated: fewer units, larger
    /// contributions, a smaller total.
    fn worse(self, other: Self) -> Self {
        let least = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let most = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        Self {
            units: least(self.units, other.units),
            first: self.first.max(other.first),
            second: most(self.second, other.second),
            total: least(self.total, other.total),
            net: least(self.net, other.net),
        }
    }
}

impl Cells {
    /// The contributions to the cell of these codes, in the order of the columns.
    pub fn get(&self, codes: &[u32]) -> Option<&Cell> {
        self.cells.get(*self.codes.get(codes)?)
    }
}

fn added_up(
    of_line: &[usize],
    count: usize,
    values: &[f64],
    weights: Option<&[f64]>,
    contributors: &[u32],
) -> Result<Vec<Cell>, ContributorsError> {
    let mut merged: HashMap<(usize, u32), usize> = HashMap::with_capacity(of_line.len());
    let (mut sums, mut codes): (Vec<f64>, Vec<u32>) = (Vec::new(), Vec::new());
    let mut weighted = vec![0.0; count];
    let mut net = vec![0.0; count];
    for (line, cell) in of_line.iter().enumerate() {
        let at = *merged.entry((*cell, contributors[line])).or_insert(sums.len());
        if at == sums.len() {
            sums.push(0.0);
            codes.push(u32::try_from(*cell).map_err(|_| ContributorsError::TooLarge)?);
        }
        sums[at] += values[line];
        let weight = weights.map_or(1.0, |w| w[line]);
        weighted[*cell] += values[line].abs() * weight;
        net[*cell] += values[line] * weight;
    }
    let table: Vec<Contributions> = cross_tab(&sums, &codes, count)?;
    let cell = |((own, weighted), net): ((&Contributions, f64), f64)| Cell {
        units: Some(f64::from(own.units)),
        first: own.first,
        second: Some(own.second),
        // The largest unweighted contribution against the weighted total (INSEE, enterprises).
        total: Some(if weights.is_some() { weighted } else { own.total() }),
        net: Some(net),
    };
    Ok(table.iter().zip(weighted).zip(net).map(cell).collect())
}

/// A control file knows each cell alone: of a margin, its largest contribution is at least that of
/// its cells, and what a unit gives to several of them is not known.
fn rolled_up(of_line: &[usize], count: usize, cells: &[Cell], whole: bool) -> Vec<Cell> {
    let mut rolled: Vec<Option<Cell>> = vec![None; count];
    for (line, own) in of_line.iter().zip(cells) {
        let into = &mut rolled[*line];
        *into = Some(match *into {
            None if whole => *own,
            // Two lines for one cell: the one that tells more against it is believed.
            Some(before) if whole => before.worse(*own),
            before => {
                let before =
                    before.unwrap_or(Cell { total: Some(0.0), net: Some(0.0), ..Cell::UNKNOWN });
                let add = |a: Option<f64>, b: Option<f64>| Some(a? + b?);
                Cell {
                    first: before.first.max(own.first),
                    total: add(before.total, own.total),
                    net: add(before.net, own.net),
                    ..Cell::UNKNOWN
                }
            }
        });
    }
    rolled.into_iter().map(|cell| cell.unwrap_or(Cell::UNKNOWN)).collect()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the same operations give the same bits")]
mod tests {
    use super::*;
    use crate::check::Input;
    use crate::structure::named;
    use proptest::prelude::*;

    fn of(text: &str) -> Contributors {
        let file = Input { name: "contributors.csv", bytes: text.as_bytes() };
        read(&file).expect("contributions").expect("numbers")
    }

    #[test]
    fn what_one_unit_gives_in_two_lines_is_one_contribution() {
        let own =
            of("region;secteur;siren;montant\nNord;A;1;50\nNord;A;1;40\nNord;A;2;10\nSud;A;2;5\n");
        let key = vec![named("Nord", "").expect("a name")];
        let at = own.find(&key).expect("known");
        let cells = own.cells(&at.iter().map(|a| a.0).collect::<Vec<_>>()).expect("finite");
        let cell = cells.get(&at.iter().map(|a| a.1).collect::<Vec<_>>()).expect("a cell");
        assert_eq!((cell.units, cell.first, cell.total), (Some(2.0), 90.0, Some(100.0)));
    }

    #[test]
    fn the_largest_is_compared_with_the_weighted_total() {
        let own = of("region,id,value,weight\nNord,1,90,1\nNord,2,10,9\n");
        let cell = own.cells(&[]).expect("finite");
        assert_eq!(cell.get(&[]).expect("the total").total, Some(180.0));
    }

    #[test]
    fn a_control_file_gives_the_largest_of_each_cell() {
        let own =
            of("region;plus grosse contribution;total;effectif\nNord;90;100;4\nSud;1,5;20;9\n");
        let at = own.find(&vec![named("Nord", "").expect("a name")]).expect("known");
        let cells = own.cells(&[0]).expect("finite");
        let cell = cells.get(&[at[0].1]).expect("a cell");
        assert_eq!((cell.first, cell.total, cell.units), (90.0, Some(100.0), Some(4.0)));
    }

    #[test]
    fn of_two_lines_for_one_cell_the_worse_is_believed() {
        let own =
            of("region;plus grosse contribution;total;effectif\nNord;90;100;4\nNord;1;100;40\n");
        let cells = own.cells(&[0]).expect("finite");
        let cell = cells.get(&[0]).expect("a cell");
        assert_eq!((cell.first, cell.units), (90.0, Some(4.0)));
    }

    #[test]
    fn a_wide_header_over_many_short_lines_is_refused_and_not_allocated() {
        let wide = "region;max;".to_owned() + &"x;".repeat(20_000) + "\n" + &"a;1\n".repeat(1_000);
        let file = Input { name: "contributions.csv", bytes: wide.as_bytes() };
        assert!(matches!(read(&file), Some(Err(ContributorsError::TooLarge))));
    }

    #[test]
    fn tables_of_results_are_no_contributions_and_bad_numbers_are_told() {
        let read = |text: &str| read(&Input { name: "a.csv", bytes: text.as_bytes() });
        assert!(read("region;effectif\nNord;12\n").is_none());
        assert!(matches!(read("region;siren;montant\nNord;1;x\n"), Some(Err(_))));
        assert!(read("").is_none());
    }

    proptest! {
        /// The oracle sorts the contributions of each cell after adding up those of each unit.
        #[test]
        fn cells_agree_with_naive(rows in proptest::collection::vec((0usize..3, 0u32..5, 0i32..500), 1..80)) {
            let mut text = String::from("region;siren;montant\n");
            for (region, who, value) in &rows {
                text.push_str(&format!("region {};u{who};{value}\n", ["x", "y", "z"][*region]));
            }
            let own = of(&text);
            let cells = own.cells(&[0]).expect("finite");
            for region in 0..3 {
                let mut units: HashMap<u32, i32> = HashMap::new();
                for (_, who, value) in rows.iter().filter(|r| r.0 == region) {
                    *units.entry(*who).or_default() += value;
                }
                let mut sums: Vec<i32> = units.into_values().collect();
                sums.sort_unstable_by_key(|v| std::cmp::Reverse(*v));
                let name = format!("region {}", ["x", "y", "z"][region]);
                let Some(at) = own.find(&vec![named(&name, "").expect("a name")]) else {
                    prop_assert!(sums.is_empty());
                    continue;
                };
                let cell = cells.get(&[at[0].1]).expect("a cell");
                prop_assert_eq!(cell.first, f64::from(sums[0]));
                prop_assert_eq!(cell.second, Some(f64::from(sums.get(1).copied().unwrap_or(0))));
                prop_assert_eq!(cell.total, Some(f64::from(sums.iter().sum::<i32>())));
            }
        }
    }
}
