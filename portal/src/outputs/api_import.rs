//! Imports as JSON: the same use cases as the pages.

use axum::{
    Json,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::StatusCode,
};
use domain::{
    Import, ImportId,
    outputs::import::{ImportKind, ImportState, Told},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use workflows::{
    Failure,
    outputs::import::{self, Preview},
};

use super::{
    answers::{ImportAnswer, ImportDetailAnswer, ImportsAnswer},
    api::Answer,
};
use crate::{app::App, error::PageError, extract::SignedIn};

/// The longest body: a byte more than any file that may be sent, so that the use case says why.
const BODY_BYTES: usize = (1 << 20) + 1;

pub(super) fn routes() -> OpenApiRouter<App> {
    let file =
        OpenApiRouter::new().routes(routes!(send_import)).layer(DefaultBodyLimit::max(BODY_BYTES));
    OpenApiRouter::new()
        .routes(routes!(list_imports))
        .routes(routes!(show_import))
        .routes(routes!(withdraw_import))
        .routes(routes!(decide_import))
        .merge(file)
}

fn public(import: &Import) -> Value {
    json!({
        "id": import.id, "number": import.number, "application": import.application,
        "bubble": import.bubble, "sent_at": import.sent_at, "state": import.state.name(),
        "name": import.told.name, "kind": import.told.kind, "origin": import.told.origin,
        "reason": import.told.reason, "linkable": import.told.linkable,
        "sha256": import.sha256, "bytes": import.bytes, "place": import.place(),
        "failure": match import.state {
            ImportState::Failed { why, .. } => Some(why.name()),
            _ => None,
        },
    })
}

/// The imports of the person's projects; all of them for a checker
#[utoipa::path(get, path = "/imports", tag = "outputs", responses((status = 200, body = ImportsAnswer)))]
async fn list_imports(State(app): State<App>, me: SignedIn) -> Answer {
    let rows = import::list_imports(&app.centre, &me.actor).await?;
    let waiting = import::list_waiting(&app.centre, &me.actor).await?;
    let waiting: Vec<ImportId> = waiting.iter().map(|row| row.import.id).collect();
    let imports: Vec<Value> = rows.iter().map(|row| public(&row.import)).collect();
    Ok(Json(json!({ "imports": imports, "waiting": waiting })))
}

/// What is said of a file that is sent as the body.
#[derive(Deserialize, IntoParams)]
struct FileQuery {
    /// The file's name in the bubble.
    name: String,
    /// `code`, `reference_table`, `document` or `other_data`.
    kind: String,
    /// Where it comes from.
    origin: String,
    /// What it is needed for.
    reason: String,
    /// Whether it could be linked to the project's sources.
    #[serde(default)]
    linkable: bool,
    /// Whether it holds personal data; such a file is refused.
    #[serde(default)]
    personal: bool,
}

/// Send a file into a bubble: its bytes are the body
#[utoipa::path(post, path = "/bubbles/{id}/imports", tag = "outputs",
    params(("id" = Uuid, Path), FileQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = ImportAnswer), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn send_import(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<FileQuery>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), PageError> {
    let kind = ImportKind::parse(&query.kind);
    let told = Told {
        name: query.name,
        kind: kind.ok_or_else(|| Failure::invalid("kind", "import-no-kind"))?,
        origin: query.origin,
        reason: query.reason,
        linkable: query.linkable,
    };
    let bytes = body.to_vec();
    let sent =
        import::send_import(&app.centre, &me.actor, id.into(), told, query.personal, bytes).await?;
    Ok((StatusCode::CREATED, Json(public(&sent))))
}

/// One import, with what can be shown of its content
#[utoipa::path(get, path = "/imports/{id}", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = ImportDetailAnswer), (status = 404)))]
async fn show_import(State(app): State<App>, me: SignedIn, Path(id): Path<ImportId>) -> Answer {
    let view = import::show_import(&app.centre, &me.actor, id).await?;
    let mut body = public(&view.import);
    let content = match view.preview {
        Some(Preview::Text { text, replaced }) => json!({ "text": text, "replaced": replaced }),
        Some(Preview::Hex { lines, cut }) => json!({ "hex": lines, "cut": cut }),
        Some(Preview::Altered) => json!({ "altered": true }),
        None => Value::Null,
    };
    if let Some(fields) = body.as_object_mut() {
        fields.insert("content".to_owned(), content);
    }
    Ok(Json(body))
}

/// Take an import back before it was decided
#[utoipa::path(post, path = "/imports/{id}/withdraw", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = ImportAnswer), (status = 403), (status = 409)))]
async fn withdraw_import(State(app): State<App>, me: SignedIn, Path(id): Path<ImportId>) -> Answer {
    let import = import::withdraw_import(&app.centre, &me.actor, id).await?;
    Ok(Json(public(&import)))
}

/// A decision: `accept` with the SHA-256 of the file that was looked at, or `refuse` with a comment.
#[derive(Deserialize, ToSchema)]
struct DecideBody {
    action: String,
    #[serde(default)]
    sha256: String,
    #[serde(default)]
    comment: String,
}

/// Let a file in or keep it out
#[utoipa::path(post, path = "/imports/{id}/decide", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = DecideBody, responses((status = 200, body = ImportAnswer), (status = 403), (status = 409), (status = 422)))]
async fn decide_import(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ImportId>,
    Json(body): Json<DecideBody>,
) -> Answer {
    let import = match body.action.as_str() {
        "accept" => {
            import::accept_import(&app.centre, &me.actor, id, &body.sha256, &body.comment).await?
        }
        "refuse" => import::refuse_import(&app.centre, &me.actor, id, &body.comment).await?,
        _ => return Err(Failure::invalid("action", "import-no-action").into()),
    };
    Ok(Json(public(&import)))
}
