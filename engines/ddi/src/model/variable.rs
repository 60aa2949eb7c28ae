//! The variable: its place in the file, its labels, question, values, categories and statistics.

use serde::{Deserialize, Serialize};

use super::{Coded, Term, Text};
use crate::residue::Residue;

/// Whether a variable measures or classifies (`@intrvl`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// `contin`.
    Continuous,
    /// `discrete`.
    Discrete,
}

/// A variable (`var`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Variable {
    /// `@ID`.
    pub id: Option<String>,
    /// `@name`, the column of the data file.
    pub name: String,
    /// Ids of the files that it is in (`@files`).
    pub files: Vec<String>,
    /// `@intrvl`.
    pub interval: Option<Interval>,
    /// Decimal places (`@dcml`).
    pub decimals: Option<u32>,
    /// Whether it is a weight (`@wgt`).
    pub weight: bool,
    /// Ids of the weights to use with it (`@wgt-var`).
    pub weight_variables: Vec<String>,
    /// Where it stands in a fixed-width record.
    pub locations: Vec<Location>,
    /// `labl`.
    pub labels: Text,
    /// `qstn`.
    pub question: Option<Question>,
    /// `valrng`.
    pub valid: Option<ValueRange>,
    /// `invalrng`: missing codes.
    pub invalid: Option<ValueRange>,
    /// `undocCod`.
    pub undocumented_codes: Text,
    /// `universe`.
    pub universes: Vec<Coded>,
    /// `sumStat`.
    pub stats: Vec<Stat>,
    /// `txt`.
    pub definitions: Text,
    /// `catgry`.
    pub categories: Vec<Category>,
    /// `codInstr`.
    pub coding_instructions: Text,
    /// `concept`.
    pub concepts: Vec<Term>,
    /// `derivation`.
    pub derivation: Option<Derivation>,
    /// `varFormat`.
    pub format: Option<Format>,
    /// `notes`.
    pub notes: Vec<Note>,
    /// Line of the document that it was read at, from 1; 0 when it was not read.
    pub line: u32,
    /// What has no field.
    pub residue: Vec<Residue>,
}

/// A place in a fixed-width record; columns count from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Location {
    /// First column (`@StartPos`).
    pub start: Option<u32>,
    /// Last column (`@EndPos`).
    pub end: Option<u32>,
    /// Number of columns (`@width`).
    pub width: Option<u32>,
    /// Which record of a case (`@RecSegNo`).
    pub record: Option<u32>,
    /// Id of the file (`@fileid`).
    pub file: Option<String>,
}

/// A question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Question {
    /// `@ID`.
    pub id: Option<String>,
    /// Text before it (`preQTxt`).
    pub pre: Text,
    /// The question as asked (`qstnLit`).
    pub literal: Text,
    /// Text after it (`postQTxt`).
    pub post: Text,
    /// For the interviewer (`ivuInstr`).
    pub instructions: Text,
    /// Text directly in `qstn`, as some old files have it.
    pub text: String,
}

/// Values, valid or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ValueRange {
    /// `range`.
    pub ranges: Vec<Range>,
    /// `item`: single values.
    pub items: Vec<Item>,
}

/// A range of values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Range {
    /// `@UNITS`.
    pub units: Option<String>,
    /// `@min`.
    pub min: Option<String>,
    /// `@minExclusive`.
    pub min_exclusive: Option<String>,
    /// `@max`.
    pub max: Option<String>,
    /// `@maxExclusive`.
    pub max_exclusive: Option<String>,
}

/// A single value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Item {
    /// `@UNITS`.
    pub units: Option<String>,
    /// `@VALUE`.
    pub value: Option<String>,
}

/// A statistic that the producer published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stat {
    /// `@type`: `vald`, `mean`, `freq`, `percent`, …
    pub kind: Option<String>,
    /// Whether it is weighted (`@wgtd`).
    pub weighted: bool,
    /// The number, as written.
    pub value: String,
}

/// A category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Category {
    /// `@ID`.
    pub id: Option<String>,
    /// The code in the data (`catValu`).
    pub value: Option<String>,
    /// `labl`.
    pub labels: Text,
    /// Whether it stands for a missing answer (`@missing`).
    pub missing: bool,
    /// `txt`.
    pub definitions: Text,
    /// `catStat`.
    pub stats: Vec<Stat>,
}

/// How a variable was derived.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Derivation {
    /// Ids of the variables it comes from (`@var`).
    pub variables: Vec<String>,
    /// `drvdesc`.
    pub descriptions: Text,
    /// `drvcmd`.
    pub commands: Text,
}

/// How values are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Format {
    /// `@type`: `numeric` or `character`.
    pub kind: Option<String>,
    /// `@schema`.
    pub schema: Option<String>,
    /// `@formatname`.
    pub name: Option<String>,
    /// `@category`.
    pub category: Option<String>,
    /// The format in words.
    pub text: String,
}

/// A note.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Note {
    /// `@type`.
    pub kind: Option<String>,
    /// `@subject`.
    pub subject: Option<String>,
    /// `@level`.
    pub level: Option<String>,
    /// What it says.
    pub text: String,
    /// Language tag, where there is one.
    pub language: Option<String>,
}

/// A group of variables (`varGrp`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VariableGroup {
    /// `@ID`.
    pub id: Option<String>,
    /// `@name`.
    pub name: Option<String>,
    /// `@type`.
    pub kind: Option<String>,
    /// Ids of its variables (`@var`).
    pub variables: Vec<String>,
    /// Ids of its groups (`@varGrp`).
    pub groups: Vec<String>,
    /// `labl`.
    pub labels: Text,
    /// `txt`.
    pub definitions: Text,
    /// `concept`.
    pub concepts: Vec<Term>,
    /// `universe`.
    pub universes: Vec<Coded>,
    /// What has no field.
    pub residue: Vec<Residue>,
}
