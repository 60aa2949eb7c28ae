//! The files of `bulle protect`: cells as CSV, relations as JSON, the pattern as CSV.

use std::collections::HashMap;

use serde::Deserialize;

use super::csv::{Csv, CsvError};
use super::model::{Cell, Instance, ModelError, Status, bound};
use super::solve::Protected;

/// Which cost of a cell counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// `cost_value`, or the value's size where that column is empty or missing.
    Value,
    /// `cost_count`, or 1.
    Count,
}

/// Why the files could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A column is missing.
    #[error("the cells have no column `{0}`")]
    Column(&'static str),
    /// A field is not what its column asks.
    #[error("line {line} of the cells, column `{column}`: `{text}` is not {expected}")]
    Field {
        /// The line, from 1.
        line: usize,
        /// The column's name.
        column: &'static str,
        /// What stands there.
        text: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The cells are no CSV.
    #[error("the cells cannot be read: {0}")]
    Csv(#[from] CsvError),
    /// The relations are no JSON of the expected shape.
    #[error("the relations cannot be read")]
    Relations(#[from] serde_json::Error),
    /// The numbers do not make a table.
    #[error(transparent)]
    Model(#[from] ModelError),
}

#[derive(Deserialize)]
struct Relations {
    constraints: Vec<Constraint>,
}

#[derive(Deserialize)]
struct Constraint {
    total: Id,
    children: Vec<Id>,
}

/// Ids are text; numbers are taken as they are written.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(serde_json::Number),
}

impl Id {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// Reads an instance.
///
/// `cells` is CSV (comma or semicolon) with at least `id`, `value` and `status` (`s` safe, `u`
/// unsafe, `z` published). Missing or empty: `lb` is 0, or none for a negative value; `ub` is
/// none, and so is one of 1e12 and more beside a value far from it; `lpl` and `upl` of an unsafe
/// cell ask that it cannot be recovered exactly. Other columns are dimensions and are not needed.
///
/// # Errors
/// [`FilesError`] names the first thing that is wrong; nothing is guessed.
pub fn read(cells: &str, relations: &str, cost: Cost) -> Result<Instance, FilesError> {
    let cells = read_cells(cells, cost)?;
    let relations: Relations = serde_json::from_str(relations.trim_start_matches('\u{feff}'))?;
    let sums: Vec<(String, Vec<String>)> = relations
        .constraints
        .into_iter()
        .map(|sum| (sum.total.text(), sum.children.into_iter().map(Id::text).collect()))
        .collect();
    let mut instance = Instance::new(cells, &sums)?;
    let step = instance.step();
    for cell in 0..instance.cells.len() {
        // Blank levels: marked by the reader, asked for as a width.
        if instance.cells[cell].sliding_level < 0.0 {
            instance.cells[cell].sliding_level = instance.least_width(cell, step);
        }
    }
    Ok(instance)
}

/// Where the known columns stand.
struct Columns<'c> {
    csv: &'c Csv,
    places: Vec<(&'static str, Option<usize>)>,
}

const COLUMNS: [&str; 10] =
    ["id", "value", "n", "status", "lb", "ub", "lpl", "upl", "cost_value", "cost_count"];

impl<'c> Columns<'c> {
    fn new(csv: &'c Csv) -> Self {
        Self { csv, places: COLUMNS.iter().map(|name| (*name, csv.column(name))).collect() }
    }

    fn text<'r>(&self, record: &'r [String], name: &str) -> Option<&'r str> {
        let (_, place) = self.places.iter().find(|(column, _)| *column == name)?;
        place.and_then(|at| record.get(at)).map(|text| text.trim())
    }

    /// A number, or nothing when the field is empty or missing.
    fn number(
        &self,
        line: usize,
        record: &[String],
        column: &'static str,
    ) -> Result<Option<f64>, FilesError> {
        let Some(text) = self.text(record, column) else { return Ok(None) };
        if text.is_empty() || ["na", "nan", "none", "null", "."].contains(&&*text.to_lowercase()) {
            return Ok(None);
        }
        let error =
            || FilesError::Field { line, column, text: text.to_owned(), expected: "a number" };
        self.csv.number(text).map(Some).ok_or_else(error)
    }
}

fn read_cells(text: &str, cost: Cost) -> Result<Vec<Cell>, FilesError> {
    let csv = Csv::read(text)?;
    let columns = Columns::new(&csv);
    for (name, place) in &columns.places {
        if ["id", "value", "status"].contains(name) && place.is_none() {
            return Err(FilesError::Column(name));
        }
    }
    csv.records.iter().map(|(line, record)| read_cell(&columns, *line, record, cost)).collect()
}

fn read_cell(
    columns: &Columns<'_>,
    line: usize,
    record: &[String],
    cost: Cost,
) -> Result<Cell, FilesError> {
    let number = |column| columns.number(line, record, column);
    let field = |column, text: &str, expected| FilesError::Field {
        line,
        column,
        text: text.to_owned(),
        expected,
    };
    let id = columns.text(record, "id").unwrap_or_default();
    let value = number("value")?.ok_or_else(|| field("value", "", "a number"))?;
    let mut cell = Cell::new(id, value);
    let status = columns.text(record, "status").unwrap_or_default();
    cell.status = match status {
        "s" | "S" => Status::Safe,
        "u" | "U" => Status::Unsafe,
        "z" | "Z" => Status::Published,
        other => return Err(field("status", other, "s, u or z")),
    };
    cell.units = number("n")?.map(count);
    cell.low = number("lb")?.map_or(cell.low, |low| bound(low, value));
    cell.high = number("ub")?.map_or(cell.high, |high| bound(high, value));
    let (lower, upper) = (number("lpl")?, number("upl")?);
    cell.lower_level = lower.unwrap_or(0.0);
    cell.upper_level = upper.unwrap_or(0.0);
    if cell.status == Status::Unsafe && lower.is_none() && upper.is_none() {
        cell.sliding_level = BLANK;
    }
    cell.cost = match cost {
        Cost::Value => number("cost_value")?.unwrap_or(value.abs()),
        Cost::Count => number("cost_count")?.unwrap_or(1.0),
    };
    Ok(cell)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count; a cast of floats saturates"
)]
fn count(number: f64) -> u64 {
    number.round() as u64
}

/// Marks blank protection levels between the two passes of [`read`].
const BLANK: f64 = -1.0;

/// The pattern: `id,status`, where the status is `primary` or `secondary`, in the cells' order.
pub fn written(instance: &Instance, pattern: &Protected) -> String {
    let mut text = String::from("id,status\n");
    let mut secondaries = pattern.secondaries.iter().copied().peekable();
    for (at, cell) in instance.cells.iter().enumerate() {
        let status = if cell.status == Status::Unsafe {
            "primary"
        } else if secondaries.next_if_eq(&at).is_some() {
            "secondary"
        } else {
            continue;
        };
        text.push_str(&quoted(&cell.id));
        text.push_str(&format!(",{status}\n"));
    }
    text
}

/// Why a pattern could not be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PatternError {
    /// It is no CSV.
    #[error("the pattern cannot be read: {0}")]
    Csv(#[from] CsvError),
    /// A line names no cell.
    #[error("line {line} of the pattern names the cell `{id}`, which is not among the cells")]
    Unknown {
        /// The line, from 1.
        line: usize,
        /// The name.
        id: String,
    },
    /// A status that says neither suppressed nor published.
    #[error(
        "line {line} of the pattern: the status `{status}` is none of primary, secondary, safe"
    )]
    Status {
        /// The line, from 1.
        line: usize,
        /// What stands there.
        status: String,
    },
    /// The first line names a cell.
    #[error("the pattern has no header: its first line names the cell `{0}`")]
    Header(String),
}

