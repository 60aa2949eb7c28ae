//! The other requests of a project: what may not leave beside them without a checker.

use domain::{
    EventId, Export,
    outputs::{
        export::ExportState,
        export_route::{Because, Route},
    },
};

use crate::{
    Centre, Failure,
    outputs::{pack, stop},
};

/// States of a request that a later one was not compared with, or that a person has sent back.
const UNDER_WAY: [&str; 11] = [
    "sealed",
    "scanning",
    "scored",
    "queued",
    "review_independent",
    "review_consolidation",
    "returned",
    "approved",
    "partly_approved",
    "releasing",
    "failed",
];
/// States of a request that was decided.
const DECIDED: [&str; 8] = [
    "approved",
    "partly_approved",
    "releasing",
    "available",
    "collected",
    "expired",
    "revoked",
    "refused",
];

/// Why another request of the project sends this one to a person, if one does.
///
/// Threats: two requests at once, each safe alone, whose difference nobody looks at; an author who
/// takes back what went to a person, to be drawn or scored anew.
pub(super) async fn beside(centre: &Centre, export: &Export) -> Result<Option<Because>, Failure> {
    if !stop::stopped(centre, export).await?.is_empty() {
        return Ok(Some(Because::Stopped));
    }
    let mut others = centre.store.exports_of(export.application).await?;
    others.retain(|other| other.id != export.id);
    if taken_back(&others) {
        return Ok(Some(Because::Withdrawn));
    }
    let under_way = others.iter().any(|other| UNDER_WAY.contains(&other.state.name()));
    match under_way || released_since(centre, export, &others).await? {
        true => Ok(Some(Because::Beside)),
        false => Ok(None),
    }
}

/// Whether the last request that a person was to see was withdrawn, and none decided since.
fn taken_back(others: &[Export]) -> bool {
    let to_a_person = |other: &&Export| {
        other.routed.as_ref().is_some_and(|routed| routed.route != Route::Automatic)
    };
    let at = |other: &Export| Some((other.routed.as_ref()?.at, other.number));
    let seen = || others.iter().filter(to_a_person);
    let withdrawn = |other: &&Export| matches!(other.state, ExportState::Withdrawn);
    let last = seen().filter(withdrawn).filter_map(at).max();
    let decided = |other: &&Export| DECIDED.contains(&other.state.name());
    last.is_some_and(|last| !seen().filter(decided).filter_map(at).any(|at| at > last))
}

/// Whether something left after this request's check had begun.
async fn released_since(
    centre: &Centre,
    export: &Export,
    others: &[Export],
) -> Result<bool, Failure> {
    let Some(begun) = last(centre, export, "scan.started").await? else { return Ok(true) };
    for other in others {
        // What is closed by the clock left days ago.
        let may_be_new = ["available", "collected", "revoked"].contains(&other.state.name());
        if may_be_new && last(centre, other, pack::SEALED_BY).await?.is_none_or(|id| id > begun) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The newest event of a kind; their ids tell which of two came first.
async fn last(centre: &Centre, of: &Export, kind: &str) -> Result<Option<EventId>, Failure> {
    let events = centre.store.events_of(of.id).await?;
    Ok(events.iter().rev().find(|sealed| sealed.event.kind == kind).map(|sealed| sealed.event.id))
}
