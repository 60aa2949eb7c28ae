//! What happens in this column because time has passed.

use jiff::ToSpan;

use super::{habilitation, login, undertaking};
use crate::{Centre, Failure};

/// Looks at what is due and does it.
pub(crate) async fn run(centre: &Centre) -> Result<(), Failure> {
    let now = centre.now();
    for state in ["granted", "active", "expiring", "suspended"] {
        for one in centre.store.habilitations_that_are(state).await? {
            if one.is_due(now) {
                habilitation::follow(centre, one).await?;
            }
        }
    }
    for one in centre.store.habilitations_that_are("expired").await? {
        habilitation::remind_after_end(centre, &one).await?;
    }
    undertaking::supersede_old_texts(centre).await?;
    let idle = now.checked_sub(login::IDLE_SECONDS.seconds()).unwrap_or(now);
    centre.store.forget_logins(now, idle).await?;
    centre.store.forget_challenges(now).await?;
    Ok(())
}
