//! What the checkers' part of the API answers, for its description: `json!` writes the answers, and the test
//! kit compares each successful answer of each test with these (`tests/src/conformance.rs`).
#![expect(dead_code, reason = "descriptions: nobody makes one")]

use utoipa::ToSchema;
use uuid::Uuid;

use super::answers::{ExportAnswer, ReportAnswer, StoppedAnswer};
use crate::answers::TextAnswer;

/// The checkers' queue.
#[derive(ToSchema)]
pub(super) struct QueueAnswer {
    queue: Vec<QueueLineAnswer>,
}

/// A request in the queue.
#[derive(ToSchema)]
pub(super) struct QueueLineAnswer {
    export: Uuid,
    number: u32,
    state: String,
    application: Uuid,
    since: String,
    target: String,
    age_working_hours: i64,
    late: bool,
    taken: usize,
    needed: usize,
    mine: bool,
    /// The rule of its gravest finding.
    worst: Option<String>,
    #[schema(value_type = Option<Object>)]
    routed: Option<()>,
    errors: usize,
    bytes: u64,
    turn: u32,
}

/// What was blocked and nobody has examined.
#[derive(ToSchema)]
pub(super) struct QuarantineAnswer {
    quarantine: Vec<HeldAnswer>,
}

/// A blocked request.
#[derive(ToSchema)]
pub(super) struct HeldAnswer {
    id: Uuid,
    number: u32,
    title: String,
    application: Uuid,
}

/// A request as its checkers see it.
#[derive(ToSchema)]
pub(super) struct CheckAnswer {
    #[schema(value_type = Option<Object>)]
    routed: Option<()>,
    export: ExportAnswer,
    reports: Vec<Option<ReportAnswer>>,
    /// One's own alone until all are in.
    votes: Vec<VoteAnswer>,
    outcomes: Vec<OutcomeAnswer>,
    judged: Vec<JudgedAnswer>,
    purpose: PurposeAnswer,
    votes_in: usize,
    votes_needed: usize,
    mine: bool,
    /// What producers have stopped of the project.
    stopped: Vec<StoppedAnswer>,
    /// When it leaves, where it is approved.
    leaves_at: Option<String>,
    /// What was read of each file outside its tables.
    words: Vec<WordsAnswer>,
    /// The project's other requests under way.
    beside: Vec<Uuid>,
}

/// The words of a file, part by part.
#[derive(ToSchema)]
pub(super) struct WordsAnswer {
    parts: Vec<PassageAnswer>,
    /// Whether there was more.
    cut: bool,
}

/// The words of a part.
#[derive(ToSchema)]
pub(super) struct PassageAnswer {
    /// Sheet, page, member and so on, as far as they apply.
    #[schema(value_type = Object)]
    within: (),
    text: String,
}

/// What the project is for.
#[derive(ToSchema)]
pub(super) struct PurposeAnswer {
    title: TextAnswer,
    /// Of its lead.
    institution: String,
    /// `summary`, `question`, `public_interest`, `outputs`: those that say something.
    fields: std::collections::BTreeMap<String, String>,
}

/// A checker's vote.
#[derive(ToSchema)]
pub(super) struct VoteAnswer {
    /// Their name.
    checker: String,
    at: String,
    files: Vec<FileVoteAnswer>,
}

/// A checker's vote on one file.
#[derive(ToSchema)]
pub(super) struct FileVoteAnswer {
    path: String,
    /// `approve`, `change` or `refuse`.
    choice: String,
    comment: String,
}

/// What all votes say of a file.
#[derive(ToSchema)]
pub(super) struct OutcomeAnswer {
    path: String,
    outcome: String,
}

/// What a checker said of a finding.
#[derive(ToSchema)]
pub(super) struct JudgedAnswer {
    path: String,
    finding: usize,
    rule: String,
    checker: String,
    /// `accepted` or `contested`.
    judgement: String,
    word: String,
    at: String,
}

/// What was said of a finding.
#[derive(ToSchema)]
pub(super) struct JudgementAnswer {
    id: Uuid,
    judgement: String,
}

/// How often the findings of each rule were accepted and contested.
#[derive(ToSchema)]
pub(super) struct LabelsAnswer {
    rules: Vec<LabelAnswer>,
}

/// One rule's.
#[derive(ToSchema)]
pub(super) struct LabelAnswer {
    rule: String,
    accepted: usize,
    contested: usize,
}
