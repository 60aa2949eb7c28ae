//! Producers: the list, the form of one, its people, its end.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use domain::{
    Person, PersonId, Producer, ProducerId, Role, RoleGrant, Text,
    data::producer::{CONSULTATION_DAYS, CONSULTATION_DAYS_MAX, Described, may_manage},
};
use serde::Deserialize;
use workflows::{
    Failure,
    data::producer::{self, Shown},
    people::person,
};

use super::source::{Badge, badge};
use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    form::{self, Fault},
    ui::Ui,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/producers", get(list_producers).post(create_producer))
        .route("/producers/new", get(new_producer))
        .route("/producers/{id}", get(show_producer).post(edit_producer))
        .route("/producers/{id}/people", post(change_people))
        .route("/producers/{id}/end", post(end_producer))
        .route("/producers/{id}/reopen", post(reopen_producer))
}

#[derive(Template, WebTemplate)]
#[template(path = "data/producer/list.html")]
struct ListProducers {
    ui: Ui,
    producers: Vec<Shown>,
    can_create: bool,
}

async fn list_producers(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
) -> Result<ListProducers, PageError> {
    let producers = producer::list_producers(&app.centre, &me.actor).await?;
    Ok(ListProducers { ui, producers, can_create: may_manage(&me.actor).is_ok() })
}

/// What is typed about a producer. The days stay text until they are a number.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct ProducerForm {
    slug: String,
    name_fr: String,
    name_en: String,
    contact: String,
    silence_goes_on: String,
    consultation_days: String,
}

impl ProducerForm {
    fn of(producer: &Producer) -> Self {
        let producer = producer.clone();
        Self {
            slug: producer.slug,
            name_fr: producer.name.fr,
            name_en: producer.name.en,
            contact: producer.contact,
            silence_goes_on: if producer.silence_goes_on { "yes" } else { "" }.to_owned(),
            consultation_days: producer.consultation_days.to_string(),
        }
    }

    fn described(&self) -> Result<Described, Failure> {
        let days = self.consultation_days.trim().parse();
        let wrong = |_| Failure::invalid("consultation_days", "producer-days");
        Ok(Described {
            name: Text::new(self.name_fr.trim(), self.name_en.trim()),
            contact: self.contact.trim().to_owned(),
            silence_goes_on: self.silence_goes_on == "yes",
            consultation_days: days.map_err(wrong)?,
        })
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "data/producer/new.html")]
struct NewProducer {
    ui: Ui,
    form: ProducerForm,
    fault: Fault,
    may_name: bool,
}

impl NewProducer {
    fn new(ui: Ui, form: ProducerForm, fault: Fault) -> Self {
        Self { ui, form, fault, may_name: true }
    }

    fn days(&self) -> String {
        days(&self.ui)
    }
}

/// How many days a producer may have, in words.
fn days(ui: &Ui) -> String {
    let low = ("low", CONSULTATION_DAYS);
    ui.t2("producer-days-hint", low, ("high", CONSULTATION_DAYS_MAX))
}

async fn new_producer(ui: Ui, me: SignedIn) -> Result<NewProducer, PageError> {
    may_manage(&me.actor).map_err(Failure::from)?;
    let consultation_days = CONSULTATION_DAYS.to_string();
    let form = ProducerForm { consultation_days, ..ProducerForm::default() };
    Ok(NewProducer::new(ui, form, Fault::default()))
}

async fn create_producer(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Form(form): Form<ProducerForm>,
) -> Result<Response, PageError> {
    let made = match form.described() {
        Ok(given) => {
            producer::create_producer(&app.centre, &me.actor, form.slug.trim(), given).await
        }
        // Who may not is told so, whatever was typed.
        Err(wrong) => Err(may_manage(&me.actor).map_or_else(Failure::from, |_| wrong)),
    };
    let to = |producer: Producer| format!("/producers/{}?done=producer-created", producer.id);
    form::answer(ui, made, to, async |ui, fault| Ok(NewProducer::new(ui, form, fault))).await
}

/// What is typed to appoint somebody, or to end a producer.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct ActForm {
    email: String,
    role: String,
    person: String,
    act: String,
    reason: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "data/producer/show.html")]
