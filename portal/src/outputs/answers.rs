//! What the API of this column answers, for its description: `json!` writes the answers, and the test
//! kit compares each successful answer of each test with these (`tests/src/conformance.rs`).
#![expect(dead_code, reason = "descriptions: nobody makes one")]

use utoipa::ToSchema;
use uuid::Uuid;

use crate::answers::TextAnswer;

/// An export without anything that only checkers may see. To a producer without a word of it: texts are
/// empty.
#[derive(ToSchema)]
pub(super) struct ExportAnswer {
    id: Uuid,
    /// 1, 2, ... within the project.
    number: u32,
    application: Uuid,
    bubble: Uuid,
    title: String,
    turn: u32,
    state: String,
    /// How many checkers must vote.
    reviewers: usize,
    rule_sets: Vec<Uuid>,
    /// The rules that it was sealed under; null in a draft.
    #[schema(value_type = Option<Object>)]
    rules: Option<()>,
    groups: Vec<GroupAnswer>,
    files: Vec<FileAnswer>,
    comments: Vec<CommentAnswer>,
    /// The files of the release, where there is one.
    released: Option<Vec<String>>,
    /// Until when they are there, RFC 3339.
    until: Option<String>,
    /// Why it was blocked, refused or revoked.
    reason: Option<String>,
}

/// An export with its findings and history.
#[derive(ToSchema)]
pub(super) struct ExportDetailAnswer {
    #[serde(flatten)]
    export: ExportAnswer,
    /// By file; null for who may not see the content.
    reports: Vec<Option<ReportAnswer>>,
    history: Vec<StepAnswer>,
    takings: Vec<TakingAnswer>,
    /// What producers have stopped of the project.
    stopped: Vec<StoppedAnswer>,
    /// When it leaves, where it is approved.
    leaves_at: Option<String>,
}

/// A source whose producer has stopped the project's right.
#[derive(ToSchema)]
pub(super) struct StoppedAnswer {
    source: TextAnswer,
    producer: TextAnswer,
    /// `suspended` or `revoked`.
    state: String,
    /// Whether nothing of this request may leave.
    freezes: bool,
}

/// Exports.
#[derive(ToSchema)]
pub(super) struct ExportsAnswer {
    exports: Vec<ExportAnswer>,
}

/// Files that belong together.
#[derive(ToSchema)]
pub(super) struct GroupAnswer {
    name: String,
    context: String,
    controls: String,
    /// Their paths.
    files: Vec<String>,
}

/// A file of an export.
#[derive(ToSchema)]
pub(super) struct FileAnswer {
    /// In addresses.
    number: usize,
    path: String,
    /// `output`, `supporting` or `code`.
    kind: String,
    sha256: String,
    bytes: u64,
    withdrawn: bool,
    report: Option<SummaryAnswer>,
}

/// What the engine found in a file, in words and counts.
#[derive(ToSchema)]
pub(super) struct SummaryAnswer {
    /// `safe`, `review` or `refuse`.
    decision: String,
    kind: String,
    checked: bool,
    errors: usize,
    warnings: usize,
    rules: Vec<String>,
    tables: usize,
}

/// A public comment of the checkers.
#[derive(ToSchema)]
pub(super) struct CommentAnswer {
    turn: u32,
    at: String,
    path: Option<String>,
    text: String,
}

/// What the engine says of a file.
#[derive(ToSchema)]
pub(super) struct ReportAnswer {
    checked: bool,
    decision: String,
    kind: String,
    findings: Vec<FindingAnswer>,
}

/// A finding.
#[derive(ToSchema)]
pub(super) struct FindingAnswer {
    rule: String,
    /// `info`, `warning` or `error`.
    severity: String,
    /// Where: table, row, column, line or name.
    #[schema(value_type = Object)]
    location: (),
    #[schema(value_type = Option<Value>)]
    value: Option<()>,
    #[schema(value_type = Option<Value>)]
    threshold: Option<()>,
    message_key: String,
    args: std::collections::BTreeMap<String, String>,
    message: String,
    repair: String,
}

/// A step of the history.
#[derive(ToSchema)]
pub(super) struct StepAnswer {
    kind: String,
    at: String,
    reason: Option<String>,
}

/// Who took a file.
#[derive(ToSchema)]
pub(super) struct TakingAnswer {
    by: Uuid,
    at: String,
    path: String,
    sha256: String,
    address: String,
}

