//! Habilitations follow what they depend on: see `domain::people::habilitation_steps`.

use domain::{
    Application, ApplicationId, Habilitation, Person, PersonId, Timestamp,
    people::habilitation_steps::{Facts, Step},
    projects::application::ApplicationState,
};
use serde_json::json;

use crate::{Centre, Failure, consequences::Round};

/// Gives each person who asks for access to the bubble of an open application a habilitation to
/// be examined, where they have none.
pub(crate) async fn give_to_team(
    centre: &Centre,
    application: &Application,
) -> Result<(), Failure> {
    if is_over(&application.state) {
        return Ok(());
    }
    let standing = centre.store.habilitations_in(application.id).await?;
    for person in application.people() {
        let member = application.members.iter().find(|member| member.person == person);
        let asks = person == application.lead || member.is_some_and(|member| member.bubble);
        let has = standing.iter().any(|one| one.person == person && !one.state.is_final());
        if asks && !has && centre.store.get::<Person>(person).await?.is_some() {
            let new = Habilitation::asked(centre.id(), person, application.id);
            let mut event = centre.system_event("habilitation.asked", "habilitation", new.id);
            event.payload = json!({ "application": application.id, "person": person });
            centre.store.change(&event).insert(&new).commit().await?;
        }
    }
    Ok(())
}

/// Whether nobody joins any more.
pub(crate) fn is_over(state: &ApplicationState) -> bool {
    use ApplicationState::{Ended, Lapsed, Unfavourable, Withdrawn};
    matches!(state, Ended { .. } | Lapsed { .. } | Unfavourable { .. } | Withdrawn { .. })
}

/// Every habilitation of a project follows.
pub(crate) async fn follow_project(centre: &Centre, id: ApplicationId) -> Result<(), Failure> {
    follow_each(centre, "application", &id.to_string()).await
}

/// Every habilitation of a person follows.
pub(crate) async fn follow_person(centre: &Centre, id: PersonId) -> Result<(), Failure> {
    follow_each(centre, "person", &id.to_string()).await
}

async fn follow_each(centre: &Centre, key: &'static str, value: &str) -> Result<(), Failure> {
    let mut round = Round::default();
    for one in round.readable(centre.store.each(key, value).await) {
        round.ran(follow(centre, one).await);
    }
    round.end()
}

/// Takes the steps that the facts ask for, each with its event.
pub(crate) async fn follow(centre: &Centre, mut one: Habilitation) -> Result<(), Failure> {
    if one.state.is_final() {
        return Ok(());
    }
    let Some(person) = centre.store.get::<Person>(one.person).await? else { return Ok(()) };
    let Some(application) = centre.store.get::<Application>(one.application).await? else {
        return Ok(());
    };
    let items = centre.store.items_of(application.id).await?;
    let undertakings = centre.store.undertakings_of(application.id).await?;
    let bubble = centre.store.bubble_of(application.id).await?;
    let facts = Facts {
        person: &person,
        signed: undertakings.iter().any(|own| own.person == person.id && own.state.is_signed()),
        application: &application,
        items: &items,
        opinion_at: opinion_at(centre, &application).await?,
        bubble_open: bubble.is_some_and(|bubble| bubble.state.is_open()),
    };
    let now = centre.now();
    while let Some(step) = one.next_step(&facts, now) {
        take(centre, &one, &step, now).await?;
        one = Habilitation { version: one.version + 1, ..step.after };
    }
    remind(centre, &one, now).await
}

async fn take(
    centre: &Centre,
    before: &Habilitation,
    step: &Step,
    now: Timestamp,
) -> Result<(), Failure> {
    let after = &step.after;
    let kind = format!("habilitation.{}", step.verb);
    let mut event = centre.system_event(&kind, "habilitation", before.id);
    event.reason = step.cause.map(str::to_owned);
    event.payload = json!({
        "application": before.application,
        "person": before.person,
        "vintages": after.grants.iter().map(|grant| grant.vintage).collect::<Vec<_>>(),
        "end": after.state.term().map(|(_, end)| end),
        "days": after.notice_due(now),
    });
    Ok(centre.store.change(&event).replace(before, after).commit().await?)
}

/// Writes the event of the notice that is due before the end, once for each number of days.
async fn remind(centre: &Centre, one: &Habilitation, now: Timestamp) -> Result<(), Failure> {
    let (Some(due), Some((_, end))) = (one.notice_due(now), one.state.term()) else {
        return Ok(());
    };
    let end = json!(end);
    let told = centre.store.events_of(one.id).await?.into_iter().any(|sealed| {
        let payload = &sealed.event.payload;
        sealed.event.kind == "habilitation.expiring"
            && payload["end"] == end
            && payload["days"].as_i64().is_some_and(|days| days <= due)
    });
    if told {
        return Ok(());
    }
    let mut event = centre.system_event("habilitation.expiring", "habilitation", one.id);
    event.payload = json!({
        "application": one.application, "person": one.person, "days": due, "end": end,
    });
    Ok(centre.store.change(&event).commit().await?)
}

/// Writes the event of the day's notice about a right that has ended by its date, once a day for a
/// week, unless the person has a new one in the project.
pub(crate) async fn remind_after_end(centre: &Centre, one: &Habilitation) -> Result<(), Failure> {
    let now = centre.now();
    let Some(days) = one.days_after_end(now) else { return Ok(()) };
    let events = centre.store.events_of(one.id).await?;
    let by_its_date = events.iter().any(|sealed| {
        sealed.event.kind == "habilitation.expired" && sealed.event.reason.as_deref() == Some("end")
    });
    let told = events.iter().any(|sealed| {
        sealed.event.kind == "habilitation.after_end"
            && sealed.event.payload["days"].as_i64().is_some_and(|told| told >= days)
    });
    let renewed = || async {
        let theirs = centre.store.habilitations_in(one.application).await?;
        let other = |other: &Habilitation| other.person == one.person && !other.state.is_final();
        Ok::<bool, Failure>(theirs.iter().any(other))
    };
    if told || !by_its_date || renewed().await? {
        return Ok(());
    }
    let mut event = centre.system_event("habilitation.after_end", "habilitation", one.id);
    event.payload = json!({ "application": one.application, "person": one.person, "days": days });
    Ok(centre.store.change(&event).commit().await?)
}

/// The account of a person becomes active with a first live habilitation, and enrolled again with
/// the last one gone.
pub(crate) async fn follow_access(centre: &Centre, id: PersonId) -> Result<(), Failure> {
    let Some(person) = centre.store.get::<Person>(id).await? else { return Ok(()) };
    let now = centre.now();
    let live = centre.store.habilitations_of(id).await?.iter().any(|one| one.is_live(now));
    if let Some((after, kind)) = person.follow_access(live, now) {
        let event = centre.system_event(kind, "person", id);
        centre.store.change(&event).replace(&person, &after).commit().await?;
    }
    Ok(())
}

/// When the committee last gave its opinion: the six years run from there.
async fn opinion_at(
    centre: &Centre,
    application: &Application,
) -> Result<Option<Timestamp>, Failure> {
    if !matches!(application.state, ApplicationState::Authorised { .. }) {
        return Ok(None);
    }
    let events = centre.store.events_of(application.id).await?;
    let last = events.into_iter().rfind(|sealed| sealed.event.kind == "opinion.recorded");
    Ok(last.map(|sealed| sealed.event.at))
}
