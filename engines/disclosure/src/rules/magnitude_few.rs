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
        let Some(units) = table.units_beside(row, column).or_else(|| below[column]) else {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{few, fired, rules};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(few())]
        /// The oracle compares the count of each line with the minimum.
        #[test]
        fn it_agrees_with_reading_the_counts(counts in proptest::collection::vec(1u32..40, 2..8)) {
            let mut text = String::from("groupe;n;salaire moyen\n");
            let mut naive = Vec::new();
            for (at, n) in (2u32..).zip(&counts) {
                text.push_str(&format!("groupe {};{n};1812,5\n", ["a", "b", "c", "d", "e", "f", "g", "h"][at as usize - 2]));
                naive.extend((*n < 11).then_some((at, 3)));
            }
            prop_assert_eq!(fired(ID, &text, &rules("health_11")), naive);
        }
    }

    #[test]
    fn statistics_in_lines_take_the_count_of_their_column() {
        let text = "      visites  age_m\ncount     8.00 120.00\nmean      2.10  45.20\nstd       0.50  12.10\n";
        assert_eq!(fired(ID, text, &rules("generic_10")), [(3, 2), (4, 2)]);
    }
}
