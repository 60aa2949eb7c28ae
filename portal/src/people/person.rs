//! Accounts, for those who invite, enrol, give roles, suspend and close.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use domain::{
    Lang, Person, PersonId, ProducerId, Role, RoleGrant,
    people::{
        person::PersonState,
        person_enrolment::{DOCUMENTS, Evidence, Invited, MEETINGS, may_invite},
    },
};
use serde::Deserialize;
use workflows::{
    Failure,
    people::{
        enrolment, invitation,
        person::{self, Account},
        recovery,
    },
};

use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    form::{self, Fault},
    ui::Ui,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/people", get(list_persons))
        .route("/people/invite", get(new_invitation).post(invite_person))
        .route("/people/{id}", get(show_person))
        .route("/people/{id}/institution", post(write_institution))
        .route("/people/{id}/renew", post(renew_invitation))
        .route("/people/{id}/identity", post(check_identity))
        .route("/people/{id}/enrol", post(enrol_person))
        .route("/people/{id}/recover", post(recover_person))
        .route("/people/{id}/roles", post(change_role))
        .route("/people/{id}/suspend", post(suspend_person))
        .route("/people/{id}/restore", post(restore_person))
        .route("/people/{id}/close", post(close_person))
}

#[derive(Template, WebTemplate)]
#[template(path = "people/person/list.html")]
struct ListPersons {
    ui: Ui,
    persons: Vec<Person>,
    wanted: String,
    can_invite: bool,
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
}

async fn list_persons(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Query(query): Query<Wanted>,
) -> Result<ListPersons, PageError> {
    let persons = person::list_persons(&app.centre, &me.actor, &query.q).await?;
    let can_invite = may_invite(&me.actor).is_ok();
    Ok(ListPersons { ui, persons, wanted: query.q, can_invite })
}

#[derive(Clone, Default, Deserialize)]
struct InviteForm {
    name: String,
    email: String,
    #[serde(default)]
    institution: String,
    #[serde(default)]
    lang: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "people/person/invite.html")]
struct InvitePerson {
    ui: Ui,
    form: InviteForm,
    fault: Fault,
}

async fn new_invitation(ui: Ui, me: SignedIn) -> Result<InvitePerson, PageError> {
    may_invite(&me.actor).map_err(Failure::from)?;
    let form = InviteForm { lang: ui.lang.tag().to_owned(), ..InviteForm::default() };
    Ok(InvitePerson { ui, form, fault: Fault::default() })
}

async fn invite_person(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Form(form): Form<InviteForm>,
) -> Result<Response, PageError> {
    let who = Invited {
        name: form.name.clone(),
        email: form.email.clone(),
        institution: form.institution.clone(),
        language: Lang::parse(&form.lang).unwrap_or_default(),
    };
    let invited = invitation::invite_person(&app.centre, &me.actor, &who).await;
    let to = |person: Person| format!("/people/{}?done=invited", person.id);
    form::answer(ui, invited, to, async |ui, fault| Ok(InvitePerson { ui, form, fault })).await
}

#[derive(Template, WebTemplate)]
#[template(path = "people/person/show.html")]
struct ShowPerson {
    ui: Ui,
    account: Account,
    form: ActForm,
    /// A recovery link that was just made: shown this once.
    link: Option<String>,
    fault: Fault,
}

