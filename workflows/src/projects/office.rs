//! The secretary's side, and the chair's: from a submitted file to a project (JOURNEYS 2.4). The
//! committee's own session machinery comes later (JOURNEYS 1.7); until then what it does is
//! recorded here, each time with a reason.

use std::collections::BTreeSet;

use domain::{
    Actor, Application, ApplicationId, Event, Habilitation, HabilitationId, Person, Refusal,
    people::habilitation_revocation::may_revoke_for_committee,
    projects::{
        REASON_MAX,
        application::Opinion,
        application_office::{may_examine, may_record_opinion},
        application_sight::may_list_submitted,
        application_team::may_read,
    },
};
use serde_json::{Value, json};

use super::{file, on_application, on_item_by_centre};
use crate::{Centre, Failure};

/// The files that were submitted and that the person may read, oldest first.
pub async fn list(centre: &Centre, actor: &Actor) -> Result<Vec<Application>, Failure> {
    may_list_submitted(actor)?;
    let mut found = centre.store.all::<Application>().await?;
    found.retain(|application| {
        !application.submissions.is_empty() && may_read(actor, application).is_ok()
    });
    Ok(found)
}

/// A right that is given in a project, and whose.
#[derive(Clone, Debug)]
pub struct Right {
    /// The right.
    pub habilitation: Habilitation,
    /// The person's name.
    pub name: String,
}

/// The rights that are given in a project, for those who may take them back for the committee;
/// nothing for others.
pub async fn rights(
    centre: &Centre,
    actor: &Actor,
    application: &Application,
) -> Result<Vec<Right>, Failure> {
    let mut rights = Vec::new();
    for habilitation in centre.store.habilitations_in(application.id).await? {
        let may = may_revoke_for_committee(actor, &habilitation, application).is_ok();
        if !may || habilitation.state.term().is_none() {
            continue;
        }
        if let Some(person) = centre.store.get::<Person>(habilitation.person).await? {
            rights.push(Right { habilitation, name: person.name });
        }
    }
    Ok(rights)
}

/// Takes a person's right back for the committee; their sessions are cut as a consequence.
#[tracing::instrument(name = "workflow.revoke_for_committee", skip_all, fields(application.id = %id), err)]
pub async fn revoke_for_committee(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    habilitation: HabilitationId,
    reason: &str,
) -> Result<(), Failure> {
    let application: Application = centre.load("application", id).await?;
    let before: Habilitation = centre.load("habilitation", habilitation).await?;
    let permit = may_revoke_for_committee(actor, &before, &application)?;
    let after = permit.revoke(reason, centre.now())?;
    let payload = json!({ "application": id, "person": before.person, "decided_by": "committee" });
    let mut event = centre.event(actor, "committee.revoked", "habilitation", before.id);
    event.reason = Some(reason.trim().to_owned());
    event.payload = payload.clone();
    let mut revoked = centre.system_event("habilitation.revoked", "habilitation", before.id);
    revoked.reason = Some("committee".to_owned());
    revoked.payload = payload;
    let mut change = centre.store.change(&event);
    Ok(change.event(&revoked).replace(&before, &after).commit().await?)
}

/// Begins to check a file.
pub async fn start(centre: &Centre, actor: &Actor, id: ApplicationId) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    let after = may_examine(actor, &before)?.start()?;
    save(centre, actor, "admissibility.started", (&before, &after), None, json!({})).await
}

/// Notes which points of the checklist hold by the secretary's judgement.
pub async fn judge(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    judged: BTreeSet<String>,
) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    let payload = json!({ "judged": judged });
    let after = may_examine(actor, &before)?.judge(judged)?;
    save(centre, actor, "admissibility.judged", (&before, &after), None, payload).await
}

/// Sends the file back with a reason for each page that must change.
pub async fn send_back(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    reasons: &[(String, String)],
) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    let after = may_examine(actor, &before)?.send_back(reasons)?;
    let pages: Vec<&(String, String)> =
        reasons.iter().filter(|(_, reason)| !reason.trim().is_empty()).collect();
    let payload = json!({ "pages": pages });
    save(centre, actor, "application.returned", (&before, &after), None, payload).await
}

