//! What a check gives back: reports, findings and the tables to lay them over.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::content::Kind;

/// What happens to a file; the greater is the stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Parsed whole, and nothing fired but remarks.
    Safe,
    /// A person must look: a warning fired, or something could not be read.
    Review,
    /// A rule found a disclosure. No score and no route may override it.
    Refuse,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A remark; changes no decision.
    Info,
    /// A person must look.
    Warning,
    /// A disclosure.
    Error,
}

/// Where a finding is, as far as it applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The line of the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The row of the table, from 1, its titles and headers included: [`TableView::rows`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// The column of the table, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The table of the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<u32>,
}

impl Location {
    /// A whole line outside tables.
    pub fn line(line: u32) -> Self {
        Self { line: Some(line), ..Self::default() }
    }
}

/// In which of a file's parts something is, as far as it applies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Within {
    /// The spreadsheet's sheet, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The cell of the sheet, as `B7`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// The page of a document or the slide of a presentation, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The cell of a notebook, from 0 as in its list of cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell_index: Option<u32>,
    /// The path inside an archive; paths in archives inside it follow after a `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The part of an office file, or of another file with parts: `comments`, `docProps/core.xml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Another file of the request that a finding is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// The whole place of a finding: its line or cell, and the part of the file that it is in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The line, row, column and table.
    #[serde(flatten)]
    pub at: Location,
    /// The sheet, page or member.
    #[serde(flatten)]
    pub within: Within,
}

impl std::ops::Deref for Spot {
    type Target = Location;

    fn deref(&self) -> &Location {
        &self.at
    }
}

impl From<Location> for Spot {
    fn from(at: Location) -> Self {
        Self { at, within: Within::default() }
    }
}

/// A number, or a text where the thing found is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Figure {
    /// A finite number.
    Number(f64),
    /// Anything else. Direct identifiers are shortened, so that no report carries one.
    Text(String),
}

impl From<f64> for Figure {
    fn from(value: f64) -> Self {
        if value.is_finite() { Self::Number(value) } else { Self::Text(value.to_string()) }
    }
}

impl From<&str> for Figure {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Figure {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// One thing that a rule saw at one place of one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The rule's id, as in `docs/rules/`.
    pub rule: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// Where it is.
    pub location: Spot,
    /// What was found there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Figure>,
    /// What it was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Figure>,
    /// Stable code of the sentence, for pages that translate it.
    pub message_key: &'static str,
    /// What the sentence names.
    pub args: BTreeMap<&'static str, String>,
    /// The sentence in English.
    pub message: String,
    /// What the author can do about it, in English; pages translate by `message_key`.
    pub repair: &'static str,
}

impl Finding {
    /// A finding of `rule` without place and figures yet.
    pub fn new(rule: &'static str, severity: Severity, key: &'static str, message: String) -> Self {
        Self {
            rule,
            severity,
            location: Spot::default(),
            value: None,
            threshold: None,
            message_key: key,
            args: BTreeMap::new(),
            message,
            repair: crate::repair::of(key),
        }
    }

    /// Fills in the part of the file: the one given, or its table's; in a sheet, its cell's name.
    fn stamp(&mut self, tables: &[TableView], within: Option<&Within>) {
        let at = self.location.at;
        let table = tables.iter().find(|table| at.table.is_some() && Some(table.table) == at.table);
        let Some(within) = within.or(table.map(|table| &table.within)) else { return };
        let own = std::mem::take(&mut self.location.within);
        self.location.within =
            Within { file: own.file, cell: own.cell.or(within.cell.clone()), ..within.clone() };
        if let Some(cell) = table.filter(|_| within.sheet.is_some()).and_then(|t| t.cell(at)) {
            self.location.within.cell = Some(cell_name(cell.column, cell.line));
        }
    }

    /// The same, at a place.
    #[must_use]
    pub fn at(mut self, location: impl Into<Spot>) -> Self {
        self.location = location.into();
        self
    }

    /// The same, with what was found.
    #[must_use]
    pub fn value(mut self, value: impl Into<Figure>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// The same, with what it was compared with.
    #[must_use]
    pub fn threshold(mut self, threshold: impl Into<Figure>) -> Self {
        self.threshold = Some(threshold.into());
        self
    }

    /// The same, with one name for the translated sentence.
    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.args.insert(name, value.to_string());
        self
    }
}

/// Findings of one rule and severity that are kept; more say nothing new, and a hostile file must
/// not fill the memory with them. Counted by severity, so that warnings never crowd out an error.
const KEPT: usize = 500;

/// Collects findings within bounds.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    counts: BTreeMap<(&'static str, Severity), usize>,
}

