//! What keeps an approved request in the centre: the pause before each release, in which the lead of
//! the checkers may still recall it, and a producer that has stopped the project's right to its data.
//!
//! A producer stops by suspending an item or by taking it back (JOURNEYS 1.6: "exports using it
//! frozen"). Nobody can tell of which sources a table was made, so every request of the project is
//! taken to use each. While an item is suspended none is approved, released or picked up. Once it is
//! taken back, or has ended while it was suspended, this holds for those that were sealed before, and
//! for good; those that are sealed after go to a checker, who reads of it.

use domain::{
    Denied, Event, Export, Item, Producer, ProducerId, Source, Text, Timestamp,
    outputs::export::ExportState, projects::item::ItemState,
};
use jiff::SignedDuration;

use super::export::{event, tell};
use crate::{Centre, Failure, consequences::Round};

/// States of a request that something stopped keeps where it is.
const FREEZES: [&str; 11] = [
    "sealed",
    "scanning",
    "scored",
    "queued",
    "review_independent",
    "review_consolidation",
    "approved",
    "partly_approved",
    "releasing",
    "available",
    "collected",
];

/// A source whose producer has stopped the project's right.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Stopped {
    /// The source.
    pub source: Text,
    /// Its producer.
    pub producer: Text,
    /// Which producer that is.
    #[serde(skip)]
    pub by: ProducerId,
    /// `suspended`, `revoked`, or `ended` where it had been suspended until its end.
    pub state: &'static str,
    /// Whether the request may not leave; otherwise it was sealed after the right was gone, and
    /// checkers should know of it.
    pub freezes: bool,
}

impl Stopped {
    /// The message that tells it.
    pub fn words(&self) -> &'static str {
        match (self.state, self.freezes) {
            ("suspended", _) => "export-stopped-suspended",
            ("ended", true) => "export-stopped-ended",
            ("ended", false) => "export-stopped-ended-before",
            (_, true) => "export-stopped-revoked",
            (_, false) => "export-stopped-before",
        }
    }
}

/// What producers have stopped of an export's project.
pub(super) async fn stopped(centre: &Centre, export: &Export) -> Result<Vec<Stopped>, Failure> {
    let mut found = Vec::new();
    for item in centre.store.items_of(export.application).await? {
        let freezes = match item.state {
            ItemState::Suspended { .. } => true,
            ItemState::Revoked { .. } => {
                was_sealed_before(centre, export, &item, "item.revoked").await?
            }
            // Threat: an audit that lasts longer than the right, and sets free what it kept.
            ItemState::Ended if was_suspended(centre, &item).await? => {
                was_sealed_before(centre, export, &item, "item.ended").await?
            }
            _ => continue,
        };
        let source: Source = centre.load("source", item.source).await?;
        let producer: Producer = centre.load("producer", item.producer).await?;
        found.push(Stopped {
            source: source.title,
            producer: producer.name,
            by: item.producer,
            state: item.state.name(),
            freezes,
        });
    }
    Ok(found)
}

/// Whether the item was suspended when it ended.
async fn was_suspended(centre: &Centre, item: &Item) -> Result<bool, Failure> {
    let told = last(centre, item.id.0, &["item.suspended", "item.resumed"]).await?;
    Ok(told.is_some_and(|event| event.kind == "item.suspended"))
}

/// Whether the request was sealed last before the right to the item was gone by an event of this
/// kind. What cannot be told was.
async fn was_sealed_before(
    centre: &Centre,
    export: &Export,
    item: &Item,
    gone: &str,
) -> Result<bool, Failure> {
    if matches!(export.state, ExportState::Draft | ExportState::Returned { .. }) {
        return Ok(false); // it is to be sealed yet
    }
    let sealed = last(centre, export.id.0, &["export.sealed", "export.resealed"]).await?;
    let gone = last(centre, item.id.0, &[gone]).await?;
    Ok(match (sealed, gone) {
        // Ids tell which of two events came first.
        (Some(sealed), Some(gone)) => sealed.id < gone.id,
        _ => true,
    })
}

async fn last(centre: &Centre, of: uuid::Uuid, kinds: &[&str]) -> Result<Option<Event>, Failure> {
    let mut events = centre.store.events_of(of).await?.into_iter().map(|sealed| sealed.event);
    Ok(events.rfind(|event| kinds.contains(&event.kind.as_str())))
}

/// Refuses what would let a request out while something that freezes it is stopped.
pub(super) async fn refuse(centre: &Centre, export: &Export) -> Result<(), Failure> {
    match is_frozen(centre, export).await? {
        true => Err(Denied::SourceStopped.into()),
        false => Ok(()),
    }
}

async fn is_frozen(centre: &Centre, export: &Export) -> Result<bool, Failure> {
    Ok(stopped(centre, export).await?.iter().any(|one| one.freezes))
}

/// When a request leaves, where it is approved.
pub(super) async fn if_approved(
    centre: &Centre,
    export: &Export,
) -> Result<Option<Timestamp>, Failure> {
    match export.state {
        ExportState::Approved { .. } | ExportState::PartlyApproved { .. } => {
            Ok(Some(leaves_at(centre, export).await?))
        }
        _ => Ok(None),
    }
}

/// When an approved request leaves, unless its approval is recalled before.
async fn leaves_at(centre: &Centre, export: &Export) -> Result<Timestamp, Failure> {
    let kinds = ["export.approved", "export.partly_approved", "route.automatic"];
    let approved = last(centre, export.id.0, &kinds).await?;
    if approved.is_none() {
        tracing::error!(export.id = %export.id, "an approval without its event: it is held");
    }
    let approved = approved.map_or(centre.now(), |event| event.at);
    let pause = SignedDuration::from_secs(i64::from(centre.config.release_hold_seconds));
    Ok(approved.checked_add(pause).unwrap_or(Timestamp::MAX))
}

/// Whether the release of an approved request must wait: the clock looks again.
pub(super) async fn waits(centre: &Centre, export: &Export) -> Result<bool, Failure> {
    Ok(is_frozen(centre, export).await? || centre.now() < leaves_at(centre, export).await?)
}

/// Writes on each request of the project that it is frozen, or no longer; its author is told. Where
/// another source freezes it still, nothing has changed for it.
pub(super) async fn tell_exports(centre: &Centre, because: &Event) -> Result<(), Failure> {
    let item: Item = centre.load("item", because.object).await?;
    let mut round = Round::default();
    for export in centre.store.exports_of(item.application).await? {
        if FREEZES.contains(&export.state.name()) {
            round.ran(tell_export(centre, &export, because).await);
        }
    }
    round.end()
}

async fn tell_export(centre: &Centre, export: &Export, because: &Event) -> Result<(), Failure> {
    let is_resumed = because.kind == "item.resumed";
    let kind = if is_resumed { "export.unfrozen" } else { "export.frozen" };
    // Among all: two events that stay open would take turns otherwise, for ever.
    let told = centre.store.events_of(export.id).await?;
    let is_told = |event: &Event| event.payload["because"] == serde_json::json!(because.id);
    if told.iter().any(|sealed| is_told(&sealed.event)) {
        return Ok(());
    }
    if is_resumed && is_frozen(centre, export).await? {
        return Ok(());
    }
    let mut event = event(centre, None, kind, export);
    tell(&mut event, "because", because.id);
    Ok(centre.store.change(&event).commit().await?)
}
