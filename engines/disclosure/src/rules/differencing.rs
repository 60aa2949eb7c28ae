//! `DIFFERENCING`: two published tables of nested populations, whose difference is a few units.

use std::collections::{BTreeSet, HashMap};

use crate::report::{Finding, Severity};
use crate::request::{Found, Known, cut};
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
        // Totals alone: words that differ on one side at most say that they are of one population;
        // where they say nothing, two large numbers so near each other are no chance.
        [(a, b)] => !both_differ || a.min(*b) >= 20.0 * (a - b).abs(),
        _ => !both_differ || (same >= 1 && same * 2 >= pairs.len()),
    };
    if alike { Relation::Nested } else { Relation::Apart }
}

/// Compares each table of the request with the others and with those released before.
pub fn find(known: &[Known], rules: &RuleSet, out: &mut Found) {
    within(WORK, known, rules, out);
}

fn within(most: usize, known: &[Known], rules: &RuleSet, out: &mut Found) {
    let counts: Vec<(usize, &Structured, HashMap<&Key, usize>)> = known
        .iter()
        .enumerate()
        .flat_map(|(at, file)| file.facts.tables.iter().map(move |table| (at, table)))
        .filter(|(_, table)| matches!(table.measure, Measure::Count { weighted: false, .. }))
        .map(|(at, table)| (at, table, table.by_key()))
        .collect();
    not_compared(known, out);
    let mut work = 0_usize;
    for (nth, (at, table, keys)) in counts.iter().enumerate() {
        for (other_at, other, other_keys) in &counts[..nth] {
            if known[*at].file.is_none() && known[*other_at].file.is_none()
                || !table.measure.meets(&other.measure)
            {
                continue;
            }
            // A table without a key of its own costs a step too.
            work = work.saturating_add(keys.len() + 1);
            if work > most {
                for at in known.iter().filter_map(|file| file.file) {
                    let text = "the request and what was released have more tables than are \
                                compared with each other";
                    out.push((at, cut(ID, text.to_owned())));
                }
                return;
            }
            let pair = Pair { one: (&known[*at], table), two: (&known[*other_at], other) };
            compare(&pair, keys, other_keys, rules, out);
        }
    }
}

/// What was not read whole, or is too large, was compared with nothing: a person must.
fn not_compared(known: &[Known], out: &mut Found) {
    let old = known.iter().find(|file| file.file.is_none() && file.facts.partial);
    for file in known {
        let Some(at) = file.file else { continue };
        if file.facts.partial {
            let text = "a table with more figures than are compared with other tables";
            out.push((at, cut(ID, text.to_owned())));
        }
        if let Some(old) = old.filter(|_| !file.facts.tables.is_empty()) {
            let text = format!(
                "`{}`, released before, was not read whole: nothing here was compared with all of it",
                old.name
            );
            out.push((at, cut(ID, text).arg("other", &old.name)));
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

    #[test]
    fn what_is_not_compared_is_told() {
        let read = |text: &str| {
            crate::check::facts_of("a.csv", crate::check::read_here("a.csv", text.as_bytes()))
        };
        let table = "region;effectif\nNord;120\nSud;130\n";
        let known = |file| Known { file, name: "a.csv".into(), facts: read(table) };
        let told = |most: usize, known: &[Known]| {
            let mut found = Found::new();
            within(most, known, &rules("health_11"), &mut found);
            found.into_iter().map(|(at, f)| (at, f.message_key)).collect::<Vec<_>>()
        };
        let three = [known(None), known(Some(0)), known(Some(1))];
        assert_eq!(told(WORK, &three), []);
        assert_eq!(told(3, &three), [(0, "comparison_cut"), (1, "comparison_cut")]);
        // Tables whose figures have no key of their own cost something too.
        let twins = "region;effectif\nNord;120\nNord;130\n";
        let known = |file| Known { file, name: "a.csv".into(), facts: read(twins) };
        assert_eq!(told(0, &[known(Some(0)), known(Some(1))]).len(), 2);
        // More figures than are kept of a table.
        let wide = format!("region{}\n", (0..300).map(|c| format!(";c{c}")).collect::<String>())
            + &(0..200).map(|r| format!("place {r}{}\n", ";120".repeat(300))).collect::<String>();
        let wide = Known { file: Some(0), name: "b.csv".into(), facts: read(&wide) };
        assert_eq!(told(WORK, &[wide]), [(0, "comparison_cut")]);
    }

    #[test]
    fn what_was_released_unread_sends_what_is_compared_with_it_to_a_person() {
        let set = rules("health_11");
        let decision = |name: &str, bytes: &[u8]| {
            let kept = crate::Released::of(&crate::Input { name, bytes });
            let text = serde_json::to_string(&kept).expect("serializable");
            let mut session = crate::Session::new(&set);
            session.released_before(serde_json::from_str(&text).expect("its own JSON"));
            let table = b"region;effectif\nNord;120\nSud;130\n";
            session.file(&crate::Input { name: "a.csv", bytes: table });
            session.finish().into_iter().filter(|(_, f)| f.severity > Severity::Info).count()
        };
        assert_eq!(decision("old.csv", b"region;effectif\nNord;220\nSud;330\n"), 0);
        assert_eq!(decision("old.bin", b"\x00\x01\x02 no text"), 1);
        // What was kept by an earlier version says nothing of it.
        let old: crate::Released =
            serde_json::from_str(r#"{"name":"a","tables":[]}"#).expect("valid");
        assert!(!old.unread);
    }
}
