//! Which figures of a table are the sum of which others.
//!
//! A line that is named a total is believed when nothing contradicts it; a line among others is
//! taken for a sum only where figures prove it. A sum that is not one would invent recoveries.

use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::value::Value;

/// A total with its parts, as places in the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// The total; `None` where the table does not show it.
    pub total: Option<usize>,
    /// What it is made of.
    pub parts: Vec<usize>,
}

/// A reading of the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Nothing,
    Masked(usize),
    Known(usize, f64),
}

/// The facts of a table by row and column.
pub struct Grid {
    lines: Vec<Vec<At>>,
    row_totals: Vec<bool>,
    column_totals: Vec<bool>,
    tolerance: f64,
}

impl Grid {
    /// The grid of the cells of a table that hold facts, in the order of the facts.
    pub fn of(table: &Table, cells: &[(usize, usize)]) -> Self {
        let mut lines = vec![vec![At::Nothing; table.columns.len()]; table.rows.len()];
        let mut decimals = 0;
        for (at, (row, column)) in cells.iter().enumerate() {
            let value = table.cell(*row, *column).map_or(Value::Empty, |cell| cell.value);
            let reading = match value {
                Value::Number(n) => {
                    decimals = decimals.max(n.decimals);
                    At::Known(at, n.value)
                }
                _ => At::Masked(at),
            };
            if let Some(place) = lines.get_mut(*row).and_then(|line| line.get_mut(*column)) {
                *place = reading;
            }
        }
        Self {
            lines,
            row_totals: table.rows.iter().map(|row| row.total).collect(),
            column_totals: table.columns.iter().map(|column| column.total).collect(),
            tolerance: 0.4 * 10_f64.powi(-i32::from(decimals.min(6))),
        }
    }

    fn turned(&self) -> Self {
        let width = self.lines.first().map_or(0, Vec::len);
        let line = |c: usize| {
            self.lines.iter().map(|line| line.get(c).copied().unwrap_or(At::Nothing)).collect()
        };
        Self {
            lines: (0..width).map(line).collect(),
            row_totals: self.column_totals.clone(),
            column_totals: self.row_totals.clone(),
            tolerance: self.tolerance,
        }
    }
}

/// Lines of a grid that are searched for sums at most, since subtotals are tried pair by pair.
const LINES: usize = 400;

/// The sums of a grid.
#[derive(Debug, Default)]
pub struct Found {
    /// Totals with their parts.
    pub sums: Vec<Sum>,
    /// Whether it has more lines than are searched, down or along.
    pub cut: bool,
}

/// The sums of a grid, down its columns and along its rows.
pub fn sums(grid: &Grid) -> Found {
    let (down, along) = (down(grid), down(&grid.turned()));
    let cut = down.is_none() || along.is_none();
    Found { sums: down.into_iter().chain(along).flatten().collect(), cut }
}

/// Sums of lines into other lines; `None` where there are more lines than are searched.
fn down(grid: &Grid) -> Option<Vec<Sum>> {
    let filled = |at: &usize| grid.lines[*at].iter().any(|c| *c != At::Nothing);
    let lines: Vec<usize> = (0..grid.lines.len()).filter(filled).collect();
    if lines.len() > LINES {
        return None;
    }
    if lines.len() < 2 {
        return Some(Vec::new());
    }
    let total = |at: &usize| grid.row_totals.get(*at).copied().unwrap_or(false);
    let totals: Vec<usize> = lines.iter().copied().filter(|at| total(at)).collect();
    let parts: Vec<usize> = lines.iter().copied().filter(|at| !total(at)).collect();
    let sums: Vec<(Option<usize>, Vec<usize>)> = match totals.as_slice() {
        [] => vec![(None, parts)],
        [one] if proof(grid, *one, &parts) == Proof::Denied => nested(grid, &lines, *one),
        [one] => vec![(Some(*one), parts)],
        many => subtotals(grid, &lines, many, &parts),
    };
    let width = grid.lines.first().map_or(0, Vec::len);
    let each = |sum| (0..width).filter_map(move |column| of_column(grid, sum, column));
    Some(sums.iter().flat_map(each).collect())
}

#[derive(Debug, PartialEq, Eq)]
enum Proof {
    Unknown,
    Held,
    Denied,
}

