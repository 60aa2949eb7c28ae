//! `DERIVED_COUNT`: a small count follows from published figures: a percentage and its base, a
//! rate, a sum and its mean, a count and its total.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::extract::Line;
use crate::report::{Finding, Findings, Location, Severity};
use crate::rule_set::RuleSet;
use crate::table::{Cell, Table};
use crate::words::{Role, UNITS, fold};

/// The rule's id.
pub const ID: &str = "DERIVED_COUNT";

static BASE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:champ|base|n|effectif|effectif total|population) ?[:=] ?(\d{1,3}(?: \d{3})+|\d+)",
    )
    .expect("the pattern is a constant")
});

/// The counts that `rate` per `per` of `base` units can stand for, given its decimals:
/// from floor((rate - half a unit) base / per) rounded up, to the largest whole number below.
pub fn bounds(rate: f64, decimals: u8, per: f64, base: f64) -> (f64, f64) {
    let half = 0.5 * 10_f64.powi(-i32::from(decimals));
    (((rate - half) * base / per).ceil().max(0.0), ((rate + half) * base / per).floor())
}

/// Whether the bounds tell of a count from 1 to `min_count` - 1.
pub fn fires(bounds: (f64, f64), min_count: u32) -> bool {
    bounds.0 >= 1.0 && bounds.1 < f64::from(min_count) && bounds.0 <= bounds.1
}

/// A percentage and its base in one sentence: `8,5 % des 47 élèves`, `12.5% of the 40 patients`.
static OF: LazyLock<Regex> = LazyLock::new(|| {
    let units = UNITS.join("|");
    let pattern = format!(
        r"(\d{{1,3}})(?:[.,](\d{{1,3}}))? ?(?:%|pour ?cent|percent) (?:des|de|parmi les|sur les|sur|of the|of|among the|among) (\d{{1,3}}(?: \d{{3}})+|\d+) (?:{units}|femmes|hommes|cas|dossiers|observations)\b"
    );
    Regex::new(&pattern).expect("the pattern is a constant")
});

/// A base that a sentence names before its percentages: `parmi les 214 femmes suivies`.
static AMONG: LazyLock<Regex> = LazyLock::new(|| {
    let units = UNITS.join("|");
    let pattern = format!(
        r"(?:parmi les|sur les|sur|chez les|among the|among|of the|out of) (\d{{1,3}}(?: \d{{3}})+|\d+) (?:{units}|femmes|hommes|cas|dossiers|observations)\b"
    );
    Regex::new(&pattern).expect("the pattern is a constant")
});

/// A percentage of what was named before: not one `des 47 eleves`, nor of a rate that rose.
static SHARE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(\d{1,3})(?:[.,](\d{1,3}))? ?(?:%|pour ?cent|percent),? (?:ont|sont|avaient|etaient|presentent|declarent|une?|had|have|were|are|died|reported)\b",
    )
    .expect("the pattern is a constant")
});

/// Looks for percentages whose base stands beside them in a sentence.
pub fn prose(lines: &[Line], rules: &RuleSet, out: &mut Findings) {
    for line in lines.iter().filter(|line| line.text.contains(['%', 'c'])) {
        let folded = fold(&line.text);
        for found in OF.captures_iter(&folded) {
            in_sentence(&found, found.get(3).map_or("", |m| m.as_str()), line, rules, out);
        }
        for sentence in folded.split(". ") {
            let mut bases = AMONG.captures_iter(sentence);
            let (Some(base), None) = (bases.next(), bases.next()) else { continue };
            let (from, base) = (base.get(0).map_or(0, |m| m.end()), base.get(1));
            for found in SHARE.captures_iter(&sentence[from..]) {
                in_sentence(&found, base.map_or("", |m| m.as_str()), line, rules, out);
            }
        }
    }
}

/// Judges the percentage of a hit and its base.
fn in_sentence(found: &Captures<'_>, base: &str, line: &Line, rules: &RuleSet, out: &mut Findings) {
    let Some((rate, base, count)) = few_of(found, base, rules.min_count) else { return };
    let message =
        format!("{rate} % of {base} units: {count} units at most, fewer than {}", rules.min_count);
    out.push(
        Finding::new(ID, Severity::Error, "derived_count", message)
            .at(Location::line(line.number))
            .value(count)
            .threshold(f64::from(rules.min_count))
            .arg("cell", rate)
            .arg("base", base),
    );
}

