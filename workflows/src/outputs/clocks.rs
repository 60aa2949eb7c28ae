//! What happens in this column because time has passed.

use domain::{Export, Timestamp, outputs::export::ExportState};
use jiff::SignedDuration;

use super::{
    consequences, credit,
    export::{event, tell},
    frozen, import, jobs,
};
use crate::{Centre, Failure};

/// States in which the centre has the next step: a crash may have ended the job that did it.
const OURS: [&str; 6] =
    ["sealed", "scanning", "scored", "approved", "partly_approved", "releasing"];
/// How long before the end the author is reminded (JOURNEYS 3.3).
const REMINDER: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Looks at what is due and does it.
pub(crate) async fn run(centre: &Centre) -> Result<(), Failure> {
    for state in OURS {
        for export in centre.store.exports_in(state).await? {
            jobs::advance(centre, export.id).await;
        }
    }
    consequences::unassign_new_members(centre, None).await?;
    import::deliver_all(centre).await?;
    credit::run(centre).await?;
    let now = centre.now();
    for state in ["available", "collected"] {
        for export in centre.store.exports_in(state).await? {
            pick_up(centre, &export, now).await?;
        }
    }
    Ok(())
}

/// Ends a release whose days are over; three days before, says so once.
async fn pick_up(centre: &Centre, export: &Export, now: Timestamp) -> Result<(), Failure> {
    let (ExportState::Available { until, .. } | ExportState::Collected { until, .. }) =
        &export.state
    else {
        return Ok(());
    };
    if *until <= now {
        let after = export.expire(now)?;
        let event = event(centre, None, "release.expired", &after);
        let written = centre.store.change(&event).replace(export, &after).commit().await;
        return match written.map_err(Failure::from) {
            Err(Failure::Conflict(_)) => Ok(()), // revoked meanwhile
            Err(failure) => Err(failure),
            Ok(()) => frozen::clear(centre, export.id),
        };
    }
    if until.duration_since(now) <= REMINDER {
        let events = centre.store.events_of(export.id).await?;
        if events.iter().all(|sealed| sealed.event.kind != "release.ending") {
            let mut event = event(centre, None, "release.ending", export);
            // A begun day counts whole: what is told as three days is never less than two.
            tell(&mut event, "days", (until.duration_since(now).as_secs() + 86_399) / 86_400);
            centre.store.change(&event).commit().await?;
        }
    }
    Ok(())
}
