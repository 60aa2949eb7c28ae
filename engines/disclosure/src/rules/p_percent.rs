//! `PPERCENT`: the second largest contributor can work out the largest to within p %:
//! T - x(1) - x(2) < p x(1) / 100.

use super::dominance::total;
use crate::report::{Finding, Findings, Severity};
use crate::rule_set::RuleSet;
use crate::table::Table;
use crate::words::Role;

/// The rule's id.
pub const ID: &str = "PPERCENT";

/// Whether the rest of a total hides its largest contribution from the second largest
/// contributor too badly. `rest` is the sum of all contributions but the two largest.
pub fn fires(rest: f64, first: f64, p: f64) -> bool {
    // Written so that NaN fires: a total that cannot be compared is not safe.
    let hidden = rest >= p / 100.0 * first;
    !hidden
}

/// Looks at rows that give the total and the two largest contributions.
pub fn find(table: &Table, rules: &RuleSet, out: &mut Findings) {
    let Some(p) = rules.p_percent else { return };
    for row in 0..table.rows.len() {
        let only = |role| match table.columns_where(row, |r| r == role).as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        let (Some(first), Some(second)) = (only(Role::Largest), only(Role::Second)) else {
            continue;
        };
        let figures = (table.number(row, first), table.number(row, second), total(table, row));
        let (Some(a), Some(b), Some(total)) = figures else { continue };
        let rest = total - a - b;
        if a > 0.0 && fires(rest, a, p) {
            let Some(cell) = table.cell(row, first) else { continue };
            let name = table.names(row, first);
            let text = format!(
                "{name}: the second largest contributor can estimate it to within {:.1} %, less than {p} %",
                100.0 * rest / a
            );
            out.push(
                Finding::new(ID, Severity::Error, "p_percent", text)
                    .at(cell.place)
                    .value(100.0 * rest / a)
                    .threshold(p)
                    .arg("cell", name),
            );
        }
    }
}
