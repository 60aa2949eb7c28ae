//! What the engine found, as pages and the API read it back: `disclosure::FileReport` in JSON.

use std::collections::{BTreeMap, BTreeSet};

pub use disclosure::Within;
use disclosure::{Decision, FileReport, Severity};
use domain::outputs::export::Summary;
use serde::{Deserialize, Serialize};

/// The engine's report on one file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The file.
    pub file: String,
    /// `safe`, `review` or `refuse`.
    pub decision: String,
    /// What its content is.
    pub kind: String,
    /// Whether a parser read all of it.
    pub checked: bool,
    /// What the rules saw.
    pub findings: Vec<Found>,
    /// Its tables.
    pub tables: Vec<Table>,
}

/// One finding.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Found {
    /// The rule.
    pub rule: String,
    /// `info`, `warning` or `error`.
    pub severity: String,
    /// Where.
    pub location: Place,
    /// What was found there.
    #[serde(default)]
    pub value: Option<serde_json::Value>,
    /// What it was compared with.
    #[serde(default)]
    pub threshold: Option<serde_json::Value>,
    /// Which sentence.
    pub message_key: String,
    /// What the sentence names.
    #[serde(default)]
    pub args: BTreeMap<String, String>,
    /// The sentence in English.
    pub message: String,
    /// What can be done, in English.
    pub repair: String,
}

/// A place in a file, as far as it applies.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Place {
    /// The line of the file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The row of the table, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// The column of the table, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The table of the file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<u32>,
    /// Sheet, page, member and other parts of the file.
    #[serde(flatten)]
    pub within: Within,
}

/// A table of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Table {
    /// Which, from 1.
    pub table: u32,
    /// How many first rows are titles and headers.
    pub header_rows: u32,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// Its line of the file.
    pub line: u32,
    /// Its column.
    pub column: u32,
}

/// A report in a few words and counts, without any cell.
pub(super) fn summary(report: &FileReport) -> Summary {
    let of = |severity: Severity| report.findings.iter().filter(move |f| f.severity == severity);
    let mut seen = BTreeSet::new();
    let grave = of(Severity::Error).chain(of(Severity::Warning));
    Summary {
        decision: match report.decision {
            Decision::Safe => "safe",
            Decision::Review => "review",
            Decision::Refuse => "refuse",
        }
        .to_owned(),
        kind: word(&report.kind),
        checked: report.checked,
        errors: of(Severity::Error).count(),
        warnings: of(Severity::Warning).count(),
        rules: grave.map(|f| f.rule.to_owned()).filter(|rule| seen.insert(rule.clone())).collect(),
        tables: report.tables.len(),
    }
}

/// The engine's report as this module's.
pub(super) fn read(report: &FileReport) -> Option<Report> {
    serde_json::from_value(serde_json::to_value(report).ok()?).ok()
}

/// The stable word that a plain enum is written as.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
