//! `CLASS_DISCLOSURE`: (nearly) all units of a row or column fall into one category.

use crate::report::{Finding, Findings, Severity};
use crate::rule_set::RuleSet;
use crate::table::Table;
use crate::value::{Number, Value};
use crate::words::Role;

/// The rule's id.
pub const ID: &str = "CLASS_DISCLOSURE";

/// The place of the largest count where it holds at least `percent` % of two counts or more.
pub fn dominant(counts: &[f64], percent: f64) -> Option<(usize, f64)> {
    let total: f64 = counts.iter().sum();
    let (at, most) = counts.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let share = 100.0 * most / total;
    (counts.len() >= 2 && total > 0.0 && share >= percent).then_some((at, share))
}

/// Looks at the rows and columns of a cross table of counts.
pub fn find(table: &Table, rules: &RuleSet, out: &mut Findings) {
    let counts = of_role(table, |role| matches!(role, Role::Count { .. }));
    // Whole numbers of unknown meaning may be counts: a person looks.
    let maybe = of_role(table, |role| role == Role::Unknown);
    let sure = counts.len() >= 2 || counts.len() + maybe.len() < 2;
    let columns = if sure { counts } else { [counts, maybe].concat() };
    let rows: Vec<usize> = (0..table.rows.len())
        .filter(|r| {
            !table.rows[*r].total
                && table.rows[*r].cells.iter().any(|c| matches!(c.value, Value::Number(_)))
        })
        .collect();
    // A list of counts (two columns named `effectif` and `nb` are no categories of each other) is
    // no cross table: categories bear names of their own. Where one column bears its own, a group
    // that falls whole into one goes to a person (`décès` beside `survie`).
    let named = columns
        .iter()
        .filter(|c| matches!(crate::words::role_of(&table.columns[**c].title), Role::Count { .. }))
        .count();
    if columns.len() < 2 || rows.is_empty() || named > 1 {
        return;
    }
    let mixed = named > 0 && named < columns.len();
    let percent = if mixed { 100.0 } else { rules.class_percent };
    let severity = if sure && !mixed { Severity::Error } else { Severity::Warning };
    let lines = rows.iter().map(|row| columns.iter().map(|c| (*row, *c)).collect());
    let down = columns.iter().map(|column| rows.iter().map(|r| (*r, *column)).collect());
    let lines: Vec<Vec<(usize, usize)>> = lines.chain(down).collect();
    for line in lines {
        push(table, &line, severity, percent, out);
    }
}

fn of_role(table: &Table, wanted: impl Fn(Role) -> bool) -> Vec<usize> {
    let columns = table.columns.iter().enumerate();
    columns.filter(|(_, c)| wanted(c.role) && !c.total).map(|(at, _)| at).collect()
}

fn push(
    table: &Table,
    line: &[(usize, usize)],
    severity: Severity,
    percent: f64,
    out: &mut Findings,
) {
    // A blank is how cross tables write that nobody is there; a person says whether it is.
    let count = |cell: &crate::table::Cell| match cell.value {
        Value::Empty | Value::NotFinite => Some(0.0),
        value => value.number().filter(Number::is_count).map(|n| n.value),
    };
    let counts: Option<Vec<f64>> = line.iter().map(|(r, c)| count(table.cell(*r, *c)?)).collect();
    let Some((at, share)) = counts.and_then(|counts| dominant(&counts, percent)) else {
        return;
    };
    let blank = |(r, c): &(usize, usize)| {
        table.cell(*r, *c).is_some_and(|c| matches!(c.value, Value::Empty | Value::NotFinite))
    };
    let severity = if line.iter().any(blank) { severity.min(Severity::Warning) } else { severity };
    let Some((row, column)) = line.get(at).copied() else { return };
    let Some(cell) = table.cell(row, column) else { return };
    let name = table.names(row, column);
    let text = format!("{name}: this category holds {share:.1} % of its group");
    out.push(
        Finding::new(ID, severity, "class_disclosure", text)
            .at(cell.place)
            .value((share * 10.0).round() / 10.0)
            .threshold(percent)
            .arg("cell", name),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{few, fired, rules};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(few())]
        /// The oracle divides each count by the sum of its row and of its column.
        #[test]
        fn shares_agree_with_dividing_each_count(rows in proptest::collection::vec((0u32..90, 0u32..90, 0u32..90), 2..6)) {
            let mut text = String::from("commune;Effectif oui;Effectif non;Effectif sans avis\n").replace("Effectif ", "");
            text.insert_str(0, "Effectifs par commune\n");
            for (at, (a, b, c)) in rows.iter().enumerate() {
                text.push_str(&format!("commune {};{a};{b};{c}\n", ["x", "y", "z", "u", "v"][at]));
            }
            let seen = fired(ID, &text, &rules("insee_menages"));
            let mut naive = Vec::new();
            let mut line = |cells: &[(u32, u32, u32)]| {
                let sum: u32 = cells.iter().map(|c| c.2).sum();
                // Where two are as large, none holds 95 %.
                naive.extend(cells.iter().filter(|c| sum > 0 && c.2 * 100 >= sum * 95).map(|c| (c.0, c.1)));
            };
            let table: Vec<[u32; 3]> = rows.iter().map(|(a, b, c)| [*a, *b, *c]).collect();
            for (at, row) in (3u32..).zip(&table) {
                line(&[(at, 2, row[0]), (at, 3, row[1]), (at, 4, row[2])]);
            }
            for column in 0..3usize {
                let cells: Vec<_> = (3u32..).zip(&table).map(|(at, row)| (at, u32::try_from(column).expect("small") + 2, row[column])).collect();
                line(&cells);
            }
            naive.sort_unstable();
            naive.dedup();
            prop_assert_eq!(seen, naive);
        }
    }

    #[test]
    fn a_blank_beside_a_count_is_nobody_and_a_mask_is_not() {
        let text = |cell: &str| {
            format!(
                "Effectifs;oui;non;sans avis\nNord;120;{cell};{cell}\nSud;60;75;80\nEst;50;40;30\n"
            )
        };
        assert_eq!(fired(ID, &text(""), &rules("insee_menages")), [(2, 2)]);
        assert_eq!(fired(ID, &text("0"), &rules("insee_menages")), [(2, 2)]);
        assert!(fired(ID, &text("s"), &rules("insee_menages")).is_empty());
    }

    #[test]
    fn whole_numbers_of_unknown_meaning_go_to_a_person() {
        let text = "Commune;Oui;Non\nA;120;0\nB;60;75\n";
        assert_eq!(fired(ID, text, &rules("insee_menages")), [(2, 2), (3, 3)]);
    }
}
