//! What happens in this column because time has passed (JOURNEYS 3.2).

use domain::{Application, Item, Timestamp, projects::application::ApplicationState};
use serde_json::json;
use store::{Entity, SealedEvent, StoreError};
use uuid::Uuid;

use super::on_item_by_centre;
use crate::{Centre, Failure, consequences::Round};

/// Producers are reminded so many days before the target date.
const DUE_DAYS: [i64; 3] = [0, 2, 7];
/// Leads are told so many days before a draft lapses.
const LAPSE_DAYS: [i64; 2] = [7, 30];
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Looks at what is due and does it.
pub(crate) async fn run(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    round.ran(items(centre).await);
    round.ran(projects(centre).await);
    round.ran(consultations(centre).await);
    round.ran(drafts(centre).await);
    round.end()
}

async fn consultations(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    let list = centre.store.each::<Application>("state", "consultation").await;
    for application in round.readable(list) {
        let ApplicationState::Consultation { target, .. } = application.state else { continue };
        let items = centre.store.each::<Item>("application", &application.id.to_string()).await;
        for item in round.readable(items) {
            if item.state.name() == "asked" {
                round.ran(wait_for_producer(centre, &item, target).await);
            }
        }
    }
    round.end()
}

/// An item that its producer has not answered falls silent on the target date.
async fn wait_for_producer(centre: &Centre, item: &Item, target: Timestamp) -> Result<(), Failure> {
    let Ok(silent) = item.fall_silent(target, centre.now()) else {
        return remind(centre, item, target).await;
    };
    let event = on_item_by_centre(centre, "item.silent", &silent, json!({}));
    later(centre.store.change(&event).replace(item, &silent).commit().await)
}

/// Writes `item.due` once for each number of days of [`DUE_DAYS`].
async fn remind(centre: &Centre, item: &Item, target: Timestamp) -> Result<(), Failure> {
    let Some(days) = days_left(centre, target, &DUE_DAYS) else { return Ok(()) };
    if !was_told(centre, item.id.0, "item.due", "item.asked", days).await? {
        let event = on_item_by_centre(centre, "item.due", item, json!({ "days": days }));
        centre.store.change(&event).commit().await?;
    }
    Ok(())
}

async fn drafts(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    for draft in round.readable(centre.store.each("state", "draft").await) {
        round.ran(let_lapse(centre, &draft).await);
    }
    round.end()
}

/// A draft that nobody has touched for long lapses with its items; before, its lead is told.
async fn let_lapse(centre: &Centre, draft: &Application) -> Result<(), Failure> {
    if let Ok(lapsed) = draft.by_the_centre().lapse(centre.now()) {
        let event = centre.system_event("application.lapsed", "application", draft.id);
        let mut change = centre.store.change(&event);
        change.replace(draft, &lapsed);
        for item in centre.store.items_of(draft.id).await? {
            if let Ok(closed) = item.close() {
                let event = on_item_by_centre(centre, "item.removed", &closed, json!({}));
                change.replace(&item, &closed).event(&event);
            }
        }
        later(change.commit().await)?;
    } else if let Some(days) = days_left(centre, draft.lapses_at(), &LAPSE_DAYS)
        && !was_told(centre, draft.id.0, "draft.lapses_soon", "draft.saved", days).await?
    {
        let mut event = centre.system_event("draft.lapses_soon", "application", draft.id);
        event.payload = json!({ "days": days });
        centre.store.change(&event).commit().await?;
    }
    Ok(())
}

async fn items(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    for state in ["granted", "granted_conditional", "active", "suspended"] {
        for item in round.readable(centre.store.each::<Item>("state", state).await) {
            if let Ok(ended) = item.end(centre.now()) {
                let event = on_item_by_centre(centre, "item.ended", &ended, json!({}));
                round.ran(end(centre, &event, &item, &ended).await);
            }
        }
    }
    round.end()
}

async fn projects(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    let list = centre.store.each::<Application>("state", "authorised").await;
    for project in round.readable(list) {
        if let Ok(ended) = project.by_the_centre().end(centre.now()) {
            let event = centre.system_event("application.ended", "application", project.id);
            round.ran(end::<Application>(centre, &event, &project, &ended).await);
        }
    }
    round.end()
}

async fn end<E: Entity + Clone>(
    centre: &Centre,
    event: &domain::Event,
    before: &E,
    after: &E,
) -> Result<(), Failure> {
    later(centre.store.change(event).replace(before, after).commit().await)
}

/// Somebody changed the object at this moment: the next tick looks again.
fn later(written: Result<(), StoreError>) -> Result<(), Failure> {
    match written {
        Err(StoreError::Conflict { .. }) => Ok(()),
        other => Ok(other?),
    }
}

/// The smallest of `steps` (ascending, in days) within which `target` comes.
fn days_left(centre: &Centre, target: Timestamp, steps: &[i64]) -> Option<i64> {
    let seconds = target.duration_since(centre.now()).as_secs();
    steps.iter().copied().find(|days| seconds < (days + 1) * DAY_SECONDS)
}

/// Whether `kind` was written for so few days or fewer since the last `since`.
async fn was_told(
    centre: &Centre,
    object: Uuid,
    kind: &str,
    since: &str,
    days: i64,
) -> Result<bool, Failure> {
    let events = centre.store.events_of(object).await?;
    let fresh = events.iter().rev().take_while(|sealed| sealed.event.kind != since);
    let said = |sealed: &&SealedEvent| {
        let told = sealed.event.payload.get("days").and_then(serde_json::Value::as_i64);
        sealed.event.kind == kind && told.is_some_and(|told| told <= days)
    };
    Ok(fresh.filter(said).count() > 0)
}
