//! Contributions behind the cells of a request's tables, from a supporting file.
//!
//! Two forms are read. The long form has a line for each contribution: the categories of its cell,
//! the contributor, the value, a weight where the data are a sample. The control file of French
//! secure centres ('fichier de contrôle') has a line for each cell: its categories, its largest
//! contribution, and the second, the total and the number of units as far as they are known.

use std::collections::HashMap;

use crate::check::Input;
use crate::kernel::{Contributions, CrossTabError, cross_tab};
use crate::structure::{Key, named};
use crate::value::{Decimal, decimal_of, read as number_of};
use crate::words::{Role, fold, role_of, tokens};

/// Why contributions could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ContributorsError {
    /// A value is no number.
    #[error("line {line}: `{column}` is no number")]
    NotANumber {
        /// The line, from 1.
        line: usize,
        /// The column.
        column: String,
    },
    /// The kernel refused them.
    #[error(transparent)]
    Kernel(#[from] CrossTabError),
    /// More bytes, lines or columns than are read.
    #[error("it has more than is read of contributions: {MAX_BYTES} bytes, {MAX_FIELDS} fields")]
    TooLarge,
}

/// Bytes of a file of contributions that are read at most.
const MAX_BYTES: usize = 256 << 20;

/// Lines times columns that are read at most: each costs a few bytes in memory, and a short line
/// has as many columns as the header says.
const MAX_FIELDS: usize = 16_000_000;

/// The contributions of one supporting file.
#[derive(Debug)]
pub struct Contributors {
    /// The file, as the caller named it.
    pub name: String,
    columns: Vec<KeyColumn>,
    lines: Lines,
}

/// A column of categories: the code of each, and each line's.
#[derive(Debug, Default)]
struct KeyColumn {
    codes: HashMap<u64, u32>,
    lines: Vec<u32>,
}

#[derive(Debug)]
enum Lines {
    Long { values: Vec<f64>, weights: Option<Vec<f64>>, contributors: Vec<u32> },
    Control(Vec<Cell>),
}

/// What is known of the contributions to a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// How many contributors, where known.
    pub units: Option<f64>,
    /// The largest contribution, absolute.
    pub first: f64,
    /// The second largest, where known.
    pub second: Option<f64>,
    /// The total of the absolute contributions, weighted where weights are given; where known.
    pub total: Option<f64>,
    /// What they add up to with their signs, weighted where weights are given; where known.
    pub net: Option<f64>,
}

/// Whether a file's name says that it supports others: contributions, a control file.
pub fn is_named_so(name: &str) -> bool {
    let folded = fold(name.rsplit(['/', '\\']).next().unwrap_or(name));
    let words = tokens(&folded);
    words.iter().any(|word| word.starts_with("contribut") || *word == "controle")
        || folded.contains("control_file")
        || folded.contains("control-file")
}

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

/// The cells of a file for one choice of key columns.
#[derive(Debug, Default)]
pub struct Cells {
    codes: HashMap<Vec<u32>, usize>,
    cells: Vec<Cell>,
}

impl Contributors {
    /// Which column and code each category of `key` is; `None` where one is unknown here.
    pub fn find(&self, key: &Key) -> Option<Vec<(usize, u32)>> {
        let mut found: Vec<(usize, u32)> = Vec::new();
        for category in key {
            let free = |at: &usize| found.iter().all(|(used, _)| used != at);
            let mut columns = (0..self.columns.len()).filter(free);
            let hit = columns.find_map(|at| Some((at, *self.columns[at].codes.get(category)?)))?;
            found.push(hit);
        }
        found.sort_unstable();
        Some(found)
    }

    /// Adds the contributions up over the key columns `by`: one pass, one entry a contributor and
    /// cell, since what one unit gives in several lines is one contribution.
    ///
    /// # Errors
    /// A value that is not finite.
    pub fn cells(&self, by: &[usize]) -> Result<Cells, ContributorsError> {
        let lines = self.columns.first().map_or(0, |column| column.lines.len());
        let mut codes: HashMap<Vec<u32>, usize> = HashMap::new();
        let mut of_line = Vec::with_capacity(lines);
        for line in 0..lines {
            let key: Vec<u32> = by.iter().map(|column| self.columns[*column].lines[line]).collect();
            let next = codes.len();
            of_line.push(*codes.entry(key).or_insert(next));
        }
        let cells = match &self.lines {
            Lines::Long { values, weights, contributors } => {
                added_up(&of_line, codes.len(), values, weights.as_deref(), contributors)?
            }
            Lines::Control(cells) => {
                rolled_up(&of_line, codes.len(), cells, by.len() == self.columns.len())
            }
        };
        Ok(Cells { codes, cells })
    }
}