struct ShowProducer {
    ui: Ui,
    shown: Shown,
    form: ProducerForm,
    act: ActForm,
    fault: Fault,
    may_name: bool,
}

#[expect(clippy::unused_self, reason = "templates call methods")]
impl ShowProducer {
    fn roles(&self) -> [Role; 2] {
        [Role::ProducerAgent, Role::ProducerDecider]
    }

    fn days(&self) -> String {
        days(&self.ui)
    }

    /// What the button says that takes a role from somebody.
    fn dismissal(&self, person: &Person, role: &Role) -> String {
        let role = ("role", self.ui.word("role", role.name()));
        self.ui.t2("producer-dismiss", role, ("name", &person.name))
    }

    fn state(&self) -> Badge {
        badge(&self.ui, "producer", self.shown.producer.state())
    }

    fn source_state(&self, source: &domain::Source) -> Badge {
        badge(&self.ui, "source", source.state.name())
    }
}

async fn page(app: &App, ui: Ui, me: &SignedIn, id: ProducerId) -> Result<ShowProducer, PageError> {
    let shown = producer::read_producer(&app.centre, &me.actor, id).await?;
    let form = ProducerForm::of(&shown.producer);
    let (act, fault, may_name) = (ActForm::default(), Fault::default(), shown.may_manage);
    Ok(ShowProducer { ui, shown, form, act, fault, may_name })
}

async fn show_producer(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ProducerId>,
) -> Result<ShowProducer, PageError> {
    page(&app, ui, &me, id).await
}

async fn edit_producer(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ProducerId>,
    Form(mut form): Form<ProducerForm>,
) -> Result<Response, PageError> {
    let now = producer::read_producer(&app.centre, &me.actor, id).await?;
    if !now.may_manage {
        // An agent's form does not have the name.
        let names = ProducerForm::of(&now.producer);
        (form.name_fr, form.name_en) = (names.name_fr, names.name_en);
    }
    let edited = match form.described() {
        Ok(given) => producer::edit_producer(&app.centre, &me.actor, id, given).await,
        Err(wrong) => Err(wrong),
    };
    let to = |_| format!("/producers/{id}?done=saved");
    form::answer(ui, edited, to, async |ui, fault| {
        Ok(ShowProducer { form, fault, ..page(&app, ui, &me, id).await? })
    })
    .await
}

async fn change_people(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ProducerId>,
    Form(act): Form<ActForm>,
) -> Result<Response, PageError> {
    let changed = change(&app, &me, id, &act).await;
    answer((&app, ui, &me), id, changed, "saved", act).await
}

async fn change(app: &App, me: &SignedIn, id: ProducerId, act: &ActForm) -> Result<(), Failure> {
    let role = Role::parse(&act.role).filter(|role| role.is_of_a_producer());
    let role = role.ok_or_else(|| Failure::invalid("role", "missing"))?;
    let grant = RoleGrant { role, producer: Some(id) };
    if act.act == "take" {
        let person: PersonId = act.person.parse().map_err(|_| Failure::missing("person", ""))?;
        return person::take_role(&app.centre, &me.actor, person, grant).await;
    }
    person::appoint(&app.centre, &me.actor, &act.email, grant).await
}

async fn end_producer(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ProducerId>,
    Form(act): Form<ActForm>,
) -> Result<Response, PageError> {
    let ended = producer::end_producer(&app.centre, &me.actor, id, &act.reason).await;
    answer((&app, ui, &me), id, ended, "producer-ended", act).await
}

async fn reopen_producer(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ProducerId>,
    Form(act): Form<ActForm>,
) -> Result<Response, PageError> {
    let reopened = producer::reopen_producer(&app.centre, &me.actor, id, &act.reason).await;
    answer((&app, ui, &me), id, reopened, "producer-reopened", act).await
}

async fn answer(
    (app, ui, me): (&App, Ui, &SignedIn),
    id: ProducerId,
    result: Result<(), Failure>,
    done: &str,
    act: ActForm,
) -> Result<Response, PageError> {
    let to = |()| format!("/producers/{id}?done={done}");
    let again = async |ui, fault| Ok(ShowProducer { act, fault, ..page(app, ui, me, id).await? });
    form::answer(ui, result, to, again).await
}
