//! `DIFFERENCING`: two published tables of nested populations, whose difference is a few units.

use std::collections::{BTreeSet, HashMap};

use crate::report::{Finding, Severity};
use crate::request::{Found, Known};
use crate::rule_set::RuleSet;
use crate::structure::{Fact, Key, Measure, Structured};

/// The rule's id.
pub const ID: &str = "DIFFERENCING";

/// Pairs of figures that are compared at most in a request.
const WORK: usize = 20_000_000;

/// How two tables stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Nothing says that one population holds the other.
    Apart,
    /// Figures and words agree with one population within the other.
    Nested,
}

/// Judges two tables by the figures that they share (`pairs`) and by their words.
///
/// One population holds another only if no figure of it is smaller. Tables of different years, or
/// whose words differ on both sides (`femmes` against `hommes`), are apart unless most figures are
/// the same.
pub fn relation(a: &Structured, b: &Structured, pairs: &[(f64, f64)]) -> Relation {
    let up = pairs.iter().all(|(a, b)| a >= b);
    let down = pairs.iter().all(|(a, b)| a <= b);
    if pairs.is_empty() || !(up || down) || (up && down) {
        return Relation::Apart;
    }
    let years = |one: &BTreeSet<u16>, other: &BTreeSet<u16>| {
        !one.is_empty() && !other.is_empty() && one != other
    };
    if years(&a.years, &b.years) {
        return Relation::Apart;
    }
    let same = pairs.iter().filter(|(a, b)| (a - b).abs() < 0.5).count();
    let both_differ = a.words.difference(&b.words).next().is_some()
        && b.words.difference(&a.words).next().is_some();
    let alike = match pairs {
        // Totals alone: two large numbers so near each other are no chance.
        [(a, b)] => a.min(*b) >= 20.0 * (a - b).abs(),
        _ => !both_differ || (same >= 1 && same * 2 >= pairs.len()),
    };
    if alike { Relation::Nested } else { Relation::Apart }
}

/// Compares each table of the request with the others and with those released before.
pub fn find(known: &[Known], rules: &RuleSet, out: &mut Found) {
    let counts: Vec<(usize, &Structured, HashMap<&Key, usize>)> = known
        .iter()
        .enumerate()
        .flat_map(|(at, file)| file.facts.tables.iter().map(move |table| (at, table)))
        .filter(|(_, table)| matches!(table.measure, Measure::Count { weighted: false, .. }))
        .map(|(at, table)| (at, table, table.by_key()))
        .collect();
    let mut work = 0;
    for (nth, (at, table, keys)) in counts.iter().enumerate() {
        for (other_at, other, other_keys) in &counts[..nth] {
            if known[*at].file.is_none() && known[*other_at].file.is_none()
                || !table.measure.meets(&other.measure)
            {
                continue;
            }
            work += keys.len();
            if work > WORK {
                return;
            }
            let pair = Pair { one: (&known[*at], table), two: (&known[*other_at], other) };
            compare(&pair, keys, other_keys, rules, out);
        }
    }
}

/// Two tables with their files.
struct Pair<'a> {
    one: (&'a Known, &'a Structured),
    two: (&'a Known, &'a Structured),
}

fn compare(
    pair: &Pair<'_>,
    keys: &HashMap<&Key, usize>,
    other_keys: &HashMap<&Key, usize>,
    rules: &RuleSet,
    out: &mut Found,
) {
    let mut shared: Vec<(&Fact, &Fact)> = keys
        .iter()
        .filter_map(|(key, at)| {
            Some((&pair.one.1.facts[*at], &pair.two.1.facts[*other_keys.get(*key)?]))
        })
        .collect();
    let values: Vec<(f64, f64)> =
        shared.iter().filter_map(|(a, b)| Some((a.value?, b.value?))).collect();
    if relation(pair.one.1, pair.two.1, &values) == Relation::Apart {
        return;
    }
    shared.sort_by_key(|(a, _)| (a.place.line, a.place.column));
    for (a, b) in shared {
        let (Some(x), Some(y)) = (a.value, b.value) else { continue };
        let difference = (x - y).abs();
        if difference > 0.0 && difference < f64::from(rules.min_count) {
            push(pair.one.0, a, pair.two.0, b, rules, out);
            push(pair.two.0, b, pair.one.0, a, rules, out);
        }
    }
}