impl Cell {
    /// A cell of which nothing is known.
    const UNKNOWN: Self = Self { units: None, first: 0.0, second: None, total: None, net: None };

    /// Of two sayings on one cell, what makes it the more dominated: fewer units, larger
    /// contributions, a smaller total.
    fn worse(self, other: Self) -> Self {
        let least = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let most = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        Self {
            units: least(self.units, other.units),
            first: self.first.max(other.first),
            second: most(self.second, other.second),
            total: least(self.total, other.total),
            net: least(self.net, other.net),
        }
    }
}

impl Cells {
    /// The contributions to the cell of these codes, in the order of the columns.
    pub fn get(&self, codes: &[u32]) -> Option<&Cell> {
        self.cells.get(*self.codes.get(codes)?)
    }
}

fn added_up(
    of_line: &[usize],
    count: usize,
    values: &[f64],
    weights: Option<&[f64]>,
    contributors: &[u32],
) -> Result<Vec<Cell>, ContributorsError> {
    let mut merged: HashMap<(usize, u32), usize> = HashMap::with_capacity(of_line.len());
    let (mut sums, mut codes): (Vec<f64>, Vec<u32>) = (Vec::new(), Vec::new());
    let mut weighted = vec![0.0; count];
    let mut net = vec![0.0; count];
    for (line, cell) in of_line.iter().enumerate() {
        let at = *merged.entry((*cell, contributors[line])).or_insert(sums.len());
        if at == sums.len() {
            sums.push(0.0);
            codes.push(u32::try_from(*cell).map_err(|_| ContributorsError::TooLarge)?);
        }
        sums[at] += values[line];
        let weight = weights.map_or(1.0, |w| w[line]);
        weighted[*cell] += values[line].abs() * weight;
        net[*cell] += values[line] * weight;
    }
    let table: Vec<Contributions> = cross_tab(&sums, &codes, count)?;
    let cell = |((own, weighted), net): ((&Contributions, f64), f64)| Cell {
        units: Some(f64::from(own.units)),
        first: own.first,
        second: Some(own.second),
        // The largest unweighted contribution against the weighted total (INSEE, enterprises).
        total: Some(if weights.is_some() { weighted } else { own.total() }),
        net: Some(net),
    };
    Ok(table.iter().zip(weighted).zip(net).map(cell).collect())
}

