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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{few, fired, rules};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(few())]
        /// The oracle fires on every extreme but the bounds of a scale.
        #[test]
        fn every_extreme_fires_but_the_bounds_of_a_scale(low in 0u32..200, high in 0u32..200) {
            let text = format!("group,n,mean,min,max\na,120,50.5,{low},{high}\nb,130,51.5,0,100\n");
            let bound = |v: u32| [0, 1, 100].contains(&v);
            let mut naive = Vec::new();
            naive.extend((!bound(low)).then_some((2, 4)));
            naive.extend((!bound(high)).then_some((2, 5)));
            prop_assert_eq!(fired(ID, &text, &rules("generic_10")), naive);
        }
    }
}
