//! `SECONDARY_RECOVERABLE`: a masked cell that published figures give back, exactly or to within
//! a band below the minimum.
//!
//! Every total with its parts is a relation. Tables of one request, and those released before, are
//! solved together where they show the same figures: what one masks, another may publish or add up.

use std::collections::HashMap;

use crate::relations::{Bounds, System};
use crate::report::{Finding, Location, Severity};
use crate::request::{Found, Known};
use crate::rule_set::RuleSet;
use crate::structure::{Key, Measure, Structured};

/// The rule's id.
pub const ID: &str = "SECONDARY_RECOVERABLE";

/// Unknowns that are solved for at most: elimination is cubic. Above, a person looks.
const MOST: usize = 600;
/// Tables with masks that are solved at most in a request.
const TABLES: usize = 200;
/// Figures that two tables must share before they are solved together.
const AGREEING: usize = 2;

/// A table with the place of its file in `known`.
type Placed<'a> = (usize, &'a Structured);

/// Looks at each table with masks, together with the tables that show the same figures.
pub fn find(known: &[Known], rules: &RuleSet, out: &mut Found) {
    let tables: Vec<Placed<'_>> = known
        .iter()
        .enumerate()
        .flat_map(|(at, file)| file.facts.tables.iter().map(move |table| (at, table)))
        .collect();
    let masked = |table: &Structured| table.facts.iter().any(|fact| fact.value.is_none());
    for seed in tables.iter().filter(|(_, table)| masked(table)).take(TABLES) {
        let mut group: Vec<(Placed<'_>, bool)> = vec![(*seed, true)];
        for other in tables.iter().filter(|other| !std::ptr::eq(other.1, seed.1)) {
            if let Some(partition) = joins(seed.1, other.1) {
                group.push((*other, partition));
            }
        }
        let current = |placed: &Placed<'_>| known[placed.0].file;
        // Old tables alone were judged when they were released.
        if group.iter().any(|(placed, _)| current(placed).is_some()) {
            solve(&group, known, rules, out);
        }
    }
}

/// Whether `other` shows the same figures as `seed`: enough agree and none differs. The answer is
/// whether sums that no table shows may be drawn of it.
fn joins(seed: &Structured, other: &Structured) -> Option<bool> {
    if !seed.measure.meets(&other.measure) {
        return None;
    }
    let (own, theirs) = (shown(seed), shown(other));
    let (mut agree, mut differ) = (0, 0);
    for (key, value) in &own {
        match theirs.get(key) {
            Some(other) if (other - value).abs() < 1e-6 => agree += 1,
            Some(_) => differ += 1,
            None => {}
        }
    }
    if differ > 0 {
        return None;
    }
    let (own_sums, their_sums) = (implied(seed), implied(other));
    let compare = |sums: &HashMap<Key, f64>, cells: &HashMap<Key, f64>| {
        let both = sums.iter().filter_map(|(key, sum)| Some((sum, cells.get(key)?)));
        both.fold(
            (0, 0),
            |(same, not), (a, b)| {
                if (a - b).abs() < 1e-6 { (same + 1, not) } else { (same, not + 1) }
            },
        )
    };
    let (a, b) = (compare(&own_sums, &theirs), compare(&their_sums, &own));
    let partition = a.1 == 0 && b.1 == 0;
    let all = agree + if partition { a.0 + b.0 } else { 0 };
    (all >= AGREEING).then_some(partition)
}

fn shown(table: &Structured) -> HashMap<Key, f64> {
    let known = |(key, at): (&Key, usize)| Some((key.clone(), table.facts[at].value?));
    table.by_key().into_iter().filter_map(known).collect()
}

/// Sums of complete lines that have no total of their own.
fn implied(table: &Structured) -> HashMap<Key, f64> {
    let whole = |sum: &crate::sums::Sum| -> Option<f64> {
        sum.parts.iter().map(|at| table.facts[*at].value).sum()
    };
    let open = table.sums.iter().filter(|sum| sum.total.is_none());
    open.filter_map(|sum| Some((common(table, &sum.parts)?, whole(sum)?))).collect()
}

/// What parts that differ by one category each have in common: the key of their sum.
fn common(table: &Structured, parts: &[usize]) -> Option<Key> {
    let (first, rest) = parts.split_first()?;
    let mut shared = table.facts[*first].key.clone();
    for part in rest {
        shared.retain(|category| table.facts[*part].key.contains(category));
    }
    let one_more = |part: &usize| table.facts[*part].key.len() == shared.len() + 1;
    parts.iter().all(one_more).then_some(shared)
}

/// An unknown or known figure of a group of tables.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Figure {
    /// Known by its categories in every table.
    Shared(Key),
    /// One of several with the same categories in its table.
    Own(usize, usize),
}

/// The figures and relations of a group.
struct Group {
    places: HashMap<Figure, usize>,
    values: Vec<Option<f64>>,
    below: Vec<f64>,
    sums: Vec<(Vec<(usize, i8)>, String)>,
}

