//! Invitations: a link with a one-use secret, seven days.

use domain::{
    Actor, Application, Event, Lang, Person, PersonId,
    people::{
        person::PersonState,
        person_enrolment::{
            Invited, invitation_end, may_invite, may_invite_first, may_invite_member,
        },
    },
};
use jiff::ToSpan;
use serde_json::json;
use uuid::Uuid;

use super::{
    login::hash,
    passkey::{self, Answer, Begun},
};
use crate::{Centre, Failure, failure::causes};

/// Invites somebody who has no account.
pub async fn invite_person(
    centre: &Centre,
    actor: &Actor,
    who: &Invited,
) -> Result<Person, Failure> {
    let permit = may_invite(actor)?;
    let id: PersonId = centre.id();
    let now = centre.now();
    let new = permit.invite(id, who, &hash(&secret(centre, id, invitation_end(now))), now)?;
    if centre.store.person_by_email(&new.email).await?.is_some() {
        return Err(Failure::invalid("email", "email-known"));
    }
    insert(centre, actor, &new, None).await?;
    Ok(new)
}

/// Makes the first project manager of a centre that has no account, and returns the link, for the
/// console alone: it works once, for fifteen minutes (IDN-10).
pub async fn invite_first_manager(
    centre: &Centre,
    name: &str,
    email: &str,
) -> Result<String, Failure> {
    let id: PersonId = centre.id();
    let permit = may_invite_first(centre.store.all::<Person>().await?.len(), id)?;
    let until = centre.now().checked_add(15.minutes()).unwrap_or_else(|_| centre.now());
    let who = Invited {
        name: name.to_owned(),
        email: email.to_owned(),
        institution: String::new(),
        language: Lang::default(),
    };
    let new = permit.invite_first(id, &who, &hash(&secret(centre, id, until)), until)?;
    // Not `person.invited`: that one mails its link.
    let event = centre.system_event("person.first_invited", "person", id);
    centre.store.change(&event).insert(&new).commit().await?;
    link(centre, &new).ok_or_else(|| Failure::missing("invitation", id))
}

/// Sends a new link to somebody who has not used theirs.
pub async fn renew_invitation(
    centre: &Centre,
    actor: &Actor,
    id: PersonId,
) -> Result<Person, Failure> {
    let permit = may_invite(actor)?;
    let before: Person = centre.load("person", id).await?;
    let now = centre.now();
    let after = permit.renew(&before, &hash(&secret(centre, id, invitation_end(now))), now)?;
    let mut event = centre.event(actor, "person.invited", "person", id);
    event.payload = json!({ "again": true });
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(after)
}

/// The consequence of `member.invited`: whom a team adds and who has no account is invited.
pub(crate) async fn invite_member(centre: &Centre, event: &Event) -> Result<(), Failure> {
    let field = |name: &str| event.payload[name].as_str().unwrap_or_default().to_owned();
    let Some(inviter) = event.actor else { return Ok(()) };
    let Some(actor) = centre.store.actor(inviter).await? else { return Ok(()) };
    let Some(application) = centre.store.get::<Application>(event.object).await? else {
        return Ok(());
    };
    let language = match centre.store.get::<Person>(inviter).await? {
        Some(inviter) => inviter.language,
        None => Lang::default(),
    };
    let (name, email, institution) = (field("name"), field("email"), field("institution"));
    let who = Invited { name, email, institution, language };
    let id: PersonId = centre.id();
    let now = centre.now();
    let hash = hash(&secret(centre, id, invitation_end(now)));
    let made = may_invite_member(&actor, &application)
        .map_err(Failure::from)
        .and_then(|permit| permit.invite(id, &who, &hash, now).map_err(Failure::from));
    match made {
        // The address was checked where it was typed; what cannot be invited must not stop the
        // events behind it.
        Err(failure) => tracing::warn!(
            error = causes(&failure),
            application.id = %application.id,
            "an added member cannot be invited"
        ),
        Ok(new) if centre.store.person_by_email(&new.email).await?.is_some() => {}
        Ok(new) => insert(centre, &actor, &new, Some(&application)).await?,
    }
    Ok(())
}

async fn insert(
    centre: &Centre,
    actor: &Actor,
    new: &Person,
    application: Option<&Application>,
) -> Result<(), Failure> {
    let mut event = centre.event(actor, "person.invited", "person", new.id);
    event.payload = json!({ "application": application.map(|application| application.id) });
    match centre.store.change(&event).insert(new).commit().await {
        Err(error) if error.is_duplicate() => Err(Failure::invalid("email", "email-known")),
        other => Ok(other?),
    }
}

/// The link of an invitation that stands; none for another account.
pub fn link(centre: &Centre, person: &Person) -> Option<String> {
    let PersonState::Invited { until, .. } = person.state else { return None };
    let secret = secret(centre, person.id, until);
    Some(centre.config.public_url.join(&format!("invitations/{secret}")).ok()?.into())
}

fn secret(centre: &Centre, id: PersonId, until: domain::Timestamp) -> String {
    centre.passkeys.links.secret(&format!("invitation/{id}/{}", until.as_microsecond()))
}

/// Who is invited by this link, while it works. A used, late or invented link is simply missing.
pub async fn find_invited(centre: &Centre, secret: &str) -> Result<Person, Failure> {
    let (hash, now) = (hash(secret), centre.now());
    let invited = centre.store.persons_that_are("invited").await?;
    let found = invited.into_iter().find(|person| person.is_invited_by(&hash, now));
    found.ok_or_else(|| Failure::missing("invitation", ""))
}

/// Begins the registration of the first passkey.
pub async fn begin_accept(centre: &Centre, secret: &str, device: &str) -> Result<Begun, Failure> {
    let person = find_invited(centre, secret).await?;
    passkey::begin_registration(centre, &person, device).await
}

/// Registers the passkey and uses the link up, in one change. `institution`: where the person
/// works, kept where the invitation did not say.
pub async fn accept_invitation(
    centre: &Centre,
    secret: &str,
    device: &str,
    challenge: Uuid,
    answer: Answer<'_>,
    institution: &str,
) -> Result<Person, Failure> {
    let before = find_invited(centre, secret).await?;
    // Asked before the passkey: the browser's one answer is not used up for a text that is refused.
    let after = before.accept(&hash(secret), centre.now())?.stating(institution)?;
    let credential =
        passkey::finish_registration(centre, &before, device, challenge, answer).await?;
    let own = |kind: &str| {
        let mut event = centre.system_event(kind, "person", before.id);
        event.actor = Some(before.id);
        event
    };
    let mut change = centre.store.change(&own("person.accepted"));
    change.replace(&before, &after).writes([credential.insertion()]);
    change.event(&own("credential.registered"));
    passkey::commit(change).await?;
    Ok(after)
}
