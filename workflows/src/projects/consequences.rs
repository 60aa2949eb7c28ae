//! What events cause in this column.

use domain::{
    Application, Event, Person,
    projects::{
        application::{ApplicationState, Member, Opinion},
        item::Item,
    },
};
use serde_json::json;
use store::InvitedMember;
use uuid::Uuid;

use super::{application_of, days_of, on_item_by_centre};
use crate::{Centre, Failure};

/// Does what `event` causes here; doing it twice does it once.
pub(crate) async fn apply(centre: &Centre, event: &Event) -> Result<(), Failure> {
    match event.kind.as_str() {
        "opinion.recorded" => draw_conclusion(centre, event.object).await,
        "item.decided" | "item.removed" | "decisions.opened" => match application_of(event) {
            Some(id) => complete_decisions(centre, id).await,
            None => Ok(()),
        },
        "bubble.ready" => match application_of(event) {
            Some(id) => mount(centre, id).await,
            None => Ok(()),
        },
        "person.invited" | "person.registered" | "person.accepted" => {
            welcome(centre, event.object).await
        }
        _ => Ok(()),
    }
}

/// A favourable opinion opens the producers' decisions, an unfavourable one ends the application,
/// a deferred one waits for the next session.
async fn draw_conclusion(centre: &Centre, id: Uuid) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    let ApplicationState::Opinion { opinion, .. } = before.state else { return Ok(()) };
    let (kind, after) = match opinion {
        Opinion::Deferred => return Ok(()),
        Opinion::Unfavourable => {
            ("application.unfavourable", before.by_the_centre().close_unfavourable()?)
        }
        _ => ("decisions.opened", before.by_the_centre().open_decisions()?),
    };
    let event = centre.system_event(kind, "application", id);
    let mut change = centre.store.change(&event);
    change.replace(&before, &after);
    for item in centre.store.items_of(before.id).await? {
        if let Ok(next) = item.take_opinion(opinion.is_favourable()) {
            let payload = json!({ "favourable": opinion.is_favourable() });
            change.replace(&item, &next);
            change.event(&on_item_by_centre(centre, "item.opinion_taken", &next, payload));
        }
    }
    Ok(change.commit().await?)
}

/// Once no item waits for its producer.
async fn complete_decisions(centre: &Centre, id: Uuid) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    let items = centre.store.items_of(before.id).await?;
    let Ok(after) = before.by_the_centre().complete_decisions(&items) else { return Ok(()) };
    let mut event = centre.system_event("decisions.complete", "application", id);
    event.payload = json!({ "state": after.state.name() });
    Ok(centre.store.change(&event).replace(&before, &after).commit().await?)
}

/// The bubble stands: what was granted is mounted in it.
async fn mount(centre: &Centre, id: Uuid) -> Result<(), Failure> {
    let application: Application = centre.load("application", id).await?;
    let ApplicationState::Authorised { .. } = application.state else { return Ok(()) };
    for item in centre.store.items_of(application.id).await? {
        let Ok(mounted) = item.mount() else { continue };
        let event = mounted_event(centre, &mounted);
        centre.store.change(&event).replace(&item, &mounted).commit().await?;
    }
    Ok(())
}

fn mounted_event(centre: &Centre, item: &Item) -> Event {
    on_item_by_centre(centre, "data.mounted", item, json!({}))
}

/// Somebody who was invited into teams has an account: becomes a member, as long as the file is
/// open to change.
async fn welcome(centre: &Centre, id: Uuid) -> Result<(), Failure> {
    let Some(person) = centre.store.get::<Person>(id).await? else { return Ok(()) };
    for invited in centre.store.invited_as(&person.email).await? {
        let before: Application = centre.load("application", invited.application).await?;
        let removal = InvitedMember::removal(before.id, &invited.email);
        let mut event = centre.system_event("member.added", "application", before.id);
        event.payload = json!({ "person": person.id });
        if !before.state.is_open() || before.involves(person.id) {
            event.kind = String::from("member.uninvited");
            centre.store.change(&event).writes([removal]).commit().await?;
            continue;
        }
        let member = Member { person: person.id, bubble: invited.bubble, edits: invited.edits };
        let mut after = before.with_invited(member);
        let mut change = centre.store.change(&event);
        for item in centre.store.items_of(before.id).await? {
            if let Some(again) = item.after_team_change() {
                let days = days_of(centre, item.producer).await?;
                after = after.reopened(centre.now(), days);
                let because = json!({ "because": "team" });
                change.replace(&item, &again);
                change.event(&on_item_by_centre(centre, "item.asked", &again, because));
            }
        }
        change.replace(&before, &after).writes([removal]).commit().await?;
    }
    Ok(())
}
