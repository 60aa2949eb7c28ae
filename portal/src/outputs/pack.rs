//! The evidence pack of a release, as a download.

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use domain::ExportId;
use utoipa_axum::{router::OpenApiRouter, routes};
use workflows::outputs::pack;

use super::disposition;
use crate::{app::App, error::PageError, extract::SignedIn};

pub(super) fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(give_pack))
}

pub(super) async fn show_pack(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
) -> Result<Response, PageError> {
    let pack = pack::show_pack(&app.centre, &me.actor, id).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, disposition(&pack.name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_ENCODING, "identity".to_owned()),
    ];
    Ok((headers, pack.bytes).into_response())
}

/// The evidence pack of a release: a Five Safes RO-Crate, sealed in the log, for `bulle log verify-pack`
#[utoipa::path(get, path = "/exports/{id}/pack", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, content_type = "application/zip", body = Vec<u8>), (status = 403), (status = 404)))]
async fn give_pack(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
) -> Result<Response, PageError> {
    show_pack(State(app), me, Path(id)).await
}
