//! What other columns' events cause in this one.

use domain::{Application, Event, settings::bubble::by_the_centre};

use super::{bubble, provision, session};
use crate::{Centre, Failure, consequences::Round};

/// Families of events after which rights are looked at again and waiting bubbles too.
const RIGHTS: [&str; 13] = [
    "application",
    "bubble",
    "credential",
    "deposit",
    "habilitation",
    "identity",
    "item",
    "login",
    "member",
    "person",
    "prerequisites",
    "source",
    "vintage",
];

/// Does what `event` causes here; doing it twice does it once.
pub(crate) async fn apply(centre: &Centre, event: &Event) -> Result<(), Failure> {
    let family = event.kind.split('.').next().unwrap_or_default();
    match event.kind.as_str() {
        "application.authorised" => {
            if let Some(application) = centre.store.get::<Application>(event.object).await? {
                provision::request(centre, &application).await?;
            }
        }
        "application.ended" | "application.closed" => {
            close(centre, domain::ApplicationId(event.object)).await?;
        }
        // A project can end while its bubble is made.
        "bubble.ready" => {
            if let Some(bubble) = centre.store.get::<domain::Bubble>(event.object).await?
                && let Some(of) = centre.store.get::<Application>(bubble.application).await?
                && of.state.is_final()
            {
                close(centre, of.id).await?;
            }
        }
        _ => {}
    }
    if RIGHTS.contains(&family) || event.kind == "provision.retried" {
        let mut round = Round::default();
        round.ran(provision::look(centre).await);
        round.ran(bubble::follow_grants(centre).await);
        round.ran(session::look_again(centre).await);
        round.leave_to_the_clocks();
    }
    Ok(())
}

/// The project is over: its bubble is closing.
async fn close(centre: &Centre, application: domain::ApplicationId) -> Result<(), Failure> {
    let Some(bubble) = centre.store.bubble_of(application).await? else { return Ok(()) };
    if !matches!(bubble.state.name(), "ready" | "active" | "suspended") {
        return Ok(());
    }
    let after = by_the_centre(&bubble).close(centre.now())?;
    let mut closing = centre.system_event("bubble.closing", "bubble", bubble.id);
    closing.payload = serde_json::json!({ "application": application });
    centre.store.change(&closing).replace(&bubble, &after).commit().await?;
    Ok(())
}
