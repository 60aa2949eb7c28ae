//! Producers as JSON: the same use cases as the pages. Who acts for one is given and taken by
//! `/people/{id}/roles`.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{
    ProducerId, Text,
    data::producer::{CONSULTATION_DAYS, Described},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use workflows::data::producer::{self, Shown};

use crate::{answers::ReasonBody, app::App, error::PageError, extract::SignedIn};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_producers, create_producer))
        .routes(routes!(read_producer, edit_producer))
        .routes(routes!(end_producer))
        .routes(routes!(reopen_producer))
}

/// A producer.
#[derive(Serialize, ToSchema)]
struct ProducerView {
    id: Uuid,
    slug: String,
    name_fr: String,
    name_en: String,
    contact: String,
    silence_goes_on: bool,
    consultation_days: u16,
    questions: Vec<QuestionBody>,
    state: &'static str,
    people: Vec<ActsView>,
}

/// Who acts for a producer.
#[derive(Serialize, ToSchema)]
struct ActsView {
    person: Uuid,
    role: &'static str,
}

fn view(shown: &Shown) -> ProducerView {
    let one = shown.producer.clone();
    let acts = shown.people.iter();
    let acts = acts.map(|(person, role)| ActsView { person: person.id.0, role: role.name() });
    ProducerView {
        id: one.id.0,
        state: one.state(),
        questions: one.asks().map(|(_, text)| question(text)).collect(),
        slug: one.slug,
        name_fr: one.name.fr,
        name_en: one.name.en,
        contact: one.contact,
        silence_goes_on: one.silence_goes_on,
        consultation_days: one.consultation_days,
        people: acts.collect(),
    }
}

fn question(text: &Text) -> QuestionBody {
    QuestionBody { fr: text.fr.clone(), en: text.en.clone() }
}

/// What is said of a producer. `slug` is read when it is created, and never again. What a change
/// does not say stays as it is; what a new producer needs and does not say is refused.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
struct ProducerBody {
    slug: String,
    name_fr: Option<String>,
    name_en: Option<String>,
    contact: Option<String>,
    silence_goes_on: Option<bool>,
    consultation_days: Option<u16>,
    /// All that it asks in each application.
    questions: Option<Vec<QuestionBody>>,
}

/// A question in both languages.
#[derive(Serialize, Deserialize, ToSchema)]
struct QuestionBody {
    fr: String,
    en: String,
}

impl ProducerBody {
    fn over(self, stands: Described) -> Described {
        let texts = |asked: Vec<QuestionBody>| {
            asked.into_iter().map(|one| Text::new(one.fr, one.en)).collect()
        };
        Described {
            name: Text {
                fr: self.name_fr.unwrap_or(stands.name.fr),
                en: self.name_en.unwrap_or(stands.name.en),
            },
            contact: self.contact.unwrap_or(stands.contact),
            silence_goes_on: self.silence_goes_on.unwrap_or(stands.silence_goes_on),
            consultation_days: self.consultation_days.unwrap_or(stands.consultation_days),
            questions: self.questions.map_or(stands.questions, texts),
        }
    }
}

/// What a new producer has where nothing is said.
fn new_producer() -> Described {
    Described {
        name: Text::default(),
        contact: String::new(),
        silence_goes_on: false,
        consultation_days: CONSULTATION_DAYS,
        questions: Vec::new(),
    }
}

#[utoipa::path(get, path = "/producers", tag = "data", responses((status = 200, body = [ProducerView])))]
async fn list_producers(
    State(app): State<App>,
    me: SignedIn,
) -> Result<Json<Vec<ProducerView>>, PageError> {
    let found = producer::list_producers(&app.centre, &me.actor).await?;
    Ok(Json(found.iter().map(view).collect()))
}

#[utoipa::path(post, path = "/producers", tag = "data", request_body = ProducerBody, responses((status = 201, body = ProducerView)))]
async fn create_producer(
    State(app): State<App>,
    me: SignedIn,
    Json(body): Json<ProducerBody>,
) -> Result<(StatusCode, Json<ProducerView>), PageError> {
    let slug = body.slug.clone();
    let given = body.over(new_producer());
    let made = producer::create_producer(&app.centre, &me.actor, &slug, given).await?;
    let shown = producer::read_producer(&app.centre, &me.actor, made.id).await?;
    Ok((StatusCode::CREATED, Json(view(&shown))))
}

#[utoipa::path(get, path = "/producers/{id}", tag = "data", params(("id" = Uuid, Path)), responses((status = 200, body = ProducerView)))]
async fn read_producer(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ProducerId>,
) -> Result<Json<ProducerView>, PageError> {
    Ok(Json(view(&producer::read_producer(&app.centre, &me.actor, id).await?)))
}

#[utoipa::path(put, path = "/producers/{id}", tag = "data", params(("id" = Uuid, Path)), request_body = ProducerBody, responses((status = 204)))]
async fn edit_producer(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ProducerId>,
    Json(body): Json<ProducerBody>,
) -> Result<StatusCode, PageError> {
    producer::edit_producer(&app.centre, &me.actor, id, |stands| Ok(body.over(stands))).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/producers/{id}/end", tag = "data", params(("id" = Uuid, Path)), request_body = ReasonBody, responses((status = 204)))]
async fn end_producer(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ProducerId>,
    Json(body): Json<ReasonBody>,
) -> Result<StatusCode, PageError> {
    producer::end_producer(&app.centre, &me.actor, id, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/producers/{id}/reopen", tag = "data", params(("id" = Uuid, Path)), request_body = ReasonBody, responses((status = 204)))]
async fn reopen_producer(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ProducerId>,
    Json(body): Json<ReasonBody>,
) -> Result<StatusCode, PageError> {
    producer::reopen_producer(&app.centre, &me.actor, id, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
