//! The acts of this column as JSON: the same use cases as the pages.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    Export, ExportId, ProducerId, Timestamp,
    outputs::export::{Choice, ExportState, FileKind, FileVote},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use workflows::outputs::{
    export::{self, GroupText},
    report::Report,
    review::{self, Decision},
    rule_set,
};

use crate::{
    app::App,
    error::PageError,
    extract::{Known, SignedIn},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_exports, create_export))
        .routes(routes!(show_export, edit_export))
        .routes(routes!(self_check))
        .routes(routes!(seal_export))
        .routes(routes!(withdraw_export))
        .routes(routes!(take_file))
        .routes(routes!(show_evidence))
        .routes(routes!(revoke_release))
        .routes(routes!(retry_step))
        .routes(routes!(list_checks))
        .routes(routes!(show_check))
        .routes(routes!(take_review))
        .routes(routes!(give_back))
        .routes(routes!(vote))
        .routes(routes!(decide))
        .routes(routes!(return_early))
        .routes(routes!(recall))
        .routes(routes!(list_rules, publish_rules))
}

type Answer = Result<Json<Value>, PageError>;

/// An export without anything that only checkers may see.
fn public(export: &Export) -> Value {
    let files = export.files().enumerate().map(|(number, file)| {
        json!({
            "number": number, "path": file.path, "kind": file.kind, "sha256": file.sha256,
            "bytes": file.bytes, "withdrawn": file.withdrawn, "report": file.report,
        })
    });
    let groups = export.groups.iter().map(|group| {
        let files: Vec<&String> = group.files.iter().map(|file| &file.path).collect();
        json!({
            "name": group.name, "context": group.context, "controls": group.controls,
            "files": files,
        })
    });
    let comments = export.comments.iter().map(|comment| {
        json!({ "turn": comment.turn, "at": comment.at, "path": comment.path, "text": comment.text })
    });
    let (released, until) = match &export.state {
        ExportState::Available { files, until } | ExportState::Collected { files, until } => {
            (json!(files), json!(until))
        }
        _ => (Value::Null, Value::Null),
    };
    let reason = match &export.state {
        ExportState::Blocked { reason }
        | ExportState::Refused { reason, .. }
        | ExportState::Revoked { reason, .. } => json!(reason),
        _ => Value::Null,
    };
    json!({
        "id": export.id, "number": export.number, "application": export.application,
        "bubble": export.bubble, "title": export.title, "turn": export.turn,
        "state": export.state.name(), "reviewers": export.reviewers,
        "rule_sets": export.rule_sets, "rules": export.rules,
        "groups": groups.collect::<Vec<_>>(), "files": files.collect::<Vec<_>>(),
        "comments": comments.collect::<Vec<_>>(),
        "released": released, "until": until, "reason": reason,
    })
}

fn reports(reports: &[Option<Report>]) -> Value {
    let findings = |report: &Report| json!({ "checked": report.checked, "decision": report.decision, "kind": report.kind, "findings": report.findings });
    json!(reports.iter().map(|report| report.as_ref().map(findings)).collect::<Vec<_>>())
}

/// The exports of the person's projects
#[utoipa::path(get, path = "/exports", tag = "outputs", responses((status = 200, body = Value)))]
async fn list_exports(State(app): State<App>, me: SignedIn) -> Answer {
    let listed = export::list_exports(&app.centre, &me.actor).await?;
    let exports: Vec<Value> = listed.iter().map(|line| public(&line.export)).collect();
    Ok(Json(json!({ "exports": exports })))
}

/// Out of which bubble.
#[derive(Deserialize, ToSchema)]
struct NewExport {
    bubble: Uuid,
}

/// Start an export out of a bubble, or get the open draft
#[utoipa::path(post, path = "/exports", tag = "outputs", request_body = NewExport,
    responses((status = 201, body = Value), (status = 403), (status = 404), (status = 409)))]
async fn create_export(
    State(app): State<App>,
    me: SignedIn,
    Json(new): Json<NewExport>,
) -> Result<(StatusCode, Json<Value>), PageError> {
    let export = export::create_export(&app.centre, &me.actor, new.bubble.into()).await?;
    Ok((StatusCode::CREATED, Json(public(&export))))
}

