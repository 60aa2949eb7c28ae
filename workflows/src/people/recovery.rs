//! Recovery: an enrolment agent proves the identity again and hands over a one-time link.

use domain::{
    Actor, Person, PersonId,
    people::person_enrolment::{Evidence, may_enrol},
};
use jiff::ToSpan;
use serde_json::json;
use store::{Credential, Login, Recovery};
use uuid::Uuid;

use super::{
    login,
    passkey::{self, Answer, Begun},
};
use crate::{Centre, Failure};

/// The link works for so long: 1 hour.
const OPEN_SECONDS: i64 = 3600;

/// Revokes every passkey, browser and token of the person, and makes a link to register a new
/// passkey. The link is shown once, to the agent, to hand over; only its hash is kept.
pub async fn recover_person(
    centre: &Centre,
    actor: &Actor,
    id: PersonId,
    evidence: &Evidence<'_>,
) -> Result<String, Failure> {
    let person: Person = centre.load("person", id).await?;
    let line = may_enrol(actor, &person)?.recover(evidence)?;
    let now = centre.now();
    let secret = login::secret();
    let recovery = Recovery {
        id: centre.id(),
        secret_hash: login::hash(&secret),
        person: id,
        agent: actor.id,
        created_at: now,
        ends_at: now.checked_add(OPEN_SECONDS.seconds()).unwrap_or(now),
        used_at: None,
    };
    let mut event = centre.event(actor, "credential.recovery_opened", "person", id);
    event.payload = json!({ "evidence": line });
    let mut change = centre.store.change(&event);
    change.writes([Credential::revocation_of(id, now), Login::removal_of(id)]);
    change.writes([Recovery::ending_of(id, now), recovery.insertion()]);
    change.commit().await?;
    let url = centre.config.public_url.join(&format!("recovery/{secret}"));
    Ok(url.map_err(Failure::engine("make a recovery link"))?.into())
}

/// Whose recovery this link is, while it works. A used, late or invented link is simply missing.
pub async fn find_recovery(centre: &Centre, secret: &str) -> Result<(Recovery, Person), Failure> {
    let missing = || Failure::missing("recovery", "");
    let found = centre.store.recovery(&login::hash(secret)).await?.ok_or_else(missing)?;
    if found.used_at.is_some() || centre.now() >= found.ends_at {
        return Err(missing());
    }
    let person = centre.store.get::<Person>(found.person).await?;
    let person = person.filter(Person::may_act).ok_or_else(missing)?;
    Ok((found, person))
}

/// Begins the registration of the new passkey.
pub async fn begin_recovery(centre: &Centre, secret: &str, device: &str) -> Result<Begun, Failure> {
    let (_, person) = find_recovery(centre, secret).await?;
    passkey::begin_registration(centre, &person, device).await
}

/// Registers the new passkey and uses the link up.
pub async fn finish_recovery(
    centre: &Centre,
    secret: &str,
    device: &str,
    challenge: Uuid,
    answer: Answer<'_>,
) -> Result<Person, Failure> {
    let (recovery, person) = find_recovery(centre, secret).await?;
    let credential =
        passkey::finish_registration(centre, &person, device, challenge, answer).await?;
    // Of two answers at once one alone goes on. A crash right here leaves a used link and no
    // passkey: the agent opens another recovery.
    if !centre.store.use_recovery(recovery.id, centre.now()).await? {
        return Err(Failure::missing("recovery", ""));
    }
    let mut event = centre.system_event("credential.recovered", "person", person.id);
    event.actor = Some(person.id);
    event.payload = json!({ "credential": credential.id, "agent": recovery.agent });
    let mut change = centre.store.change(&event);
    change.writes([credential.insertion()]);
    passkey::commit(change).await?;
    Ok(person)
}
