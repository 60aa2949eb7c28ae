//! The acts of this column as JSON: the same use cases as the pages.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    Export, ExportId,
    outputs::export::{ExportState, FileKind},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use workflows::outputs::{
    export::{self, GroupText},
    export_read,
    report::Report,
    review,
};

use super::{
    answers::{
        ExportAnswer, ExportDetailAnswer, ExportStateAnswer, ExportsAnswer, ReportsAnswer,
        RevokedAnswer,
    },
    api_check,
};
use crate::{
    answers::ReasonBody,
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
        .merge(api_check::routes())
        .merge(super::judgement::routes())
        .merge(super::quarantine::routes())
        .merge(super::api_import::routes())
        .merge(super::api_risk::routes())
        .merge(super::pack::api())
        .merge(super::api_credit::routes())
}

pub(super) type Answer = Result<Json<Value>, PageError>;

/// An export without anything that only checkers may see.
pub(super) fn public(export: &Export) -> Value {
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
        ExportState::Blocked { reason, .. }
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

pub(super) fn reports(reports: &[Option<Report>]) -> Value {
    let findings = |report: &Report| json!({ "checked": report.checked, "decision": report.decision, "kind": report.kind, "findings": report.findings });
    json!(reports.iter().map(|report| report.as_ref().map(findings)).collect::<Vec<_>>())
}

/// The exports of the person's projects
#[utoipa::path(get, path = "/exports", tag = "outputs", responses((status = 200, body = ExportsAnswer)))]
async fn list_exports(State(app): State<App>, me: SignedIn) -> Answer {
    let listed = export_read::list_exports(&app.centre, &me.actor).await?;
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
    responses((status = 201, body = ExportAnswer), (status = 403), (status = 404), (status = 409)))]
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
    responses((status = 200, body = ExportDetailAnswer), (status = 404)))]
async fn show_export(State(app): State<App>, me: SignedIn, Path(id): Path<ExportId>) -> Answer {
    let shown = export_read::show_export(&app.centre, &me.actor, id).await?;
    let mut body = public(&shown.export);
    if let Some(fields) = body.as_object_mut() {
        fields.insert("reports".to_owned(), reports(&shown.reports));
        let history = shown.history.iter();
        let history = history
            .map(|step| json!({ "kind": step.kind, "at": step.at, "reason": step.reason }))
            .collect::<Vec<_>>();
        fields.insert("history".to_owned(), json!(history));
        fields.insert("takings".to_owned(), json!(shown.export.takings));
        fields.insert("stopped".to_owned(), json!(shown.stopped));
        fields.insert("leaves_at".to_owned(), json!(shown.leaves_at));
    }
    Ok(Json(body))
}

/// A group of files.
#[derive(Deserialize, ToSchema)]
struct GroupBody {
    name: String,
    context: String,
    controls: String,
    files: Vec<ExportFileBody>,
}

/// A file of a group: `kind` is `output`, `supporting` or `code`.
#[derive(Deserialize, ToSchema)]
struct ExportFileBody {
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
    request_body = EditBody, responses((status = 200, body = ExportAnswer), (status = 409), (status = 422)))]
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
    responses((status = 200, body = ReportsAnswer), (status = 422)))]
async fn self_check(State(app): State<App>, me: SignedIn, Path(id): Path<ExportId>) -> Answer {
    let found = export::self_check_export(&app.centre, &me.actor, id).await?;
    let found: Vec<Option<Report>> = found.into_iter().map(Some).collect();
    Ok(Json(json!({ "reports": reports(&found) })))
}

/// Freeze the files and hand the request to the checkers
#[utoipa::path(post, path = "/exports/{id}/seal", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = ExportAnswer), (status = 409), (status = 422)))]
async fn seal_export(State(app): State<App>, me: SignedIn, Path(id): Path<ExportId>) -> Answer {
    let export = export::seal_export(&app.centre, &me.actor, id).await?;
    Ok(Json(public(&export)))
}

/// Take the request back
#[utoipa::path(post, path = "/exports/{id}/withdraw", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = ExportAnswer), (status = 409)))]
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
        export::take_export_file(&app.centre, (&me.actor, &me.login), id, number, &known.address)
            .await?;
    Ok(super::export::download(taken))
}

/// The evidence of a release, whose SHA-256 the event `release.available` seals
#[utoipa::path(get, path = "/exports/{id}/evidence", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = Object), (status = 404)))]
async fn show_evidence(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
) -> Result<Response, PageError> {
    super::export::show_evidence(State(app), me, Path(id)).await
}

/// Close the pick-up of a release
#[utoipa::path(post, path = "/exports/{id}/revoke", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = ReasonBody, responses((status = 200, body = RevokedAnswer), (status = 403), (status = 409)))]
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
    responses((status = 200, body = ExportStateAnswer), (status = 403), (status = 409)))]
async fn retry_step(State(app): State<App>, me: SignedIn, Path(id): Path<ExportId>) -> Answer {
    let export = review::retry_step(&app.centre, &me.actor, id).await?;
    Ok(Json(json!({ "id": export.id, "state": export.state.name() })))
}
