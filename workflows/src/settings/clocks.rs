//! What happens in this column because time has passed.

use domain::{
    Bubble,
    settings::bubble::{BubbleState, by_the_centre},
};

use super::{bubble, provision, session};
use crate::{Centre, Failure, consequences::Round, failure::causes};

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
    let mut round = Round::default();
    for bubble in round.readable(centre.store.each::<Bubble>("state", "archived").await) {
        let BubbleState::Archived { until } = bubble.state else { continue };
        if centre.now() < until || !centre.host.busy().insert(bubble.id) {
            continue;
        }
        let centre = centre.clone();
        tokio::spawn(async move {
            if let Err(failure) = delete(&centre, &bubble).await {
                let error = causes(&failure);
                tracing::error!(bubble.id = %bubble.id, error, "an archive was not deleted");
            }
            centre.host.busy().remove(&bubble.id);
        });
    }
    round.end()
}

async fn delete(centre: &Centre, bubble: &Bubble) -> Result<(), Failure> {
    let certificate = centre.host.delete(bubble).await?;
    let after = by_the_centre(bubble).delete(certificate.clone(), centre.now())?;
    let mut event = centre.system_event("bubble.deleted", "bubble", bubble.id);
    event.payload = serde_json::json!({
        "application": bubble.application, "certificate": certificate,
    });
    Ok(centre.store.change(&event).replace(bubble, &after).commit().await?)
}
