//! What the API of this column answers, for its description: `json!` writes the answers, and the test
//! kit compares each successful answer of each test with these (`tests/src/conformance.rs`).
#![expect(dead_code, reason = "descriptions: nobody makes one")]

use utoipa::ToSchema;
use uuid::Uuid;

use crate::answers::TextAnswer;

/// A source.
#[derive(ToSchema)]
pub(super) struct SourceAnswer {
    id: Uuid,
    version: i64,
    producer: Uuid,
    slug: String,
    acronym: String,
    title: TextAnswer,
    summary: TextAnswer,
    themes: Vec<String>,
    /// `committee` or `producer_only`.
    route: String,
    /// `draft`, `documented`, `published`, `hidden` or `retired`.
    state: String,
}

/// A source with its vintages and deposits.
#[derive(ToSchema)]
pub(super) struct SourceDetailAnswer {
    /// Its short name.
    producer: String,
    source: SourceAnswer,
    vintages: Vec<VintageAnswer>,
    deposits: Vec<DepositAnswer>,
}

/// A vintage.
#[derive(ToSchema)]
pub(super) struct VintageAnswer {
    id: Uuid,
    version: i64,
    source: Uuid,
    label: String,
    year: Option<i32>,
    #[schema(value_type = Object)]
    state: (),
}

/// What the import of a code book says.
#[derive(ToSchema)]
pub(super) struct CodebookAnswer {
    source: SourceAnswer,
    problems: Vec<CodebookProblemAnswer>,
    changes: CodebookChangesAnswer,
}

/// A document that waits for a yes: nothing was changed.
#[derive(ToSchema)]
pub(super) struct CodebookWaitsAnswer {
    /// `codebook-waits`.
    code: String,
    /// What `yes` must be, for this document over this code book.
    token: String,
    /// SHA-256 of the document.
    sha256: String,
    /// Its version of DDI-Codebook, where it says one.
    version: Option<String>,
    /// Whether that is neither 1.2.2 nor 2.5.
    is_strange: bool,
    changes: CodebookChangesAnswer,
    problems: Vec<CodebookProblemAnswer>,
}

/// A place in the document that is not as it must be.
#[derive(ToSchema)]
pub(super) struct CodebookProblemAnswer {
    line: u32,
    column: u32,
    path: String,
    code: String,
    message: String,
    /// Whether the content was kept all the same.
    kept: bool,
}

/// What changed in a code book.
#[derive(ToSchema)]
pub(super) struct CodebookChangesAnswer {
    had_one: bool,
    study: bool,
    added: Vec<String>,
    removed: Vec<String>,
    changed: std::collections::BTreeMap<String, Vec<String>>,
}

/// A deposit.
#[derive(ToSchema)]
pub(super) struct DepositAnswer {
    id: Uuid,
    version: i64,
    vintage: Uuid,
    producer: Uuid,
    by: Uuid,
    manifest: Vec<AnnouncedFileAnswer>,
    /// Whether the manifest grows with each file that is sent.
    grows: bool,
    files: Vec<DepositedFileAnswer>,
    #[schema(value_type = Object)]
    state: (),
}

/// A file that was announced.
#[derive(ToSchema)]
pub(super) struct AnnouncedFileAnswer {
    name: String,
    sha256: String,
    bytes: Option<u64>,
    rows: Option<u64>,
}

/// A file that came.
#[derive(ToSchema)]
pub(super) struct DepositedFileAnswer {
    name: String,
    sha256: String,
    bytes: u64,
    parquet: Option<String>,
    rows: Option<u64>,
    /// The type report of the conversion.
    #[schema(value_type = Option<Value>)]
    report: Option<()>,
}

/// A source in the public catalogue.
#[derive(ToSchema)]
pub(super) struct CardAnswer {
    id: Uuid,
    slug: String,
    acronym: String,
    title: String,
    summary: String,
    themes: Vec<String>,
    producer: String,
    vintages: Vec<CardVintageAnswer>,
    /// How many projects of the register it was granted to.
    projects: u32,
    publications: u32,
    variables: u64,
    matches: Vec<MatchAnswer>,
}

/// A vintage of it.
#[derive(ToSchema)]
pub(super) struct CardVintageAnswer {
    id: Uuid,
    label: String,
    year: Option<i32>,
    available: bool,
}

/// A variable that has the words.
#[derive(ToSchema)]
pub(super) struct MatchAnswer {
    name: String,
    label: String,
}