/// One export with its findings and history
#[utoipa::path(get, path = "/exports/{id}", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = Value), (status = 404)))]
async fn show_export(State(app): State<App>, me: SignedIn, Path(id): Path<ExportId>) -> Answer {
    let shown = export::show_export(&app.centre, &me.actor, id).await?;
    let mut body = public(&shown.export);
    if let Some(fields) = body.as_object_mut() {
        fields.insert("reports".to_owned(), reports(&shown.reports));
        let history = shown.history.iter();
        let history = history
            .map(|step| json!({ "kind": step.kind, "at": step.at, "reason": step.reason }))
            .collect::<Vec<_>>();
        fields.insert("history".to_owned(), json!(history));
        fields.insert("takings".to_owned(), json!(shown.export.takings));
    }
    Ok(Json(body))
}

/// A group of files.
#[derive(Deserialize, ToSchema)]
struct GroupBody {
    name: String,
    context: String,
    controls: String,
    files: Vec<FileBody>,
}

/// A file of a group: `kind` is `output`, `supporting` or `code`.
#[derive(Deserialize, ToSchema)]
struct FileBody {
    path: String,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    withdrawn: bool,
}

/// What a draft says.
#[derive(Deserialize, ToSchema)]
struct EditBody {
    title: String,
    groups: Vec<GroupBody>,
}

/// Change title, groups and files of a draft; withdraw files of a returned request
#[utoipa::path(put, path = "/exports/{id}", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = EditBody, responses((status = 200, body = Value), (status = 409), (status = 422)))]
async fn edit_export(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Json(body): Json<EditBody>,
) -> Answer {
    let mut groups = Vec::new();
    for group in body.groups {
        let mut files = Vec::new();
        for file in group.files {
            let kind = match file.kind.as_deref() {
                None => FileKind::Output,
                Some(word) => FileKind::parse(word)
                    .ok_or_else(|| workflows::Failure::invalid("kind", "unknown-kind"))?,
            };
            files.push((file.path, kind, file.withdrawn));
        }
        let GroupBody { name, context, controls, .. } = group;
        groups.push(GroupText { name, context, controls, files });
    }
    let export = export::edit_export(&app.centre, &me.actor, id, body.title, groups).await?;
    Ok(Json(public(&export)))
}

/// Run the engine on the files as they stand; nothing is kept
#[utoipa::path(post, path = "/exports/{id}/self-check", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = Value), (status = 422)))]
async fn self_check(State(app): State<App>, me: SignedIn, Path(id): Path<ExportId>) -> Answer {
    let found = export::self_check_export(&app.centre, &me.actor, id).await?;
    let found: Vec<Option<Report>> = found.into_iter().map(Some).collect();
    Ok(Json(json!({ "reports": reports(&found) })))
}

/// Freeze the files and hand the request to the checkers
#[utoipa::path(post, path = "/exports/{id}/seal", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = Value), (status = 409), (status = 422)))]
async fn seal_export(State(app): State<App>, me: SignedIn, Path(id): Path<ExportId>) -> Answer {
    let export = export::seal_export(&app.centre, &me.actor, id).await?;
    Ok(Json(public(&export)))
}

/// Take the request back
#[utoipa::path(post, path = "/exports/{id}/withdraw", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = Value), (status = 409)))]
async fn withdraw_export(State(app): State<App>, me: SignedIn, Path(id): Path<ExportId>) -> Answer {
    let export = export::withdraw_export(&app.centre, &me.actor, id).await?;
    Ok(Json(public(&export)))
}

/// Take a released file, byte for byte as approved
#[utoipa::path(get, path = "/exports/{id}/files/{number}", tag = "outputs",
    params(("id" = Uuid, Path), ("number" = usize, Path)),
    responses((status = 200, content_type = "application/octet-stream"), (status = 404), (status = 409)))]
async fn take_file(
    State(app): State<App>,
    me: SignedIn,
    known: Known,
    Path((id, number)): Path<(ExportId, usize)>,
) -> Result<Response, PageError> {
    let taken =
        export::take_export_file(&app.centre, &me.actor, id, number, &known.address).await?;
    Ok(super::export::download(taken))
}