/// A control file knows each cell alone: of a margin, its largest contribution is at least that of
/// its cells, and what a unit gives to several of them is not known.
fn rolled_up(of_line: &[usize], count: usize, cells: &[Cell], whole: bool) -> Vec<Cell> {
    let mut rolled: Vec<Option<Cell>> = vec![None; count];
    for (line, own) in of_line.iter().zip(cells) {
        let into = &mut rolled[*line];
        *into = Some(match *into {
            None if whole => *own,
            // Two lines for one cell: the one that tells more against it is believed.
            Some(before) if whole => before.worse(*own),
            before => {
                let before =
                    before.unwrap_or(Cell { total: Some(0.0), net: Some(0.0), ..Cell::UNKNOWN });
                let add = |a: Option<f64>, b: Option<f64>| Some(a? + b?);
                Cell {
                    first: before.first.max(own.first),
                    total: add(before.total, own.total),
                    net: add(before.net, own.net),
                    ..Cell::UNKNOWN
                }
            }
        });
    }
    rolled.into_iter().map(|cell| cell.unwrap_or(Cell::UNKNOWN)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Contributors {
        let file = Input { name: "contributors.csv", bytes: text.as_bytes() };
        read(&file).expect("contributions").expect("numbers")
    }

    #[test]
    fn what_one_unit_gives_in_two_lines_is_one_contribution() {
        let own =
            of("region;secteur;siren;montant\nNord;A;1;50\nNord;A;1;40\nNord;A;2;10\nSud;A;2;5\n");
        let key = vec![named("Nord", "").expect("a name")];
        let at = own.find(&key).expect("known");
        let cells = own.cells(&at.iter().map(|a| a.0).collect::<Vec<_>>()).expect("finite");
        let cell = cells.get(&at.iter().map(|a| a.1).collect::<Vec<_>>()).expect("a cell");
        assert_eq!((cell.units, cell.first, cell.total), (Some(2.0), 90.0, Some(100.0)));
    }

    #[test]
    fn the_largest_is_compared_with_the_weighted_total() {
        let own = of("region,id,value,weight\nNord,1,90,1\nNord,2,10,9\n");
        let cell = own.cells(&[]).expect("finite");
        assert_eq!(cell.get(&[]).expect("the total").total, Some(180.0));
    }

    #[test]
    fn a_control_file_gives_the_largest_of_each_cell() {
        let own =
            of("region;plus grosse contribution;total;effectif\nNord;90;100;4\nSud;1,5;20;9\n");
        let at = own.find(&vec![named("Nord", "").expect("a name")]).expect("known");
        let cells = own.cells(&[0]).expect("finite");
        let cell = cells.get(&[at[0].1]).expect("a cell");
        assert_eq!((cell.first, cell.total, cell.units), (90.0, Some(100.0), Some(4.0)));
    }

    #[test]
    fn of_two_lines_for_one_cell_the_worse_is_believed() {
        let own =
            of("region;plus grosse contribution;total;effectif\nNord;90;100;4\nNord;1;100;40\n");
        let cells = own.cells(&[0]).expect("finite");
        let cell = cells.get(&[0]).expect("a cell");
        assert_eq!((cell.first, cell.units), (90.0, Some(4.0)));
    }

    #[test]
    fn a_wide_header_over_many_short_lines_is_refused_and_not_allocated() {
        let wide = "region;max;".to_owned() + &"x;".repeat(20_000) + "\n" + &"a;1\n".repeat(1_000);
        let file = Input { name: "contributions.csv", bytes: wide.as_bytes() };
        assert!(matches!(read(&file), Some(Err(ContributorsError::TooLarge))));
    }

    #[test]
    fn tables_of_results_are_no_contributions_and_bad_numbers_are_told() {
        let read = |text: &str| read(&Input { name: "a.csv", bytes: text.as_bytes() });
        assert!(read("region;effectif\nNord;12\n").is_none());
        assert!(matches!(read("region;siren;montant\nNord;1;x\n"), Some(Err(_))));
        assert!(read("").is_none());
    }

    proptest! {
        /// The oracle sorts the contributions of each cell after adding up those of each unit.
        #[test]
        fn cells_agree_with_naive(rows in proptest::collection::vec((0usize..3, 0u32..5, 0i32..500), 1..80)) {
            let mut text = String::from("region;siren;montant\n");
            for (region, who, value) in &rows {
                text.push_str(&format!("region {};u{who};{value}\n", ["x", "y", "z"][*region]));
            }
            let own = of(&text);
            let cells = own.cells(&[0]).expect("finite");
            for region in 0..3 {
                let mut units: HashMap<u32, i32> = HashMap::new();
                for (_, who, value) in rows.iter().filter(|r| r.0 == region) {
                    *units.entry(*who).or_default() += value;
                }
                let mut sums: Vec<i32> = units.into_values().collect();
                sums.sort_unstable_by_key(|v| std::cmp::Reverse(*v));
                let name = format!("region {}", ["x", "y", "z"][region]);
                let Some(at) = own.find(&vec![named(&name, "").expect("a name")]) else {
                    prop_assert!(sums.is_empty());
                    continue;
                };
                let cell = cells.get(&[at[0].1]).expect("a cell");
                prop_assert_eq!(cell.first, f64::from(sums[0]));
                prop_assert_eq!(cell.second, Some(f64::from(sums.get(1).copied().unwrap_or(0))));
                prop_assert_eq!(cell.total, Some(f64::from(sums.iter().sum::<i32>())));
            }
        }
    }
}
