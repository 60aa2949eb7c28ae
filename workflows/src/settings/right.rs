//! What a person may read in a bubble now, and why a session must end: asked anew each time, from
//! what stands in the database.

use std::collections::BTreeSet;

use domain::{
    ApplicationId, Bubble, Habilitation, Item, PersonId, Session, Source, Timestamp, Vintage,
    people::habilitation::Grant,
    settings::{bubble::BubbleState, session::Mount},
};

use super::agent::protocol::{MountOrder, Order};
use crate::{Centre, Failure, failure::causes};

/// The person's habilitation in the project: the live one, where there is one.
pub(crate) async fn habilitation(
    centre: &Centre,
    person: PersonId,
    application: ApplicationId,
) -> Result<Option<Habilitation>, Failure> {
    let all = centre.store.habilitations_of(person).await?;
    let mut own = all.into_iter().filter(|one| one.application == application);
    let now = centre.now();
    let first = own.next();
    Ok(match first {
        Some(first) if !first.is_live(now) => Some(own.find(|o| o.is_live(now)).unwrap_or(first)),
        other => other,
    })
}

/// What the habilitation lets its person read now. A grant is looked at from both ends: the
/// habilitation's own date, and the item that its producer may have suspended or taken back.
pub(crate) async fn mounts(
    centre: &Centre,
    habilitation: &Habilitation,
) -> Result<Vec<Mount>, Failure> {
    let now = centre.now();
    let grants: Vec<&Grant> = habilitation.live_grants(now).collect();
    let mut mounts = granted(centre, habilitation.application, &grants).await?;
    if let Some((_, end)) = habilitation.state.term() {
        mounts.iter_mut().for_each(|mount| mount.until = mount.until.min(end));
    }
    Ok(mounts)
}

/// What any member of the project may come to read: for the self-test, before habilitations are
/// in force.
pub(crate) async fn project_mounts(
    centre: &Centre,
    application: ApplicationId,
) -> Result<Vec<Mount>, Failure> {
    let items = centre.store.items_of(application).await?;
    let grants: Vec<Grant> = items
        .iter()
        .filter_map(|item| item.granted_until().map(|until| (item, until)))
        .flat_map(|(item, until)| {
            let grant = move |vintage| Grant { source: item.source, vintage, until };
            item.granted_vintages().map(grant)
        })
        .collect();
    granted(centre, application, &grants.iter().collect::<Vec<_>>()).await
}

/// Whether the project still has a granted vintage, to be mounted or not. A project without any
/// item never had a grant to lose.
pub(crate) async fn any_granted(
    centre: &Centre,
    application: ApplicationId,
) -> Result<bool, Failure> {
    let (items, now) = (centre.store.items_of(application).await?, centre.now());
    let granted = |item: &Item| {
        item.granted_until().is_some_and(|until| now < until)
            && item.granted_vintages().next().is_some()
    };
    Ok(items.is_empty() || items.iter().any(granted))
}

async fn granted(
    centre: &Centre,
    application: ApplicationId,
    grants: &[&Grant],
) -> Result<Vec<Mount>, Failure> {
    let items = centre.store.items_of(application).await?;
    let (mut mounts, mut names) = (Vec::new(), BTreeSet::new());
    for grant in grants {
        let Some(until) = item_until(&items, grant, centre.now()) else { continue };
        let Some(vintage) = centre.store.get::<Vintage>(grant.vintage).await? else { continue };
        let Some(source) = centre.store.get::<Source>(vintage.source).await? else { continue };
        let Some(deposit) = vintage.mounted_deposit() else { continue };
        let name = format!("{}/{}", source.slug, vintage.label);
        if !is_plain(&source.slug) || !is_plain(&vintage.label) {
            tracing::error!(vintage.id = %vintage.id, "a vintage has no plain name: not mounted");
            continue;
        }
        if names.insert(name.clone()) {
            let until = until.min(grant.until);
            mounts.push(Mount { vintage: vintage.id, deposit, name, until });
        }
    }
    Ok(mounts)
}

/// The end of the right to a vintage by the project's items; nothing where none grants it now.
fn item_until(items: &[Item], grant: &Grant, now: Timestamp) -> Option<Timestamp> {
    let grants = |item: &&Item| {
        item.source == grant.source && item.granted_vintages().any(|v| v == grant.vintage)
    };
    let ends = items.iter().filter(grants).filter_map(Item::granted_until);
    ends.filter(|until| now < *until).max()
}

/// Whether a name can be a folder's: letters, digits, `-`, `_`, `.`, not beginning with a dot.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= 120 && !name.starts_with('.') && name.chars().all(plain)
}

/// The agent's order for a bubble with these mounts.
pub(crate) async fn order(
    centre: &Centre,
    bubble: &Bubble,
    person: Option<PersonId>,
    mounts: &[Mount],
) -> Order {
    if let Err(error) = crate::outputs::released::prepare(centre, bubble.application) {
        tracing::warn!(error = causes(&error), "a bubble is without what was released");
    }
    let mount = |mount: &Mount| MountOrder { name: mount.name.clone(), deposit: mount.deposit };
    Order {
        bubble: bubble.number,
        profile: bubble.profile.clone(),
        person,
        mounts: mounts.iter().map(mount).collect(),
        application: bubble.application,
        rules: crate::outputs::rule_set::in_bubble(centre, bubble.application).await,
        frozen: matches!(bubble.state, BubbleState::Closing { .. }),
    }
}

/// Why an open session must end now, as a stable word; nothing while every right stands.
pub(crate) async fn why_over(
    centre: &Centre,
    session: &Session,
    last_input: Timestamp,
) -> Result<Option<&'static str>, Failure> {
    let now = centre.now();
    if let Some(cause) = session.time_is_over(last_input, now) {
        return Ok(Some(cause));
    }
    if let Some(login) = session.login {
        match centre.store.login_times(login).await? {
            Some((_, ends)) if now < ends => {}
            _ => return Ok(Some("login_closed")),
        }
    }
    match centre.store.actor(session.person).await? {
        Some(actor) if !actor.may_act => return Ok(Some("person_suspended")),
        Some(actor) if !actor.is_enrolled => return Ok(Some("account_not_active")),
        Some(actor) if !actor.works_in(session.application) => return Ok(Some("not_a_member")),
        Some(_) => {}
        None => return Ok(Some("account_not_active")),
    }
    match centre.store.get::<Bubble>(session.bubble).await? {
        Some(bubble) if bubble.state.is_open() => {}
        Some(bubble) if bubble.state.name() == "suspended" => return Ok(Some("bubble_suspended")),
        _ => return Ok(Some("bubble_closed")),
    }
    let own = habilitation(centre, session.person, session.application).await?;
    let Some(own) = own.filter(|own| own.is_live(now)) else {
        return Ok(Some("habilitation_over"));
    };
    let current = mounts(centre, &own).await?;
    let stands = |mount: &Mount| {
        current.iter().any(|c| c.vintage == mount.vintage && c.deposit == mount.deposit)
    };
    Ok((!session.mounts.iter().all(stands)).then_some("mount_over"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_lead_elsewhere_is_not_plain() {
        for name in ["", ".", "..", "a/b", ".hidden", "a b", "é", "a\0"] {
            assert!(!is_plain(name), "{name:?}");
        }
        assert!(is_plain("rand-hie") && is_plain("1974_2.1"));
    }
}
