//! The checkers' acts and the rule sets as JSON: the same use cases as the pages.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{
    ExportId, ProducerId, Timestamp,
    outputs::export::{Choice, FileVote},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use workflows::outputs::{
    queue,
    report::Report,
    review::{self, Decision},
    rule_set,
};

use super::{
    answers::{ExportStateAnswer, RuleSetAnswer, RuleSetsAnswer},
    answers_check::{CheckAnswer, QueueAnswer},
    api::{Answer, public, reports},
    judgement::judged,
};
use crate::{answers::ReasonBody, app::App, error::PageError, extract::SignedIn};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_checks))
        .routes(routes!(show_check))
        .routes(routes!(take_review))
        .routes(routes!(give_back))
        .routes(routes!(vote))
        .routes(routes!(decide))
        .routes(routes!(return_early))
        .routes(routes!(recall))
        .routes(routes!(unassign))
        .routes(routes!(list_rules, publish_rules))
}

/// The checkers' queue
#[utoipa::path(get, path = "/checks", tag = "outputs", responses((status = 200, body = QueueAnswer), (status = 403)))]
async fn list_checks(State(app): State<App>, me: SignedIn) -> Answer {
    let queue = queue::list_checks(&app.centre, &me.actor).await?;
    let line = |line: &queue::Queued| {
        json!({
            "export": line.export.id, "number": line.export.number, "state": line.export.state.name(),
            "application": line.application.id, "since": line.since, "target": line.target,
            "age_working_hours": line.age_hours, "late": line.late, "taken": line.taken,
            "needed": line.export.reviewers, "mine": line.mine, "worst": line.worst,
            "routed": line.routed, "errors": line.errors, "bytes": line.bytes, "turn": line.export.turn,
        })
    };
    Ok(Json(json!({ "queue": queue.iter().map(line).collect::<Vec<_>>() })))
}

/// A request as its checkers see it: votes only once all are in
#[utoipa::path(get, path = "/checks/{id}", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = CheckAnswer), (status = 403), (status = 404)))]
async fn show_check(State(app): State<App>, me: SignedIn, Path(id): Path<ExportId>) -> Answer {
    let review = review::open_review(&app.centre, &me.actor, id).await?;
    let votes = review
        .votes
        .iter()
        .map(|(name, vote)| json!({ "checker": name, "at": vote.at, "files": vote.files }));
    let found: Vec<Option<Report>> = review.files.iter().map(|file| file.report.clone()).collect();
    let outcomes = review.outcomes.iter();
    let outcomes: Vec<Value> =
        outcomes.map(|(path, outcome)| json!({ "path": path, "outcome": outcome })).collect();
    Ok(Json(json!({
        "routed": review.export.routed, "export": public(&review.export), "reports": reports(&found),
        "votes": votes.collect::<Vec<_>>(), "outcomes": outcomes, "judged": judged(&review),
        "purpose": purpose(&review),
        "votes_in": review.votes_in.0, "votes_needed": review.votes_in.1, "mine": review.mine,
        "stopped": review.stopped, "leaves_at": review.leaves_at,
        "words": review.files.iter().map(|file| &file.words).collect::<Vec<_>>(),
        "beside": review.beside.iter().map(|other| other.id).collect::<Vec<_>>(),
    })))
}

/// What the project is for: its title, its lead's institution, the fields that say so.
fn purpose(review: &review::Review) -> Value {
    let (application, purpose) = (&review.application, &review.purpose);
    let fields: BTreeMap<&str, &str> =
        purpose.fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
    json!({
        "title": { "fr": application.title(domain::Lang::Fr), "en": application.title(domain::Lang::En) },
        "institution": purpose.institution, "fields": fields,
    })
}

/// Whose review the lead takes away.
#[derive(Deserialize, ToSchema)]
struct UnassignBody {
    /// The checker's id.
    checker: Uuid,
}

/// Take a review from a checker who has not voted: the act of the checkers' lead
#[utoipa::path(post, path = "/checks/{id}/unassign", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = UnassignBody, responses((status = 200, body = ExportStateAnswer), (status = 403), (status = 409)))]
async fn unassign(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Json(body): Json<UnassignBody>,
) -> Answer {
    let export = review::unassign_reviewer(&app.centre, &me.actor, id, body.checker.into()).await?;
    Ok(Json(json!({ "id": export.id, "state": export.state.name() })))
}

/// Take a review
#[utoipa::path(post, path = "/checks/{id}/take", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = ExportStateAnswer), (status = 403), (status = 409)))]
async fn take_review(State(app): State<App>, me: SignedIn, Path(id): Path<ExportId>) -> Answer {
    let export = review::take_review(&app.centre, &me.actor, id).await?;
    Ok(Json(json!({ "id": export.id, "state": export.state.name() })))
}

/// Give a review back
#[utoipa::path(post, path = "/checks/{id}/give-back", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = ExportStateAnswer), (status = 403), (status = 409)))]
async fn give_back(State(app): State<App>, me: SignedIn, Path(id): Path<ExportId>) -> Answer {
    let export = review::give_back_review(&app.centre, &me.actor, id).await?;
    Ok(Json(json!({ "id": export.id, "state": export.state.name() })))
}