/// What a check of a draft finds.
#[derive(ToSchema)]
pub(super) struct ReportsAnswer {
    reports: Vec<Option<ReportAnswer>>,
}

/// Where an export stands now.
#[derive(ToSchema)]
pub(super) struct ExportStateAnswer {
    id: Uuid,
    state: String,
}

/// A revoked release and who took what.
#[derive(ToSchema)]
pub(super) struct RevokedAnswer {
    export: ExportAnswer,
    takings: Vec<TakingAnswer>,
}

/// Rule sets, in versions.
#[derive(ToSchema)]
pub(super) struct RuleSetsAnswer {
    rule_sets: Vec<RuleSetAnswer>,
}

/// A version of a producer's rules.
#[derive(ToSchema)]
pub(super) struct RuleSetAnswer {
    id: Uuid,
    version: i64,
    producer: Uuid,
    /// 1, 2, ... within the producer.
    number: u32,
    toml: String,
    by: Uuid,
    /// From when it holds.
    from: String,
}

/// A project's credits.
#[derive(ToSchema)]
pub(super) struct CreditsAnswer {
    left: i64,
    held: i64,
    lines: Vec<CreditLineAnswer>,
    orders: Vec<OrderAnswer>,
}

/// A line of the ledger of credits.
#[derive(ToSchema)]
pub(super) struct CreditLineAnswer {
    id: Uuid,
    at: String,
    credits: i64,
    left: i64,
    #[schema(value_type = Object)]
    moved: (),
    export_number: Option<u32>,
}

/// Credits that were given back.
#[derive(ToSchema)]
pub(super) struct RefundAnswer {
    id: Uuid,
    version: i64,
    application: Uuid,
    at: String,
    #[schema(value_type = Object)]
    moved: (),
}

/// An order of credits.
#[derive(ToSchema)]
pub(super) struct OrderAnswer {
    id: Uuid,
    version: i64,
    application: Uuid,
    by: Uuid,
    at: String,
    credits: i64,
    reason: String,
    #[schema(value_type = Object)]
    state: (),
}

/// Minutes of a review.
#[derive(ToSchema)]
pub(super) struct TimeAnswer {
    measured: i64,
    said: Option<i64>,
}

/// An import.
#[derive(ToSchema)]
pub(super) struct ImportAnswer {
    id: Uuid,
    number: u32,
    application: Uuid,
    bubble: Uuid,
    sent_at: String,
    state: String,
    name: String,
    kind: String,
    origin: String,
    reason: String,
    linkable: bool,
    sha256: String,
    bytes: u64,
    /// Where it lies in the bubble.
    place: String,
    failure: Option<String>,
}

/// An import with what can be shown of its content.
#[derive(ToSchema)]
pub(super) struct ImportDetailAnswer {
    #[serde(flatten)]
    import: ImportAnswer,
    #[schema(value_type = Option<Object>)]
    content: Option<()>,
}

/// Imports, and those that wait for a decision.
#[derive(ToSchema)]
pub(super) struct ImportsAnswer {
    imports: Vec<ImportAnswer>,
    waiting: Vec<Uuid>,
}

/// The risk model.
#[derive(ToSchema)]
pub(super) struct RiskAnswer {
    in_service: Option<Uuid>,
    versions: Vec<RiskModelAnswer>,
    decided: usize,
    against: usize,
    recent: usize,
    drift: Vec<DriftAnswer>,
    alarms: Vec<String>,
}

/// How far a feature has drifted.
#[derive(ToSchema)]
pub(super) struct DriftAnswer {
    feature: String,
    index: f64,
}

/// A version of the risk model.
#[derive(ToSchema)]
pub(super) struct RiskModelAnswer {
    id: Uuid,
    number: u32,
    sha256: String,
    trained_by: Uuid,
    trained_at: String,
    #[schema(value_type = Object)]
    card: (),
    #[schema(value_type = Object)]
    state: (),
}

/// What slips through, by producer.
#[derive(ToSchema)]
pub(super) struct MissedAnswer {
    lines: Vec<MissedLineAnswer>,
}

/// One producer's, or the centre's.
#[derive(ToSchema)]
pub(super) struct MissedLineAnswer {
    producer: Option<Uuid>,
    manual: usize,
    automatic: usize,
    sampled: usize,
    waiting: usize,
    withdrawn: usize,
    #[schema(value_type = Object)]
    missed: (),
}
