//! Reads a supporting file of contributions: which of its columns are what, and its lines.

use std::collections::HashMap;

use crate::check::Input;
use crate::contributors::{Cell, Contributors, ContributorsError, KeyColumn, Lines};
use crate::structure::named;
use crate::value::{Decimal, decimal_of, read as number_of};
use crate::words::{Role, fold, role_of, tokens};

/// Bytes of a file of contributions that are read at most.
pub const MAX_BYTES: usize = 256 << 20;

/// Lines times columns that are read at most: each costs a few bytes in memory, and a short line
/// has as many columns as the header says.
pub const MAX_FIELDS: usize = 16_000_000;

const CONTRIBUTOR: &[&str] = &[
    "contributor",
    "contributors",
    "contributeur",
    "siren",
    "siret",
    "ident",
    "identifiant",
    "id",
    "entreprise",
    "firm",
    "unit",
    "unite",
    "enterprise",
    "company",
    "etablissement",
    "holding",
    "declarant",
    "respondent",
];
const VALUE: &[&str] = &["value", "valeur", "contribution", "montant", "amount", "ca"];
const WEIGHT: &[&str] = &["poids", "weight", "weights", "pond", "ponderation"];
const LARGEST: &[&str] = &["max", "maximum", "largest", "premier", "first", "plus"];
const SECOND: &[&str] = &["second", "seconde", "deuxieme", "2nd"];

/// What a column of a supporting file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Key,
    Contributor,
    Value,
    Weight,
    Units,
    Largest,
    Second,
    Total,
}

fn part(title: &str) -> Part {
    let folded = fold(title);
    let words = tokens(&folded);
    let any = |list: &[&str]| words.iter().any(|word| list.contains(word));
    match role_of(title) {
        _ if any(WEIGHT) => Part::Weight,
        Role::Second => Part::Second,
        Role::Largest | Role::Extreme => Part::Largest,
        _ if any(SECOND) => Part::Second,
        _ if any(LARGEST) && !any(CONTRIBUTOR) => Part::Largest,
        Role::Count { .. } if words.len() < 4 && !any(&["entreprise", "firm", "unit", "unite"]) => {
            Part::Units
        }
        _ if any(CONTRIBUTOR) => Part::Contributor,
        _ if any(&["total"]) => Part::Total,
        Role::Sum => Part::Value,
        _ if any(VALUE) => Part::Value,
        _ => Part::Key,
    }
}

/// Reads contributions; `None` where the file lists none.
///
/// # Errors
/// A value that is no finite number: contributions that cannot be added up prove nothing.
pub fn read(file: &Input<'_>) -> Option<Result<Contributors, ContributorsError>> {
    if file.bytes.len() > MAX_BYTES {
        return Some(Err(ContributorsError::TooLarge));
    }
    let encoding = tabular::encoding::detect(file.bytes);
    let text = tabular::encoding::decode(file.bytes, encoding).ok()?;
    let text = text.trim_start_matches('\u{feff}');
    let header = text.lines().next()?;
    let delimiter = [';', ',', '\t', '|'].into_iter().max_by_key(|d| header.matches(*d).count())?;
    let titles = fields(header, delimiter);
    let parts: Vec<Part> = titles.iter().map(|title| part(title)).collect();
    let has = |wanted: Part| parts.contains(&wanted);
    let long = has(Part::Contributor) && has(Part::Value);
    let control = has(Part::Largest);
    if titles.len() < 2 || !has(Part::Key) || !(long || control) {
        return None;
    }
    let numbers = text.lines().skip(1).take(200).flat_map(|line| fields(line, delimiter));
    let decimal = decimal_of(numbers.collect::<Vec<_>>().iter().map(String::as_str));
    let mut reader = Reader::new(titles, parts, decimal);
    let filled = || text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty());
    if filled().count().saturating_mul(reader.titles.len()) > MAX_FIELDS {
        return Some(Err(ContributorsError::TooLarge));
    }
    for (at, line) in filled() {
        if let Err(error) = reader.line(at + 1, &fields(line, delimiter)) {
            return Some(Err(error));
        }
    }
    Some(Ok(reader.done(file.name, long)))
}

