//! `DOMINANCE`: the n largest contributors hold more than k % of a total.

use crate::report::{Finding, Findings, Severity};
use crate::rule_set::{Dominance, RuleSet};
use crate::table::{Cell, Table};
use crate::words::Role;

/// The rule's id.
pub const ID: &str = "DOMINANCE";

/// Looks at published shares, largest contributions beside their total, and Herfindahl indices.
pub fn find(table: &Table, rules: &RuleSet, out: &mut Findings) {
    // Told once a column: a file must not make it quadratic.
    let scales: Vec<f64> = (0..table.columns.len()).map(|c| scale(table, c)).collect();
    two_largest(table, rules, out);
    for (row, column, role, cell) in table.figures() {
        let Some(number) = cell.value.number() else { continue };
        let known = match role {
            Role::LeadingShare(n) => Some((n, scales[column] * number.value)),
            // The largest share is at least H (H is the sum of the squares of shares, which are
            // at most the largest share times 1); an index per 10 000 is scaled.
            Role::Herfindahl => Some((
                1,
                if number.value > 1.0 { number.value / 100.0 } else { number.value * 100.0 },
            )),
            Role::Largest => total(table, row).map(|t| (1, 100.0 * number.value.abs() / t.abs())),
            _ => None,
        };
        if let Some((n, share)) = known {
            for rule in &rules.dominance {
                // The two largest hold at least what the largest holds.
                if n <= rule.n && share > rule.percent {
                    push(table, (row, column, cell), share, *rule, out);
                }
            }
        }
    }
}

/// Rows that give their two largest contributions and their total.
fn two_largest(table: &Table, rules: &RuleSet, out: &mut Findings) {
    for row in 0..table.rows.len() {
        let Some((first, a, b, total)) = largest(table, row) else { continue };
        let Some(cell) = table.cell(row, first) else { continue };
        let share = |part: f64| 100.0 * part / total.abs();
        for rule in rules.dominance.iter().filter(|rule| rule.n >= 2) {
            // Where the largest alone is over the limit, it is said of it below.
            if share(a.abs()) <= rule.percent && share(a.abs() + b.abs()) > rule.percent {
                push(table, (row, first, cell), share(a.abs() + b.abs()), *rule, out);
            }
        }
    }
}

/// The column of a row's largest contribution, that and the second largest, and their total.
pub(super) fn largest(table: &Table, row: usize) -> Option<(usize, f64, f64, f64)> {
    let only = |role| match table.columns_where(row, |r| r == role).as_slice() {
        [one] => Some(*one),
        _ => None,
    };
    let (first, second) = (only(Role::Largest)?, only(Role::Second)?);
    Some((first, table.number(row, first)?, table.number(row, second)?, total(table, row)?))
}

/// The only sum of the row.
pub(super) fn total(table: &Table, row: usize) -> Option<f64> {
    let sums = table.columns_where(row, |role| role == Role::Sum);
    let named: Vec<usize> = (0..table.columns.len())
        .filter(|c| {
            table.columns[*c].total && matches!(table.role(row, *c), Role::Unknown | Role::Sum)
        })
        .collect();
    let column = match (named.as_slice(), sums.as_slice()) {
        ([one], _) | ([], [one]) => *one,
        _ => return None,
    };
    table.number(row, column).filter(|total| *total != 0.0)
}

/// What makes the shares of a column percentages: columns without a value above 1 hold fractions.
fn scale(table: &Table, column: usize) -> f64 {
    let signed = table.columns.get(column).is_some_and(|c| c.title.contains('%'));
    let small = (0..table.rows.len()).filter_map(|r| table.number(r, column)).all(|v| v <= 1.0);
    if small && !signed { 100.0 } else { 1.0 }
}

fn push(table: &Table, at: (usize, usize, &Cell), share: f64, rule: Dominance, out: &mut Findings) {
    let name = table.names(at.0, at.1);
    let share = (share * 10.0).round() / 10.0;
    let text = format!(
        "{name}: the {} largest contributors hold {share} %, more than {} %",
        rule.n, rule.percent
    );
    out.push(
        Finding::new(ID, Severity::Error, "dominance", text)
            .at(at.2.place)
            .value(share)
            .threshold(rule.percent)
            .arg("cell", name)
            .arg("n", rule.n),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{few, fired, rules};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(few())]
        /// The oracle divides the largest contribution by its total.
        #[test]
        fn largest_contributions_agree_with_dividing(rows in proptest::collection::vec((1u32..1000, 1u32..1000), 2..8)) {
            let mut text = String::from("secteur;nb entreprises;chiffre d'affaires;plus grosse contribution\n");
            let mut naive = Vec::new();
            for (at, (rest, first)) in (2u32..).zip(&rows) {
                let total = rest + first;
                text.push_str(&format!("secteur {};40;{total};{first}\n", ["u", "v", "w", "x", "y", "z", "t", "s"][at as usize - 2]));
                naive.extend((first * 100 > total * 85).then_some((at, 4)));
            }
            prop_assert_eq!(fired(ID, &text, &rules("enterprise")), naive);
        }
    }

    #[test]
    fn the_two_largest_are_taken_together_where_the_rule_says_two() {
        let text = "sector;n;total;largest contribution;second contribution\na;40;1000;600;310\nb;40;1000;600;290\nc;40;1000;950;10\n";
        let mut set = rules("generic_10");
        set.p_percent = None;
        assert_eq!(set.dominance, [Dominance { n: 2, percent: 90.0 }]);
        assert_eq!(fired(ID, text, &set), [(2, 4), (4, 4)]);
    }

    #[test]
    fn shares_and_indices_fire_above_the_limit_alone() {
        let share = "secteur;nb;part du premier (%)\na;30;85,0\nb;30;85,1\n";
        assert_eq!(fired(ID, share, &rules("enterprise")), [(3, 3)]);
        let index = "secteur;nb;Herfindahl\na;30;0,84\nb;30;0,86\nc;30;0,10\n";
        assert_eq!(fired(ID, index, &rules("enterprise")), [(3, 3)]);
    }
}
