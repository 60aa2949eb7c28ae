//! The secretary's space, and the chair's.

use std::collections::BTreeSet;

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use domain::{
    Actor, Application, ApplicationId, HabilitationId,
    projects::{
        application::{ApplicationState as S, Opinion},
        application_office::{may_examine, may_record_opinion},
        application_sight::may_list_submitted,
        form::{FIELDS, PAGES},
        snapshot::differences,
    },
};
use workflows::{
    Centre, Failure,
    projects::{
        file::{self, File},
        office,
    },
};

use super::{
    application::{Happened, happened},
    board::{self, Row, application_badge},
    fields::{Fields, Tried},
};
use crate::{app::App, error::PageError, extract::SignedIn, form, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/secretary", get(list))
        .route("/secretary/{id}", get(show))
        .route("/secretary/{id}/{act}", post(do_act))
}

/// The states in the order in which the secretary has something to do.
const ORDER: [&str; 13] = [
    "submitted",
    "admissibility",
    "scheduled",
    "in_session",
    "opinion",
    "formalities",
    "decisions",
    "returned",
    "authorised",
    "ended",
    "unfavourable",
    "withdrawn",
    "lapsed",
];

/// The files of one state.
struct Pile {
    state: &'static str,
    badge: &'static str,
    files: Vec<Application>,
}

#[derive(Template, WebTemplate)]
#[template(path = "projects/application/secretary.html")]
struct List {
    ui: Ui,
    piles: Vec<Pile>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates give references")]
impl List {
    fn title(&self, application: &&Application) -> String {
        application.title(self.ui.lang)
    }
}

async fn list(ui: Ui, State(app): State<App>, me: SignedIn) -> Result<List, PageError> {
    let all = office::list(&app.centre, &me.actor).await?;
    let pile = |state: &'static str| Pile {
        state,
        badge: application_badge(state),
        files: all.iter().filter(|file| file.state.name() == state).cloned().collect(),
    };
    let piles = ORDER.into_iter().map(pile).filter(|pile| !pile.files.is_empty()).collect();
    Ok(List { ui, piles })
}

/// A point of the checklist as the page shows it.
struct Point {
    name: &'static str,
    holds: bool,
    judged: bool,
}

/// A page of the file with what it says.
struct Chapter {
    page: &'static str,
    /// Label and value.
    said: Vec<(String, String)>,
}

#[derive(Template, WebTemplate)]
#[template(path = "projects/application/examine.html")]
struct Show {
    ui: Ui,
    id: ApplicationId,
    title: String,
    state: &'static str,
    badge: &'static str,
    rows: Vec<Row>,
    points: Vec<Point>,
    chapters: Vec<Chapter>,
    /// Label, before, after.
    differences: Vec<(String, String, String)>,
    history: Vec<Happened>,
    session: String,
    examines: bool,
    records: bool,
    deferred: bool,
    /// Rights that the committee can take back.
    rights: Vec<office::Right>,
    tried: Tried,
    file: File,
}

impl Show {
    /// Nobody but the team takes files out.
    fn detaches(&self) -> bool {
        false
    }

    async fn load(
        app: &App,
        ui: Ui,
        me: &SignedIn,
        id: ApplicationId,
        tried: Tried,
    ) -> Result<Self, Failure> {
        may_list_submitted(&me.actor)?;
        let file = file::read_file(&app.centre, &me.actor, id).await?;
        let events = file::history(&app.centre, &me.actor, id).await?;
        let application = &file.application;
        let rights = office::rights(&app.centre, &me.actor, application).await?;
        let session = match &application.state {
            S::Scheduled { session } | S::InSession { session } => session.clone(),
            _ => String::new(),
        };
        let judged = domain::projects::application_office::Checklist::JUDGED;
        let points = file.checklist.points.iter().map(|(name, holds)| Point {
            name,
            holds: *holds,
            judged: judged.contains(name),
        });
        Ok(Self {
            id,
            title: application.title(ui.lang),
            state: application.state.name(),
            badge: application_badge(application.state.name()),
            rows: board::rows(&ui, &file, me.actor.id),
            points: points.collect(),
            chapters: chapters(&ui, &file),
            differences: changes(&ui, application),
            history: happened(&ui, &events),
            examines: may_examine(&me.actor, application).is_ok(),
            records: may_record_opinion(&me.actor, application).is_ok(),
            deferred: matches!(&application.state, S::Opinion { opinion: Opinion::Deferred, .. }),
            session,
            rights,
            tried,
            file,
            ui,
        })
    }