/// Reads a pattern: the column `id`, or the first, names the cells; with a column `status`, those
/// of lines that say `primary` or `secondary` are suppressed and those that say `safe` are not.
/// One truth a cell comes back. Case does not matter in the header and in statuses.
///
/// # Errors
/// [`PatternError`]: a name that is no cell's, another status, a line of another width.
pub fn read_pattern(instance: &Instance, text: &str) -> Result<Vec<bool>, PatternError> {
    let csv = Csv::read(text)?;
    let place: HashMap<&str, usize> =
        instance.cells.iter().enumerate().map(|(at, cell)| (cell.id.as_str(), at)).collect();
    let (id, status) = (csv.column("id"), csv.column("status"));
    let first = csv.header.first().map(|field| field.trim()).unwrap_or_default();
    if id.is_none() && place.contains_key(first) {
        return Err(PatternError::Header(first.to_owned()));
    }
    let mut suppressed = vec![false; instance.cells.len()];
    for (line, record) in &csv.records {
        let field = |at: usize| record.get(at).map(|field| field.trim()).unwrap_or_default();
        let name = field(id.unwrap_or(0));
        let cell = place
            .get(name)
            .ok_or_else(|| PatternError::Unknown { line: *line, id: name.to_owned() })?;
        match status.map(|at| field(at).to_lowercase()).as_deref() {
            None | Some("primary" | "secondary") => suppressed[*cell] = true,
            Some("safe") => {}
            Some(other) => {
                return Err(PatternError::Status { line: *line, status: other.to_owned() });
            }
        }
    }
    Ok(suppressed)
}