/// Puts the file on the agenda of a session.
pub async fn assign_session(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    date: &str,
    reason: &str,
) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    may_examine(actor, &before)?;
    let reason = required(reason)?;
    let checklist = file::load(centre, before.clone()).await?.checklist;
    let after = may_examine(actor, &before)?.assign_session(date, &checklist)?;
    let payload = json!({ "session": date.trim() });
    save(centre, actor, "session.assigned", (&before, &after), Some(reason), payload).await
}

/// Opens the session for the file.
pub async fn open_session(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    reason: &str,
) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    let after = may_examine(actor, &before)?.open_session()?;
    let reason = required(reason)?;
    save(centre, actor, "session.opened", (&before, &after), Some(reason), json!({})).await
}

/// Records the committee's opinion.
pub async fn record_opinion(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    opinion: &str,
    text: &str,
    reason: &str,
) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    may_record_opinion(actor, &before)?;
    let opinion =
        Opinion::parse(opinion).ok_or_else(|| Failure::invalid("opinion", "not-a-choice"))?;
    let reason = required(reason)?;
    let after = may_record_opinion(actor, &before)?.record(opinion, text, centre.now())?;
    let payload = json!({ "opinion": opinion.name(), "text": text.trim() });
    save(centre, actor, "opinion.recorded", (&before, &after), Some(reason), payload).await
}

/// Goes past the committee, where every source is decided by its producer alone.
pub async fn pass_committee(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    reason: &str,
) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    may_examine(actor, &before)?;
    let reason = required(reason)?;
    let file = file::load(centre, before.clone()).await?;
    let live = || file.items.iter().filter(|line| line.item.state.is_answered());
    let routes: Vec<_> = live().map(|line| line.source.route).collect();
    let permit = may_examine(actor, &before)?;
    let after = permit.pass_committee(&routes, &file.checklist, centre.now())?;
    let payload = json!({ "committee": false });
    let event = on_application(centre, actor, "decisions.opened", &before, payload);
    let event = Event { reason: Some(reason), ..event };
    let mut change = centre.store.change(&event);
    change.replace(&before, &after);
    for line in live() {
        let open = line.item.take_opinion(true)?;
        let because = json!({ "committee": false });
        change.replace(&line.item, &open);
        change.event(&on_item_by_centre(centre, "item.opinion_taken", &open, because));
    }
    Ok(change.commit().await?)
}

/// Records that contract and other formalities are done: the application becomes a project.
pub async fn complete_formalities(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    reason: &str,
) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    may_examine(actor, &before)?;
    let reason = required(reason)?;
    let items = centre.store.items_of(id).await?;
    let after = may_examine(actor, &before)?.complete_formalities(&items, centre.now())?;
    let event = on_application(centre, actor, "formalities.done", &before, json!({}));
    let event = Event { reason: Some(reason), ..event };
    let authorised = on_application(centre, actor, "application.authorised", &before, json!({}));
    let mut change = centre.store.change(&event);
    change.event(&authorised).replace(&before, &after);
    // A producer who revokes at this very moment must not be overtaken.
    for item in items.iter().filter(|item| item.granted_until().is_some()) {
        change.replace(item, item);
    }
    Ok(change.commit().await?)
}

/// The secretary does here what a later part of the centre will do: never without saying why.
fn required(reason: &str) -> Result<String, Failure> {
    let reason = reason.trim();
    match reason.chars().count() {
        0 => Err(Refusal::invalid("reason", "missing").into()),
        count if count > REASON_MAX => Err(Refusal::invalid("reason", "too-long").into()),
        _ => Ok(reason.to_owned()),
    }
}

async fn save(
    centre: &Centre,
    actor: &Actor,
    kind: &str,
    (before, after): (&Application, &Application),
    reason: Option<String>,
    payload: Value,
) -> Result<(), Failure> {
    let event = Event { reason, ..on_application(centre, actor, kind, before, payload) };
    Ok(centre.store.change(&event).replace(before, after).commit().await?)
}
