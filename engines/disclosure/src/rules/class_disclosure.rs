//! `CLASS_DISCLOSURE`: (nearly) all units of a row or column fall into one category.

use crate::report::{Finding, Findings, Severity};
use crate::rule_set::RuleSet;
use crate::table::Table;
use crate::value::Value;
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
    let columns: Vec<usize> = (0..table.columns.len())
        .filter(|c| {
            matches!(table.columns[*c].role, Role::Count { .. }) && !table.columns[*c].total
        })
        .collect();
    let rows: Vec<usize> = (0..table.rows.len())
        .filter(|r| {
            !table.rows[*r].total
                && table.rows[*r].cells.iter().any(|c| matches!(c.value, Value::Number(_)))
        })
        .collect();
    // A list of counts (two columns named `effectif` and `nb` are no categories of each other) is
    // no cross table: categories bear names of their own.
    let named = columns
        .iter()
        .filter(|c| matches!(crate::words::role_of(&table.columns[**c].title), Role::Count { .. }))
        .count();
    if columns.len() < 2 || rows.is_empty() || named > 0 && named < columns.len() {
        return;
    }
    if named > 1 {
        return;
    }
    for row in &rows {
        let line: Vec<_> = columns.iter().map(|c| (*row, *c)).collect();
        push(table, &line, rules, out);
    }
    for column in &columns {
        let line: Vec<_> = rows.iter().map(|r| (*r, *column)).collect();
        push(table, &line, rules, out);
    }
}

fn push(table: &Table, line: &[(usize, usize)], rules: &RuleSet, out: &mut Findings) {
    let counts: Option<Vec<f64>> = line.iter().map(|(r, c)| table.number(*r, *c)).collect();
    let Some((at, share)) = counts.and_then(|counts| dominant(&counts, rules.class_percent)) else {
        return;
    };
    let Some((row, column)) = line.get(at).copied() else { return };
    let Some(cell) = table.cell(row, column) else { return };
    let name = table.names(row, column);
    let text = format!("{name}: this category holds {share:.1} % of its group");
    out.push(
        Finding::new(ID, Severity::Error, "class_disclosure", text)
            .at(cell.place)
            .value((share * 10.0).round() / 10.0)
            .threshold(rules.class_percent)
            .arg("cell", name),
    );
}
