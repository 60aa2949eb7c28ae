//! `SECONDARY_RECOVERABLE`: a masked cell that published figures give back, exactly or to within
//! a band below the minimum.
//!
//! Every total with its parts is a relation. Tables of one request, and those released before, are
//! solved together where they show the same figures: what one masks, another may publish or add up.

use std::collections::HashMap;

use super::masked_group::{Group, Placed, derivation, implied};
use crate::relations::Bounds;
use crate::report::{Finding, Location, Severity};
use crate::request::{Found, Known, cut};
use crate::rule_set::RuleSet;
use crate::structure::{Key, Measure, Structured};

/// The rule's id.
pub const ID: &str = "SECONDARY_RECOVERABLE";

/// Unknowns that are solved for at most: elimination is cubic. Above, a person looks.
const MOST: usize = 600;
/// Tables with masks that are solved at most in a request.
const TABLES: usize = 200;
/// Figures that are looked up to find which tables show the same ones, at most in a request.
const WORK: usize = 20_000_000;
/// Steps of elimination in all systems of a request at most: the sum of the cubes of their sizes.
const STEPS: usize = 1_000_000_000;
/// Figures that two tables must share before they are solved together.
const AGREEING: usize = 2;
/// A figure from which on one that two tables share is no chance, where one shows what the other
/// masks.
const ONE_ENOUGH: f64 = 30.0;

/// A table with what others are compared with: its figures by their keys, and its implied sums.
struct Prepared<'a> {
    placed: Placed<'a>,
    shown: HashMap<&'a Key, f64>,
    implied: HashMap<Key, f64>,
}

impl<'a> Prepared<'a> {
    fn of(placed: Placed<'a>) -> Self {
        let table = placed.1;
        let known = |(key, at): (&'a Key, usize)| Some((key, table.facts[at].value?));
        let shown = table.by_key().into_iter().filter_map(known).collect();
        Self { placed, shown, implied: implied(table) }
    }

    fn size(&self) -> usize {
        self.placed.1.facts.len() + self.implied.len() + 1
    }
}

/// What may still be spent on a request.
struct Left {
    tables: usize,
    work: usize,
    steps: usize,
}

impl Left {
    /// Takes one table with masks, which is compared with all others.
    fn seed(&mut self, work: usize) -> Option<()> {
        self.tables = self.tables.checked_sub(1)?;
        self.work = self.work.checked_sub(work)?;
        Some(())
    }

