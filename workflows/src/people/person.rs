//! Accounts as people see them: the list, one account, roles, standing.

use domain::{
    Actor, Application, Denied, Event, Habilitation, Lang, Person, PersonId, Producer, Role,
    RoleGrant,
    people::{
        person_enrolment::{may_enrol, may_invite},
        person_institution::may_write_institution,
        person_roles::may_change_roles,
        person_standing::{may_close, may_restore, may_suspend},
    },
};
use serde_json::json;
use store::{Credential, Login};

use super::login;
use crate::{Centre, Failure};

/// Roles that see the accounts.
const READERS: [Role; 5] = [
    Role::EnrolmentAgent,
    Role::ProjectManager,
    Role::SecurityOfficer,
    Role::Secretary,
    Role::Auditor,
];

/// A habilitation with its project.
pub struct Right {
    /// The habilitation.
    pub habilitation: Habilitation,
    /// The project; none where it is gone.
    pub application: Option<Application>,
}

/// One's own account.
pub struct Me {
    /// Habilitations, newest first.
    pub rights: Vec<Right>,
    /// Passkeys that are not revoked.
    pub passkeys: Vec<Credential>,
    /// Signed-in browsers and access tokens.
    pub logins: Vec<Login>,
}

/// Somebody's account, and what the reader may do with it now.
pub struct Account {
    /// The account.
    pub person: Person,
    /// Habilitations, newest first.
    pub rights: Vec<Right>,
    /// How many live passkeys there are.
    pub passkeys: usize,
    /// What happened to the account, newest first, with the name of who did it.
    pub history: Vec<(Event, Option<String>)>,
    /// Producers, for the roles that are held for one.
    pub producers: Vec<Producer>,
    /// The acts that the reader may do: stable words.
    pub acts: Vec<&'static str>,
}

/// One's own account.
pub async fn read_me(centre: &Centre, actor: &Actor) -> Result<Me, Failure> {
    Ok(Me {
        rights: rights(centre, actor.id).await?,
        passkeys: centre.store.credentials_of(actor.id).await?,
        logins: login::list(centre, actor).await?,
    })
}

async fn rights(centre: &Centre, id: PersonId) -> Result<Vec<Right>, Failure> {
    let mut rights = Vec::new();
    for habilitation in centre.store.habilitations_of(id).await?.into_iter().rev() {
        let application = centre.store.get(habilitation.application).await?;
        rights.push(Right { habilitation, application });
    }
    Ok(rights)
}

/// Every account whose name, address or institution contains `wanted`, by name.
pub async fn list_persons(
    centre: &Centre,
    actor: &Actor,
    wanted: &str,
) -> Result<Vec<Person>, Failure> {
    actor.needs(&READERS)?;
    let wanted = wanted.trim().to_lowercase();
    let mut persons = centre.store.all::<Person>().await?;
    persons.retain(|person| {
        let fields = [&person.name, &person.email, &person.institution];
        fields.iter().any(|field| field.to_lowercase().contains(&wanted))
    });
    persons.sort_by_key(|person| person.name.to_lowercase());
    Ok(persons)
}

/// One account.
pub async fn read_person(centre: &Centre, actor: &Actor, id: PersonId) -> Result<Account, Failure> {
    if actor.needs(&READERS).is_err() {
        return Err(Denied::Hidden.into());
    }
    let person: Person = centre.load("person", id).await?;
    let mut history = Vec::new();
    for sealed in centre.store.events_of(id).await?.into_iter().rev().take(100) {
        let by = match sealed.event.actor {
            Some(by) => centre.store.get::<Person>(by).await?.map(|person| person.name),
            None => None,
        };
        history.push((sealed.event, by));
    }
    Ok(Account {
        rights: rights(centre, id).await?,
        passkeys: centre.store.credentials_of(id).await?.len(),
        history,
        producers: centre.store.all().await?,
        acts: acts(actor, &person),
        person,
    })
}

/// The acts that stand open: the same rules as the acts themselves.
fn acts(actor: &Actor, person: &Person) -> Vec<&'static str> {
    let state = person.state.name();
    let open = !matches!(state, "suspended" | "closed");
    let enrols = may_enrol(actor, person).is_ok();
    let written = state != "closed" && may_write_institution(actor, person).is_ok();
    let all = [
        ("institution", written),
        ("renew", state == "invited" && may_invite(actor).is_ok()),
        ("check_identity", state == "registered" && enrols),
        ("enrol", state == "identity_checked" && enrols),
        ("recover", person.may_act() && enrols),
        ("roles", person.may_act() && may_change_roles(actor, person).is_ok()),
        ("suspend", open && may_suspend(actor, person).is_ok()),
        ("restore", state == "suspended" && may_restore(actor, person).is_ok()),
        ("close", state != "closed" && may_close(actor, person).is_ok()),
    ];
    all.into_iter().filter(|(_, may)| *may).map(|(act, _)| act).collect()
}

