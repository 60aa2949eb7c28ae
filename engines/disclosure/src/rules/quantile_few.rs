//! `QUANTILE_FEW`: fewer units than the minimum lie beyond a quantile: min(q, 1 - q) n < t.

use super::magnitude_few::units_of_columns;
use crate::report::{Finding, Findings, Severity};
use crate::rule_set::RuleSet;
use crate::table::Table;
use crate::words::Role;

/// The rule's id.
pub const ID: &str = "QUANTILE_FEW";

/// How many of `units` lie on the shorter side of the quantile at `per_mille`.
pub fn beyond(per_mille: u16, units: f64) -> f64 {
    let q = f64::from(per_mille.min(1000));
    q.min(1000.0 - q) * units / 1000.0
}

/// Looks at each quantile whose row, or column, gives the number of units.
pub fn find(table: &Table, rules: &RuleSet, out: &mut Findings) {
    let below = units_of_columns(table);
    for (row, column, role, cell) in table.figures() {
        let Role::Quantile(per_mille) = role else { continue };
        if cell.value.number().is_none() {
            continue;
        }
        let Some(units) = table.units_beside(row, column).or_else(|| below[column]) else {
            continue;
        };
        let beyond = beyond(per_mille, units);
        if units > 0.0 && beyond < f64::from(rules.min_count) {
            let text = format!(
                "{}: only {beyond} units lie beyond this quantile, fewer than {}",
                table.names(row, column),
                rules.min_count
            );
            out.push(
                Finding::new(ID, Severity::Error, "quantile_few", text)
                    .at(cell.place)
                    .value(beyond)
                    .threshold(f64::from(rules.min_count))
                    .arg("cell", table.names(row, column)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{few, fired, rules};
    use proptest::prelude::*;

    #[test]
    fn the_shorter_side_counts() {
        assert!((beyond(900, 100.0) - 10.0).abs() < 1e-9);
        assert!((beyond(500, 30.0) - 15.0).abs() < 1e-9);
        assert!((beyond(10, 1000.0) - 10.0).abs() < 1e-9);
    }

    proptest! {
        #![proptest_config(few())]
        /// The oracle counts the units beyond the quantile.
        #[test]
        fn it_agrees_with_counting_beyond(n in 1u32..400, rank in 1u32..10) {
            let text = format!("groupe;n;D{rank}\na;{n};12,5\nb;90000;13,5\n");
            let beyond = f64::from(n * rank.min(10 - rank)) / 10.0;
            let naive = if beyond < 10.0 { vec![(2, 3)] } else { vec![] };
            prop_assert_eq!(fired(ID, &text, &rules("generic_10")), naive);
        }
    }
}