    fn solve(&mut self, unknowns: usize) -> Option<()> {
        self.steps = self.steps.checked_sub(unknowns.saturating_pow(3))?;
        Some(())
    }
}

/// Looks at each table with masks, together with the tables that show the same figures.
pub fn find(known: &[Known], rules: &RuleSet, out: &mut Found) {
    let left = Left { tables: TABLES, work: WORK, steps: STEPS };
    within(left, known, rules, out);
}

fn within(mut left: Left, known: &[Known], rules: &RuleSet, out: &mut Found) {
    let tables: Vec<Placed<'_>> = known
        .iter()
        .enumerate()
        .flat_map(|(at, file)| file.facts.tables.iter().map(move |table| (at, table)))
        .collect();
    let masked = |table: &Structured| table.facts.iter().any(|fact| fact.value.is_none());
    if !tables.iter().any(|(_, table)| masked(table)) {
        return;
    }
    let tables: Vec<Prepared<'_>> = tables.into_iter().map(Prepared::of).collect();
    let all = tables.iter().map(Prepared::size).sum();
    // What asks to leave comes first, as long as there is something left to spend.
    let is_old = |seed: &&Prepared<'_>| known[seed.placed.0].file.is_none();
    let mut seeds: Vec<&Prepared<'_>> =
        tables.iter().filter(|seed| masked(seed.placed.1)).collect();
    seeds.sort_by_key(is_old);
    let mut open = Vec::new();
    for seed in seeds {
        if left.seed(all).is_none() || one(seed, &tables, known, rules, &mut left, out).is_none() {
            open.push(known[seed.placed.0].file);
        }
    }
    not_solved(&open, known, out);
}

/// Says of each file with a table that was not solved for, and of all where an old one was not.
fn not_solved(open: &[Option<usize>], known: &[Known], out: &mut Found) {
    for at in known.iter().filter_map(|file| file.file) {
        if open.contains(&None) || open.contains(&Some(at)) {
            let text = "more tables with masked cells than are solved for together";
            out.push((at, cut(ID, text.to_owned())));
        }
    }
}

/// Solves one table with those that show the same figures; `None` where nothing is left to spend.
fn one(
    seed: &Prepared<'_>,
    tables: &[Prepared<'_>],
    known: &[Known],
    rules: &RuleSet,
    left: &mut Left,
    out: &mut Found,
) -> Option<()> {
    let mut group: Vec<(Placed<'_>, bool)> = vec![(seed.placed, true)];
    for other in tables.iter().filter(|other| !std::ptr::eq(other.placed.1, seed.placed.1)) {
        if let Some(partition) = joins(seed, other) {
            group.push((other.placed, partition));
        }
    }
    // Old tables alone were judged when they were released.
    if group.iter().any(|(placed, _)| known[placed.0].file.is_some()) {
        solve(&group, known, rules, left, out)?;
    }
    Some(())
}

/// Whether `other` shows the same figures as `seed`: enough agree and none differs. The answer is
/// whether sums that no table shows may be drawn of it.
fn joins(seed: &Prepared<'_>, other: &Prepared<'_>) -> Option<bool> {
    if !seed.placed.1.measure.meets(&other.placed.1.measure) {
        return None;
    }
    let (mut agree, mut differ) = (0, 0);
    for (key, value) in &seed.shown {
        match other.shown.get(key) {
            Some(other) if (other - value).abs() < 1e-6 => agree += 1,
            Some(_) => differ += 1,
            None => {}
        }
    }
    if differ > 0 {
        return None;
    }
    let compare = |sums: &HashMap<Key, f64>, cells: &HashMap<&Key, f64>| {
        let both = sums.iter().filter_map(|(key, sum)| Some((sum, cells.get(key)?)));
        both.fold(
            (0, 0),
            |(same, not), (a, b)| {
                if (a - b).abs() < 1e-6 { (same + 1, not) } else { (same, not + 1) }
            },
        )
    };
    let (a, b) = (compare(&seed.implied, &other.shown), compare(&other.implied, &seed.shown));
    let partition = a.1 == 0 && b.1 == 0;
    let all = agree + if partition { a.0 + b.0 } else { 0 };
    let sure = all == 1 && agree == 1 && is_one_enough(seed, other);
    (all >= AGREEING || sure).then_some(partition)
}

/// Whether one figure that both show is no chance: it is large, and one of them shows what the other
/// masks, in rows and columns of the same names.
fn is_one_enough(seed: &Prepared<'_>, other: &Prepared<'_>) -> bool {
    let large = |(key, value): (&&Key, &f64)| {
        *value >= ONE_ENOUGH && key.len() >= 2 && other.shown.contains_key(*key)
    };
    let masked = |one: &Prepared<'_>, two: &Prepared<'_>| {
        let facts = &one.placed.1.facts;
        facts
            .iter()
            .any(|f| f.value.is_none() && f.key.len() >= 2 && two.shown.contains_key(&f.key))
    };
    seed.shown.iter().any(large) && (masked(seed, other) || masked(other, seed))
}

/// Solves a group; `None` where nothing is left to spend.
fn solve(
    tables: &[(Placed<'_>, bool)],
    known: &[Known],
    rules: &RuleSet,
    left: &mut Left,
    out: &mut Found,
) -> Option<()> {
    let (group, places) = Group::of(tables);
    let target = Target { tables, known, rules };
    let scale = group.scale();
    let (system, unknown, number) = group.system(scale);
    if tables.iter().any(|((_, table), _)| table.unsummed) {
        let text = "a table with masked cells has more lines than totals are looked for in";
        target.push("secondary_unsolved", Severity::Warning, text.to_owned(), None, 0, out);
    }
    if unknown.len() > MOST {
        let text = format!("{} masked cells are more than are solved for", unknown.len());
        target.push("secondary_unsolved", Severity::Warning, text, None, 0, out);
        return Some(());
    }
    left.solve(unknown.len())?;
    let exact: HashMap<usize, i64> = system.determined().into_iter().collect();
    let bounds = system.bounds(&[]);
    let below = |at: &usize| ((group.below[*at] - 1.0) * scale).max(0.0);
    let tight = system.bounds(&unknown.iter().map(below).collect::<Vec<_>>());
    let facts = &tables[0].0.1.facts;
    for at in (0..facts.len()).filter(|at| facts[*at].value.is_none()) {
        let (place, name) = (places[0][at], &facts[at].name);
        if let Some(value) = group.values[place] {
            let text = format!("{name}: masked here, and {value} in another table");
            target.push("secondary_recoverable", Severity::Error, text, Some(value), at, out);
            continue;
        }
        let nth = number[place];
        let near = tight[nth];
        let single = near.low >= near.high && near.low.is_finite();
        #[expect(clippy::cast_precision_loss, reason = "below 1e15")]
        let value = exact.get(&nth).map(|v| *v as f64).or(single.then_some(near.low));
        if let Some(value) = value.map(|v| v / scale).filter(|v| *v > 0.0) {
            let how = derivation(&group, place);
            let text =
                format!("{name}: published figures give the masked cell back, {value}: {how}");
            target.push("secondary_recoverable", Severity::Error, text, Some(value), at, out);
        } else if group.below[place].is_infinite() {
            target.band(at, bounds[nth], scale, out);
        }
    }
    Some(())
}

/// Where the findings of a group go.
struct Target<'a> {
    tables: &'a [(Placed<'a>, bool)],
    known: &'a [Known],
    rules: &'a RuleSet,
}

impl Target<'_> {
    /// In the masked cell where its file asks to leave; else in the table of this request that
    /// gives the old mask back.
    fn place(&self, fact: usize) -> Option<(usize, Location)> {
        let (at, table) = self.tables[0].0;
        if let Some(file) = self.known[at].file {
            return Some((file, table.facts.get(fact)?.place));
        }
        let key = &table.facts.get(fact)?.key;
        let current = self.tables.iter().map(|(placed, _)| placed);
        let mut current = current.filter_map(|(at, table)| Some((self.known[*at].file?, *table)));
        let (file, table) = current.next()?;
        let near = table.facts.iter().find(|fact| fact.key.iter().all(|k| key.contains(k)));
        Some((file, near.or(table.facts.first())?.place))
    }

    /// A count that lies in a band below the minimum is certainly small.
    fn band(&self, fact: usize, own: Bounds, scale: f64, out: &mut Found) {
        let (table, least) = (self.tables[0].0.1, f64::from(self.rules.min_count));
        let (low, high) = (own.low / scale, own.high / scale);
        let counts = matches!(table.measure, Measure::Count { .. } | Measure::Unknown);
        if counts && high > 0.0 && high < least {
            let name = &table.facts[fact].name;
            let text = format!(
                "{name}: published figures say that the masked cell is from {low} to {high}, below {least}"
            );
            self.push("secondary_band", Severity::Error, text, Some(high), fact, out);
        }
    }

    fn push(
        &self,
        key: &'static str,
        severity: Severity,
        text: String,
        value: Option<f64>,
        fact: usize,
        out: &mut Found,
    ) {
        let Some((file, place)) = self.place(fact) else { return };
        let name = &self.tables[0].0.1.facts[fact].name;
        let mut finding = Finding::new(ID, severity, key, text)
            .at(place)
            .threshold(f64::from(self.rules.min_count))
            .arg("cell", name);
        if let Some(value) = value {
            finding = finding.value(value);
        }
        out.push((file, finding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{few, fired, fired_in, rules};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(few())]
        /// The oracle: a lone mask of a line with its total is the total less the others.
        #[test]
        fn a_lone_mask_is_found_and_its_value_is_true(cells in proptest::array::uniform9(1u32..60), at in 0usize..9) {
            let (row, column) = (at / 3, at % 3);
            let mut text = String::from("Effectifs;H;F;A;Total\n");
            for r in 0..3 {
                text.push_str(["jeune", "adulte", "senior"][r]);
                for c in 0..3 {
                    let shown = if (r, c) == (row, column) { "s".to_owned() } else { cells[3 * r + c].to_string() };
                    text.push_str(&format!(";{shown}"));
                }
                text.push_str(&format!(";{}\n", cells[3 * r..3 * r + 3].iter().sum::<u32>()));
            }
            let report = crate::check(&[crate::Input { name: "a.csv", bytes: text.as_bytes() }], &rules("health_11")).remove(0);
            let found = report.findings.iter().find(|f| f.rule == ID).expect("recovered");
            prop_assert_eq!(found.value.clone(), Some(crate::Figure::Number(f64::from(cells[at]))));
            let place = (u32::try_from(row).expect("small") + 2, u32::try_from(column).expect("small") + 2);
            prop_assert_eq!((found.location.line, found.location.column), (Some(place.0), Some(place.1)));
        }
    }

    #[test]
    fn what_one_table_masks_another_publishes_or_adds_up() {
        let masked = "region;effectif\nNord;250\nSud;s\nEst;130\nOuest;96\n";
        let shown = "region;effectif\nNord;250\nSud;7\nEst;130\nOuest;96\n";
        let set = rules("health_11");
        assert_eq!(fired_in(ID, &[("b.csv", masked)], &[("a.csv", shown)], &set), [(3, 2)]);
        let crossed = "Effectifs;femmes;hommes\nNord;120;130\nSud;60;s\nEst;70;60\nOuest;50;46\n";
        let margin = "region;effectif\nNord;250\nSud;67\nEst;130\nOuest;96\n";
        assert_eq!(fired_in(ID, &[("b.csv", crossed)], &[("a.csv", margin)], &set), [(3, 3)]);
        assert!(fired_in(ID, &[("b.csv", crossed)], &[], &set).is_empty());
    }

    #[test]
    fn a_band_below_the_minimum_is_told_and_a_wide_one_is_not() {
        let table = |total: u32| {
            format!("Effectifs;H;F;Total\nNord;s;s;{total}\nSud;50;60;110\nEst;70;80;150\n")
        };
        assert_eq!(fired(ID, &table(9), &rules("health_11")), [(2, 2), (2, 3)]);
        assert!(fired(ID, &table(90), &rules("health_11")).is_empty());
    }

    #[test]
    fn an_old_mask_is_given_back_by_a_new_table() {
        let old = "Effectifs;H;F\nNord;s;40\nSud;50;60\nEst;70;80\n";
        let new = "Effectifs;n\nNord;45\nSud;110\nEst;150\n";
        assert_eq!(
            fired_in(ID, &[("b.csv", new)], &[("a.csv", old)], &rules("health_11")),
            [(2, 2)]
        );
    }

    #[test]
    fn what_is_not_solved_for_is_told() {
        let table = "Effectifs;H;F;Total\nNord;s;s;90\nSud;50;60;110\nEst;70;80;150\n";
        let facts = |text: &str| {
            let file = crate::Input { name: "a.csv", bytes: text.as_bytes() };
            crate::check::facts_of("a.csv", crate::check::read_here(file.name, file.bytes))
        };
        let known = |file| Known { file, name: "a.csv".into(), facts: facts(table) };
        let told = |left: Left, known: &[Known]| {
            let mut found = Found::new();
            within(left, known, &rules("health_11"), &mut found);
            found.into_iter().map(|(at, f)| (at, f.message_key, f.severity)).collect::<Vec<_>>()
        };
        let enough = || Left { tables: TABLES, work: WORK, steps: STEPS };
        let cut = (0, "comparison_cut", Severity::Warning);
        assert_eq!(told(enough(), &[known(Some(0))]), []);
        assert_eq!(told(Left { tables: 0, ..enough() }, &[known(Some(0))]), [cut]);
        assert_eq!(told(Left { work: 3, ..enough() }, &[known(Some(0))]), [cut]);
        assert_eq!(told(Left { steps: 3, ..enough() }, &[known(Some(0))]), [cut]);
        // An old table that was not looked at is told where a new one asks to leave.
        let both = [known(None), known(Some(0))];
        assert_eq!(told(Left { tables: 1, ..enough() }, &both), [cut]);
    }

    #[test]
    fn a_mask_among_more_lines_than_are_added_up_goes_to_a_person() {
        let lines = |count: u32| {
            (0..count).map(|at| format!("place {};{}\n", at, 100 + at)).collect::<String>()
        };
        let text = |count: u32| format!("region;effectif\nNord;s\nSud;s\n{}", lines(count));
        assert!(fired(ID, &text(300), &rules("health_11")).is_empty());
        assert_eq!(fired(ID, &text(450), &rules("health_11")), [(2, 2)]);
    }
}
