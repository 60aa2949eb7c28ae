//! The log and the notices under `/api/v1`.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use domain::Notice;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use workflows::{
    Failure,
    office::{
        event::{self, Filter, Line},
        log, notice,
    },
};

use super::{
    answers::{DoneAnswer, EventAnswer, LinkAnswer, LogAnswer},
    event::parse,
};
use crate::{app::App, error::PageError, extract::SignedIn};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_events))
        .routes(routes!(show_event))
        .routes(routes!(show_log))
        .routes(routes!(list_notices))
        .routes(routes!(read_notice))
        .routes(routes!(read_all_notices))
}

/// Which events to list.
#[derive(Deserialize, IntoParams)]
struct Criteria {
    /// The part of the kind before the point, e.g. `export`.
    family: Option<String>,
    /// The id of the object.
    object: Option<uuid::Uuid>,
    /// Only events older than the one with this id.
    before: Option<uuid::Uuid>,
}

/// An event, as much of it as the reader may see.
#[derive(Serialize, ToSchema)]
pub(super) struct EventLine {
    /// Which.
    id: String,
    /// When, RFC 3339.
    at: String,
    /// Its kind, e.g. `export.sealed`.
    kind: String,
    /// Its place in the log; null until it has one.
    leaf: Option<u64>,
    /// Whether the log is durable up to it.
    sealed: bool,
    /// The object's noun.
    noun: Option<String>,
    /// The object's id.
    object: Option<String>,
    /// Who acted.
    actor: Option<String>,
    /// Why.
    reason: Option<String>,
    /// What else is true of it.
    payload: Option<Value>,
    /// Whether reason and payload stay hidden until all votes of the review are in.
    blind: bool,
}

impl From<&Line> for EventLine {
    fn from(line: &Line) -> Self {
        let details = line.details.as_ref();
        Self {
            id: line.id.to_string(),
            at: line.at.to_string(),
            kind: line.kind.clone(),
            leaf: line.leaf,
            sealed: line.sealed,
            noun: line.object.as_ref().map(|(noun, _)| noun.clone()),
            object: line.object.as_ref().map(|(_, id)| id.to_string()),
            actor: details.and_then(|it| it.actor).map(|id| id.to_string()),
            reason: details.and_then(|it| it.reason.clone()),
            payload: details.filter(|it| !it.is_blind).map(|it| it.payload.clone()),
            blind: details.is_some_and(|it| it.is_blind),
        }
    }
}

/// The newest hundred events that pass the criteria, newest first.
#[utoipa::path(get, path = "/events", tag = "office", params(Criteria),
    responses((status = 200, body = [EventLine]), (status = 403, description = "Not for this role")))]
async fn list_events(
    State(app): State<App>,
    me: SignedIn,
    Query(criteria): Query<Criteria>,
) -> Result<Json<Vec<EventLine>>, PageError> {
    let filter = Filter {
        family: criteria.family,
        object: criteria.object,
        before: criteria.before.map(Into::into),
    };
    let lines = event::list_events(&app.centre, &me.actor, filter).await?;
    Ok(Json(lines.iter().map(EventLine::from).collect()))
}

/// One event with what proves it: salt and body (where the reader may see them) give the commitment,
/// the entry holds it, and the hashes lead from the entry to the signed checkpoint.
#[utoipa::path(get, path = "/events/{id}", tag = "office",
    params(("id" = String, Path, description = "The event")),
    responses((status = 200, description = "The event, its proof and a verdict", body = EventAnswer),
              (status = 404, description = "There is none, or it does not concern the reader")))]
async fn show_event(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Value>, PageError> {
    let shown = event::show_event(&app.centre, &me.actor, parse(&id)?).await?;
    let details = shown.line.details.as_ref().filter(|it| !it.is_blind);
    let proof = shown.proof.as_ref().map(|proof| {
        json!({
            "entry": String::from_utf8_lossy(&proof.entry),
            "leaf": proof.leaf,
            "leaf_hash": proof.leaf_hash,
            "hashes": proof.hashes,
            "size": proof.size,
            "root": proof.root,
            "checkpoint": proof.checkpoint,
        })
    });
    Ok(Json(json!({
        "event": EventLine::from(&shown.line),
        "body": details.map(|it| &it.body),
        "salt": details.map(|it| &it.salt),
        "commitment": shown.commitment,
        "verdict": shown.verdict.name(),
        "proof": proof,
    })))
}

/// What the log promises: its name, size, checkpoint and verifier key.
#[utoipa::path(get, path = "/log", tag = "office",
    responses((status = 200, description = "Name, size, checkpoint, key, events that wait", body = LogAnswer),
              (status = 403, description = "Not for this role")))]
async fn show_log(State(app): State<App>, me: SignedIn) -> Result<Json<Value>, PageError> {
    let state = log::log_state(&app.centre, &me.actor).await?;
    Ok(Json(json!({
        "origin": state.origin,
        "size": state.promise.size,
        "checkpoint": state.promise.checkpoint,
        "verifier": state.promise.verifier,
        "waiting": state.waiting,
    })))
}

/// A notice: a message's key, its arguments and where it leads.
#[derive(Serialize, ToSchema)]
struct NoticeLine {
    /// Which.
    id: String,
    /// When it was written, RFC 3339.
    at: String,
    /// The message.
    key: String,
    /// The message's arguments: numbers and titles.
    args: std::collections::BTreeMap<String, String>,
    /// A path of the portal.
    link: String,
    /// When it was read, RFC 3339.
    read_at: Option<String>,
}

impl From<Notice> for NoticeLine {
    fn from(notice: Notice) -> Self {
        Self {
            id: notice.id.to_string(),
            at: notice.at.to_string(),
            key: notice.key,
            args: notice.args,
            link: notice.link,
            read_at: notice.read_at.map(|at| at.to_string()),
        }
    }
}

/// The reader's notices: those not read first.
#[utoipa::path(get, path = "/notices", tag = "office",
    responses((status = 200, body = [NoticeLine])))]
async fn list_notices(
    State(app): State<App>,
    me: SignedIn,
) -> Result<Json<Vec<NoticeLine>>, PageError> {
    let notices = notice::list_notices(&app.centre, &me.actor).await?;
    Ok(Json(notices.into_iter().map(NoticeLine::from).collect()))
}

/// Marks a notice as read.
#[utoipa::path(post, path = "/notices/{id}/read", tag = "office",
    params(("id" = String, Path, description = "The notice")),
    responses((status = 200, description = "Where it leads", body = LinkAnswer),
              (status = 404, description = "It is not the reader's")))]
async fn read_notice(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Value>, PageError> {
    let id = id.parse().map_err(|_| Failure::missing("notice", ""))?;
    let link = notice::read_notice(&app.centre, &me.actor, id).await?;
    Ok(Json(json!({ "link": link })))
}

/// Marks all of the reader's notices as read.
#[utoipa::path(post, path = "/notices/read-all", tag = "office",
    responses((status = 200, description = "Done", body = DoneAnswer)))]
async fn read_all_notices(State(app): State<App>, me: SignedIn) -> Result<Json<Value>, PageError> {
    notice::read_all_notices(&app.centre, &me.actor).await?;
    Ok(Json(json!({})))
}
