//! The log's files for witnesses and auditors, as <https://c2sp.org/tlog-tiles> lays them out. They
//! are public: an entry tells when something of a kind happened, not who did it nor on what.

use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::IntoResponse,
    routing::get,
};
use workflows::office::log;

use crate::{app::App, error::PageError};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/verifier.key", get(verifier))
        .route("/log/tile/{*name}", get(tile))
}

const TEXT: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];

async fn checkpoint(State(app): State<App>) -> Result<impl IntoResponse, PageError> {
    Ok((TEXT, log::promise(&app.centre).await?.checkpoint))
}

async fn verifier(State(app): State<App>) -> Result<impl IntoResponse, PageError> {
    Ok((TEXT, format!("{}\n", log::promise(&app.centre).await?.verifier)))
}

async fn tile(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<impl IntoResponse, PageError> {
    let bytes = log::tile(&app.centre, &name).await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes))
}
