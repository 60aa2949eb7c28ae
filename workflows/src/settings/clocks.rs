//! What happens in this column because time has passed.

use domain::settings::bubble::{BubbleState, by_the_centre};

use super::{bubble, provision, session};
use crate::{Centre, Failure, consequences::Round};

/// Looks at what is due and does it.
pub(crate) async fn run(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    round.ran(bubble::follow_grants(centre).await);
    round.ran(session::look_again(centre).await);
    round.ran(session::close_lost(centre).await);
    round.ran(provision::look(centre).await);
    round.ran(delete_old(centre).await);
    round.end()
}

/// Archives whose retention is over are deleted, each by a job of its own.
async fn delete_old(centre: &Centre) -> Result<(), Failure> {
    for bubble in centre.store.bubbles_in_state("archived").await? {
        let BubbleState::Archived { until } = bubble.state else { continue };
        if centre.now() < until || !centre.host.busy().insert(bubble.id) {
            continue;
        }
        let centre = centre.clone();
        tokio::spawn(async move {
            let id = bubble.id;
            let deleted = async {
                let certificate = centre.host.delete(&bubble).await?;
                let after = by_the_centre(&bubble).delete(certificate.clone(), centre.now())?;
                let mut event = centre.system_event("bubble.deleted", "bubble", id);
                event.payload = serde_json::json!({
                    "application": bubble.application, "certificate": certificate,
                });
                centre.store.change(&event).replace(&bubble, &after).commit().await?;
                Ok::<(), Failure>(())
            };
            if let Err(failure) = deleted.await {
                let error = &failure as &dyn std::error::Error;
                tracing::error!(bubble.id = %id, error, "an archive was not deleted");
            }
            centre.host.busy().remove(&id);
        });
    }
    Ok(())
}
