//! Bubbles: seen, suspended, restored, closed, operated.

use domain::{
    Actor, Application, Bubble, BubbleId, Event, Habilitation, Item, Person, Role, Session,
    settings::{
        bubble::{
            BubbleState, NO_VINTAGE_GRANTED, by_the_centre, may_close, may_operate, may_secure,
            may_see, may_see_as_producer,
        },
        session::{Mount, may_open},
    },
};

use super::{
    agent::protocol::DoctorRow,
    host::HostStatus,
    provision, right,
    session::{self, SessionRow},
};
use crate::{Centre, Failure, consequences::Round, failure::causes};

/// A bubble as lists show it.
#[derive(Clone, Debug)]
pub struct BubbleRow {
    /// The bubble.
    pub bubble: Bubble,
    /// Its project.
    pub application: Application,
    /// The person's habilitation in it, where there is one.
    pub own: Option<Habilitation>,
}

/// A bubble as its page shows it.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "which parts and buttons a page shows")]
pub struct BubbleView {
    /// The bubble.
    pub bubble: Bubble,
    /// Its project.
    pub application: Application,
    /// The person's habilitation in it, where there is one.
    pub own: Option<Habilitation>,
    /// What the person may read in it now; to a producer, what of its own is open in it.
    pub mounts: Vec<Mount>,
    /// Whether the reader is a producer whose data were granted there, and nothing else: then the view
    /// has no session, no name and no self-test.
    pub as_producer: bool,
    /// Sessions: one's own; all of them for the lead and for who watches.
    pub sessions: Vec<SessionRow>,
    /// Who suspended it and who asked to restore it, by name.
    pub suspended: Option<(Option<Person>, Option<Person>)>,
    /// Whether the person may open a terminal now.
    pub can_open: bool,
    /// Whether the person may suspend or restore it.
    pub can_secure: bool,
    /// Whether the person may close it.
    pub can_close: bool,
}

/// The bubbles that the person may see: those of their projects, those where their producer's data
/// were granted, or all for who watches.
pub async fn list_bubbles(centre: &Centre, actor: &Actor) -> Result<Vec<BubbleRow>, Failure> {
    let mut rows = Vec::new();
    for bubble in centre.store.all::<Bubble>().await? {
        if may_see(actor, &bubble).is_err() {
            let items = centre.store.items_of(bubble.application).await?;
            if may_see_as_producer(actor, &items).is_err() {
                continue;
            }
        }
        let application: Application = centre.load("application", bubble.application).await?;
        let own = right::habilitation(centre, actor.id, bubble.application).await?;
        rows.push(BubbleRow { bubble, application, own });
    }
    Ok(rows)
}

/// One bubble.
pub async fn show_bubble(
    centre: &Centre,
    actor: &Actor,
    id: BubbleId,
) -> Result<BubbleView, Failure> {
    let bubble: Bubble = centre.load("bubble", id).await?;
    let application: Application = centre.load("application", bubble.application).await?;
    if may_see(actor, &bubble).is_err() {
        return show_to_producer(centre, actor, bubble, application).await;
    }
    let own = right::habilitation(centre, actor.id, bubble.application).await?;
    let mounts = match &own {
        Some(own) => right::mounts(centre, own).await?,
        None => Vec::new(),
    };
    let sees_all = application.lead == actor.id || !actor.works_in(bubble.application);
    let mut sessions = centre.store.sessions_in(id).await?;
    sessions.retain(|session: &Session| sees_all || session.person == actor.id);
    sessions.reverse();
    sessions.truncate(50);
    let now = centre.now();
    let enters = may_open(actor, &bubble, own.as_ref(), now).is_ok();
    let closes = matches!(bubble.state.name(), "ready" | "active" | "suspended");
    let suspended = match &bubble.state {
        BubbleState::Suspended { by, restore_asked_by, .. } => {
            Some((person(centre, *by).await?, person(centre, *restore_asked_by).await?))
        }
        _ => None,
    };
    Ok(BubbleView {
        mounts,
        suspended,
        as_producer: false,
        sessions: session::rows(centre, sessions).await?,
        can_open: enters && bubble.state.is_open(),
        can_secure: may_secure(actor, &bubble).is_ok(),
        can_close: closes && may_close(actor, &bubble, application.lead).is_ok(),
        bubble,
        application,
        own,
    })
}

/// The bubble as a producer sees it: that it stands, what of its own is open in it, until when.
async fn show_to_producer(
    centre: &Centre,
    actor: &Actor,
    bubble: Bubble,
    application: Application,
) -> Result<BubbleView, Failure> {
    let items = centre.store.items_of(bubble.application).await?;
    may_see_as_producer(actor, &items)?;
    let mut mounts = right::project_mounts(centre, bubble.application).await?;
    let own = |item: &&Item| actor.is_of(item.producer) && item.granted_until().is_some();
    let own: Vec<_> = items.iter().filter(own).flat_map(Item::granted_vintages).collect();
    mounts.retain(|mount| own.contains(&mount.vintage));
    Ok(BubbleView {
        // What the self-test saw names the data of other producers.
        bubble: Bubble { checks: Vec::new(), ..bubble },
        application,
        own: None,
        mounts,
        as_producer: true,
        sessions: Vec::new(),
        suspended: None,
        can_open: false,
        can_secure: false,
        can_close: false,
    })
}

