//! `SECONDARY_RECOVERABLE`: a masked cell that the totals of its table give back.
//!
//! Every row and column with a total is an equation. A masked cell is given back exactly when the
//! reduced system has a row with that cell alone. The elimination runs modulo a prime, so that
//! no rounding hides an exact recovery; a wrong answer needs a minor of the 0/1 matrix to be a
//! multiple of 2^61 - 1, which tables of the size read here do not have in practice.

use crate::report::{Finding, Findings, Severity};
use crate::rule_set::RuleSet;
use crate::table::{Cell, Table};
use crate::value::Value;
use crate::words::Role;

/// The rule's id.
pub const ID: &str = "SECONDARY_RECOVERABLE";

const P: i128 = (1 << 61) - 1;

/// Masked cells that are solved for at most: elimination is cubic. Above, a person looks.
const MOST: usize = 300;

/// The equations of a table: each says that some unknowns add up to a number.
#[derive(Debug, Default)]
pub struct Equations {
    rows: Vec<Vec<i128>>,
    unknowns: usize,
}

impl Equations {
    /// Without equations, on so many unknowns.
    pub fn new(unknowns: usize) -> Self {
        Self { rows: Vec::new(), unknowns }
    }

    /// Adds: the unknowns, each with its sign, add up to `sum`.
    pub fn add(&mut self, terms: &[(usize, i8)], sum: i64) {
        let mut row = vec![0; self.unknowns + 1];
        for (unknown, sign) in terms {
            if let Some(place) = row.get_mut(*unknown) {
                *place = (*place + i128::from(*sign)).rem_euclid(P);
            }
        }
        if let Some(last) = row.last_mut() {
            *last = i128::from(sum).rem_euclid(P);
        }
        self.rows.push(row);
    }

