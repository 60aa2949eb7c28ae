//! The list of bubbles, a bubble's page, and the acts on it.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::{BubbleId, settings::bubble::BubbleState};
use serde::Deserialize;
use workflows::{
    Failure,
    settings::bubble::{self, BubbleRow, BubbleView},
};

use crate::{app::App, error::PageError, extract::SignedIn, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/bubbles", get(list))
        .route("/bubbles/{id}", get(show))
        .route("/bubbles/{id}/suspend", post(suspend))
        .route("/bubbles/{id}/restore", post(restore))
        .route("/bubbles/{id}/close", post(close))
}

#[derive(Template, WebTemplate)]
#[template(path = "settings/bubble/list.html")]
struct ListPage {
    ui: Ui,
    rows: Vec<BubbleRow>,
}

impl ListPage {
    fn title(&self, row: &BubbleRow) -> String {
        row.application.title(self.ui.lang)
    }
}

async fn list(ui: Ui, State(app): State<App>, me: SignedIn) -> Result<ListPage, PageError> {
    let rows = bubble::list_bubbles(&app.centre, &me.actor).await?;
    Ok(ListPage { ui, rows })
}

#[derive(Template, WebTemplate)]
#[template(path = "settings/bubble/show.html")]
struct ShowPage {
    ui: Ui,
    view: BubbleView,
    /// What was typed as the reason, and the message's key where it is not acceptable.
    reason: String,
    fault: Option<String>,
}

impl ShowPage {
    fn title(&self) -> String {
        self.view.application.title(self.ui.lang)
    }

    /// When the person's right in the bubble ends.
    fn my_end(&self) -> Option<domain::Timestamp> {
        self.view.own.as_ref().and_then(super::api::end_of)
    }

    /// Whether officers restore it. What the centre suspended comes back with a grant.
    fn is_suspended(&self) -> bool {
        matches!(self.view.bubble.state, BubbleState::Suspended { .. })
            && !self.view.bubble.is_dry()
    }

    fn can_suspend(&self) -> bool {
        let open = matches!(self.view.bubble.state.name(), "ready" | "active")
            || self.view.bubble.is_dry();
        self.view.can_secure && open
    }
}

async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
) -> Result<ShowPage, PageError> {
    let view = bubble::show_bubble(&app.centre, &me.actor, id).await?;
    Ok(ShowPage { ui, view, reason: String::new(), fault: None })
}

#[derive(Deserialize)]
pub(super) struct ReasonForm {
    #[serde(default)]
    pub reason: String,
}

async fn suspend(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
    Form(form): Form<ReasonForm>,
) -> Result<Response, PageError> {
    match bubble::suspend_bubble(&app.centre, &me.actor, id, &form.reason).await {
        Ok(_) => Ok(Redirect::to(&format!("/bubbles/{id}?done=bubble-suspended")).into_response()),
        Err(Failure::Invalid { key, .. }) => {
            let view = bubble::show_bubble(&app.centre, &me.actor, id).await?;
            let page = ShowPage { ui, view, reason: form.reason, fault: Some(key) };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(failure) => Err(failure.into()),
    }
}

async fn restore(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
    Form(form): Form<ReasonForm>,
) -> Result<Redirect, PageError> {
    let after = bubble::restore_bubble(&app.centre, &me.actor, id, &form.reason).await?;
    let done = match after.state {
        BubbleState::Suspended { .. } => "bubble-restore-asked",
        _ => "bubble-restored",
    };
    Ok(Redirect::to(&format!("/bubbles/{id}?done={done}")))
}

async fn close(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
) -> Result<Redirect, PageError> {
    bubble::close_bubble(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to(&format!("/bubbles/{id}?done=bubble-closing")))
}
