//! Enrolment: identity check, training, binding of the credential (JOURNEYS 1.12).

use domain::{
    Actor, Person, PersonId,
    people::person_enrolment::{Evidence, may_enrol},
};
use serde_json::json;

use crate::{Centre, Failure};

/// Records that an enrolment agent has seen the person with an identity document that bears the
/// account's name.
pub async fn check_identity(
    centre: &Centre,
    actor: &Actor,
    id: PersonId,
    evidence: &Evidence<'_>,
    name_matches: bool,
) -> Result<Person, Failure> {
    let before: Person = centre.load("person", id).await?;
    let after = may_enrol(actor, &before)?.check_identity(evidence, name_matches, centre.now())?;
    let mut event = centre.event(actor, "identity.verified", "person", id);
    event.payload = json!({ "document": evidence.document, "meeting": evidence.meeting });
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(after)
}

/// Binds the person's passkeys and records that the charter's quiz was passed.
pub async fn enrol_person(
    centre: &Centre,
    actor: &Actor,
    id: PersonId,
    quiz: bool,
) -> Result<Person, Failure> {
    let before: Person = centre.load("person", id).await?;
    let permit = may_enrol(actor, &before)?;
    let passkeys = centre.store.credentials_of(id).await?.len();
    let after = permit.enrol(passkeys, quiz, centre.now())?;
    let mut event = centre.event(actor, "credential.bound", "person", id);
    event.payload = json!({ "passkeys": passkeys, "quiz": "charter" });
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(after)
}