impl Group {
    fn figure(&mut self, figure: Figure) -> usize {
        let next = self.values.len();
        let at = *self.places.entry(figure).or_insert(next);
        if at == next {
            self.values.push(None);
            self.below.push(f64::INFINITY);
        }
        at
    }

    fn of(tables: &[(Placed<'_>, bool)]) -> (Self, Vec<Vec<usize>>) {
        let (places, values, below) = (HashMap::new(), Vec::new(), Vec::new());
        let mut group = Self { places, values, below, sums: Vec::new() };
        let mut all = Vec::new();
        for (nth, ((_, table), partition)) in tables.iter().enumerate() {
            let unique = table.by_key();
            let mut own = Vec::with_capacity(table.facts.len());
            for (at, fact) in table.facts.iter().enumerate() {
                let alone = unique.get(&fact.key) == Some(&at);
                let figure =
                    if alone { Figure::Shared(fact.key.clone()) } else { Figure::Own(nth, at) };
                let place = group.figure(figure);
                group.values[place] = group.values[place].or(fact.value);
                group.below[place] = group.below[place].min(fact.below.unwrap_or(f64::INFINITY));
                own.push(place);
            }
            for sum in &table.sums {
                let total = match sum.total {
                    Some(total) => own[total],
                    None if !*partition || tables.len() < 2 => continue,
                    None => match common(table, &sum.parts) {
                        Some(key) => group.figure(Figure::Shared(key)),
                        None => continue,
                    },
                };
                let parts = sum.parts.iter().map(|part| (own[*part], 1));
                group.sums.push((parts.chain([(total, -1)]).collect(), words(table, sum)));
            }
            all.push(own);
        }
        (group, all)
    }

    /// The relations between the unknown figures, these figures, and the number of each.
    fn system(&self, scale: f64) -> (System, Vec<usize>, Vec<usize>) {
        let unknown: Vec<usize> =
            (0..self.values.len()).filter(|at| self.values[*at].is_none()).collect();
        let mut number = vec![usize::MAX; self.values.len()];
        unknown.iter().enumerate().for_each(|(nth, at)| number[*at] = nth);
        let mut system = System::new(unknown.len());
        for (terms, _) in &self.sums {
            let open = terms.iter().filter(|(at, _)| self.values[*at].is_none());
            let open: Vec<(usize, i8)> = open.map(|(at, sign)| (number[*at], *sign)).collect();
            let known = terms.iter().map(|(at, sign)| {
                self.values[*at].map_or(Some(0), |v| Some(i64::from(*sign) * whole(v * scale)?))
            });
            if let Some(sum) = known.sum::<Option<i64>>().filter(|_| !open.is_empty()) {
                system.add(open, -sum);
            }
        }
        (system, unknown, number)
    }

    /// The power of ten that makes all figures whole.
    fn scale(&self) -> f64 {
        let whole = |scale: &f64| {
            self.values.iter().flatten().all(|v| (v * scale - (v * scale).round()).abs() < 1e-4)
        };
        [1.0, 10.0, 100.0, 1000.0].into_iter().find(whole).unwrap_or(10_000.0)
    }
}

/// A sum in words, for the derivation.
fn words(table: &Structured, sum: &crate::sums::Sum) -> String {
    let name = |at: &usize| table.facts[*at].name.clone();
    let value = |at: &usize| table.facts[*at].value.map_or("?".to_owned(), |v| v.to_string());
    let shown: Vec<String> = sum.parts.iter().take(6).map(value).collect();
    let more = if sum.parts.len() > 6 { " + …" } else { "" };
    let total = sum
        .total
        .as_ref()
        .map_or("the total elsewhere".to_owned(), |at| format!("{} = {}", name(at), value(at)));
    format!("{}{more} add up to {total}", shown.join(" + "))
}

#[expect(clippy::cast_possible_truncation, reason = "whole and below 1e15")]
fn whole(value: f64) -> Option<i64> {
    (value.abs() < 1e15).then(|| value.round() as i64)
}

fn solve(tables: &[(Placed<'_>, bool)], known: &[Known], rules: &RuleSet, out: &mut Found) {
    let (group, places) = Group::of(tables);
    let target = Target { tables, known, rules };
    let scale = group.scale();
    let (system, unknown, number) = group.system(scale);
    if unknown.len() > MOST {
        let text = format!("{} masked cells are more than are solved for", unknown.len());
        target.push("secondary_unsolved", Severity::Warning, text, None, 0, out);
        return;
    }
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
}

/// The shortest sum that the figure stands in, in words.
fn derivation(group: &Group, place: usize) -> String {
    let own = group.sums.iter().filter(|(terms, _)| terms.iter().any(|(at, _)| *at == place));
    let open =
        |terms: &[(usize, i8)]| terms.iter().filter(|(at, _)| group.values[*at].is_none()).count();
    let best = own.min_by_key(|(terms, _)| (open(terms), terms.len()));
    match best {
        Some((terms, words)) if open(terms) == 1 => words.clone(),
        Some((_, words)) => format!("several totals taken together, among them {words}"),
        None => "several totals taken together".to_owned(),
    }
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
}
