//! Who sees which event, and how much of it.

use std::collections::{HashMap, hash_map::Entry};

use domain::{
    Actor, ApplicationId, Deposit, Event, Export, Habilitation, Import, Item, ProducerId, Role,
    Session, Source, Undertaking, Vintage, outputs::export::ExportState, settings::Bubble,
};
use store::{SealedEvent, StoreError};
use uuid::Uuid;

use super::event::Line;
use crate::{Centre, Failure};

/// How much of an event a person sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// When and of which kind: the operator, who must see that the log works and nothing else.
    Kind,
    /// Also the object, but not who acted, why and how: a project's member sees that an export was
    /// reviewed, and not by whom nor with which vote.
    Object,
    /// All of it.
    All,
}

/// Families that are never shown to those whom they concern: who is looked at by security must not
/// learn it here, nor what somebody tried in vain.
const FOR_SECURITY_ALONE: [&str; 5] = ["replay", "recording", "incident", "policy", "login"];

/// What the person sees of any event, by their roles.
pub(crate) fn by_role(actor: &Actor) -> Option<Sight> {
    if actor.has(Role::Auditor) || actor.has(Role::SecurityOfficer) {
        return Some(Sight::All);
    }
    actor.has(Role::Operator).then_some(Sight::Kind)
}

/// What the person sees of this event: by role, as the one who acted, or because it is about an
/// object of theirs.
pub(crate) async fn of_event(
    centre: &Centre,
    actor: &Actor,
    event: &Event,
) -> Result<Option<Sight>, Failure> {
    let by_role = by_role(actor);
    if by_role == Some(Sight::All) || !actor.may_act {
        return Ok(by_role.filter(|_| actor.may_act));
    }
    if event.actor == Some(actor.id) {
        return Ok(Some(Sight::All));
    }
    let family = event.kind.split('.').next().unwrap_or_default();
    if FOR_SECURITY_ALONE.contains(&family) {
        return Ok(by_role);
    }
    let concerned = concerns(centre, actor, event).await?;
    Ok(if concerned { Some(Sight::Object) } else { by_role })
}

/// Events by which checkers say what they think of files and findings.
const SAID_IN_REVIEW: [&str; 4] =
    ["review.submitted", "review.revised", "finding.accepted", "finding.contested"];

/// Hides what checkers said of an export as long as not all have voted, from everybody but the one who
/// said it. Threat: who reads the log (an auditor may also be a checker, a security officer talks with
/// one) tells the second reviewer what the first one thinks; votes are blind until all are in (decision
/// 4). That there was a vote, by whom and when, and the commitment stay: nothing can be taken back.
pub(super) async fn blind(
    centre: &Centre,
    actor: &Actor,
    events: &[SealedEvent],
    lines: &mut [Line],
) -> Result<(), Failure> {
    let mut exports: HashMap<Uuid, Option<Export>> = HashMap::new();
    for (sealed, line) in events.iter().zip(lines) {
        let event = &sealed.event;
        if !SAID_IN_REVIEW.contains(&event.kind.as_str()) || event.actor == Some(actor.id) {
            continue;
        }
        // The kind is the judgement: who may not read the rest reads that there was one.
        let Some(details) = &mut line.details else {
            neutral(&mut line.kind);
            continue;
        };
        if let Entry::Vacant(place) = exports.entry(event.object) {
            place.insert(match centre.store.get::<Export>(event.object).await {
                // Of a row that cannot be read nobody can tell that all have voted.
                Err(StoreError::Corrupt { .. }) => None,
                found => found?,
            });
        }
        let export = exports.get(&event.object).and_then(Option::as_ref);
        if export.is_none_or(|export| is_blind(event, export)) {
            neutral(&mut line.kind);
            details.is_blind = true;
            details.reason = None;
            details.payload = serde_json::Value::Null;
            details.body.clear();
            details.salt.clear();
        }
    }
    Ok(())
}

/// A kind without what a checker thinks of a finding.
fn neutral(kind: &mut String) {
    if kind.starts_with("finding.") {
        "finding.judged".clone_into(kind);
    }
}

/// Whether the event is of a turn on which checkers still vote.
fn is_blind(event: &Event, export: &Export) -> bool {
    use ExportState::{Queued, ReviewIndependent};
    let open = matches!(export.state, Queued { .. } | ReviewIndependent { .. });
    let turn = event.payload.get("turn").and_then(serde_json::Value::as_u64);
    open && turn.is_none_or(|turn| turn >= u64::from(export.turn))
}

/// Whether the event's object is the person's: theirs alone, their project's, their producer's.
async fn concerns(centre: &Centre, actor: &Actor, event: &Event) -> Result<bool, Failure> {
    let store = &centre.store;
    let id = event.object;
    Ok(match event.noun.as_str() {
        "person" => id == actor.id.0,
        "application" => actor.works_in(ApplicationId(id)),
        "item" => store
            .get::<Item>(id)
            .await?
            .is_some_and(|item| actor.works_in(item.application) || actor.is_of(item.producer)),
        "bubble" => store.get::<Bubble>(id).await?.is_some_and(|it| actor.works_in(it.application)),
        "export" => store.get::<Export>(id).await?.is_some_and(|it| actor.works_in(it.application)),
        "import" => store.get::<Import>(id).await?.is_some_and(|it| actor.works_in(it.application)),
        "session" => store.get::<Session>(id).await?.is_some_and(|it| it.person == actor.id),
        "habilitation" => {
            store.get::<Habilitation>(id).await?.is_some_and(|it| it.person == actor.id)
        }
        "undertaking" => {
            store.get::<Undertaking>(id).await?.is_some_and(|it| it.person == actor.id)
        }
        "producer" => actor.is_of(ProducerId(id)),
        "source" => store.get::<Source>(id).await?.is_some_and(|it| actor.is_of(it.producer)),
        "deposit" => store.get::<Deposit>(id).await?.is_some_and(|it| actor.is_of(it.producer)),
        "vintage" => match store.get::<Vintage>(id).await? {
            Some(vintage) => store
                .get::<Source>(vintage.source)
                .await?
                .is_some_and(|source| actor.is_of(source.producer)),
            None => false,
        },
        _ => false,
    })
}