impl Findings {
    /// Adds a finding, unless its rule has filled its share.
    pub fn push(&mut self, finding: Finding) {
        let count = self.counts.entry((finding.rule, finding.severity)).or_default();
        *count += 1;
        if *count <= KEPT {
            self.list.push(finding);
        }
    }

    /// How many findings are kept so far.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing was found so far.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Says of the findings after the first `from` ones in which part of the file they are; those
    /// in a cell of a sheet get its name from `tables`.
    pub fn stamp(&mut self, from: usize, within: &Within, tables: &[TableView]) {
        for finding in self.list.iter_mut().skip(from) {
            finding.stamp(tables, Some(within));
        }
    }

    /// The findings in the order of the file; the gravest first where the place is the same.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.list.sort_by_key(place_in_file);
        self.list
    }
}

/// The order of findings in a report.
fn place_in_file(
    f: &Finding,
) -> (Option<u32>, Option<u32>, std::cmp::Reverse<Severity>, &'static str) {
    (f.location.line, f.location.column, std::cmp::Reverse(f.severity), f.rule)
}

/// A cell for the review screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellView {
    /// Its text as in the file.
    pub text: String,
    /// Its line of the file, from 1.
    pub line: u32,
    /// Its column of the table, from 1.
    pub column: u32,
}

/// The name of a sheet's cell: `cell_name(28, 7)` is `AB7`.
pub fn cell_name(column: u32, row: u32) -> String {
    let (mut letters, mut rest) = (Vec::new(), column.max(1));
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    let mut name: String = letters.into_iter().rev().collect();
    name.push_str(&row.to_string());
    name
}

/// A table for the review screen; findings point into it by table, row and column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableView {
    /// Which table of the file, from 1.
    pub table: u32,
    /// How many of the first rows are titles and headers.
    pub header_rows: u32,
    /// Its rows, titles and headers included.
    pub rows: Vec<Vec<CellView>>,
    /// In which part of the file it is.
    #[serde(flatten)]
    pub within: Within,
}

impl TableView {
    /// The cell at a finding's row and column.
    fn cell(&self, at: Location) -> Option<&CellView> {
        let index = |number: Option<u32>| usize::try_from(number?).ok()?.checked_sub(1);
        self.rows.get(index(at.row)?)?.get(index(at.column)?)
    }
}

/// What a file is in a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// It asks to leave.
    #[default]
    Output,
    /// It explains others and is never released; its decision says what would be if it were.
    Supporting,
}

/// What was found in one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileReport {
    /// The file, as the caller named it.
    pub file: String,
    /// Whether it asks to leave.
    pub purpose: Purpose,
    /// What happens to it.
    pub decision: Decision,
    /// What its content is.
    pub kind: Kind,
    /// Whether a parser read all of it. `false` is never `safe`.
    pub checked: bool,
    /// What the rules saw.
    pub findings: Vec<Finding>,
    /// Its tables.
    pub tables: Vec<TableView>,
}

impl FileReport {
    /// Adds what the request as a whole says of this file.
    pub fn add(&mut self, mut finding: Finding) {
        let own = &finding.location.within;
        if *own == Within::default() || own.sheet.is_none() && own.member.is_none() {
            finding.stamp(&self.tables, None);
        }
        let key = place_in_file(&finding);
        let at = self.findings.partition_point(|known| place_in_file(known) <= key);
        self.findings.insert(at, finding);
        self.decision = Self::decide(self.checked, &self.findings);
    }

    /// The decision that `findings` ask for: an error refuses, a warning or an unread file asks
    /// for a person, and only what was read whole without either is safe.
    pub fn decide(checked: bool, findings: &[Finding]) -> Decision {
        match findings.iter().map(|finding| finding.severity).max() {
            Some(Severity::Error) => Decision::Refuse,
            Some(Severity::Warning) => Decision::Review,
            _ if checked => Decision::Safe,
            _ => Decision::Review,
        }
    }
}
