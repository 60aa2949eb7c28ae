//! From microdata to a table that can be protected: cells over hierarchies, contributions, primary
//! rules, sums.

mod grid;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use super::csv::{Csv, CsvError};
use super::files::quoted;
use super::hrc::{Hierarchy, HrcError};
use super::model::{Cell, Instance, ModelError, Status};
use super::solve::Protected;
use super::spec::{Contributions, Letter, Spec};
pub use grid::nodes;
use grid::{name, sums};
use units::{Columns, field, fill};
pub(super) use units::{Contents, Held, keep};

/// Why microdata could not be tabulated.
#[derive(Debug, thiserror::Error)]
pub enum TabulateError {
    /// The spec names a column that is not there.
    #[error("the data have no column `{0}`")]
    Column(String),
    /// A value that is no number.
    #[error("line {line}: `{text}` in column `{column}` is no number")]
    Number {
        /// The line, from 1.
        line: usize,
        /// The column.
        column: String,
        /// What stands there.
        text: String,
    },
    /// A code that the hierarchy does not have.
    #[error("line {line}: the hierarchy of `{dimension}` has no code `{code}`")]
    Code {
        /// The line, from 1.
        line: usize,
        /// The dimension.
        dimension: String,
        /// The code.
        code: String,
    },
    /// A negative contribution: dominance and attackers' bounds are not defined on it.
    #[error("line {line}: a negative contribution {value}; the rules need non-negative ones")]
    Negative {
        /// The line, from 1.
        line: usize,
        /// The value.
        value: f64,
    },
    /// A hierarchy cannot be read.
    #[error("the hierarchy of `{dimension}`")]
    Hierarchy {
        /// The dimension.
        dimension: String,
        /// Why.
        source: HrcError,
    },
    /// The spec gives a hierarchy for what is no dimension.
    #[error("the spec has a hierarchy for `{0}`, which is not among its dimensions")]
    Dimension(String),
    /// The table has too many cells to be worked on.
    #[error("the table would have more than two million cells")]
    Size,
    /// The data are no CSV.
    #[error("the data cannot be read: {0}")]
    Csv(#[from] CsvError),
    /// The cells do not make a table.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// A table made of microdata.
#[derive(Debug, Clone)]
pub struct Table {
    /// The cells and sums to protect. Cells without any unit are published: everyone may see
    /// that nothing is there.
    pub instance: Instance,
    /// By dimension its name and hierarchy.
    pub dimensions: Vec<(String, Hierarchy)>,
    /// By cell, the primary rule it breaks.
    pub primary: Vec<Option<Letter>>,
}

const MOST_CELLS: usize = 2_000_000;

/// Tabulates microdata (CSV). `hierarchies` holds the text of each dimension's .hrc file, where
/// it has one; other dimensions are flat over the codes found.
///
/// # Errors
/// The first thing that is wrong, with its line.
pub fn tabulate(
    text: &str,
    spec: &Spec,
    hierarchies: &BTreeMap<String, String>,
) -> Result<Table, TabulateError> {
    let csv = Csv::read(text)?;
    let dimensions = read_trees(&csv, spec, hierarchies)?;
    Ok(tabulate_over(&csv, spec, dimensions)?.0)
}

/// The hierarchy of each dimension.
///
/// # Errors
/// A column that is missing, a hierarchy that cannot be read or is none of a dimension.
pub(super) fn read_trees(
    csv: &Csv,
    spec: &Spec,
    hierarchies: &BTreeMap<String, String>,
) -> Result<Vec<(String, Hierarchy)>, TabulateError> {
    let columns = Columns::new(csv, spec)?;
    let named = spec.hierarchies.keys().chain(hierarchies.keys());
    if let Some(name) = named.into_iter().find(|name| !spec.dimensions.contains(name)) {
        return Err(TabulateError::Dimension(name.clone()));
    }
    trees(spec, &columns, hierarchies)
}

/// The table over given hierarchies, and by cell what contributes to it.
///
/// # Errors
/// The first thing that is wrong, with its line.
pub(super) fn tabulate_over(
    csv: &Csv,
    spec: &Spec,
    dimensions: Vec<(String, Hierarchy)>,
) -> Result<(Table, Contents), TabulateError> {
    let columns = Columns::new(csv, spec)?;
    let mut codes = dimensions.iter().map(|(_, tree)| tree.codes.len());
    let size = codes.try_fold(1_usize, usize::checked_mul);
    let size = size.filter(|size| *size <= MOST_CELLS).ok_or(TabulateError::Size)?;
    let contents = fill(spec, &columns, &dimensions, size)?;
    let mut primary = Vec::with_capacity(size);
    let mut made = Vec::with_capacity(size);
    for (at, contributions) in contents.cells.iter().enumerate() {
        let judged = spec.rules.judge(contributions);
        made.push(cell(name(&dimensions, at), contributions, judged));
        primary.push(judged.map(|(letter, _)| letter));
    }
    let instance = Instance { cells: made, sums: sums(&dimensions, size) };
    instance.check()?;
    Ok((Table { instance, dimensions, primary }, contents))
}

fn trees(
    spec: &Spec,
    columns: &Columns<'_>,
    hierarchies: &BTreeMap<String, String>,
) -> Result<Vec<(String, Hierarchy)>, TabulateError> {
    let tree = |(name, column): (&String, &usize)| {
        let tree = if let Some(text) = hierarchies.get(name) {
            Hierarchy::read(text, &spec.total)
        } else {
            let records = columns.csv.records.iter();
            let codes: BTreeSet<String> =
                records.map(|(_, record)| field(record, *column).to_owned()).collect();
            Hierarchy::flat(codes, &spec.total)
        };
        let tree =
            tree.map_err(|source| TabulateError::Hierarchy { dimension: name.clone(), source })?;
        Ok((name.clone(), tree))
    };
    spec.dimensions.iter().zip(&columns.dimensions).map(tree).collect()
}

fn cell(id: String, contributions: &Contributions, judged: Option<(Letter, f64)>) -> Cell {
    let mut cell = Cell::new(id, contributions.total);
    cell.units = Some(contributions.units);
    if contributions.units == 0 {
        cell.status = Status::Published;
    }
    if let Some((_, level)) = judged {
        cell.status = Status::Unsafe;
        cell.upper_level = level;
        // Everyone knows that nothing is negative: below zero no interval reaches.
        cell.lower_level = level.min(cell.value);
    }
    cell
}

impl Table {
    /// The protected table: the dimensions, `n`, `value` (blank where suppressed), `status` in
    /// INSEE's letters. `n` is blank too where suppressed: a count of a suppressed cell helps an
    /// attacker.
    pub fn written(&self, pattern: &Protected) -> String {
        let mut text = String::new();
        for (name, _) in &self.dimensions {
            text.push_str(&format!("{},", quoted(name)));
        }
        text.push_str("n,value,status\n");
        let mut secondaries = pattern.secondaries.iter().copied().peekable();
        for (at, cell) in self.instance.cells.iter().enumerate() {
            let secondary = secondaries.next_if_eq(&at).map(|_| Letter::D);
            let letter = self.primary[at].or(secondary).unwrap_or(Letter::V);
            for (node, (_, tree)) in nodes(&self.dimensions, at).iter().zip(&self.dimensions) {
                text.push_str(&format!("{},", quoted(&tree.codes[*node])));
            }
            match letter {
                Letter::V => {
                    let units = cell.units.unwrap_or_default();
                    text.push_str(&format!("{units},{},V\n", cell.value));
                }
                hidden => text.push_str(&format!(",,{}\n", hidden.text())),
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::{Options, solve};

    const DATA: &str = "act,region,turnover,group\n\
        A1,N,10,\nA1,N,20,\nA1,N,30,\nA1,S,5,\nA1,S,6,\nA1,S,7,\nA1,S,8,\n\
        A2,N,100,g\nA2,N,90,g\nA2,N,3,h\nA2,S,10,\nA2,S,11,\nA2,S,12,\n\
        B,N,20,\nB,N,21,\nB,N,22,\nB,S,30,\nB,S,31,\nB,S,32,\n";

    fn spec(more: &str) -> Spec {
        let text = format!(
            "dimensions = [\"act\", \"region\"]\nvalue = \"turnover\"\n{more}\n\
             [rules]\nfrequency = 3\ndominance = [{{ n = 1, k = 85 }}]\n"
        );
        toml::from_str(&text).expect("a spec")
    }

    fn hierarchies() -> BTreeMap<String, String> {
        BTreeMap::from([("act".to_owned(), "A\n@A1\n@A2\nB\n".to_owned())])
    }

    #[test]
    fn units_are_added_up_in_every_cell_above_them() {
        let table = tabulate(DATA, &spec(""), &hierarchies()).expect("tabulates");
        let find = |id: &str| table.instance.cells.iter().find(|c| c.id == id).expect(id);
        assert!((find("Total|Total").value - 468.0).abs() < 1e-9);
        assert!((find("A|N").value - 253.0).abs() < 1e-9);
        assert_eq!(find("A|Total").units, Some(13));
        assert!(table.primary.iter().all(Option::is_none), "without holdings nothing dominates");
    }

    #[test]
    fn units_of_one_holding_are_one_contributor_and_the_pattern_says_why() {
        let table =
            tabulate(DATA, &spec("holding = \"group\""), &hierarchies()).expect("tabulates");
        let at = table.instance.cells.iter().position(|c| c.id == "A2|N").expect("a cell");
        assert_eq!(table.primary[at], Some(Letter::A), "two contributors, g and h");
        let pattern = solve(&table.instance, Options::default()).expect("protected");
        let text = table.written(&pattern);
        assert!(text.contains("A2,N,,,A\n"), "{text}");
        assert!(text.contains(",D\n") && text.contains("Total,Total,"), "{text}");
        assert!(pattern.secondaries.len() >= 3);
    }

    #[test]
    fn a_code_that_is_not_in_the_hierarchy_is_named() {
        let error = tabulate("act,region,turnover\nZ,N,1\n", &spec(""), &hierarchies());
        assert_eq!(
            error.expect_err("no Z").to_string(),
            "line 2: the hierarchy of `act` has no code `Z`"
        );
    }
}