/// Suspends a bubble: every session in it is cut, its data are kept.
pub async fn suspend_bubble(
    centre: &Centre,
    actor: &Actor,
    id: BubbleId,
    reason: &str,
) -> Result<Bubble, Failure> {
    let before = visible(centre, actor, id).await?;
    let after = may_secure(actor, &before)?.suspend(reason)?;
    let mut event = event(centre, actor, "bubble.suspended", &before);
    event.reason = Some(reason.trim().to_owned());
    centre.store.change(&event).replace(&before, &after).commit().await?;
    if let Err(failure) = centre.host.close(&before).await {
        // The consequences cut each session from this side too.
        let error = causes(&failure);
        tracing::warn!(bubble.id = %id, error, "the agent did not hear of a suspension");
    }
    Ok(after)
}

/// Suspends every bubble whose project has no granted vintage left, and restores it once one is
/// granted again. Each person's session is cut besides, by `session::look_again`, as soon as one of
/// its own mounts ends.
pub(crate) async fn follow_grants(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    for state in ["ready", "active", "suspended"] {
        for bubble in round.readable(centre.store.each::<Bubble>("state", state).await) {
            if state != "suspended" || bubble.is_dry() {
                round.ran(follow_grants_of(centre, &bubble).await);
            }
        }
    }
    round.end()
}

async fn follow_grants_of(centre: &Centre, before: &Bubble) -> Result<(), Failure> {
    let granted = right::any_granted(centre, before.application).await?;
    let (kind, after) = match (before.is_dry(), granted) {
        (false, false) => ("bubble.suspended", by_the_centre(before).run_dry()?),
        (true, true) => ("bubble.restored", by_the_centre(before).refill(centre.now())?),
        _ => return Ok(()),
    };
    let mut event = centre.system_event(kind, "bubble", before.id);
    event.payload = serde_json::json!({
        "application": before.application, "cause": NO_VINTAGE_GRANTED,
    });
    match centre.store.change(&event).replace(before, &after).commit().await {
        // Clock and consequences may look at once; one of them has done it.
        Ok(()) | Err(store::StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Asks to restore a suspended bubble, or restores it as the second person.
pub async fn restore_bubble(
    centre: &Centre,
    actor: &Actor,
    id: BubbleId,
    reason: &str,
) -> Result<Bubble, Failure> {
    let before = visible(centre, actor, id).await?;
    let after = may_secure(actor, &before)?.restore(centre.now())?;
    let asked = matches!(after.state, BubbleState::Suspended { .. });
    let kind = if asked { "bubble.restore_asked" } else { "bubble.restored" };
    let mut event = event(centre, actor, kind, &before);
    event.reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(after)
}

/// Closes a bubble: read-only for thirty days.
pub async fn close_bubble(centre: &Centre, actor: &Actor, id: BubbleId) -> Result<Bubble, Failure> {
    let before = visible(centre, actor, id).await?;
    let application: Application = centre.load("application", before.application).await?;
    let after = may_close(actor, &before, application.lead)?.close(centre.now())?;
    let event = event(centre, actor, "bubble.closing", &before);
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(after)
}

/// Tries a failed provisioning again.
pub async fn retry_provision(
    centre: &Centre,
    actor: &Actor,
    id: BubbleId,
) -> Result<Bubble, Failure> {
    actor.needs(&[Role::Operator])?;
    let before: Bubble = centre.load("bubble", id).await?;
    let after = may_operate(actor, &before)?.retry()?;
    let event = event(centre, actor, "provision.retried", &before);
    centre.store.change(&event).replace(&before, &after).commit().await?;
    provision::spawn(centre, id);
    Ok(after)
}

/// Archives a bubble whose thirty days are over. The host does it first: what fails there can be
/// done again, and a bubble is not called archived that is not.
pub async fn archive_bubble(
    centre: &Centre,
    actor: &Actor,
    id: BubbleId,
) -> Result<Bubble, Failure> {
    actor.needs(&[Role::Operator])?;
    let before: Bubble = centre.load("bubble", id).await?;
    let after = may_operate(actor, &before)?.archive(centre.now())?;
    centre.host.archive(&before).await?;
    let event = event(centre, actor, "archive.done", &before);
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(after)
}

/// What the operator sees: the host, and the bubbles that wait for an act. Numbers and states
/// only; no project's title, persons or data.
#[derive(Clone, Debug)]
pub struct HostView {
    /// The agent; nothing where it does not answer.
    pub agent: Option<HostStatus>,
    /// What the host can do.
    pub rows: Vec<DoctorRow>,
    /// Every bubble.
    pub bubbles: Vec<Bubble>,
}

/// The host's page.
pub async fn show_host(centre: &Centre, actor: &Actor) -> Result<HostView, Failure> {
    actor.needs(&[Role::Operator])?;
    let (agent, rows) = match centre.host.status().await {
        Ok(status) => (Some(status), centre.host.doctor().await?),
        Err(failure) => {
            let error = causes(&failure);
            tracing::warn!(error, "the node agent does not answer");
            (None, Vec::new())
        }
    };
    Ok(HostView { agent, rows, bubbles: centre.store.all().await? })
}

async fn person(centre: &Centre, id: Option<domain::PersonId>) -> Result<Option<Person>, Failure> {
    match id {
        Some(id) => Ok(centre.store.get(id).await?),
        None => Ok(None),
    }
}

async fn visible(centre: &Centre, actor: &Actor, id: BubbleId) -> Result<Bubble, Failure> {
    let bubble: Bubble = centre.load("bubble", id).await?;
    may_see(actor, &bubble)?;
    Ok(bubble)
}

fn event(centre: &Centre, actor: &Actor, kind: &str, bubble: &Bubble) -> Event {
    let mut event = centre.event(actor, kind, "bubble", bubble.id);
    event.payload = serde_json::json!({ "application": bubble.application });
    event
}
