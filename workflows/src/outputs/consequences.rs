//! What other columns' events cause in this one, and what this one's events make the centre do.

use domain::{Application, ApplicationId, Event, Export, ExportId};

use super::{credit, export, frozen, import_delivery, jobs, risk::outcome, stop};
use crate::{Centre, Failure, consequences::Round};

/// Does what `event` causes here; doing it twice does it once.
pub(crate) async fn apply(centre: &Centre, event: &Event) -> Result<(), Failure> {
    let id = ExportId(event.object);
    outcome::apply(centre, event).await?;
    credit::apply(centre, event).await?;
    match event.kind.as_str() {
        // The scan and the release are jobs of their own: the outbox waits for a moment only.
        "export.sealed"
        | "export.resealed"
        | "export.approved"
        | "export.partly_approved"
        | "route.automatic"
        | "step.retried" => jobs::advance(centre, id).await,
        "import.accepted" => {
            let mut round = Round::default();
            round.ran(import_delivery::deliver_all(centre).await);
            round.leave_to_the_clocks();
        }
        "import.refused" | "import.withdrawn" => {
            import_delivery::forget(centre, event.object.into()).await?;
        }
        "item.suspended" | "item.revoked" | "item.resumed" => {
            stop::tell_exports(centre, event).await?;
        }
        "scan.blocked" => frozen::set_apart(centre, id)?,
        "export.withdrawn" | "quarantine.examined" => frozen::clear(centre, id)?,
        // A checker who joins a project no longer reviews its exports (JOURNEYS 2.6).
        kind if kind.starts_with("member.") || event.noun == "application" => {
            let mut round = Round::default();
            round.ran(unassign_new_members(centre, Some(ApplicationId(event.object))).await);
            round.leave_to_the_clocks();
        }
        _ => {}
    }
    Ok(())
}

/// States in which reviews or approvals of somebody may stand.
const REVIEWED: [&str; 6] = [
    "queued",
    "review_independent",
    "review_consolidation",
    "returned",
    "approved",
    "partly_approved",
];

/// Takes reviews and votes from checkers who have become members of the project, of one project
/// or of all.
pub(super) async fn unassign_new_members(
    centre: &Centre,
    of: Option<ApplicationId>,
) -> Result<(), Failure> {
    let mut round = Round::default();
    for state in REVIEWED {
        for export in round.readable(centre.store.each::<Export>("state", state).await) {
            if of.is_none_or(|id| id == export.application) {
                round.ran(unassign(centre, &export).await.map(drop));
            }
        }
    }
    round.end()
}

/// The same for one export; gives it as it stands then.
pub(super) async fn unassign(centre: &Centre, before: &Export) -> Result<Export, Failure> {
    let application: Application = centre.load("application", before.application).await?;
    let people = application.people();
    let Some(after) = before.unassign_members(&people) else { return Ok(before.clone()) };
    let mut event = export::event(centre, None, "review.unassigned", &after);
    export::tell(&mut event, "because", "member");
    export::tell(&mut event, "checkers", before.reviewers_among(&people)); // whose time ends
    centre.store.change(&event).replace(before, &after).commit().await?;
    centre.load("export", before.id).await
}
