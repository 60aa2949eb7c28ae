//! `MAGNITUDE_FEW`: a mean, sum, spread or percentage published on fewer units than the minimum.

use crate::report::{Finding, Findings, Severity};
use crate::rule_set::RuleSet;
use crate::table::Table;
use crate::words::Role;

/// The rule's id.
pub const ID: &str = "MAGNITUDE_FEW";

/// Looks at each magnitude whose row, or column, also gives the number of units.
pub fn find(table: &Table, rules: &RuleSet, out: &mut Findings) {
    let below = units_of_columns(table);
    for (row, column, role, cell) in table.figures() {
        let magnitude = matches!(role, Role::Mean | Role::Sum | Role::Spread | Role::Quantile(_));
        if !magnitude || cell.value.number().is_none() {
            continue;
        }
        let Some(units) = table.units(row).or_else(|| below[column]) else {
            continue;
        };
        if units > 0.0 && units < f64::from(rules.min_count) {
            let text = format!(
                "{}: published on {units} units, fewer than {}",
                table.names(row, column),
                rules.min_count
            );
            out.push(
                Finding::new(ID, Severity::Error, "magnitude_few", text)
                    .at(cell.place)
                    .value(units)
                    .threshold(f64::from(rules.min_count))
                    .arg("cell", table.names(row, column)),
            );
        }
    }
}

/// For each column of a table whose rows are statistics, its only count. Told once a table: a
/// file must not make it quadratic.
pub(super) fn units_of_columns(table: &Table) -> Vec<Option<f64>> {
    let count = |row: &usize, column| table.role(*row, column) == Role::Count { weighted: false };
    let of = |column: usize| {
        if matches!(table.columns[column].role, Role::Label | Role::Count { .. }) {
            return None;
        }
        let mut counts = (0..table.rows.len()).filter(|row| count(row, column));
        let row = counts.next()?;
        counts.next().is_none().then(|| table.number(row, column)).flatten()
    };
    (0..table.columns.len()).map(of).collect()
}