/// Whether the columns that are known whole say that `parts` add up to `total`.
fn proof(grid: &Grid, total: usize, parts: &[usize]) -> Proof {
    let mut proof = Proof::Unknown;
    for column in 0..grid.lines[total].len() {
        let At::Known(_, whole) = grid.lines[total][column] else { continue };
        let known = parts.iter().map(|part| match grid.lines[*part][column] {
            At::Known(_, value) => Some(value),
            At::Nothing => Some(0.0),
            At::Masked(_) => None,
        });
        let Some(sum) = known.sum::<Option<f64>>() else { continue };
        if (sum - whole).abs() > grid.tolerance {
            return Proof::Denied;
        }
        if whole != 0.0 {
            proof = Proof::Held;
        }
    }
    proof
}

/// A set of lines and whether they add up to a total.
type Judged = (Proof, Vec<usize>);

/// A table with several totals: each is the sum of a run beside it, of all parts, or of the others.
/// A shape that the figures prove for one total is believed for those that masks leave open.
fn subtotals(
    grid: &Grid,
    lines: &[usize],
    totals: &[usize],
    parts: &[usize],
) -> Vec<(Option<usize>, Vec<usize>)> {
    let shapes = |total: usize| {
        let others: Vec<usize> = totals.iter().copied().filter(|other| *other != total).collect();
        let before = run(lines.iter().rev().copied().skip_while(|at| *at >= total), totals);
        let after = run(lines.iter().copied().skip_while(|at| *at <= total), totals);
        [before, after, others, parts.to_vec()]
    };
    let judged: Vec<(usize, [Judged; 4])> = totals
        .iter()
        .map(|total| (*total, shapes(*total).map(|set| (proof(grid, *total, &set), set))))
        .collect();
    let proved = |shape: usize| {
        let mut held = judged.iter().map(|(_, sets)| &sets[shape]);
        held.any(|(proof, set)| *proof == Proof::Held && set.len() >= 2)
    };
    let mut found = Vec::new();
    for (total, sets) in &judged {
        let wide = |at: &usize| sets[*at].1.len() >= 2;
        let held = (0..sets.len()).filter(wide).find(|at| sets[*at].0 == Proof::Held);
        let open =
            || (0..sets.len()).filter(wide).find(|at| sets[*at].0 == Proof::Unknown && proved(*at));
        found.extend(held.or_else(open).map(|at| (Some(*total), sets[at].1.clone())));
    }
    found
}

fn run(lines: impl Iterator<Item = usize>, totals: &[usize]) -> Vec<usize> {
    lines.take_while(|at| !totals.contains(at)).collect()
}

/// One total that all other lines together exceed: some of them are subtotals of the lines that
/// follow. A line is one where the figures prove it for a run of at least two.
fn nested(grid: &Grid, lines: &[usize], total: usize) -> Vec<(Option<usize>, Vec<usize>)> {
    let rest: Vec<usize> = lines.iter().copied().filter(|at| *at != total).collect();
    let (mut tops, mut found, mut at) = (Vec::new(), Vec::new(), 0);
    while at < rest.len() {
        let longest = (at + 2..rest.len().min(at + 60))
            .rev()
            .map(|end| rest[at + 1..=end].to_vec())
            .find(|children| proof(grid, rest[at], children) == Proof::Held);
        tops.push(rest[at]);
        at += 1;
        if let Some(children) = longest {
            at += children.len();
            found.push((Some(rest[at - children.len() - 1]), children));
        }
    }
    if proof(grid, total, &tops) == Proof::Held {
        found.push((Some(total), tops));
        found
    } else {
        Vec::new()
    }
}

fn of_column(grid: &Grid, sum: &(Option<usize>, Vec<usize>), column: usize) -> Option<Sum> {
    let index = |line: usize| match grid.lines[line][column] {
        At::Known(at, _) | At::Masked(at) => Some(at),
        At::Nothing => None,
    };
    let total = match sum.0 {
        Some(line) => Some(index(line)?),
        None => None,
    };
    let parts: Vec<usize> = sum.1.iter().filter_map(|line| index(*line)).collect();
    (parts.len() >= 2).then_some(Sum { total, parts })
}