/// The evidence of a release, whose SHA-256 the event `release.available` seals
#[utoipa::path(get, path = "/exports/{id}/evidence", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = Value), (status = 404)))]
async fn show_evidence(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
) -> Result<Response, PageError> {
    super::export::show_evidence(State(app), me, Path(id)).await
}

/// Why.
#[derive(Deserialize, ToSchema)]
struct ReasonBody {
    reason: String,
}

/// Close the pick-up of a release
#[utoipa::path(post, path = "/exports/{id}/revoke", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = ReasonBody, responses((status = 200, body = Value), (status = 403), (status = 409)))]
async fn revoke_release(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Json(body): Json<ReasonBody>,
) -> Answer {
    let export = review::revoke_release(&app.centre, &me.actor, id, &body.reason).await?;
    Ok(Json(json!({ "export": public(&export), "takings": export.takings })))
}

/// Try a failed step again
#[utoipa::path(post, path = "/exports/{id}/retry", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = Value), (status = 403), (status = 409)))]
async fn retry_step(State(app): State<App>, me: SignedIn, Path(id): Path<ExportId>) -> Answer {
    let export = review::retry_step(&app.centre, &me.actor, id).await?;
    Ok(Json(json!({ "id": export.id, "state": export.state.name() })))
}

/// The checkers' queue
#[utoipa::path(get, path = "/checks", tag = "outputs", responses((status = 200, body = Value), (status = 403)))]
async fn list_checks(State(app): State<App>, me: SignedIn) -> Answer {
    let queue = review::list_checks(&app.centre, &me.actor).await?;
    let line = |line: &review::Queued| {
        json!({
            "export": line.export.id, "number": line.export.number, "state": line.export.state.name(),
            "application": line.application.id, "since": line.since, "target": line.target,
            "age_working_hours": line.age_hours, "late": line.late, "taken": line.taken,
            "needed": line.export.reviewers, "mine": line.mine, "worst": line.worst,
            "errors": line.errors, "bytes": line.bytes, "turn": line.export.turn,
        })
    };
    Ok(Json(json!({ "queue": queue.iter().map(line).collect::<Vec<_>>() })))
}

/// A request as its checkers see it: votes only once all are in
#[utoipa::path(get, path = "/checks/{id}", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = Value), (status = 403), (status = 404)))]
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
        "export": public(&review.export), "reports": reports(&found),
        "votes": votes.collect::<Vec<_>>(), "outcomes": outcomes,
        "votes_in": review.votes_in.0, "votes_needed": review.votes_in.1, "mine": review.mine,
    })))
}

/// Take a review
#[utoipa::path(post, path = "/checks/{id}/take", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = Value), (status = 403), (status = 409)))]
async fn take_review(State(app): State<App>, me: SignedIn, Path(id): Path<ExportId>) -> Answer {
    let export = review::take_review(&app.centre, &me.actor, id).await?;
    Ok(Json(json!({ "id": export.id, "state": export.state.name() })))
}

/// Give a review back
#[utoipa::path(post, path = "/checks/{id}/give-back", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = Value), (status = 403), (status = 409)))]
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
    request_body = VoteBody, responses((status = 200, body = Value), (status = 403), (status = 422)))]
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
    request_body = DecisionBody, responses((status = 200, body = Value), (status = 403), (status = 422)))]
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
    request_body = ReasonBody, responses((status = 200, body = Value), (status = 403), (status = 422)))]
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
    request_body = ReasonBody, responses((status = 200, body = Value), (status = 403), (status = 409)))]
async fn recall(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Json(body): Json<ReasonBody>,
) -> Answer {
    let export = review::recall_export(&app.centre, &me.actor, id, &body.reason).await?;
    Ok(Json(json!({ "id": export.id, "state": export.state.name() })))
}

/// The rule sets of the producers that the person acts for
#[utoipa::path(get, path = "/rule-sets", tag = "outputs", responses((status = 200, body = Value), (status = 403)))]
async fn list_rules(State(app): State<App>, me: SignedIn) -> Answer {
    let own = rule_set::own_rule_sets(&app.centre, &me.actor).await?;
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
    responses((status = 201, body = Value), (status = 403), (status = 422)))]
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
