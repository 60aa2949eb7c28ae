//! The figures and relations of tables that are solved together, for `SECONDARY_RECOVERABLE`.

use std::collections::HashMap;

use crate::relations::System;
use crate::structure::{Key, Structured};

/// A table with the place of its file among the known ones.
pub type Placed<'a> = (usize, &'a Structured);

/// Sums of complete lines that have no total of their own.
pub fn implied(table: &Structured) -> HashMap<Key, f64> {
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
pub struct Group {
    places: HashMap<Figure, usize>,
    /// What is known of each figure.
    pub values: Vec<Option<f64>>,
    /// The bound that masks name; infinite where none does.
    pub below: Vec<f64>,
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

    /// The group of some tables, and the figure of each of their facts. The sums of a table that no
    /// table shows count as figures where its mark says so.
    pub fn of(tables: &[(Placed<'_>, bool)]) -> (Self, Vec<Vec<usize>>) {
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
    pub fn system(&self, scale: f64) -> (System, Vec<usize>, Vec<usize>) {
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
    pub fn scale(&self) -> f64 {
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

/// The shortest sum that the figure stands in, in words.
pub fn derivation(group: &Group, place: usize) -> String {
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
