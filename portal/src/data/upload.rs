//! How files come: in pieces, by the island `upload.js` or by `bulle deposit`; in one request
//! where there is no script. The protocol is described in `assets/README.md`.

use std::io::{self, ErrorKind::StorageFull};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{post, put},
};
use domain::{Deposit, DepositId, UploadId};
use serde::Deserialize;
use serde_json::json;
use workflows::{
    Failure,
    data::upload::{self, PIECE_MAX, SendFailure},
};

use super::codebook::cut_off;
use crate::{app::App, error::PageError, extract::SignedIn, ui::Ui};

/// Bytes of a browser's single request that are gathered before they are written.
const GATHERED: usize = 4 << 20;

pub(super) fn routes() -> Router<App> {
    // Without script a file of any size comes in one request; it is written as it comes.
    let files = post(begin).layer(DefaultBodyLimit::disable());
    let piece = put(receive).get(status).layer(DefaultBodyLimit::max(PIECE_MAX));
    Router::new()
        .route("/deposits/{id}/files", files)
        .route("/uploads/{id}", piece)
        .route("/uploads/{id}/finish", post(finish))
}

/// A failure as the island and the command read it: `{"error": "text for people"}`.
fn refused(ui: &Ui, failure: SendFailure) -> Response {
    let error = |status, text: String| (status, Json(json!({ "error": text }))).into_response();
    match failure {
        SendFailure::Moved(offset) => {
            (StatusCode::CONFLICT, Json(json!({ "offset": offset }))).into_response()
        }
        SendFailure::Full => {
            let status = StatusCode::INSUFFICIENT_STORAGE;
            ([(header::RETRY_AFTER, "30")], error(status, ui.t("upload-disk-full"))).into_response()
        }
        // The database had no room to note what was done: the same to the sender.
        SendFailure::Failed(failure) if failure.is_disk_full() => refused(ui, SendFailure::Full),
        SendFailure::Failed(Failure::Invalid { key, detail, .. }) => {
            let message = ui.t1(&format!("problem-invalid-{key}"), "detail", detail);
            error(StatusCode::UNPROCESSABLE_ENTITY, message)
        }
        SendFailure::Failed(Failure::WrongState(wrong)) => {
            let state = ui.word("state-deposit", wrong.state);
            error(StatusCode::CONFLICT, ui.t1("problem-wrong-state", "detail", state))
        }
        SendFailure::Failed(other) => PageError::from(other).into_response(),
    }
}

#[derive(Deserialize)]
struct Begin {
    name: String,
    #[serde(alias = "bytes")]
    size: u64,
}

async fn begin(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<DepositId>,
    request: Request,
) -> Result<Response, PageError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("multipart/")) {
        let unreadable = |_| Failure::invalid("file", "form-cut-off");
        let parts = Multipart::from_request(request, &app).await.map_err(unreadable)?;
        return take_whole(&app, &me, id, parts).await;
    }
    let unreadable = |_| Failure::invalid("name", "form-cut-off");
    let Json(begin) = Json::<Begin>::from_request(request, &app).await.map_err(unreadable)?;
    let begun = upload::begin_upload(&app.centre, &me.actor, id, &begin.name, Some(begin.size));
    Ok(match begun.await {
        Ok(begun) => {
            let upload = format!("/uploads/{}", begun.id);
            Json(json!({ "upload": upload, "offset": begun.received })).into_response()
        }
        Err(failure) => refused(&ui, failure.into()),
    })
}

/// Files in one request, from a browser without script: written piece by piece as they come.
async fn take_whole(
    app: &App,
    me: &SignedIn,
    id: DepositId,
    mut parts: Multipart,
) -> Result<Response, PageError> {
    while let Some(mut part) = parts.next_field().await.map_err(cut_off)? {
        let name = part.file_name().unwrap_or_default().to_owned();
        if part.name() != Some("file") || name.is_empty() {
            continue;
        }
        let begun = upload::begin_upload(&app.centre, &me.actor, id, &name, None).await?;
        let (mut offset, mut gathered) = (0, Vec::with_capacity(GATHERED));
        while let Some(bytes) = part.chunk().await.map_err(cut_off)? {
            gathered.extend_from_slice(&bytes);
            if gathered.len() >= GATHERED {
                let piece = std::mem::replace(&mut gathered, Vec::with_capacity(GATHERED));
                offset = write(app, me, begun.id, offset, piece).await?;
            }
        }
        write(app, me, begun.id, offset, gathered).await?;
        upload::finish_upload(&app.centre, &me.actor, begun.id, "").await?;
    }
    Ok(Redirect::to(&format!("/deposits/{id}?done=file-received")).into_response())
}

async fn write(
    app: &App,
    me: &SignedIn,
    id: UploadId,
    offset: u64,
    piece: Vec<u8>,
) -> Result<u64, Failure> {
    let written = upload::receive_piece(&app.centre, &me.actor, id, offset, piece.into()).await;
    written.map_err(|failure| match failure {
        SendFailure::Failed(failure) => failure,
        SendFailure::Moved(_) => Failure::Conflict("uploads"),
        SendFailure::Full => Failure::engine("keep a file")(io::Error::from(StorageFull)),
    })
}

async fn receive(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<UploadId>,
    headers: HeaderMap,
    piece: Bytes,
) -> Result<Response, PageError> {
    let offset = headers.get("upload-offset").and_then(|offset| offset.to_str().ok()?.parse().ok());
    let offset = offset.ok_or_else(|| Failure::invalid("upload-offset", "upload-offset"))?;
    let written = upload::receive_piece(&app.centre, &me.actor, id, offset, piece).await;
    Ok(match written {
        Ok(offset) => Json(json!({ "offset": offset })).into_response(),
        Err(failure) => refused(&ui, failure),
    })
}

async fn status(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<UploadId>,
) -> Result<Response, PageError> {
    let upload = upload::see_upload(&app.centre, &me.actor, id).await?;
    Ok(Json(json!({ "offset": upload.received, "size": upload.bytes })).into_response())
}

#[derive(Deserialize)]
struct Finish {
    #[serde(default)]
    sha256: String,
}

async fn finish(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<UploadId>,
    Json(form): Json<Finish>,
) -> Result<Response, PageError> {
    let finished = upload::finish_upload(&app.centre, &me.actor, id, &form.sha256).await;
    Ok(match finished {
        Ok(deposit) => Json(answer(&deposit)).into_response(),
        Err(failure) => refused(&ui, failure.into()),
    })
}

/// Where to go once every file is in.
fn answer(deposit: &Deposit) -> serde_json::Value {
    match deposit.open_until() {
        Some(_) => json!({ "deposit": deposit.id }),
        None => json!({
            "deposit": deposit.id,
            "location": format!("/deposits/{}?done=deposit-received", deposit.id),
        }),
    }
}