/// Writes where somebody works; for oneself, as long as nothing is written.
pub async fn write_institution(
    centre: &Centre,
    actor: &Actor,
    id: PersonId,
    institution: &str,
) -> Result<(), Failure> {
    if actor.id != id && actor.needs(&READERS).is_err() {
        return Err(Denied::Hidden.into());
    }
    let before: Person = centre.load("person", id).await?;
    let after = may_write_institution(actor, &before)?.write(institution)?;
    let mut event = centre.event(actor, "person.institution_written", "person", id);
    event.payload = json!({ "before": before.institution, "after": after.institution });
    Ok(centre.store.change(&event).replace(&before, &after).commit().await?)
}

/// Gives the person with this address a role for a producer.
pub async fn appoint(
    centre: &Centre,
    actor: &Actor,
    email: &str,
    grant: RoleGrant,
) -> Result<(), Failure> {
    // Asked first: whether there is an account with an address is not for everybody to find out.
    actor.needs(&[Role::ProjectManager])?;
    let found = centre.store.person_by_email(&email.trim().to_lowercase()).await?;
    let person = found.ok_or_else(|| Failure::invalid("email", "email-unknown"))?;
    give_role(centre, actor, person.id, grant).await
}

/// Gives a role.
pub async fn give_role(
    centre: &Centre,
    actor: &Actor,
    id: PersonId,
    grant: RoleGrant,
) -> Result<(), Failure> {
    let producer: Option<Producer> = match grant.producer {
        Some(producer) => {
            let found = centre.store.get::<Producer>(producer).await?;
            Some(found.ok_or_else(|| Failure::invalid("producer", "role-producer"))?)
        }
        None => None,
    };
    if let Some(producer) = &producer {
        producer.open("appoint somebody to")?;
    }
    let before: Person = centre.load("person", id).await?;
    let after = may_change_roles(actor, &before)?.give(grant)?;
    let event = role_event(centre, actor, "person.role_given", id, grant);
    let mut change = centre.store.change(&event);
    change.replace(&before, &after);
    if let Some(producer) = &producer {
        change.replace(producer, producer); // else it could end at this moment
    }
    Ok(change.commit().await?)
}

/// Takes a role; it is gone at the person's next request.
pub async fn take_role(
    centre: &Centre,
    actor: &Actor,
    id: PersonId,
    grant: RoleGrant,
) -> Result<(), Failure> {
    let before: Person = centre.load("person", id).await?;
    let after = may_change_roles(actor, &before)?.take(grant)?;
    let event = role_event(centre, actor, "person.role_taken", id, grant);
    Ok(centre.store.change(&event).replace(&before, &after).commit().await?)
}

fn role_event(centre: &Centre, actor: &Actor, kind: &str, id: PersonId, grant: RoleGrant) -> Event {
    let mut event = centre.event(actor, kind, "person", id);
    event.payload = json!({ "role": grant.role.name(), "producer": grant.producer });
    event
}

/// Suspends: every browser and token of the person is closed in the same change.
pub async fn suspend_person(
    centre: &Centre,
    actor: &Actor,
    id: PersonId,
    reason: &str,
) -> Result<(), Failure> {
    let before: Person = centre.load("person", id).await?;
    let after = may_suspend(actor, &before)?.suspend(reason, centre.now())?;
    let mut event = centre.event(actor, "person.suspended", "person", id);
    event.reason = Some(reason.trim().to_owned());
    let mut change = centre.store.change(&event);
    change.replace(&before, &after).writes([Login::removal_of(id)]);
    Ok(change.commit().await?)
}

/// Takes part in restoring a suspended person; the second of two different persons does it.
/// Returns whether it is done.
pub async fn restore_person(
    centre: &Centre,
    actor: &Actor,
    id: PersonId,
    reason: &str,
) -> Result<bool, Failure> {
    let before: Person = centre.load("person", id).await?;
    let permit = may_restore(actor, &before)?;
    if reason.trim().is_empty() {
        return Err(Failure::invalid("reason", "missing"));
    }
    let after = permit.restore()?;
    let done = after.state.name() != "suspended";
    let kind = if done { "person.restored" } else { "person.restore_asked" };
    let mut event = centre.event(actor, kind, "person", id);
    event.reason = Some(reason.trim().to_owned());
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(done)
}

/// Ends an account without a live habilitation: passkeys, browsers and tokens go with it, the
/// record stays.
pub async fn close_person(centre: &Centre, actor: &Actor, id: PersonId) -> Result<(), Failure> {
    let before: Person = centre.load("person", id).await?;
    let permit = may_close(actor, &before)?;
    let now = centre.now();
    let live = centre.store.habilitations_of(id).await?.iter().any(|one| one.is_live(now));
    let after = permit.close(live, now)?;
    let event = centre.event(actor, "person.closed", "person", id);
    let mut change = centre.store.change(&event);
    change.replace(&before, &after);
    change.writes([Credential::revocation_of(id, now), Login::removal_of(id)]);
    Ok(change.commit().await?)
}

/// Chooses the language of one's mails.
pub async fn choose_language(centre: &Centre, actor: &Actor, lang: Lang) -> Result<(), Failure> {
    let before: Person = centre.load("person", actor.id).await?;
    let after = Person { language: lang, ..before.clone() };
    let event = centre.event(actor, "person.language_chosen", "person", actor.id);
    Ok(centre.store.change(&event).replace(&before, &after).commit().await?)
}