impl ShowPerson {
    fn may(&self, act: &str) -> bool {
        self.account.acts.contains(&act)
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn documents(&self) -> [&'static str; 4] {
        DOCUMENTS
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn meetings(&self) -> [&'static str; 2] {
        MEETINGS
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn roles(&self) -> [Role; 16] {
        Role::ALL
    }

    /// The name of the producer for which a role is held.
    fn producer(&self, grant: &RoleGrant) -> Option<&str> {
        let producer = self.account.producers.iter().find(|one| Some(one.id) == grant.producer)?;
        Some(self.ui.text(&producer.name))
    }

    /// Why the account is suspended, and whether the first of two persons has asked for its
    /// restoring.
    fn suspension(&self) -> Option<(&str, bool)> {
        match &self.account.person.state {
            PersonState::Suspended { reason, restore_asked_by, .. } => {
                Some((reason, restore_asked_by.is_some()))
            }
            _ => None,
        }
    }
}

/// Every field of the acts on a person: each act sends some.
#[derive(Clone, Default, Deserialize)]
struct ActForm {
    #[serde(default)]
    document: String,
    #[serde(default)]
    meeting: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    name_matches: String,
    #[serde(default)]
    quiz: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    producer: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    institution: String,
}

impl ActForm {
    fn evidence(&self) -> Evidence<'_> {
        Evidence { document: &self.document, meeting: &self.meeting, note: &self.note }
    }
}

async fn page(app: &App, ui: Ui, me: &SignedIn, id: PersonId) -> Result<ShowPerson, PageError> {
    let account = person::read_person(&app.centre, &me.actor, id).await?;
    let form = ActForm::default();
    Ok(ShowPerson { ui, account, form, link: None, fault: Fault::default() })
}

/// After an act: back to the person, or the form again with what is wrong.
async fn answer<T>(
    (app, ui, me): (&App, Ui, &SignedIn),
    id: PersonId,
    result: Result<T, Failure>,
    done: &str,
    form: ActForm,
) -> Result<Response, PageError> {
    let to = |_| format!("/people/{id}?done={done}");
    let again = async |ui, fault| Ok(ShowPerson { form, fault, ..page(app, ui, me, id).await? });
    form::answer(ui, result, to, again).await
}

async fn show_person(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
) -> Result<ShowPerson, PageError> {
    page(&app, ui, &me, id).await
}

async fn write_institution(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Form(form): Form<ActForm>,
) -> Result<Response, PageError> {
    let result = person::write_institution(&app.centre, &me.actor, id, &form.institution).await;
    answer((&app, ui, &me), id, result, "saved", form).await
}

async fn renew_invitation(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let result = invitation::renew_invitation(&app.centre, &me.actor, id).await;
    answer((&app, ui, &me), id, result, "invited", ActForm::default()).await
}

async fn check_identity(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Form(form): Form<ActForm>,
) -> Result<Response, PageError> {
    let (evidence, matches) = (form.evidence(), form.name_matches == "yes");
    let result = enrolment::check_identity(&app.centre, &me.actor, id, &evidence, matches).await;
    answer((&app, ui, &me), id, result, "identity-checked", form).await
}

async fn enrol_person(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Form(form): Form<ActForm>,
) -> Result<Response, PageError> {
    let quiz = form.quiz == "yes";
    let result = enrolment::enrol_person(&app.centre, &me.actor, id, quiz).await;
    answer((&app, ui, &me), id, result, "enrolled", form).await
}

/// The link is in the answer to this post and nowhere else.
async fn recover_person(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Form(form): Form<ActForm>,
) -> Result<Response, PageError> {
    let result = recovery::recover_person(&app.centre, &me.actor, id, &form.evidence()).await;
    match result {
        Ok(link) => {
            let page = ShowPerson { link: Some(link), ..page(&app, ui, &me, id).await? };
            Ok(page.into_response())
        }
        Err(failure) => {
            let again =
                async |ui, fault| Ok(ShowPerson { form, fault, ..page(&app, ui, &me, id).await? });
            form::refused(ui, failure, again).await
        }
    }
}

async fn change_role(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Form(form): Form<ActForm>,
) -> Result<Response, PageError> {
    let result = match role_grant(&form.role, &form.producer) {
        Err(failure) => Err(failure),
        Ok(grant) if form.act == "take" => {
            person::take_role(&app.centre, &me.actor, id, grant).await
        }
        Ok(grant) => person::give_role(&app.centre, &me.actor, id, grant).await,
    };
    answer((&app, ui, &me), id, result, "saved", form).await
}

/// A role by its name, and the producer for the roles that are held for one.
pub(super) fn role_grant(role: &str, producer: &str) -> Result<RoleGrant, Failure> {
    let role = Role::parse(role).ok_or_else(|| Failure::invalid("role", "missing"))?;
    let producer: Option<ProducerId> = match producer {
        "" => None,
        id => Some(id.parse().map_err(|_| Failure::invalid("producer", "role-producer"))?),
    };
    // The form has one producer field for all roles; it says nothing about the others.
    Ok(RoleGrant { role, producer: producer.filter(|_| role.is_of_a_producer()) })
}

async fn suspend_person(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Form(form): Form<ActForm>,
) -> Result<Response, PageError> {
    let result = person::suspend_person(&app.centre, &me.actor, id, &form.reason).await;
    answer((&app, ui, &me), id, result, "suspended", form).await
}

async fn restore_person(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
    Form(form): Form<ActForm>,
) -> Result<Response, PageError> {
    let result = person::restore_person(&app.centre, &me.actor, id, &form.reason).await;
    let done = if matches!(result, Ok(true)) { "restored" } else { "restore-asked" };
    answer((&app, ui, &me), id, result, done, form).await
}

async fn close_person(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let result = person::close_person(&app.centre, &me.actor, id).await;
    answer((&app, ui, &me), id, result, "closed", ActForm::default()).await
}
