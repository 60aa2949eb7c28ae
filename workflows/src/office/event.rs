//! The audit trail as people read it: what happened, what seals it, whether it still is so.

use std::collections::HashMap;

use domain::{Actor, Denied, EventId, Person, PersonId, Role, Timestamp};
use store::{EventFilter, SealedEvent};
use uuid::Uuid;

use super::{
    sealer::Proof,
    sight::{self, Sight},
};
use crate::{Centre, Failure};

/// How many events a page of the log has.
pub const PAGE: u32 = 100;

/// Which events to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The part of the kind before the point.
    pub family: Option<String>,
    /// The object.
    pub object: Option<Uuid>,
    /// Only events older than this one.
    pub before: Option<EventId>,
}

/// An event, as much of it as the reader may see.
#[derive(Clone, Debug)]
pub struct Line {
    /// Which.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Its kind.
    pub kind: String,
    /// Its place in the log, once given.
    pub leaf: Option<u64>,
    /// Whether the log is durable up to it.
    pub sealed: bool,
    /// The object's noun and id, where the reader may see them.
    pub object: Option<(String, Uuid)>,
    /// Who acted, why, and what else is true of it, where the reader may see it.
    pub details: Option<Details>,
}

/// What only those see who may see all of an event.
#[derive(Clone, Debug)]
pub struct Details {
    /// Who; nobody for the centre itself.
    pub actor: Option<PersonId>,
    /// Their name.
    pub name: String,
    /// Why, where a reason was asked for.
    pub reason: Option<String>,
    /// What else is true of it, as JSON.
    pub payload: serde_json::Value,
    /// The stored text, byte for byte, and the salt: with both the commitment can be computed. Both
    /// are empty while [`Details::is_blind`].
    pub body: String,
    /// The salt, hexadecimal.
    pub salt: String,
    /// Whether its reason and payload stay hidden until all votes of the review are in.
    pub is_blind: bool,
}

/// Whether an event still is what the log has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It waits to be sealed.
    Waiting,
    /// The row, the entry, the proof and the signature agree.
    Intact,
    /// The stored event is not what was sealed: the database was altered.
    RowAltered,
    /// The log's files do not prove it: the log was altered.
    LogAltered,
}

impl Verdict {
    /// The verdict's stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Intact => "intact",
            Self::RowAltered => "row_altered",
            Self::LogAltered => "log_altered",
        }
    }
}

/// One event with its proof.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The event.
    pub line: Line,
    /// SHA-256 of salt and body, hexadecimal.
    pub commitment: String,
    /// Whether it still is what the log has.
    pub verdict: Verdict,
    /// The proof, where the log can give one.
    pub proof: Option<Proof>,
}

/// The newest events that pass the filter, newest first: all of them for auditors and security
/// officers, their kinds alone for operators.
#[tracing::instrument(name = "workflow.list_events", skip_all, err)]
pub async fn list_events(
    centre: &Centre,
    actor: &Actor,
    filter: Filter,
) -> Result<Vec<Line>, Failure> {
    let denied = Denied::NeedsRole(Role::Auditor.name());
    let sight = sight::by_role(actor).ok_or(Failure::Denied(denied))?;
    // To filter by object is to learn the object.
    let object = filter.object.filter(|_| sight == Sight::All);
    let filter = EventFilter { family: filter.family, object, before: filter.before };
    let events = centre.store.events_where(&filter, PAGE).await?;
    let names = names(centre, &events).await?;
    let mut lines: Vec<Line> = events.iter().map(|sealed| line(sealed, sight, &names)).collect();
    sight::blind(centre, actor, &events, &mut lines).await?;
    Ok(lines)
}

/// One event with its proof, for those who may see any, and for those whom it concerns. To others it
/// does not exist.
#[tracing::instrument(name = "workflow.show_event", skip_all, fields(event.id = %id), err)]
pub async fn show_event(centre: &Centre, actor: &Actor, id: EventId) -> Result<Shown, Failure> {
    let sealed = centre.store.event(id).await?.ok_or_else(|| Failure::missing("event", id))?;
    let sight = sight::of_event(centre, actor, &sealed.event).await?;
    let sight = sight.ok_or(Failure::Denied(Denied::Hidden))?;
    let proof = match sealed.leaf.filter(|_| sealed.sealed) {
        // A log that cannot prove it is said on the page; that is what the page is for.
        Some(leaf) => centre.sealer.proof(leaf).await.ok(),
        None => None,
    };
    let verdict = verdict(&sealed, proof.as_ref());
    let names = names(centre, std::slice::from_ref(&sealed)).await?;
    let mut line = line(&sealed, sight, &names);
    let one = (std::slice::from_ref(&sealed), std::slice::from_mut(&mut line));
    sight::blind(centre, actor, one.0, one.1).await?;
    Ok(Shown { line, commitment: sealed.commitment, verdict, proof })
}

/// The events of an object that the person may see, oldest first: for the object's own page.
pub async fn events_of(
    centre: &Centre,
    actor: &Actor,
    object: impl Into<Uuid>,
) -> Result<Vec<Line>, Failure> {
    let events = centre.store.events_of(object).await?;
    let names = names(centre, &events).await?;
    let mut lines = Vec::new();
    for sealed in &events {
        if let Some(sight) = sight::of_event(centre, actor, &sealed.event).await? {
            let mut line = line(sealed, sight, &names);
            let one = (std::slice::from_ref(sealed), std::slice::from_mut(&mut line));
            sight::blind(centre, actor, one.0, one.1).await?;
            lines.push(line);
        }
    }
    Ok(lines)
}

fn verdict(sealed: &SealedEvent, proof: Option<&Proof>) -> Verdict {
    match proof {
        None if sealed.sealed => Verdict::LogAltered,
        None => Verdict::Waiting,
        Some(proof) if !proof.holds => Verdict::LogAltered,
        Some(proof) if !sealed.is_intact() || proof.entry != sealed.entry() => Verdict::RowAltered,
        Some(_) => Verdict::Intact,
    }
}

fn line(sealed: &SealedEvent, sight: Sight, names: &HashMap<PersonId, String>) -> Line {
    let event = &sealed.event;
    let details = || Details {
        actor: event.actor,
        name: event.actor.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
        reason: event.reason.clone(),
        payload: event.payload.clone(),
        body: sealed.body().to_owned(),
        salt: sealed.salt.clone(),
        is_blind: false,
    };
    Line {
        id: event.id,
        at: event.at,
        kind: event.kind.clone(),
        leaf: sealed.leaf,
        sealed: sealed.sealed,
        object: (sight >= Sight::Object).then(|| (event.noun.clone(), event.object)),
        details: (sight == Sight::All).then(details),
    }
}

/// The names of those who acted, each asked for once.
async fn names(
    centre: &Centre,
    events: &[SealedEvent],
) -> Result<HashMap<PersonId, String>, Failure> {
    let mut names = HashMap::new();
    for id in events.iter().filter_map(|sealed| sealed.event.actor) {
        if !names.contains_key(&id)
            && let Some(person) = centre.store.get::<Person>(id).await?
        {
            names.insert(id, person.name);
        }
    }
    Ok(names)
}
