//! `PPERCENT`: the second largest contributor can work out the largest to within p %:
//! T - x(1) - x(2) < p x(1) / 100.

use super::dominance::largest;
use crate::report::{Finding, Findings, Severity};
use crate::rule_set::RuleSet;
use crate::table::Table;

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
        let Some((first, a, b, total)) = largest(table, row) else { continue };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fired, rules};
    use proptest::prelude::*;

    proptest! {
        /// The oracle writes the rule as it is defined: T - x(1) - x(2) < p x(1) / 100.
        #[test]
        fn it_agrees_with_the_definition(rest in 0u32..10_000, second in 0u32..1000, more in 0u32..1000, p in 1u32..100) {
            let first = second + more;
            let total = rest + first + second;
            let naive = 100 * i64::from(total - first - second) < i64::from(p) * i64::from(first);
            prop_assert_eq!(fires(f64::from(rest), f64::from(first), f64::from(p)), naive && first > 0);
        }
    }

    #[test]
    fn the_two_largest_beside_their_total_are_judged() {
        let text = "sector;n;total;largest contribution;second contribution\na;40;1000;700;290\nb;40;1000;300;200\n";
        assert_eq!(fired(ID, text, &rules("generic_10")), [(2, 4)]);
    }
}