/// A vote on each file: `choice` is `approve`, `change` or `refuse`.
#[derive(Deserialize, ToSchema)]
struct VoteBody {
    files: Vec<FileVoteBody>,
}

/// A vote on one file.
#[derive(Deserialize, ToSchema)]
struct FileVoteBody {
    path: String,
    choice: String,
    #[serde(default)]
    comment: String,
}

/// Vote on every file, or replace one's vote once votes are side by side
#[utoipa::path(post, path = "/checks/{id}/vote", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = VoteBody, responses((status = 200, body = ExportStateAnswer), (status = 403), (status = 422)))]
async fn vote(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Json(body): Json<VoteBody>,
) -> Answer {
    let mut files = Vec::new();
    for file in body.files {
        let choice = Choice::parse(&file.choice)
            .ok_or_else(|| workflows::Failure::invalid("choice", "unknown-choice"))?;
        files.push(FileVote { path: file.path, choice, comment: file.comment });
    }
    let export = review::review_export(&app.centre, &me.actor, id, files).await?;
    Ok(Json(json!({ "id": export.id, "state": export.state.name() })))
}

/// What checkers decide together: `approve`, `partly`, `return` or `refuse`.
#[derive(Deserialize, ToSchema)]
struct DecisionBody {
    decision: String,
    /// Public comments of a return.
    #[serde(default)]
    comments: Vec<CommentBody>,
    /// Of a refusal: one of the list.
    #[serde(default)]
    cause: String,
    /// Of a refusal: in words.
    #[serde(default)]
    reason: String,
}

/// A public comment, about one file or the whole.
#[derive(Deserialize, ToSchema)]
struct CommentBody {
    #[serde(default)]
    path: Option<String>,
    text: String,
}

/// Decide together
#[utoipa::path(post, path = "/checks/{id}/decide", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = DecisionBody, responses((status = 200, body = ExportStateAnswer), (status = 403), (status = 422)))]
async fn decide(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Json(body): Json<DecisionBody>,
) -> Answer {
    let comments = body.comments.into_iter().map(|comment| (comment.path, comment.text));
    let decision = match body.decision.as_str() {
        "approve" => Decision::Approve,
        "partly" => Decision::PartlyApprove,
        "return" => Decision::Return(comments.collect()),
        "refuse" => Decision::Refuse { cause: body.cause, reason: body.reason },
        _ => return Err(workflows::Failure::invalid("decision", "unknown-decision").into()),
    };
    let export = review::decide_export(&app.centre, &me.actor, id, decision).await?;
    Ok(Json(json!({ "id": export.id, "state": export.state.name() })))
}

/// Send a request back while checkers vote
#[utoipa::path(post, path = "/checks/{id}/return-early", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = ReasonBody, responses((status = 200, body = ExportStateAnswer), (status = 403), (status = 422)))]
async fn return_early(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Json(body): Json<ReasonBody>,
) -> Answer {
    let export = review::return_export_early(&app.centre, &me.actor, id, body.reason).await?;
    Ok(Json(json!({ "id": export.id, "state": export.state.name() })))
}

/// Reopen the votes of an approval before its release
#[utoipa::path(post, path = "/checks/{id}/recall", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = ReasonBody, responses((status = 200, body = ExportStateAnswer), (status = 403), (status = 409)))]
async fn recall(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Json(body): Json<ReasonBody>,
) -> Answer {
    let export = review::recall_export(&app.centre, &me.actor, id, &body.reason).await?;
    Ok(Json(json!({ "id": export.id, "state": export.state.name() })))
}

/// The rule sets that the person may read: a producer's people theirs, most others those of all
#[utoipa::path(get, path = "/rule-sets", tag = "outputs", responses((status = 200, body = RuleSetsAnswer), (status = 403)))]
async fn list_rules(State(app): State<App>, me: SignedIn) -> Answer {
    let own = rule_set::read_rule_sets(&app.centre, &me.actor).await?;
    let versions = own.iter().flat_map(|own| &own.versions).collect::<Vec<_>>();
    Ok(Json(json!({ "rule_sets": versions })))
}

/// A new version of a producer's rules, in the engine's TOML.
#[derive(Deserialize, ToSchema)]
struct RulesBody {
    producer: Uuid,
    toml: String,
    /// From when it holds, RFC 3339; now by default.
    #[serde(default)]
    from: Option<String>,
}

/// Publish a version of a producer's rules
#[utoipa::path(post, path = "/rule-sets", tag = "outputs", request_body = RulesBody,
    responses((status = 201, body = RuleSetAnswer), (status = 403), (status = 422)))]
async fn publish_rules(
    State(app): State<App>,
    me: SignedIn,
    Json(body): Json<RulesBody>,
) -> Result<(StatusCode, Json<Value>), PageError> {
    let from = match body.from.as_deref() {
        None => None,
        Some(text) => Some(
            text.parse::<Timestamp>()
                .map_err(|_| workflows::Failure::invalid("from", "no-date"))?,
        ),
    };
    let producer = ProducerId(body.producer);
    let set =
        rule_set::publish_rule_set(&app.centre, &me.actor, producer, &body.toml, from).await?;
    Ok((StatusCode::CREATED, Json(json!(set))))
}