    /// The reason that was typed for this right, where it was not accepted.
    fn why(&self, right: &HabilitationId) -> String {
        let is_this = self.tried.value("revoke-right", "habilitation", "") == right.to_string();
        if is_this {
            self.tried.value("revoke-right", "reason", "").to_owned()
        } else {
            String::new()
        }
    }

    /// The opinions that can be recorded.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn opinions(&self) -> [&'static str; 4] {
        Opinion::ALL.map(Opinion::name)
    }

    /// The pages that can be sent back.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn pages(&self) -> [&'static str; 10] {
        PAGES
    }
}

/// What changed from the submission before to the last one (JOURNEYS 1.5, `application.returned`).
fn changes(ui: &Ui, application: &Application) -> Vec<(String, String, String)> {
    let [.., before, after] = application.submissions.as_slice() else { return Vec::new() };
    let changed = differences(&before.fields, &after.fields);
    changed
        .into_iter()
        .map(|change| (ui.word_or("field", &change.field), change.before, change.after))
        .collect()
}

fn chapters(ui: &Ui, file: &File) -> Vec<Chapter> {
    let fields = &file.application.fields;
    let chapter = |page: &'static str| Chapter {
        page,
        said: FIELDS
            .iter()
            .filter(|field| field.page == page)
            .filter_map(|field| {
                let value = fields.get(field.name)?;
                Some((ui.word("field", field.name), super::producer::spoken(ui, field.name, value)))
            })
            .chain(file.questions.iter().filter(|_| page == "questions").map(|question| {
                let value = fields.get(&question.name).cloned().unwrap_or_default();
                (ui.text(&question.text).to_owned(), value)
            }))
            .collect(),
    };
    PAGES.into_iter().map(chapter).filter(|chapter| !chapter.said.is_empty()).collect()
}

async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ApplicationId>,
) -> Result<Show, PageError> {
    Ok(Show::load(&app, ui, &me, id, Tried::default()).await?)
}

/// Does an act of the secretary or the chair; the words are those of the addresses.
pub(super) async fn act(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    act: &str,
    fields: &Fields,
) -> Result<(), Failure> {
    let (get, reason) = (|name| fields.get(name), fields.get("reason"));
    match act {
        "start" => office::start(centre, actor, id).await,
        "judge" => {
            let judged: BTreeSet<String> = fields.all("judged").map(ToOwned::to_owned).collect();
            office::judge(centre, actor, id, judged).await
        }
        "return" => {
            let given = |page: &'static str| (page.to_owned(), get(page).to_owned());
            office::send_back(centre, actor, id, &PAGES.map(given)).await
        }
        "assign" => office::assign_session(centre, actor, id, get("session"), reason).await,
        "open" => office::open_session(centre, actor, id, reason).await,
        "opinion" => {
            let (opinion, text) = (get("opinion"), get("text"));
            office::record_opinion(centre, actor, id, opinion, text, reason).await
        }
        "pass" => office::pass_committee(centre, actor, id, reason).await,
        "formalities" => office::complete_formalities(centre, actor, id, reason).await,
        "revoke-right" => {
            let right = HabilitationId(fields.id("habilitation")?);
            office::revoke_for_committee(centre, actor, id, right, reason).await
        }
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
    let to = |()| format!("/secretary/{id}?done=saved");
    form::answer(ui, done, to, async |ui, fault| {
        let tried = Tried::new(&ui, &name, fields, &fault);
        Ok(Show::load(&app, ui, &me, id, tried).await?)
    })
    .await
}
