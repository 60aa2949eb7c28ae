//! Producers: opening the centre to one, its terms, its people, its end.

use domain::{
    Actor, Event, Person, Producer, ProducerId, Role, RoleGrant, Source, Text,
    data::{
        producer::{Described, may_edit, may_list, may_manage, may_see},
        source::SourceState,
    },
};
use serde_json::json;

use crate::{Centre, Failure};

/// A producer with its sources and the people who act for it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The producer.
    pub producer: Producer,
    /// Its sources, by short name.
    pub sources: Vec<Source>,
    /// Who holds which of its roles, by name.
    pub people: Vec<(Person, Role)>,
    /// What happened to it, newest first, with the name of who did it; on its own page alone.
    pub history: Vec<(Event, Option<String>)>,
    /// Whether the reader may change its terms.
    pub may_edit: bool,
    /// Whether the reader may change its name and people, and end it.
    pub may_manage: bool,
}

/// The producers that the person may see, by name.
pub async fn list_producers(centre: &Centre, actor: &Actor) -> Result<Vec<Shown>, Failure> {
    may_list(actor)?;
    let persons = centre.store.all::<Person>().await?;
    let mut found = Vec::new();
    for producer in centre.store.all::<Producer>().await? {
        if may_see(actor, &producer).is_ok() {
            found.push(show(centre, actor, producer, &persons).await?);
        }
    }
    found.sort_by_key(|one| one.producer.slug.clone());
    Ok(found)
}

/// One producer.
pub async fn read_producer(
    centre: &Centre,
    actor: &Actor,
    id: ProducerId,
) -> Result<Shown, Failure> {
    let producer: Producer = centre.load("producer", id).await?;
    may_see(actor, &producer)?;
    let persons = centre.store.all::<Person>().await?;
    let mut shown = show(centre, actor, producer, &persons).await?;
    for sealed in centre.store.events_of(id).await?.into_iter().rev().take(100) {
        let by = sealed.event.actor;
        let by = persons.iter().find(|one| Some(one.id) == by).map(|one| one.name.clone());
        shown.history.push((sealed.event, by));
    }
    Ok(shown)
}

async fn show(
    centre: &Centre,
    actor: &Actor,
    producer: Producer,
    persons: &[Person],
) -> Result<Shown, Failure> {
    let mut sources = centre.store.sources_of(producer.id).await?;
    sources.sort_by(|a, b| a.slug.cmp(&b.slug));
    let own = |grant: &&RoleGrant| grant.producer == Some(producer.id);
    let mut people: Vec<(Person, Role)> = persons
        .iter()
        .flat_map(|one| one.roles.iter().filter(own).map(|grant| (one.clone(), grant.role)))
        .collect();
    people.sort_by_key(|(person, role)| (person.name.to_lowercase(), role.name()));
    Ok(Shown {
        sources,
        people,
        history: Vec::new(),
        may_edit: producer.ended_at.is_none() && may_edit(actor, &producer).is_ok(),
        may_manage: may_manage(actor).is_ok(),
        producer,
    })
}

/// Opens the centre to a producer.
#[tracing::instrument(name = "workflow.create_producer", skip_all, err)]
pub async fn create_producer(
    centre: &Centre,
    actor: &Actor,
    slug: &str,
    given: Described,
) -> Result<Producer, Failure> {
    let producer = may_manage(actor)?.create(centre.id(), slug, given)?;
    let mut event = centre.event(actor, "producer.created", "producer", producer.id);
    event.payload = json!({ "slug": producer.slug });
    match centre.store.change(&event).insert(&producer).commit().await {
        Err(error) if error.is_duplicate() => Err(Failure::invalid("slug", "producer-slug-taken")),
        other => Ok(other.map(|()| producer)?),
    }
}

/// Describes a producer anew, as `given` makes it of what stands. Applications that wait for it keep
/// the date that they were given; its questions are those of every application that is not submitted.
#[tracing::instrument(name = "workflow.edit_producer", skip_all, fields(producer.id = %id), err)]
pub async fn edit_producer(
    centre: &Centre,
    actor: &Actor,
    id: ProducerId,
    given: impl FnOnce(Described) -> Result<Described, Failure>,
) -> Result<Producer, Failure> {
    let before: Producer = centre.load("producer", id).await?;
    let after = may_edit(actor, &before)?.edit(given(before.described())?)?;
    let mut event = centre.event(actor, "producer.edited", "producer", id);
    let (old, new) = (before.described().questions, after.described().questions);
    let only = |these: &[Text], others: &[Text]| -> Vec<Text> {
        these.iter().filter(|one| !others.contains(one)).cloned().collect()
    };
    event.payload = json!({
        "name": before.name != after.name, "contact": before.contact != after.contact,
        "silence_goes_on": after.silence_goes_on, "consultation_days": after.consultation_days,
        "questions_asked": only(&new, &old), "questions_ended": only(&old, &new),
    });
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(after)
}

/// Ends a producer whose sources are all retired, or were never published. Whatever brings it
/// something (a source, a publication, an appointment) replaces its row too, so that of two at the
/// same moment one is refused.
#[tracing::instrument(name = "workflow.end_producer", skip_all, fields(producer.id = %id), err)]
pub async fn end_producer(
    centre: &Centre,
    actor: &Actor,
    id: ProducerId,
    reason: &str,
) -> Result<(), Failure> {
    let permit = may_manage(actor)?;
    let before: Producer = centre.load("producer", id).await?;
    let sources = centre.store.sources_of(id).await?;
    let open = |one: &&Source| matches!(one.state, SourceState::Published | SourceState::Hidden);
    let after = permit.end(&before, sources.iter().filter(open).count(), centre.now())?;
    let mut event = centre.event(actor, "producer.ended", "producer", id);
    event.reason = Some(why(reason)?);
    Ok(centre.store.change(&event).replace(&before, &after).commit().await?)
}

/// Takes the end of a producer back.
#[tracing::instrument(name = "workflow.reopen_producer", skip_all, fields(producer.id = %id), err)]
pub async fn reopen_producer(
    centre: &Centre,
    actor: &Actor,
    id: ProducerId,
    reason: &str,
) -> Result<(), Failure> {
    let permit = may_manage(actor)?;
    let before: Producer = centre.load("producer", id).await?;
    let after = permit.reopen(&before)?;
    let mut event = centre.event(actor, "producer.reopened", "producer", id);
    event.reason = Some(why(reason)?);
    Ok(centre.store.change(&event).replace(&before, &after).commit().await?)
}

fn why(reason: &str) -> Result<String, Failure> {
    match reason.trim() {
        "" => Err(Failure::invalid("reason", "reason-missing")),
        given => Ok(given.to_owned()),
    }
}