/// The percentage of a hit, its base, and the few units, or the few others, that they tell of.
fn few_of(found: &Captures<'_>, base: &str, min_count: u32) -> Option<(f64, f64, f64)> {
    let text = |nth| found.get(nth).map_or("", |m| m.as_str());
    let decimals = text(2);
    let rate: f64 = format!("{}.{decimals}0", text(1)).parse().ok()?;
    let base: f64 = base.replace(' ', "").parse().ok()?;
    let digits = u8::try_from(decimals.len()).ok()?;
    let sides = [rate, 100.0 - rate].map(|rate| bounds(rate, digits, 100.0, base));
    let hit = sides.into_iter().find(|side| fires(*side, min_count)).filter(|_| rate <= 100.0)?;
    Some((rate, base, hit.1))
}

/// Looks at each percentage and rate, then at sums with means and counts with totals.
pub fn find(table: &Table, rules: &RuleSet, out: &mut Findings) {
    let facts = Facts::of(table);
    for (row, column, role, cell) in table.figures() {
        let Some(number) = cell.value.number() else { continue };
        let per = match role {
            Role::Percent if facts.columns[column].fractions => 1.0,
            Role::Percent => 100.0,
            Role::Rate(per) => f64::from(per),
            _ => continue,
        };
        let Some(base) = base(table, &facts, row, column) else { continue };
        let below = bounds(number.value, number.decimals, per, base);
        let above = bounds(per - number.value, number.decimals, per, base);
        let shared = matches!(role, Role::Percent) && number.value <= per;
        if fires(below, rules.min_count) {
            push(table, (row, column, cell), below.1, base, rules, out);
        } else if shared && fires(above, rules.min_count) {
            push(table, (row, column, cell), above.1, base, rules, out);
        }
    }
    for row in 0..table.rows.len() {
        sum_and_mean(table, row, rules, out);
        part_and_total(table, row, rules, out);
    }
}

/// What is asked for each cell, and told once for each column: a file must not make it quadratic.
struct Facts {
    columns: Vec<ColumnFacts>,
    titled: Option<f64>,
}

struct ColumnFacts {
    fractions: bool,
    sums_to_hundred: bool,
    base: Option<f64>,
}

impl Facts {
    fn of(table: &Table) -> Self {
        let is_base = |r: &usize| {
            let row = &table.rows[*r];
            row.base || matches!(row.role, Role::Count { .. })
        };
        let bases: Vec<usize> = (0..table.rows.len()).filter(is_base).collect();
        let column = |c: usize| ColumnFacts {
            fractions: fractions(table, c),
            sums_to_hundred: adds_to_hundred(table, c),
            base: bases.iter().find_map(|r| table.number(*r, c)),
        };
        Self { columns: (0..table.columns.len()).map(column).collect(), titled: titled(table) }
    }
}

/// The number of units that a percentage is of.
fn base(table: &Table, facts: &Facts, row: usize, column: usize) -> Option<f64> {
    let own = facts.columns.get(column)?;
    if let Some(base) = own.base {
        return Some(base).filter(|_| !table.rows[row].base);
    }
    let counts = table.columns_where(row, |role| matches!(role, Role::Count { weighted: false }));
    if own.sums_to_hundred {
        // A distribution: its base is the total of the counts, and the counts stand beside it.
        return facts.titled.filter(|_| counts.is_empty());
    }
    match counts.as_slice() {
        [] => facts.titled.or_else(|| population(table, row)),
        [one] => table.number(row, *one),
        many => {
            let whole = |c: &&usize| table.columns[**c].total || table.columns[**c].base;
            let mut bases = many.iter().filter(whole);
            let base = bases.next()?;
            bases.next().is_none().then(|| table.number(row, *base)).flatten()
        }
    }
}

/// The only column that is named a base (`Population`) and holds whole numbers.
fn population(table: &Table, row: usize) -> Option<f64> {
    let mut bases = (0..table.columns.len())
        .filter(|c| table.columns[*c].base && table.columns[*c].role == Role::Unknown);
    let base = bases.next()?;
    bases.next().is_none().then(|| table.number(row, base)).flatten().filter(|v| v.fract() == 0.0)
}

/// The base that a title or a note names.
fn titled(table: &Table) -> Option<f64> {
    let title = fold(&table.title);
    let mut found = BASE.captures_iter(&title).filter_map(|c| c.get(1));
    let base = found.next()?.as_str().replace(' ', "").parse().ok()?;
    found.next().is_none().then_some(base)
}

fn fractions(table: &Table, column: usize) -> bool {
    let cells = || {
        table
            .rows
            .iter()
            .enumerate()
            .filter(|(r, _)| table.role(*r, column) == Role::Percent)
            .filter_map(|(_, row)| row.cells.get(column)?.value.number())
    };
    !table.columns.get(column).is_some_and(|c| c.title.contains('%'))
        && cells().all(|n| n.value <= 1.0 && n.dress == crate::value::Dress::Plain)
        && cells().any(|n| n.decimals >= 2)
}

