//! Freezing the file and sending it to the secretary; or taking it back.

use domain::{
    Actor, Application, ApplicationId, Event,
    projects::{
        application_team::{Frozen, may_lead},
        snapshot::FrozenFile,
    },
};
use jiff::tz::TimeZone;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{file, frozen, on_application, on_item_by_centre};
use crate::{Centre, Failure};

/// How often a number is looked for when another file has just taken it.
const TRIES: usize = 8;

/// Submits the file: frozen, hashed, numbered at its first submission.
pub async fn submit(centre: &Centre, actor: &Actor, id: ApplicationId) -> Result<(), Failure> {
    for _ in 0..TRIES {
        match try_to_submit(centre, actor, id).await {
            // Two files submitted at once can take the same next number: the second tries again.
            Err(Failure::Store(error)) if error.is_duplicate() => {}
            other => return other,
        }
    }
    Err(Failure::Conflict("applications"))
}

async fn try_to_submit(centre: &Centre, actor: &Actor, id: ApplicationId) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    may_lead(actor, &before)?;
    let file = file::load(centre, before.clone()).await?;
    let items = file.plain_items();
    let undertakings = centre.store.undertakings_of(id).await?;
    let number = match &before.number {
        Some(number) => number.clone(),
        None => next_number(centre).await?,
    };
    let (words, now) = (frozen::words(centre, &file), centre.now());
    let content = FrozenFile::of(&before, &number, &items, words, now).canonical();
    let sha256 = hex::encode(Sha256::digest(content.as_bytes()));
    let frozen = Frozen { number: number.clone(), snapshot: content, sha256: sha256.clone() };
    let silence = |producer| file.silence(producer);
    let permit = may_lead(actor, &before)?;
    let after = permit.submit(frozen, &file.complete, &items, silence, &undertakings, now)?;
    let turn = after.submissions.len();
    let kind = if turn == 1 { "application.submitted" } else { "application.resubmitted" };
    let payload = json!({ "number": number, "sha256": sha256, "turn": turn });
    let event = on_application(centre, actor, kind, &before, payload);
    let mut change = centre.store.change(&event);
    change.replace(&before, &after);
    // What was frozen is what was read: an answer that came meanwhile stops the submission.
    for item in &items {
        change.replace(item, item);
    }
    Ok(change.commit().await?)
}

async fn next_number(centre: &Centre) -> Result<String, Failure> {
    let year = centre.now().to_zoned(TimeZone::UTC).year();
    let last = centre.store.last_number(year).await?;
    let last = last.and_then(|number| number.split_once('-')?.1.parse::<u32>().ok());
    Ok(format!("{year:04}-{:04}", last.unwrap_or(0) + 1))
}

/// Withdraws the application, with its reason; producers are asked no more.
pub async fn withdraw(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    reason: &str,
) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    let after = may_lead(actor, &before)?.withdraw(reason)?;
    let event = on_application(centre, actor, "application.withdrawn", &before, json!({}));
    let event = Event { reason: Some(reason.trim().to_owned()), ..event };
    let mut change = centre.store.change(&event);
    change.replace(&before, &after);
    for item in centre.store.items_of(id).await? {
        if let Ok(closed) = item.close() {
            change.replace(&item, &closed);
            let told = json!({ "asked": item.was_asked() });
            change.event(&on_item_by_centre(centre, "item.removed", &closed, told));
        }
    }
    Ok(change.commit().await?)
}

/// Refuses to start with less than was asked for, within thirty days of the authorisation: the
/// project is over, and with it every right of its team.
#[tracing::instrument(name = "workflow.refuse_partial_start", skip_all, fields(application.id = %id), err)]
pub async fn refuse_partial_start(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    reason: &str,
) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    let items = centre.store.items_of(id).await?;
    let permit = may_lead(actor, &before)?;
    let after = permit.refuse_partial_start(&items, reason, centre.now())?;
    let event = on_application(centre, actor, "application.start_refused", &before, json!({}));
    let event = Event { reason: Some(reason.trim().to_owned()), ..event };
    let mut ended = centre.system_event("application.ended", "application", id);
    ended.payload = json!({ "because": "start_refused" });
    let mut change = centre.store.change(&event);
    change.event(&ended).replace(&before, &after);
    for item in &items {
        if let Ok(over) = item.end_with_project() {
            change.replace(item, &over);
            change.event(&on_item_by_centre(centre, "item.ended", &over, json!({})));
        }
    }
    Ok(change.commit().await?)
}