/// A field as CSV writes it.
pub fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r', ';']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// A sum as people read it: to six decimals, without what adding them leaves.
pub fn shown(sum: f64) -> String {
    let text = format!("{sum:.6}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::{Options, solve};

    const CELLS: &str = "id,row,value,n,status,lb,ub,lpl,upl,cost_value,cost_count\n\
        a,\"x, y\",4,2,u,0,,1,2,4,1\nb,x,6,9,s,,,,,6,1\nt,x,10,11,z,0,100,0,0,10,1\n\
        c,y,7,9,s,0,20,,,7,\nd,y,3,9,s,0,20,,,3,\nu,y,10,9,s,0,20,,,10,\n";
    const RELATIONS: &str = r#"{"constraints": [{"total": "t", "children": ["a", "b"]},
        {"total": "u", "children": ["c", "d"]}]}"#;

    #[test]
    fn the_files_of_the_contract_are_read_and_written() {
        let instance = read(CELLS, RELATIONS, Cost::Value).expect("reads");
        assert!(instance.cells[0].high.is_infinite());
        let pattern = solve(&instance, Options::default()).expect("protected");
        assert_eq!(written(&instance, &pattern), "id,status\na,primary\nb,secondary\n");
        assert!((pattern.cost - 6.0).abs() < 1e-9);
        let instance = read(CELLS, RELATIONS, Cost::Count).expect("reads");
        assert!(instance.cells.iter().all(|cell| (cell.cost - 1.0).abs() < 1e-9));
    }

    #[test]
    fn blank_levels_ask_that_the_cell_is_not_recovered() {
        let cells = "id;value;status\n1;4;u\n2;6;s\n3;10;s\n";
        let relations = r#"{"constraints": [{"total": 3, "children": [1, 2]}]}"#;
        let instance = read(cells, relations, Cost::Value).expect("numbers are ids too");
        let pattern = solve(&instance, Options::default()).expect("protected");
        assert_eq!(pattern.secondaries, [1]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let error = read("id,value,status\na,x,u\n", r#"{"constraints": []}"#, Cost::Value);
        assert_eq!(
            error.expect_err("no number").to_string(),
            "line 2 of the cells, column `value`: `x` is not a number"
        );
        let error = read("id,value\n", r#"{"constraints": []}"#, Cost::Value);
        assert_eq!(error.expect_err("no status").to_string(), "the cells have no column `status`");
        let error = read("id,value,status\na,\"1,234\",u\n", r#"{"constraints": []}"#, Cost::Value);
        assert_eq!(
            error.expect_err("thousands or decimals").to_string(),
            "line 2 of the cells, column `value`: `1,234` is not a number"
        );
        let relations = r#"{"constraints": [{"total": "t", "children": ["zz"]}]}"#;
        let error = read(CELLS, relations, Cost::Value).expect_err("unknown");
        assert!(error.to_string().contains("`zz`"), "{error}");
    }

    #[test]
    fn sums_are_shown_without_the_dust_of_adding() {
        let sums = [1.999_999_999_999_999_6, 0.1 + 0.2, -0.0, 0.0, 1e15, -2.5, 40_631.0, 100.0];
        let text = sums.map(shown).join(" ");
        assert_eq!(text, "2 0.3 0 0 1000000000000000 -2.5 40631 100");
    }
}
