//! The lead's application: the list, the page with its board, and what the lead does.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::{
    Actor, Application, ApplicationId, Event, ItemId, Timestamp,
    projects::{
        application::ApplicationState,
        application_team::{may_edit, may_lead},
    },
};
use workflows::{
    Centre, Failure,
    outputs::credit,
    projects::{
        application, consultation,
        file::{self, File},
        submission,
        team::{self, NewMember},
    },
};

use super::{
    board::{self, Row, application_badge},
    edit,
    fields::{Fields, Tried},
};
use crate::{app::App, error::PageError, extract::SignedIn, form, i18n, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/applications", get(list).post(create))
        .route("/applications/{id}", get(show))
        .route("/applications/{id}/copy", post(copy))
        .route("/applications/{id}/{act}", post(do_act))
        .route("/applications/{id}/items/{item}/{act}", post(do_item_act))
}

#[derive(Template, WebTemplate)]
#[template(path = "projects/application/list.html")]
struct List {
    ui: Ui,
    applications: Vec<Application>,
    me: domain::PersonId,
}

#[expect(
    clippy::unused_self,
    clippy::trivially_copy_pass_by_ref,
    reason = "templates call methods, and give references"
)]
impl List {
    fn title(&self, application: &&Application) -> String {
        application.title(self.ui.lang)
    }

    fn badge(&self, application: &&Application) -> &'static str {
        application_badge(application.state.name())
    }
}

async fn list(ui: Ui, State(app): State<App>, me: SignedIn) -> Result<List, PageError> {
    let applications = file::list(&app.centre, &me.actor).await?;
    Ok(List { ui, applications, me: me.actor.id })
}

async fn create(State(app): State<App>, me: SignedIn) -> Result<Redirect, PageError> {
    let made = application::create(&app.centre, &me.actor).await?;
    // The address ends with the id: programs read it there, and the wizard is one link away.
    Ok(Redirect::to(&format!("/applications/{}?done=application-created", made.id)))
}

async fn copy(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ApplicationId>,
) -> Result<Redirect, PageError> {
    let made = application::copy(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to(&format!("/applications/{}?done=application-created", made.id)))
}

/// One line of the history.
pub(super) struct Happened {
    pub at: Timestamp,
    pub what: String,
    pub reason: String,
}

/// What happened, newest first, in words; saving and other small steps are left out.
pub(super) fn happened(ui: &Ui, events: &[Event]) -> Vec<Happened> {
    let word = |event: &Event| {
        let key = format!("event-{}", event.kind.replace(['.', '_'], "-"));
        i18n::has(&key).then(|| ui.t(&key))
    };
    let lines = events.iter().rev().filter_map(|event| {
        let reason = event.reason.clone().unwrap_or_default();
        Some(Happened { at: event.at, what: word(event)?, reason })
    });
    lines.collect()
}

#[derive(Template, WebTemplate)]
#[template(path = "projects/application/show.html")]
struct Show {
    ui: Ui,
    badge: &'static str,
    state: &'static str,
    title: String,
    rows: Vec<Row>,
    history: Vec<Happened>,
    percent: usize,
    target: Option<Timestamp>,
    until: Option<Timestamp>,
    /// Until when the lead may refuse to start with what was granted.
    refusable: Option<Timestamp>,
    /// Output credits left, for those who may know and once there are any.
    credits: Option<i64>,
    reasons: Vec<(String, String)>,
    is_lead: bool,
    may_edit: bool,
    tried: Tried,
    file: File,
}

impl Show {
    async fn load(
        app: &App,
        ui: Ui,
        me: &SignedIn,
        id: ApplicationId,
        tried: Tried,
    ) -> Result<Self, Failure> {
        let file = file::read_file(&app.centre, &me.actor, id).await?;
        let events = file::history(&app.centre, &me.actor, id).await?;
        let (mut target, mut until, mut reasons) = (None, None, Vec::new());
        match &file.application.state {
            ApplicationState::Consultation { target: date, .. } => target = Some(*date),
            ApplicationState::Authorised { until: date, .. } => until = Some(*date),
            ApplicationState::Returned { reasons: given } => reasons.clone_from(given),
            _ => {}
        }
        let credits = credit::left(&app.centre, &me.actor, id).await?;
        let is_open = file.application.state.is_open();
        let refusable = file.application.start_refusable_until(&file.plain_items());
        Ok(Self {
            refusable: refusable.filter(|until| app.centre.now() < *until),
            state: file.application.state.name(),
            badge: application_badge(file.application.state.name()),
            title: file.application.title(ui.lang),
            rows: board::rows(&ui, &file, me.actor.id),
            history: happened(&ui, &events),
            percent: file.complete.percent(),
            is_lead: may_lead(&me.actor, &file.application).is_ok(),
            may_edit: is_open && may_edit(&me.actor, &file.application).is_ok(),
            target,
            until,
            credits,
            reasons,
            tried,
            file,
            ui,
        })
    }

