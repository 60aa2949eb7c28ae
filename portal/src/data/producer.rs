//! Producers: the list, the form of one, its people, its end.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{
    Person, PersonId, Producer, ProducerId, Role, RoleGrant, Text,
    data::{
        producer::{CONSULTATION_DAYS, CONSULTATION_DAYS_MAX, Described, may_manage},
        producer_question::{QUESTION_CHARS_MAX, QUESTIONS_MAX},
    },
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

/// How many empty lines there are for further questions.
const QUESTION_LINES: usize = 3;

/// What is typed about a producer. The days stay text until they are a number; the questions come
/// line by line, each in both languages.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct ProducerForm {
    slug: String,
    name_fr: String,
    name_en: String,
    contact: String,
    silence_goes_on: String,
    consultation_days: String,
    question_fr: Vec<String>,
    question_en: Vec<String>,
}

impl ProducerForm {
    fn of(producer: &Producer) -> Self {
        let stands = producer.described();
        let (question_fr, question_en) =
            stands.questions.into_iter().map(|one| (one.fr, one.en)).unzip();
        Self {
            slug: producer.slug.clone(),
            name_fr: stands.name.fr,
            name_en: stands.name.en,
            contact: stands.contact,
            silence_goes_on: if stands.silence_goes_on { "yes" } else { "" }.to_owned(),
            consultation_days: stands.consultation_days.to_string(),
            question_fr,
            question_en,
        }
    }

    fn described(&self) -> Result<Described, Failure> {
        let days = self.consultation_days.trim().parse();
        let wrong = |_| Failure::invalid("consultation_days", "producer-days");
        let typed = self.typed().into_iter();
        Ok(Described {
            name: Text::new(&self.name_fr, &self.name_en),
            contact: self.contact.clone(),
            silence_goes_on: self.silence_goes_on == "yes",
            consultation_days: days.map_err(wrong)?,
            questions: typed.map(|(fr, en)| Text::new(fr, en)).collect(),
        })
    }

    /// The lines of questions, each in both languages.
    fn typed(&self) -> Vec<(&str, &str)> {
        fn at(lines: &[String], place: usize) -> &str {
            lines.get(place).map_or("", String::as_str)
        }
        let count = self.question_fr.len().max(self.question_en.len());
        (0..count).map(|n| (at(&self.question_fr, n), at(&self.question_en, n))).collect()
    }

    /// What was typed, and some empty lines. More than can be asked are shown too: nothing that was
    /// typed is lost.
    fn lines(&self) -> Vec<(&str, &str)> {
        let mut lines = self.typed();
        lines.retain(|(fr, en)| !(fr.trim().is_empty() && en.trim().is_empty()));
        let room = QUESTIONS_MAX.saturating_sub(lines.len()).min(QUESTION_LINES);
        lines.extend(std::iter::repeat_n(("", ""), room));
        lines
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

    fn questions(&self) -> String {
        questions(&self.ui)
    }
}

/// How many days a producer may have, in words.
fn days(ui: &Ui) -> String {
    let low = ("low", CONSULTATION_DAYS);
    ui.t2("producer-days-hint", low, ("high", CONSULTATION_DAYS_MAX))
}

/// How many questions a producer may ask, in words.
fn questions(ui: &Ui) -> String {
    ui.t2("producer-questions-hint", ("count", QUESTIONS_MAX), ("length", QUESTION_CHARS_MAX))
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
        Ok(given) => producer::create_producer(&app.centre, &me.actor, &form.slug, given).await,
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

    fn questions(&self) -> String {
        questions(&self.ui)
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
    Form(form): Form<ProducerForm>,
) -> Result<Response, PageError> {
    let may_name = may_manage(&me.actor).is_ok();
    let given = |stands: Described| {
        let typed = form.described()?;
        // An agent's form does not have the name.
        let name = if may_name { typed.name } else { stands.name };
        // A page's form has lines for questions, be they empty: without any it is not of a page.
        let has_lines = !form.typed().is_empty();
        let questions = if has_lines { typed.questions } else { stands.questions };
        Ok(Described { name, questions, ..typed })
    };
    let edited = producer::edit_producer(&app.centre, &me.actor, id, given).await;
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