fn adds_to_hundred(table: &Table, column: usize) -> bool {
    let parts = (0..table.rows.len())
        .filter(|r| !table.rows[*r].total && table.role(*r, column) == Role::Percent);
    let values: Vec<f64> = parts.filter_map(|r| table.number(r, column)).collect();
    let sum: f64 = values.iter().sum();
    values.len() >= 2 && ((sum - 100.0).abs() < 0.6 || (sum - 1.0).abs() < 0.006)
}

fn push(
    table: &Table,
    at: (usize, usize, &Cell),
    count: f64,
    base: f64,
    rules: &RuleSet,
    out: &mut Findings,
) {
    let name = table.names(at.0, at.1);
    let text = format!(
        "{name}: with the base {base} it tells of {count} units at most, fewer than {}",
        rules.min_count
    );
    out.push(
        Finding::new(ID, Severity::Error, "derived_count", text)
            .at(at.2.place)
            .value(count)
            .threshold(f64::from(rules.min_count))
            .arg("cell", name)
            .arg("base", base),
    );
}

/// The only column of a row with a role.
fn only(table: &Table, row: usize, wanted: impl Fn(usize, Role) -> bool) -> Option<usize> {
    let mut found = (0..table.columns.len()).filter(|c| wanted(*c, table.role(row, *c)));
    let one = found.next()?;
    found.next().is_none().then_some(one)
}

fn sum_and_mean(table: &Table, row: usize, rules: &RuleSet, out: &mut Findings) {
    let sum = only(table, row, |_, role| role == Role::Sum);
    let mean = only(table, row, |_, role| role == Role::Mean);
    let (Some(sum), Some(mean)) = (sum, mean) else { return };
    let figures = (table.number(row, sum), table.number(row, mean), table.cell(row, mean));
    let (Some(total), Some(average), Some(cell)) = figures else { return };
    let units = (total / average).round();
    let near = (total / average - units).abs() < 0.05;
    if average != 0.0 && near && units >= 1.0 && units < f64::from(rules.min_count) {
        push(table, (row, mean, cell), units, total, rules, out);
    }
}

/// A count beside the total that it is part of: the others are the difference.
fn part_and_total(table: &Table, row: usize, rules: &RuleSet, out: &mut Findings) {
    let count = |role| matches!(role, Role::Count { weighted: false });
    let whole = |c: usize| table.columns[c].total || table.columns[c].base;
    let part = only(table, row, |c, role| count(role) && !whole(c));
    let total = only(table, row, |c, role| count(role) && whole(c));
    let (Some(part), Some(total)) = (part, total) else { return };
    // Masked neighbours are `SECONDARY_RECOVERABLE`'s.
    let figures = (table.number(row, part), table.number(row, total), table.cell(row, part));
    let (Some(a), Some(b), Some(cell)) = figures else { return };
    if b - a > 0.0 && b - a < f64::from(rules.min_count) {
        push(table, (row, part, cell), b - a, b, rules, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fired, rules};
    use proptest::prelude::*;

    #[test]
    fn a_percentage_with_its_base_in_a_sentence_tells_a_count() {
        let set = rules("depp_10");
        let fires = |text: &str| !fired(ID, &format!("{text}\n"), &set).is_empty();
        assert!(fires("Lecture : dans ce lycée, 8,5 % des 47 élèves sont boursiers."));
        assert!(fires("98.0% of the 150 patients survived."));
        assert!(fires("Parmi les 214 femmes suivies, 1,4 % ont fait une embolie."));
        assert!(!fires("Parmi les 214 femmes suivies, 21,5 % ont eu une césarienne."));
        assert!(!fires("Lecture : 8,5 % des 4 700 élèves sont boursiers."));
        assert!(!fires("En 2019, 8,5 % des 15-24 ans sont au chômage."));
    }

    proptest! {
        /// The oracle tries every count of the base and keeps those that round to the percentage.
        #[test]
        fn bounds_agree_with_trying_every_count(base in 1u32..400, count in 0u32..400, decimals in 0u8..3) {
            let count = count.min(base);
            let scale = 10_f64.powi(i32::from(decimals));
            let rounded = |k: u32| (100.0 * f64::from(k) / f64::from(base) * scale).round() / scale;
            let shown = rounded(count);
            let possible: Vec<u32> = (0..=base).filter(|k| (rounded(*k) - shown).abs() < 1e-9).collect();
            let (low, high) = bounds(shown, decimals, 100.0, f64::from(base));
            // Ties round either way, so that the bounds may hold one more on either side.
            prop_assert!(low <= f64::from(possible[0]) + 1e-9);
            prop_assert!(high >= f64::from(possible[possible.len() - 1]) - 1e-9);
            prop_assert!(low >= f64::from(possible[0]) - 1.0 && high <= f64::from(possible[possible.len() - 1]) + 1.0);
        }
    }
}
