//! What happens in this column because time has passed: channels close, checks that a killed server
//! left go on.

use domain::{Deposit, data::deposit::checks_of};

use super::{checks, deposit::save};
use crate::{Centre, Failure, consequences::Round};

/// Looks at what is due and does it.
pub(crate) async fn run(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    for state in ["channel_open", "uploading"] {
        round.ran(close_channels(centre, state).await);
    }
    for state in ["received", "hash_checked", "scanned", "validated"] {
        round.ran(go_on(centre, state).await);
    }
    round.end()
}

async fn go_on(centre: &Centre, state: &str) -> Result<(), Failure> {
    let mut round = Round::default();
    for left in round.readable(centre.store.each::<Deposit>("state", state).await) {
        checks::start(centre, left.id);
    }
    round.end()
}

async fn close_channels(centre: &Centre, state: &str) -> Result<(), Failure> {
    let mut round = Round::default();
    for open in round.readable(centre.store.each::<Deposit>("state", state).await) {
        let Ok(closed) = checks_of(&open).close_channel(centre.now()) else { continue };
        let event = centre.system_event("deposit.channel_closed", "deposit", open.id);
        match save(centre, &event, &open, &closed, |_| ()).await {
            Err(Failure::Conflict(_)) => {} // a file ended just now; the next tick looks again
            saved => round.ran(saved),
        }
    }
    round.end()
}
