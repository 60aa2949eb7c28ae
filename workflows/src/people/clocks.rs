//! What happens in this column because time has passed.

use domain::{Habilitation, people::habilitation_steps::AFTER_END_DAYS};
use jiff::ToSpan;

use super::{habilitation, login, undertaking};
use crate::{Centre, Failure, consequences::Round};

/// Looks at what is due and does it.
pub(crate) async fn run(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    for state in ["granted", "active", "expiring", "suspended"] {
        round.ran(follow(centre, state).await);
    }
    round.ran(remind(centre).await);
    round.ran(undertaking::supersede_old_texts(centre).await);
    round.ran(forget(centre).await);
    round.end()
}

async fn follow(centre: &Centre, state: &'static str) -> Result<(), Failure> {
    let (now, mut round) = (centre.now(), Round::default());
    for one in round.readable(centre.store.each::<Habilitation>("state", state).await) {
        if one.is_due(now) {
            round.ran(habilitation::follow(centre, one).await);
        }
    }
    round.end()
}

async fn remind(centre: &Centre) -> Result<(), Failure> {
    // Those of before are told no more: they are not even read.
    let told = (24 * (AFTER_END_DAYS + 1)).hours();
    let since = centre.now().checked_sub(told).unwrap_or_default();
    let mut round = Round::default();
    for one in round.readable(centre.store.habilitations_expired_since(since).await) {
        round.ran(habilitation::remind_after_end(centre, &one).await);
    }
    round.end()
}

async fn forget(centre: &Centre) -> Result<(), Failure> {
    let now = centre.now();
    let idle = now.checked_sub(login::IDLE_SECONDS.seconds()).unwrap_or(now);
    centre.store.forget_logins(now, idle).await?;
    centre.store.forget_challenges(now).await?;
    Ok(())
}
