//! The checkers' queue.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use workflows::outputs::{
    quarantine::{Held, list_quarantine},
    queue::{self, Queued},
};

use super::{badge, risk};
use crate::{app::App, error::PageError, extract::SignedIn, ui::Ui};

#[derive(Template, WebTemplate)]
#[template(path = "outputs/check/list.html")]
pub(super) struct QueuePage {
    ui: Ui,
    queue: Vec<Queued>,
    held: Vec<Held>,
}

#[expect(clippy::unused_self, reason = "templates call methods of their page")]
impl QueuePage {
    fn badge(&self, line: &Queued) -> &'static str {
        badge(line.export.state.name())
    }

    fn taken(&self, line: &Queued) -> String {
        let needed = ("needed", line.export.reviewers);
        self.ui.t2("check-taken-of", ("taken", line.taken), needed)
    }

    fn files(&self, line: &Queued) -> String {
        let count = ("count", self.ui.number(line.export.files().count()));
        self.ui.t2("check-files-of", count, ("size", self.ui.bytes(&line.bytes)))
    }

    fn score(&self, line: &Queued) -> Option<String> {
        risk::score(&self.ui, line.routed.as_ref()?)
    }

    fn why(&self, line: &Queued) -> Option<String> {
        Some(self.ui.word("risk-because", line.routed.as_ref()?.because.name()))
    }

    fn reasons(&self, line: &Queued) -> Vec<String> {
        let score = line.routed.as_ref().and_then(|routed| routed.score.as_ref());
        score.map(|score| risk::reasons(&self.ui, score)).unwrap_or_default()
    }

    fn producers(&self, line: &Queued) -> String {
        let names = line.producers.iter().map(|name| self.ui.text(name).to_owned());
        names.collect::<Vec<_>>().join(", ")
    }
}

pub(super) async fn list_checks(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
) -> Result<QueuePage, PageError> {
    let queue = queue::list_checks(&app.centre, &me.actor).await?;
    let held = list_quarantine(&app.centre, &me.actor).await?;
    Ok(QueuePage { ui, queue, held })
}
