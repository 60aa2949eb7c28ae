//! A person's notices.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Router,
    extract::{Path, State},
    response::Redirect,
    routing::{get, post},
};
use domain::Notice;
use workflows::{Failure, office::notice};

use crate::{app::App, error::PageError, extract::SignedIn, home::local, i18n, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/notices", get(list))
        .route("/notices/{notice}/read", post(read))
        .route("/notices/read-all", post(read_all))
}

#[derive(Template, WebTemplate)]
#[template(path = "office/notice/list.html")]
struct ListNotices {
    ui: Ui,
    notices: Vec<Notice>,
}

impl ListNotices {
    fn text(&self, notice: &Notice) -> String {
        text(&self.ui, notice)
    }
}

/// A notice in words. Its arguments were written in the language of its person's mails.
pub(super) fn text(ui: &Ui, notice: &Notice) -> String {
    let known = ["title", "source", "vintage", "days", "count"];
    let args: Vec<_> =
        known.into_iter().filter_map(|name| Some((name, notice.args.get(name)?.clone()))).collect();
    i18n::translate(ui.lang, &format!("notice-{}", notice.key), &args)
}

async fn list(ui: Ui, State(app): State<App>, me: SignedIn) -> Result<ListNotices, PageError> {
    let notices = notice::list_notices(&app.centre, &me.actor).await?;
    Ok(ListNotices { ui, notices })
}

async fn read(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<String>,
) -> Result<Redirect, PageError> {
    let id = id.parse().map_err(|_| Failure::missing("notice", ""))?;
    let link = notice::read_notice(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to(&local(&link)))
}

async fn read_all(State(app): State<App>, me: SignedIn) -> Result<Redirect, PageError> {
    notice::read_all_notices(&app.centre, &me.actor).await?;
    Ok(Redirect::to("/notices?done=notices-read"))
}
