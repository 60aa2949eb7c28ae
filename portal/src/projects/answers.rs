//! What the API of this column answers, for its description: `json!` writes the answers, and the test
//! kit compares each successful answer of each test with these (`tests/src/conformance.rs`).
#![expect(dead_code, reason = "descriptions: nobody makes one")]

use utoipa::ToSchema;
use uuid::Uuid;

use crate::answers::TextAnswer;

/// A source of the basket.
#[derive(ToSchema)]
pub(super) struct BasketAnswer {
    source: Uuid,
    slug: String,
    title: TextAnswer,
    vintages: Vec<BasketVintageAnswer>,
}

/// A vintage of the basket.
#[derive(ToSchema)]
pub(super) struct BasketVintageAnswer {
    id: Uuid,
    label: String,
}

/// The vintage that is put into the basket.
#[derive(ToSchema)]
pub(super) struct BasketBody {
    vintage: Uuid,
}

/// An application in a list.
#[derive(ToSchema)]
pub(super) struct BriefAnswer {
    id: Uuid,
    number: Option<String>,
    state: String,
    title: TextAnswer,
}

/// An application with its items.
#[derive(ToSchema)]
pub(super) struct ApplicationAnswer {
    #[serde(flatten)]
    brief: BriefAnswer,
    version: i64,
    /// By stable name.
    fields: std::collections::BTreeMap<String, String>,
    lead: Uuid,
    members: Vec<MemberAnswer>,
    /// The state with what is true in it.
    #[schema(value_type = Object)]
    standing: (),
    complete_percent: usize,
    /// Who has not signed.
    unsigned: Vec<Uuid>,
    items: Vec<ItemAnswer>,
    checklist: Vec<PointAnswer>,
    attachments: Vec<AttachmentAnswer>,
    submissions: Vec<SubmittedAnswer>,
}

/// A member of the team.
#[derive(ToSchema)]
pub(super) struct MemberAnswer {
    person: Uuid,
    bubble: bool,
    edits: bool,
}

/// A point of the secretary's checklist.
#[derive(ToSchema)]
pub(super) struct PointAnswer {
    point: String,
    holds: bool,
}

/// A submission.
#[derive(ToSchema)]
pub(super) struct SubmittedAnswer {
    at: String,
    sha256: String,
}

/// A file that comes with an application.
#[derive(ToSchema)]
pub(super) struct AttachmentAnswer {
    id: Uuid,
    title: String,
    kind: String,
    name: String,
    content: String,
    bytes: u64,
    sha256: String,
    by: Uuid,
    at: String,
}

/// One source inside an application.
#[derive(ToSchema)]
pub(super) struct ItemAnswer {
    id: Uuid,
    source: Uuid,
    producer: Uuid,
    vintages: Vec<Uuid>,
    /// The vintages that were granted, once they are.
    granted: Option<Vec<Uuid>>,
    until: Option<String>,
    justification: String,
    #[schema(value_type = Object)]
    state: (),
    #[schema(value_type = Object)]
    conditions: (),
    thread: Vec<MessageAnswer>,
}

/// A message between producer and lead.
#[derive(ToSchema)]
pub(super) struct MessageAnswer {
    by: Uuid,
    at: String,
    text: String,
}

/// Fields by name, and the version of the application that they were read from.
#[derive(ToSchema)]
pub(super) struct FieldsBody {
    version: i64,
    fields: std::collections::BTreeMap<String, String>,
}

/// The new version.
#[derive(ToSchema)]
pub(super) struct VersionAnswer {
    version: i64,
}

/// What an act of the lead needs: `withdraw` a reason; `add-member` e-mail, name, institution, bubble,
/// edits; `remove-member` the person; `remove-invited` the e-mail; the others nothing.
#[derive(ToSchema)]
pub(super) struct LeadActBody {
    reason: Option<String>,
    email: Option<String>,
    name: Option<String>,
    institution: Option<String>,
    bubble: Option<bool>,
    edits: Option<bool>,
    person: Option<Uuid>,
}

/// What an act on an item needs: `change` vintages and justification, `answer` a text.
#[derive(ToSchema)]
pub(super) struct ItemActBody {
    vintages: Option<Vec<Uuid>>,
    justification: Option<String>,
    text: Option<String>,
}

/// A line of a producer's inbox.
#[derive(ToSchema)]
pub(super) struct InboxAnswer {
    item: ItemAnswer,
    title: TextAnswer,
    number: Option<String>,
    due: Option<String>,
    waits: bool,
}

/// An item as its producer sees it.
#[derive(ToSchema)]
pub(super) struct ProducerItemAnswer {
    item: ItemAnswer,
    title: TextAnswer,
    number: Option<String>,
    state: String,
    fields: std::collections::BTreeMap<String, String>,
    team: Vec<TeamAnswer>,
    due: Option<String>,
    latest_end: Option<String>,
}

/// Somebody of the team.
#[derive(ToSchema)]
pub(super) struct TeamAnswer {
    name: String,
    institution: String,
    is_lead: bool,
}

/// What an act of the producer needs: `refuse-prior`, `refuse`, `suspend`, `resume` and `revoke` a
/// reason; `ask` a text; `agree` and `grant` their conditions, `text` for those in words; `grant` the
/// last day too, ISO.
#[derive(ToSchema)]
pub(super) struct ProducerActBody {
    reason: Option<String>,
    text: Option<String>,
    until: Option<String>,
    /// Vintages that are left out.
    without: Option<Vec<Uuid>>,
    months: Option<u16>,
    named_persons: Option<bool>,
    no_linkage: Option<bool>,
}

/// What an act of the secretary needs: `judge` the points that hold; `return` a text for each page, by
/// the page's name; `assign` the session's date; `opinion` the opinion and its text; all but `start`,
/// `judge` and `return` a reason.
#[derive(ToSchema)]
pub(super) struct SecretaryActBody {
    reason: Option<String>,
    judged: Option<Vec<String>>,
    /// ISO date.
    session: Option<String>,
    opinion: Option<String>,
    text: Option<String>,
    /// The right that the committee takes back.
    habilitation: Option<Uuid>,
    /// For `return`: what to change, by page of the form (`purpose`, `persons`, …).
    #[serde(flatten)]
    pages: std::collections::BTreeMap<String, String>,
}
