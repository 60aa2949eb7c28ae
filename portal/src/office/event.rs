//! The log's pages: the latest events, and one event with its proof.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, Query, State};
use domain::EventId;
use serde::Deserialize;
use workflows::office::{
    event::{self, Filter, Line, PAGE, Shown},
    log,
};

use crate::{app::App, error::PageError, extract::SignedIn, ui::Ui};

/// The criteria as typed. What is no id finds nothing, and says so beside its field.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Criteria {
    #[serde(default)]
    family: String,
    #[serde(default)]
    object: String,
    #[serde(default)]
    before: String,
}

impl Criteria {
    /// The criteria that can be read.
    pub(super) fn filter(&self) -> Filter {
        let family = self.family.trim();
        Filter {
            family: (!family.is_empty()).then(|| family.to_owned()),
            object: self.object.trim().parse().ok(),
            before: self.before.parse().ok(),
        }
    }

    fn object_is_wrong(&self) -> bool {
        !self.object.trim().is_empty() && self.filter().object.is_none()
    }
}

/// The families of JOURNEYS 3.4, for the list of choices.
const FAMILIES: [&str; 28] = [
    "application",
    "bubble",
    "committee",
    "credential",
    "deposit",
    "desktop",
    "export",
    "file",
    "habilitation",
    "identity",
    "import",
    "item",
    "key",
    "login",
    "lead",
    "member",
    "opinion",
    "person",
    "policy",
    "producer",
    "recording",
    "release",
    "replay",
    "rule",
    "session",
    "source",
    "undertaking",
    "vintage",
];

#[derive(Template, WebTemplate)]
#[template(path = "office/event/list.html")]
pub(super) struct ListEvents {
    ui: Ui,
    state: log::State,
    criteria: Criteria,
    families: &'static [&'static str],
    sees_objects: bool,
    events: Vec<Line>,
    older: Option<EventId>,
}

impl ListEvents {
    fn size(&self) -> String {
        self.ui.number(self.state.promise.size)
    }

    fn place(&self, line: &Line) -> String {
        line.leaf.map_or_else(|| self.ui.t("log-not-yet"), |leaf| self.ui.number(leaf))
    }

    fn waiting(&self) -> String {
        self.ui.number(self.state.waiting)
    }
}

pub(super) async fn list(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Query(criteria): Query<Criteria>,
) -> Result<ListEvents, PageError> {
    let state = log::log_state(&app.centre, &me.actor).await?;
    let events = if criteria.object_is_wrong() {
        Vec::new()
    } else {
        event::list_events(&app.centre, &me.actor, criteria.filter()).await?
    };
    let more = u32::try_from(events.len()).is_ok_and(|count| count >= PAGE);
    let older = events.last().map(|line| line.id).filter(|_| more);
    let sees_objects = ui.has("auditor") || ui.has("security_officer");
    Ok(ListEvents { ui, state, criteria, families: &FAMILIES, sees_objects, events, older })
}

#[derive(Template, WebTemplate)]
#[template(path = "office/event/show.html")]
pub(super) struct ShowEvent {
    ui: Ui,
    shown: Shown,
    payload: String,
}

impl ShowEvent {
    fn leaf(&self) -> String {
        self.shown.line.leaf.map(|leaf| self.ui.number(leaf)).unwrap_or_default()
    }
}

pub(super) async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<String>,
) -> Result<ShowEvent, PageError> {
    let id = parse(&id)?;
    let shown = event::show_event(&app.centre, &me.actor, id).await?;
    let payload = shown.line.details.as_ref().map(|details| &details.payload);
    let payload = payload.filter(|payload| !payload.is_null()).map(|it| format!("{it:#}"));
    Ok(ShowEvent { ui, payload: payload.unwrap_or_default(), shown })
}

/// The id in the path; what is none is missing like any other.
pub(super) fn parse(id: &str) -> Result<EventId, workflows::Failure> {
    id.parse().map_err(|_| workflows::Failure::missing("event", ""))
}
