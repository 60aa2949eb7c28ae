//! `EXTREME_VALUE`: minima, maxima and ranges are the values of single units.

use crate::report::{Finding, Findings, Severity};
use crate::rule_set::RuleSet;
use crate::table::Table;
use crate::words::Role;

/// The rule's id.
pub const ID: &str = "EXTREME_VALUE";

/// Looks at each number that is named an extreme; 0, 1 and 100 bound scales and name nobody.
pub fn find(table: &Table, _rules: &RuleSet, out: &mut Findings) {
    for (row, column, role, cell) in table.figures() {
        let Some(number) = cell.value.number() else { continue };
        let severity = match role {
            Role::Extreme => Severity::Error,
            Role::Largest | Role::Second => Severity::Warning,
            _ => continue,
        };
        if [0.0, 1.0, 100.0].contains(&number.value) && severity == Severity::Error {
            continue;
        }
        let name = table.names(row, column);
        let text = format!("{name}: an extreme is the value of a single unit");
        out.push(
            Finding::new(ID, severity, "extreme_value", text)
                .at(cell.place)
                .value(number.value)
                .arg("cell", name),
        );
    }
}
