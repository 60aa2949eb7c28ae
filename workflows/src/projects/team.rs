//! The members of an application.

use domain::{
    Actor, Application, ApplicationId, Item, Person, PersonId,
    projects::{
        application::{ApplicationState, Member},
        application_team::may_lead,
    },
};
use serde_json::json;
use store::{Change, InvitedMember};

use super::{days_of, on_application, on_item};
use crate::{Centre, Failure};

/// Somebody whom a lead wants in the team.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// The professional address.
    pub email: String,
    /// The name, for an invitation where there is no account yet.
    pub name: String,
    /// The institution, for an invitation; may be empty.
    pub institution: String,
    /// Whether the person asks for access to the bubble.
    pub bubble: bool,
    /// Whether the person may edit the draft.
    pub edits: bool,
}

/// Adds a member; who has no account is invited, and becomes a member with the account. Producers
/// who agreed to named persons are asked again.
pub async fn add_member(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    new: &NewMember,
) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    may_lead(actor, &before)?;
    let email = new.email.trim().to_lowercase();
    if !is_address(&email) {
        return Err(Failure::invalid("email", "not-an-address"));
    }
    match centre.store.person_by_email(&email).await? {
        Some(person) => {
            let member = Member { person: person.id, bubble: new.bubble, edits: new.edits };
            add(centre, actor, &before, member, &email).await
        }
        None => invite(centre, actor, &before, &email, new).await,
    }
}

async fn add(
    centre: &Centre,
    actor: &Actor,
    before: &Application,
    member: Member,
    email: &str,
) -> Result<(), Failure> {
    let was_there = before.involves(member.person);
    let person = member.person;
    let after = may_lead(actor, before)?.add_member(member, centre.now())?;
    let payload = json!({ "person": person });
    let kind = if was_there { "member.changed" } else { "member.added" };
    let event = on_application(centre, actor, kind, before, payload);
    let mut change = centre.store.change(&event);
    change.writes([InvitedMember::removal(before.id, email)]);
    match was_there {
        true => change.replace(before, &after),
        false => tell_producers(centre, actor, &mut change, before, after).await?,
    };
    Ok(change.commit().await?)
}

async fn invite(
    centre: &Centre,
    actor: &Actor,
    before: &Application,
    email: &str,
    new: &NewMember,
) -> Result<(), Failure> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Failure::invalid("name", "missing"));
    }
    let institution = new.institution.trim();
    if institution.chars().count() > 200 {
        return Err(Failure::invalid("institution", "too-long"));
    }
    // The same guard as for a member: the team of a submitted file is changed by an amendment.
    let after = may_lead(actor, before)?.change_items(centre.now())?;
    let invited = InvitedMember {
        application: before.id,
        email: email.to_owned(),
        name: name.to_owned(),
        bubble: new.bubble,
        edits: new.edits,
    };
    let payload = json!({ "email": email, "name": name, "institution": institution });
    let event = on_application(centre, actor, "member.invited", before, payload);
    let mut change = centre.store.change(&event);
    change.replace(before, &after).writes([invited.insertion(centre.now())]);
    Ok(change.commit().await?)
}

/// Takes a member out, at once.
pub async fn remove_member(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    person: PersonId,
) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    let after = may_lead(actor, &before)?.remove_member(person, centre.now())?;
    let payload = json!({ "person": person });
    let event = on_application(centre, actor, "member.removed", &before, payload);
    let mut change = centre.store.change(&event);
    match before.state.is_open() {
        true => tell_producers(centre, actor, &mut change, &before, after).await?,
        false => change.replace(&before, &after),
    };
    Ok(change.commit().await?)
}

/// Takes an invitation back.
pub async fn remove_invited(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    email: &str,
) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    let after = may_lead(actor, &before)?.change_items(centre.now())?;
    let payload = json!({ "email": email });
    let event = on_application(centre, actor, "member.uninvited", &before, payload);
    let mut change = centre.store.change(&event);
    change.replace(&before, &after).writes([InvitedMember::removal(id, email)]);
    Ok(change.commit().await?)
}

/// People whom the lead can choose without typing: those of the lead's other applications. Nobody
/// else's name is shown.
pub async fn colleagues(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
) -> Result<Vec<Person>, Failure> {
    let application: Application = centre.load("application", id).await?;
    may_lead(actor, &application)?;
    let mut found = Vec::new();
    let others = centre.store.applications_of(actor.id).await?;
    let mut ids: Vec<PersonId> = others.iter().flat_map(Application::people).collect();
    ids.sort();
    ids.dedup();
    for person in ids.into_iter().filter(|person| !application.involves(*person)) {
        found.push(centre.load::<Person>("person", person).await?);
    }
    Ok(found)
}

/// Writes a change of the team with what it reopens (acceptance scene 2).
async fn tell_producers<'c, 's>(
    centre: &Centre,
    actor: &Actor,
    change: &'c mut Change<'s>,
    before: &Application,
    after: Application,
) -> Result<&'c mut Change<'s>, Failure> {
    let items: Vec<Item> = match before.state {
        ApplicationState::Draft => Vec::new(),
        _ => centre.store.items_of(before.id).await?,
    };
    let mut after = after;
    for item in &items {
        if let Some(again) = item.after_team_change() {
            let days = days_of(centre, item.producer).await?;
            after = after.reopened(centre.now(), days);
            let because = json!({ "because": "team" });
            change.replace(item, &again);
            change.event(&on_item(centre, actor, "item.asked", &again, because));
        }
    }
    Ok(change.replace(before, &after))
}

/// Whether it can be an address at all; whether it is one is told by the mail that arrives.
fn is_address(email: &str) -> bool {
    let plain = email.len() <= 254 && !email.contains(char::is_whitespace);
    let halves = email.split_once('@');
    plain
        && halves.is_some_and(|(name, host)| {
            !name.is_empty()
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
                && !host.contains('@')
        })
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        for bad in ["", "a", "a@b", "@b.fr", "a@.fr", "a@b.", "a b@c.fr", "a@b@c.fr"] {
            assert!(!is_address(bad), "{bad}");
        }
        assert!(is_address("ada.lovelace@univ.example.org"));
    }
}
