//! The basket.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Router,
    extract::State,
    response::Redirect,
    routing::{get, post},
};
use domain::VintageId;
use serde::Deserialize;
use workflows::projects::basket::{self, BasketLine};

use crate::{app::App, error::PageError, extract::SignedIn, home::local, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/basket", get(show).post(put)).route("/basket/remove", post(take))
}

#[derive(Template, WebTemplate)]
#[template(path = "projects/basket/show.html")]
struct Show {
    ui: Ui,
    lines: Vec<BasketLine>,
}

async fn show(ui: Ui, State(app): State<App>, me: SignedIn) -> Result<Show, PageError> {
    let lines = basket::read(&app.centre, &me.actor).await?;
    Ok(Show { ui, lines })
}

#[derive(Deserialize)]
struct Chosen {
    vintage: VintageId,
    /// Where to go afterwards, e.g. the catalogue's page.
    #[serde(default)]
    back: Option<String>,
}

async fn put(
    State(app): State<App>,
    me: SignedIn,
    Form(form): Form<Chosen>,
) -> Result<Redirect, PageError> {
    basket::put(&app.centre, &me.actor, form.vintage).await?;
    Ok(Redirect::to(&local(form.back.as_deref().unwrap_or("/basket?done=in-basket"))))
}

async fn take(
    State(app): State<App>,
    me: SignedIn,
    Form(form): Form<Chosen>,
) -> Result<Redirect, PageError> {
    basket::take(&app.centre, &me.actor, form.vintage).await?;
    Ok(Redirect::to("/basket"))
}
