//! A recording's player, and the recording itself, given only under a live request of the person
//! who asked.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{ReplayId, Session, settings::session::Replay};
use tokio_util::io::ReaderStream;
use workflows::settings::replay;

use crate::{app::App, error::PageError, extract::SignedIn, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/security/replays/{id}", get(show))
        .route("/security/replays/{id}/cast", get(cast))
}

#[derive(Template, WebTemplate)]
#[template(path = "settings/replay/show.html")]
struct ShowPage {
    ui: Ui,
    replay: Replay,
    session: Session,
    intact: bool,
}

async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ReplayId>,
) -> Result<ShowPage, PageError> {
    let view = replay::show_replay(&app.centre, &me.actor, id).await?;
    Ok(ShowPage { ui, replay: view.replay, session: view.session, intact: view.intact })
}

async fn cast(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ReplayId>,
) -> Result<Response, PageError> {
    let view = replay::view_replay(&app.centre, &me.actor, id).await?;
    let stream = ReaderStream::new(tokio::fs::File::from_std(view.file));
    let kind = [(header::CONTENT_TYPE, "application/x-asciicast")];
    Ok((kind, Body::from_stream(stream)).into_response())
}
