//! The acts of this column as JSON: the same use cases as the pages.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use domain::{
    Lang, Person, PersonId,
    people::person_enrolment::{Evidence, Invited},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use workflows::{
    Failure,
    people::{enrolment, invitation, person, recovery, token},
};

use super::person::role_grant;
use crate::{answers::ReasonBody, app::App, error::PageError, extract::SignedIn};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read_me))
        .routes(routes!(make_token))
        .routes(routes!(choose_language))
        .routes(routes!(list_persons, invite_person))
        .routes(routes!(read_person))
        .routes(routes!(renew_invitation))
        .routes(routes!(write_institution))
        .routes(routes!(check_identity))
        .routes(routes!(enrol_person))
        .routes(routes!(recover_person))
        .routes(routes!(give_role, take_role))
        .routes(routes!(suspend_person))
        .routes(routes!(restore_person))
        .routes(routes!(close_person))
}

/// An account. Hashes of secrets are not part of it.
#[derive(Serialize, ToSchema)]
struct PersonView {
    id: Uuid,
    name: String,
    email: String,
    institution: String,
    language: &'static str,
    state: &'static str,
    roles: Vec<RoleView>,
    habilitations: Vec<HabilitationView>,
}

/// A role.
#[derive(Serialize, Deserialize, ToSchema)]
struct RoleView {
    role: String,
    #[serde(default)]
    producer: String,
}

/// A right in one project.
#[derive(Serialize, ToSchema)]
struct HabilitationView {
    id: Uuid,
    application: Uuid,
    state: &'static str,
    start: Option<String>,
    end: Option<String>,
    vintages: Vec<Uuid>,
}

fn view(person: &Person, rights: &[person::Right]) -> PersonView {
    let roles = person.roles.iter().map(|grant| RoleView {
        role: grant.role.name().to_owned(),
        producer: grant.producer.map_or_else(String::new, |id| id.to_string()),
    });
    let rights = rights.iter().map(|right| &right.habilitation);
    let habilitations = rights.map(|one| HabilitationView {
        id: one.id.0,
        application: one.application.0,
        state: one.state.name(),
        start: one.state.term().map(|term| term.0.to_string()),
        end: one.state.term().map(|term| term.1.to_string()),
        vintages: one.grants.iter().map(|grant| grant.vintage.0).collect(),
    });
    PersonView {
        id: person.id.0,
        name: person.name.clone(),
        email: person.email.clone(),
        institution: person.institution.clone(),
        language: person.language.tag(),
        state: person.state.name(),
        roles: roles.collect(),
        habilitations: habilitations.collect(),
    }
}

#[utoipa::path(get, path = "/me", responses((status = 200, body = PersonView)))]
async fn read_me(State(app): State<App>, me: SignedIn) -> Result<Json<PersonView>, PageError> {
    let own = person::read_me(&app.centre, &me.actor).await?;
    Ok(Json(view(&me.person, &own.rights)))
}

/// The language of one's mails and pages.
#[derive(Deserialize, ToSchema)]
struct LanguageBody {
    /// `fr` or `en`.
    language: String,
}