    /// The unknowns that have one value only, with it.
    pub fn determined(mut self) -> Vec<(usize, i64)> {
        let mut done = 0;
        for column in 0..self.unknowns {
            let Some(pivot) = (done..self.rows.len()).find(|r| self.rows[*r][column] != 0) else {
                continue;
            };
            self.rows.swap(done, pivot);
            let inverse = power(self.rows[done][column], P - 2);
            self.rows[done].iter_mut().for_each(|x| *x = *x * inverse % P);
            let pivot_row = self.rows[done].clone();
            for (at, row) in self.rows.iter_mut().enumerate() {
                let factor = row[column];
                if at != done && factor != 0 {
                    row.iter_mut()
                        .zip(&pivot_row)
                        .for_each(|(x, p)| *x = (*x - factor * p).rem_euclid(P));
                }
            }
            done += 1;
        }
        self.rows
            .iter()
            .take(done)
            .filter_map(|row| {
                let (sum, terms) = row.split_last()?;
                let mut filled = terms.iter().enumerate().filter(|(_, x)| **x != 0);
                let (unknown, _) = filled.next()?;
                let value = if *sum > P / 2 { sum - P } else { *sum };
                filled
                    .next()
                    .is_none()
                    .then(|| i64::try_from(value).ok().map(|v| (unknown, v)))
                    .flatten()
            })
            .collect()
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

/// A total with its parts, as cells.
type Sum = ((usize, usize), Vec<(usize, usize)>);

/// Looks at tables with masked cells and totals.
pub fn find(table: &Table, rules: &RuleSet, out: &mut Findings) {
    let additive = |role| matches!(role, Role::Count { .. } | Role::Sum | Role::Unknown);
    let masked: Vec<(usize, usize, &Cell)> = table
        .figures()
        .filter(|(_, _, role, cell)| additive(*role) && matches!(cell.value, Value::Mask))
        .map(|(r, c, _, cell)| (r, c, cell))
        .collect();
    if masked.is_empty() {
        return;
    }
    if masked.len() > MOST {
        let text = format!("{} masked cells are more than are solved for", masked.len());
        out.push(
            Finding::new(ID, Severity::Warning, "secondary_unsolved", text).at(masked[0].2.place),
        );
        return;
    }
    let scale = scale(table);
    let mut equations = Equations::new(masked.len());
    for (total, parts) in sums(table, additive) {
        let mut terms = Vec::new();
        let mut known = 0_i64;
        let cells = parts.iter().map(|at| (*at, 1_i8)).chain([(total, -1)]);
        let holds = cells.clone().all(|((r, c), sign)| {
            if let Some(unknown) = masked.iter().position(|m| (m.0, m.1) == (r, c)) {
                terms.push((unknown, sign));
                return true;
            }
            let value = table.number(r, c).map(|v| (v * scale).round()).filter(|v| v.abs() < 1e15);
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 1e15")]
            let value = value.map(|v| v as i64);
            known = value.map_or(known, |v| known + i64::from(sign) * v);
            value.is_some()
        });
        if holds && !terms.is_empty() {
            equations.add(&terms, -known);
        }
    }
    for (unknown, value) in equations.determined() {
        #[expect(clippy::cast_precision_loss, reason = "below 1e15 times a few cells")]
        let value = value as f64 / scale;
        push(table, masked[unknown], value, rules, out);
    }
}

fn push(
    table: &Table,
    (row, column, cell): (usize, usize, &Cell),
    value: f64,
    rules: &RuleSet,
    out: &mut Findings,
) {
    // A large count that was masked to protect another one discloses nothing by itself.
    let count = matches!(table.role(row, column), Role::Count { .. } | Role::Unknown);
    if count && (value >= f64::from(rules.min_count) || value == 0.0) {
        return;
    }
    let name = table.names(row, column);
    let text = format!("{name}: the totals give the masked cell back: {value}");
    out.push(
        Finding::new(ID, Severity::Error, "secondary_recoverable", text)
            .at(cell.place)
            .value(value)
            .threshold(f64::from(rules.min_count))
            .arg("cell", name),
    );
}

/// The power of ten that makes all figures whole.
fn scale(table: &Table) -> f64 {
    let decimals = table.figures().filter_map(|(.., cell)| cell.value.number()).map(|n| n.decimals);
    10_f64.powi(i32::from(decimals.max().unwrap_or(0).min(4)))
}

/// Each total of a row and of a column, with its parts.
fn sums(table: &Table, additive: impl Fn(Role) -> bool) -> Vec<Sum> {
    let columns: Vec<usize> = (0..table.columns.len())
        .filter(|c| additive(table.columns[*c].role) && table.columns[*c].role != Role::Label)
        .collect();
    let (whole, parts): (Vec<usize>, Vec<usize>) =
        columns.iter().partition(|c| table.columns[**c].total);
    let (last, lines): (Vec<usize>, Vec<usize>) =
        (0..table.rows.len()).partition(|r| table.rows[*r].total);
    let mut sums = Vec::new();
    if let [total] = whole.as_slice()
        && parts.len() >= 2
    {
        sums.extend(
            (0..table.rows.len()).map(|r| ((r, *total), parts.iter().map(|c| (r, *c)).collect())),
        );
    }
    if let [total] = last.as_slice()
        && lines.len() >= 2
    {
        sums.extend(
            columns.iter().map(|c| ((*total, *c), lines.iter().map(|r| (*r, *c)).collect())),
        );
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_unknown_of_a_line_is_given_back() {
        let mut equations = Equations::new(2);
        equations.add(&[(0, 1)], 7);
        equations.add(&[(0, 1), (1, 1)], 4);
        let mut found = equations.determined();
        found.sort_unstable();
        assert_eq!(found, [(0, 7), (1, -3)]);
    }

    #[test]
    fn a_square_of_masks_is_not_given_back() {
        let mut equations = Equations::new(4);
        for (terms, sum) in [
            ([(0, 1), (1, 1)], 9),
            ([(2, 1), (3, 1)], 8),
            ([(0, 1), (2, 1)], 10),
            ([(1, 1), (3, 1)], 7),
        ] {
            equations.add(&terms, sum);
        }
        assert!(equations.determined().is_empty());
    }
}
