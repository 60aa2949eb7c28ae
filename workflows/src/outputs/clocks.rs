//! What happens in this column because time has passed.

use domain::{Export, Timestamp, outputs::export::ExportState};
use jiff::SignedDuration;

use super::{
    consequences, credit,
    export::{event, tell},
    frozen, import_delivery, jobs, risk,
};
use crate::{Centre, Failure, consequences::Round};

/// States in which the centre has the next step: a crash may have ended the job that did it.
const OURS: [&str; 6] =
    ["sealed", "scanning", "scored", "approved", "partly_approved", "releasing"];
/// How long before the end the author is reminded (JOURNEYS 3.3).
const REMINDER: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Looks at what is due and does it.
pub(crate) async fn run(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    for state in ["available", "collected"] {
        round.ran(end_releases(centre, state).await);
    }
    for state in OURS {
        round.ran(go_on(centre, state).await);
    }
    round.ran(consequences::unassign_new_members(centre, None).await);
    round.ran(import_delivery::deliver_all(centre).await);
    round.ran(credit::run(centre).await);
    round.ran(risk::model::watch(centre).await);
    round.end()
}

async fn go_on(centre: &Centre, state: &str) -> Result<(), Failure> {
    let mut round = Round::default();
    for export in round.readable(centre.store.each::<Export>("state", state).await) {
        jobs::advance(centre, export.id).await;
    }
    round.end()
}

async fn end_releases(centre: &Centre, state: &str) -> Result<(), Failure> {
    let (now, mut round) = (centre.now(), Round::default());
    for export in round.readable(centre.store.each::<Export>("state", state).await) {
        round.ran(pick_up(centre, &export, now).await);
    }
    round.end()
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