/// Choose the language of one's mails and pages
#[utoipa::path(put, path = "/me/language", request_body = LanguageBody, responses((status = 204), (status = 422)))]
async fn choose_language(
    State(app): State<App>,
    me: SignedIn,
    Json(body): Json<LanguageBody>,
) -> Result<StatusCode, PageError> {
    let language = Lang::parse(&body.language);
    let language = language.ok_or_else(|| Failure::invalid("language", "not-a-choice"))?;
    person::choose_language(&app.centre, &me.actor, language).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The name of a token.
#[derive(Deserialize, ToSchema)]
struct TokenBody {
    label: String,
}

/// A token, this once.
#[derive(Serialize, ToSchema)]
struct TokenView {
    token: String,
}

#[utoipa::path(post, path = "/me/tokens", request_body = TokenBody, responses((status = 201, body = TokenView)))]
async fn make_token(
    State(app): State<App>,
    me: SignedIn,
    Json(body): Json<TokenBody>,
) -> Result<(StatusCode, Json<TokenView>), PageError> {
    let token = token::make_token(&app.centre, &me.actor, &me.login, &body.label).await?;
    Ok((StatusCode::CREATED, Json(TokenView { token })))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
}

#[utoipa::path(get, path = "/people", params(("q" = Option<String>, Query)), responses((status = 200, body = [PersonView])))]
async fn list_persons(
    State(app): State<App>,
    me: SignedIn,
    Query(query): Query<Wanted>,
) -> Result<Json<Vec<PersonView>>, PageError> {
    let persons = person::list_persons(&app.centre, &me.actor, &query.q).await?;
    Ok(Json(persons.iter().map(|person| view(person, &[])).collect()))
}

/// Who is to be invited.
#[derive(Deserialize, ToSchema)]
struct InviteBody {
    name: String,
    email: String,
    #[serde(default)]
    institution: String,
    #[serde(default)]
    language: String,
}

#[utoipa::path(post, path = "/people", request_body = InviteBody, responses((status = 201, body = PersonView)))]
async fn invite_person(
    State(app): State<App>,
    me: SignedIn,
    Json(body): Json<InviteBody>,
) -> Result<(StatusCode, Json<PersonView>), PageError> {
    let language = Lang::parse(&body.language).unwrap_or_default();
    let InviteBody { name, email, institution, .. } = body;
    let who = Invited { name, email, institution, language };
    let person = invitation::invite_person(&app.centre, &me.actor, &who).await?;
    Ok((StatusCode::CREATED, Json(view(&person, &[]))))
}

#[utoipa::path(get, path = "/people/{id}", params(("id" = Uuid, Path)), responses((status = 200, body = PersonView)))]
async fn read_person(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
) -> Result<Json<PersonView>, PageError> {
    let account = person::read_person(&app.centre, &me.actor, id).await?;
    Ok(Json(view(&account.person, &account.rights)))
}

#[utoipa::path(post, path = "/people/{id}/renew", params(("id" = Uuid, Path)), responses((status = 204)))]
async fn renew_invitation(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
) -> Result<StatusCode, PageError> {
    invitation::renew_invitation(&app.centre, &me.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where a person works.
#[derive(Deserialize, ToSchema)]
struct InstitutionBody {
    institution: String,
}

#[utoipa::path(put, path = "/people/{id}/institution", params(("id" = Uuid, Path)), request_body = InstitutionBody, responses((status = 204)))]
async fn write_institution(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Json(body): Json<InstitutionBody>,
) -> Result<StatusCode, PageError> {
    person::write_institution(&app.centre, &me.actor, id, &body.institution).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an enrolment agent saw.
#[derive(Deserialize, ToSchema)]
struct EvidenceBody {
    document: String,
    meeting: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    name_matches: bool,
}

impl EvidenceBody {
    fn evidence(&self) -> Evidence<'_> {
        Evidence { document: &self.document, meeting: &self.meeting, note: &self.note }
    }
}

#[utoipa::path(post, path = "/people/{id}/identity", params(("id" = Uuid, Path)), request_body = EvidenceBody, responses((status = 204)))]
async fn check_identity(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Json(body): Json<EvidenceBody>,
) -> Result<StatusCode, PageError> {
    let (evidence, matches) = (body.evidence(), body.name_matches);
    enrolment::check_identity(&app.centre, &me.actor, id, &evidence, matches).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the charter's quiz was passed.
#[derive(Deserialize, ToSchema)]
struct QuizBody {
    quiz: bool,
}

#[utoipa::path(post, path = "/people/{id}/enrol", params(("id" = Uuid, Path)), request_body = QuizBody, responses((status = 204)))]
async fn enrol_person(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Json(body): Json<QuizBody>,
) -> Result<StatusCode, PageError> {
    enrolment::enrol_person(&app.centre, &me.actor, id, body.quiz).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A link, this once.
#[derive(Serialize, ToSchema)]
struct LinkView {
    link: String,
}

#[utoipa::path(post, path = "/people/{id}/recover", params(("id" = Uuid, Path)), request_body = EvidenceBody, responses((status = 201, body = LinkView)))]
async fn recover_person(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Json(body): Json<EvidenceBody>,
) -> Result<(StatusCode, Json<LinkView>), PageError> {
    let link = recovery::recover_person(&app.centre, &me.actor, id, &body.evidence()).await?;
    Ok((StatusCode::CREATED, Json(LinkView { link })))
}

#[utoipa::path(post, path = "/people/{id}/roles", params(("id" = Uuid, Path)), request_body = RoleView, responses((status = 204)))]
async fn give_role(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Json(body): Json<RoleView>,
) -> Result<StatusCode, PageError> {
    let grant = role_grant(&body.role, &body.producer)?;
    person::give_role(&app.centre, &me.actor, id, grant).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(delete, path = "/people/{id}/roles", params(("id" = Uuid, Path)), request_body = RoleView, responses((status = 204)))]
async fn take_role(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Json(body): Json<RoleView>,
) -> Result<StatusCode, PageError> {
    let grant = role_grant(&body.role, &body.producer)?;
    person::take_role(&app.centre, &me.actor, id, grant).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/people/{id}/suspend", params(("id" = Uuid, Path)), request_body = ReasonBody, responses((status = 204)))]
async fn suspend_person(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Json(body): Json<ReasonBody>,
) -> Result<StatusCode, PageError> {
    person::suspend_person(&app.centre, &me.actor, id, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the second of two persons has done it.
#[derive(Serialize, ToSchema)]
struct RestoreView {
    restored: bool,
}

#[utoipa::path(post, path = "/people/{id}/restore", params(("id" = Uuid, Path)), request_body = ReasonBody, responses((status = 200, body = RestoreView)))]
async fn restore_person(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Json(body): Json<ReasonBody>,
) -> Result<Json<RestoreView>, PageError> {
    let restored = person::restore_person(&app.centre, &me.actor, id, &body.reason).await?;
    Ok(Json(RestoreView { restored }))
}

#[utoipa::path(post, path = "/people/{id}/close", params(("id" = Uuid, Path)), responses((status = 204)))]
async fn close_person(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
) -> Result<StatusCode, PageError> {
    person::close_person(&app.centre, &me.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
