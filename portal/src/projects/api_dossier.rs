//! The files that come with an application, and the file as it was submitted, by the API.

use axum::{
    Json,
    body::Body,
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use domain::{ApplicationId, AttachmentId, ItemId};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use workflows::{
    Failure,
    projects::{attachment, frozen},
};

use super::{answers::AttachmentAnswer, fields::Fields};
use crate::{app::App, error::PageError, extract::SignedIn, ui::Ui};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(add_attachment))
        .routes(routes!(read_attachment, remove_attachment))
        .routes(routes!(read_submission))
        .routes(routes!(print_submission))
        .routes(routes!(print_for_producer))
}

/// Add a file: its bytes are the body; `title`, `kind` (`ethics_opinion`, `data_management_plan`,
/// `funding_letter`, `cv`, `other`) and `name` stand in the address
#[utoipa::path(post, path = "/applications/{id}/attachments", tag = "projects", params(("id" = Uuid, Path), ("title" = String, Query), ("kind" = String, Query), ("name" = String, Query)), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 201, body = AttachmentAnswer), (status = 403), (status = 409), (status = 422)))]
async fn add_attachment(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(said): Query<Vec<(String, String)>>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), PageError> {
    let id = ApplicationId(id);
    let mut coming = attachment::begin_attachment(&app.centre, &me.actor, id).await?;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Failure::invalid("file", "form-cut-off"))?;
        coming.write(&piece).await?;
    }
    let said = Fields(said);
    let word = |name: &str| said.get(name).to_owned();
    let new =
        attachment::NewAttachment { title: word("title"), kind: word("kind"), name: word("name") };
    let added = attachment::add_attachment(&app.centre, &me.actor, id, coming, new).await?;
    Ok((StatusCode::CREATED, Json(json!(added))))
}

/// The bytes of an attached file
#[utoipa::path(get, path = "/applications/{id}/attachments/{attachment}", tag = "projects", params(("id" = Uuid, Path), ("attachment" = Uuid, Path)), responses((status = 200, body = Vec<u8>), (status = 404)))]
async fn read_attachment(
    State(app): State<App>,
    me: SignedIn,
    Path((id, attachment)): Path<(Uuid, Uuid)>,
) -> Result<Response, PageError> {
    let (id, attachment) = (ApplicationId(id), AttachmentId(attachment));
    Ok(super::attachment::download(&app, &me, id, attachment).await?)
}

/// Take a file out; submissions that name it keep it
#[utoipa::path(delete, path = "/applications/{id}/attachments/{attachment}", tag = "projects", params(("id" = Uuid, Path), ("attachment" = Uuid, Path)), responses((status = 204), (status = 403), (status = 409)))]
async fn remove_attachment(
    State(app): State<App>,
    me: SignedIn,
    Path((id, attachment)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, PageError> {
    let (id, attachment) = (ApplicationId(id), AttachmentId(attachment));
    attachment::remove_attachment(&app.centre, &me.actor, id, attachment).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The file as it was submitted, byte for byte what was hashed
#[utoipa::path(get, path = "/applications/{id}/submissions/{turn}", tag = "projects", params(("id" = Uuid, Path), ("turn" = usize, Path)), responses((status = 200, body = Object), (status = 404)))]
async fn read_submission(
    State(app): State<App>,
    me: SignedIn,
    Path((id, turn)): Path<(Uuid, usize)>,
) -> Result<([(axum::http::HeaderName, &'static str); 1], String), PageError> {
    let id = ApplicationId(id);
    let found = frozen::read_submission(&app.centre, &me.actor, id, turn).await?;
    Ok(([(axum::http::header::CONTENT_TYPE, "application/json")], found.snapshot))
}

/// The file as it was submitted, as PDF in the language asked for
#[utoipa::path(get, path = "/applications/{id}/submissions/{turn}/pdf", tag = "projects", params(("id" = Uuid, Path), ("turn" = usize, Path)), responses((status = 200, content_type = "application/pdf", body = Vec<u8>), (status = 404)))]
async fn print_submission(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path((id, turn)): Path<(Uuid, usize)>,
) -> Result<Response, PageError> {
    let copy = frozen::read_frozen(&app.centre, &me.actor, ApplicationId(id), turn).await?;
    Ok(super::frozen::answer(ui, copy).await?)
}

/// A producer's part of the last submission, as PDF in the language asked for
#[utoipa::path(get, path = "/producer/items/{id}/pdf", tag = "projects", params(("id" = Uuid, Path)), responses((status = 200, content_type = "application/pdf", body = Vec<u8>), (status = 404)))]
async fn print_for_producer(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Response, PageError> {
    let copy = frozen::read_frozen_as_producer(&app.centre, &me.actor, ItemId(id)).await?;
    Ok(super::frozen::answer(ui, copy).await?)
}