fn push(
    file: &Known,
    own: &Fact,
    other_file: &Known,
    other: &Fact,
    rules: &RuleSet,
    out: &mut Found,
) {
    let (Some(at), Some(x), Some(y)) = (file.file, own.value, other.value) else { return };
    let difference = (x - y).abs();
    let line = other.place.line.map(|line| format!(", line {line}")).unwrap_or_default();
    let when = if other_file.file.is_none() { "released before" } else { "in this request" };
    let text = format!(
        "{}: {x} here and {y} in `{}`{line} ({when}): {} - {} = {difference} units, fewer than {}",
        own.name,
        other_file.name,
        x.max(y),
        x.min(y),
        rules.min_count
    );
    let finding = Finding::new(ID, Severity::Error, "differencing", text)
        .at(own.place)
        .value(difference)
        .threshold(f64::from(rules.min_count))
        .arg("cell", &own.name)
        .arg("other", &other_file.name)
        .arg("here", x)
        .arg("there", y);
    out.push((at, finding));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{few, fired_in, rules};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(few())]
        /// The oracle subtracts each line of a table of which some units were left out.
        #[test]
        fn differences_of_nested_tables_agree_with_subtracting(rows in proptest::collection::vec((60u32..400, 0u32..30), 3..7)) {
            let names = ["Nord", "Sud", "Est", "Ouest", "Centre", "Corse", "Loire"];
            let table = |of: fn(&(u32, u32)) -> u32| {
                let lines = rows.iter().zip(names).map(|(row, name)| format!("{name};{}\n", of(row)));
                format!("region;effectif\n{}", lines.collect::<String>())
            };
            let (all, less) = (table(|r| r.0), table(|r| r.0 - r.1));
            let seen = fired_in(ID, &[("b.csv", &less)], &[("a.csv", &all)], &rules("health_11"));
            let small = |row: &(u32, u32)| row.1 > 0 && row.1 < 11;
            let naive: Vec<(u32, u32)> = (2u32..).zip(&rows).filter(|(_, r)| small(r)).map(|(at, _)| (at, 2)).collect();
            prop_assert_eq!(seen, naive);
        }
    }

    #[test]
    fn tables_of_other_years_and_of_other_people_are_left_alone() {
        let table = |title: &str, a: u32, b: u32| {
            format!("Effectifs {title};n\nNord;{a}\nSud;{b}\nEst;90\n")
        };
        let set = rules("health_11");
        let seen = |a: &str, b: &str| fired_in(ID, &[("b.csv", a)], &[("a.csv", b)], &set);
        assert!(seen(&table("2019", 120, 130), &table("2020", 123, 135)).is_empty());
        assert!(seen(&table("des hommes", 120, 130), &table("des femmes", 123, 131)).is_empty());
        assert_eq!(seen(&table("hors Paris", 120, 130), &table("de tous", 123, 130)), [(2, 2)]);
    }

    #[test]
    fn the_finding_says_the_subtraction() {
        let one = crate::Input { name: "a.csv", bytes: b"region;effectif\nNord;120\nSud;130\n" };
        let two = crate::Input { name: "b.csv", bytes: b"region;effectif\nNord;117\nSud;130\n" };
        let reports = crate::check(&[one, two], &rules("health_11"));
        let finding = reports[1].findings.iter().find(|f| f.rule == ID).expect("fired");
        assert!(
            finding.message.contains("120 - 117 = 3") && finding.message.contains("a.csv"),
            "{}",
            finding.message
        );
    }
}
