//! The operator's page: what the host can do, the agent, and the bubbles that wait for an act.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Router,
    extract::{Path, State},
    response::Redirect,
    routing::{get, post},
};
use domain::{Bubble, BubbleId, Timestamp, settings::bubble::BubbleState};
use workflows::settings::bubble::{self, HostView};

use crate::{app::App, error::PageError, extract::SignedIn, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/host", get(show))
        .route("/host/bubbles/{id}/retry", post(retry))
        .route("/host/bubbles/{id}/archive", post(archive))
}

#[derive(Template, WebTemplate)]
#[template(path = "settings/host/show.html")]
struct ShowPage {
    ui: Ui,
    view: HostView,
    now: Timestamp,
}

impl ShowPage {
    fn row_tone(&self, status: &str) -> &'static str {
        match status {
            "ok" => "ok",
            "weaker" => "wait",
            _ => "stop",
        }
    }

    fn failure<'b>(&self, bubble: &'b Bubble) -> Option<&'b str> {
        match &bubble.state {
            BubbleState::ProvisionFailed { reason } => Some(reason),
            _ => None,
        }
    }

    fn can_archive(&self, bubble: &Bubble) -> bool {
        matches!(bubble.state, BubbleState::Closing { until } if self.now >= until)
    }
}

async fn show(ui: Ui, State(app): State<App>, me: SignedIn) -> Result<ShowPage, PageError> {
    let view = bubble::show_host(&app.centre, &me.actor).await?;
    Ok(ShowPage { ui, view, now: app.centre.now() })
}

async fn retry(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
) -> Result<Redirect, PageError> {
    bubble::retry_provision(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to("/host?done=provision-retried"))
}

async fn archive(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
) -> Result<Redirect, PageError> {
    bubble::archive_bubble(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to("/host?done=bubble-archived"))
}