    /// Files are taken out in the wizard.
    fn detaches(&self) -> bool {
        false
    }

    /// Whether the lead can withdraw in this state.
    fn withdrawable(&self) -> bool {
        self.is_lead
            && matches!(
                self.state,
                "draft"
                    | "consultation"
                    | "ready"
                    | "submitted"
                    | "admissibility"
                    | "returned"
                    | "scheduled"
            )
    }
}

async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ApplicationId>,
) -> Result<Show, PageError> {
    Ok(Show::load(&app, ui, &me, id, Tried::default()).await?)
}

/// Does an act of the lead; the words are those of the addresses.
pub(super) async fn act(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    act: &str,
    fields: &Fields,
) -> Result<(), Failure> {
    match act {
        "consult" => consultation::open_consultation(centre, actor, id).await,
        "go-on" => consultation::go_on(centre, actor, id).await,
        "submit" => submission::submit(centre, actor, id).await,
        "refuse-start" => {
            submission::refuse_partial_start(centre, actor, id, fields.get("reason")).await
        }
        "withdraw" => submission::withdraw(centre, actor, id, fields.get("reason")).await,
        "add-member" => {
            let new = NewMember {
                email: fields.get("email").to_owned(),
                name: fields.get("name").to_owned(),
                institution: fields.get("institution").to_owned(),
                bubble: fields.flag("bubble"),
                edits: fields.flag("edits"),
            };
            team::add_member(centre, actor, id, &new).await
        }
        "remove-member" => team::remove_member(centre, actor, id, fields.id("person")?).await,
        "remove-invited" => team::remove_invited(centre, actor, id, fields.get("email")).await,
        "add-basket" => application::add_basket(centre, actor, id).await,
        other => Err(Failure::missing("act", other)),
    }
}

/// Does an act of the lead on one item.
pub(super) async fn item_act(
    centre: &Centre,
    actor: &Actor,
    (id, item): (ApplicationId, ItemId),
    act: &str,
    fields: &Fields,
) -> Result<(), Failure> {
    match act {
        "change" => {
            let vintages = fields.ids("vintages")?;
            let why = fields.get("justification");
            consultation::change_item(centre, actor, id, item, &vintages, why).await
        }
        "remove" => consultation::remove_item(centre, actor, id, item).await,
        "answer" => consultation::answer(centre, actor, id, item, fields.get("text")).await,
        other => Err(Failure::missing("act", other)),
    }
}

async fn do_act(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path((id, name)): Path<(ApplicationId, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let fields = Fields(form);
    let done = act(&app.centre, &me.actor, id, &name, &fields).await;
    let page = match name.as_str() {
        "add-member" | "remove-member" | "remove-invited" => Some("persons"),
        "add-basket" => Some("sources"),
        _ => None,
    };
    answer(&app, ui, &me, id, page, &name, fields, done).await
}

async fn do_item_act(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path((id, item, name)): Path<(ApplicationId, ItemId, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let fields = Fields(form);
    let done = item_act(&app.centre, &me.actor, (id, item), &name, &fields).await;
    let page = (name == "change" || fields.get("from") == "sources").then_some("sources");
    let form = format!("{name}-{item}");
    answer(&app, ui, &me, id, page, &form, fields, done).await
}

/// Goes where the act can be seen; where what was typed was not accepted, shows it again.
#[expect(clippy::too_many_arguments, reason = "all that a page is made of again")]
async fn answer(
    app: &App,
    ui: Ui,
    me: &SignedIn,
    id: ApplicationId,
    page: Option<&'static str>,
    name: &str,
    fields: Fields,
    done: Result<(), Failure>,
) -> Result<Response, PageError> {
    let to = |()| match page {
        Some(page) => format!("/applications/{id}/edit/{page}?done=saved"),
        None => format!("/applications/{id}?done=saved"),
    };
    form::answer(ui, done, to, async |ui, fault| {
        let tried = Tried::new(&ui, name, fields, &fault);
        Ok(match page {
            Some(page) => edit::page(app, ui, me, id, page, tried).await?.into_response(),
            None => Show::load(app, ui, me, id, tried).await?.into_response(),
        })
    })
    .await
}