/// The fields of a line; quotes hold delimiters, and a doubled quote is one.
fn fields(line: &str, delimiter: char) -> Vec<String> {
    let (mut found, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            c if c == delimiter && !quoted => {
                found.push(std::mem::take(&mut field).trim().to_owned());
            }
            c => field.push(c),
        }
    }
    found.push(field.trim().to_owned());
    found
}

struct Reader {
    titles: Vec<String>,
    parts: Vec<Part>,
    decimal: Decimal,
    keys: Vec<KeyColumn>,
    names: HashMap<String, u32>,
    contributors: Vec<u32>,
    values: Vec<f64>,
    weights: Vec<f64>,
    cells: Vec<Cell>,
}

impl Reader {
    fn new(titles: Vec<String>, parts: Vec<Part>, decimal: Decimal) -> Self {
        let keys = parts.iter().filter(|part| **part == Part::Key).count();
        Self {
            titles,
            parts,
            decimal,
            keys: (0..keys).map(|_| KeyColumn::default()).collect(),
            names: HashMap::new(),
            contributors: Vec::new(),
            values: Vec::new(),
            weights: Vec::new(),
            cells: Vec::new(),
        }
    }

    fn line(&mut self, number: usize, fields: &[String]) -> Result<(), ContributorsError> {
        let mut key = 0;
        let mut cell = Cell::UNKNOWN;
        let (mut value, mut weight, mut who) = (None, None, String::new());
        for (at, part) in self.parts.iter().enumerate() {
            let text = fields.get(at).map_or("", String::as_str);
            let figure = || {
                let bad = || ContributorsError::NotANumber {
                    line: number,
                    column: self.titles[at].clone(),
                };
                number_of(text, self.decimal).number().map(|n| n.value).ok_or_else(bad)
            };
            match part {
                Part::Key => {
                    let code = code_of(&mut self.keys[key].codes, text, &self.titles[at])?;
                    self.keys[key].lines.push(code);
                    key += 1;
                }
                Part::Contributor => who.push_str(text),
                Part::Value => value = Some(figure()?),
                Part::Weight => weight = Some(figure()?),
                Part::Units => cell.units = Some(figure()?),
                Part::Largest => cell.first = figure()?.abs(),
                Part::Second => cell.second = Some(figure()?.abs()),
                Part::Total => {
                    let total = figure()?;
                    (cell.total, cell.net) = (Some(total.abs()), Some(total));
                }
            }
        }
        let next = u32::try_from(self.names.len()).map_err(|_| ContributorsError::TooLarge)?;
        self.contributors.push(*self.names.entry(who).or_insert(next));
        cell.total = cell.total.or(value.map(f64::abs));
        self.values.push(value.unwrap_or_default());
        self.weights.extend(weight);
        self.cells.push(cell);
        Ok(())
    }

    fn done(self, name: &str, long: bool) -> Contributors {
        let weights = (self.weights.len() == self.values.len()).then_some(self.weights);
        let lines = if long {
            Lines::Long { values: self.values, weights, contributors: self.contributors }
        } else {
            Lines::Control(self.cells)
        };
        Contributors { name: name.to_owned(), columns: self.keys, lines }
    }
}

/// The code of a category; one name serves under the column's title and as a column of a table.
fn code_of(
    codes: &mut HashMap<u64, u32>,
    text: &str,
    title: &str,
) -> Result<u32, ContributorsError> {
    let Some(own) = named(text, title) else { return Ok(u32::MAX) };
    let next = u32::try_from(codes.len()).map_err(|_| ContributorsError::TooLarge)?;
    let code = *codes.entry(own).or_insert(next);
    for header in ["column", ""] {
        if let Some(other) = named(text, header) {
            codes.entry(other).or_insert(code);
        }
    }
    Ok(code)
}
