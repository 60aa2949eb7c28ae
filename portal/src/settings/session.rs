//! The security officer's page: which sessions run, the cut, and the recordings.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::{SessionId, settings::session::Replay, settings::session::SessionState};
use workflows::{
    Failure,
    settings::{
        replay,
        session::{self, SessionRow},
    },
};

use super::bubble::ReasonForm;
use crate::{app::App, error::PageError, extract::SignedIn, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/security", get(list))
        .route("/security/sessions/{id}", get(show))
        .route("/security/sessions/{id}/cut", post(cut))
        .route("/security/sessions/{id}/replays", post(ask))
}

#[derive(Template, WebTemplate)]
#[template(path = "settings/session/list.html")]
struct ListPage {
    ui: Ui,
    open: Vec<SessionRow>,
    over: Vec<SessionRow>,
}

async fn list(ui: Ui, State(app): State<App>, me: SignedIn) -> Result<ListPage, PageError> {
    let (open, over) = session::watch_sessions(&app.centre, &me.actor).await?;
    Ok(ListPage { ui, open, over })
}

#[derive(Template, WebTemplate)]
#[template(path = "settings/session/show.html")]
struct ShowPage {
    ui: Ui,
    row: SessionRow,
    replays: Vec<Replay>,
    reason: String,
    fault: Option<String>,
}

impl ShowPage {
    /// Why it was cut.
    fn cause(&self) -> Option<&str> {
        match &self.row.session.state {
            SessionState::Cut { cause, .. } => Some(cause),
            _ => None,
        }
    }

    fn is_mine(&self, replay: &Replay) -> bool {
        self.ui.me.as_ref().is_some_and(|me| me.actor.id == replay.by)
    }
}

async fn page(app: &App, ui: Ui, me: &SignedIn, id: SessionId) -> Result<ShowPage, Failure> {
    let row = session::show_session(&app.centre, &me.actor, id).await?;
    let replays = replay::list_replays(&app.centre, &me.actor, id).await?;
    Ok(ShowPage { ui, row, replays, reason: String::new(), fault: None })
}

async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SessionId>,
) -> Result<ShowPage, PageError> {
    Ok(page(&app, ui, &me, id).await?)
}

async fn cut(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SessionId>,
    Form(form): Form<ReasonForm>,
) -> Result<Redirect, PageError> {
    session::cut_session(&app.centre, &me.actor, id, &form.reason).await?;
    Ok(Redirect::to(&format!("/security/sessions/{id}?done=session-cut")))
}

async fn ask(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SessionId>,
    Form(form): Form<ReasonForm>,
) -> Result<Response, PageError> {
    match replay::ask_replay(&app.centre, &me.actor, id, &form.reason).await {
        Ok(replay) => Ok(Redirect::to(&format!("/security/replays/{}", replay.id)).into_response()),
        Err(Failure::Invalid { key, .. }) => {
            let page = page(&app, ui, &me, id).await?;
            let page = ShowPage { reason: form.reason, fault: Some(key), ..page };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(failure) => Err(failure.into()),
    }
}
