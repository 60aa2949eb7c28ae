//! Sources: describing, publishing, hiding, retiring; and the space where producers see theirs.

use domain::{
    Actor, Deposit, Producer, ProducerId, Role, Source, SourceId, Vintage,
    data::source::{DescribePermit, Description, may_describe, may_see},
};
use serde_json::json;

use crate::{Centre, Failure};

/// A producer with its sources, as the person may see them.
#[derive(Clone, Debug)]
pub struct Space {
    /// The producer.
    pub producer: Producer,
    /// Whether the person may describe sources and deposit for it.
    pub may_work: bool,
    /// Its sources, by title.
    pub sources: Vec<SourceLine>,
}

/// A source with its vintages and deposits.
#[derive(Clone, Debug)]
pub struct SourceLine {
    /// The source.
    pub source: Source,
    /// Its vintages, newest first.
    pub vintages: Vec<Vintage>,
    /// The deposits for them, newest first.
    pub deposits: Vec<Deposit>,
}

/// The producers whose sources the person works on or looks after.
///
/// # Errors
/// [`Failure::Denied`] where there is none and the person has no role here.
pub async fn spaces(centre: &Centre, actor: &Actor) -> Result<Vec<Space>, Failure> {
    let roles = [Role::DataManager, Role::ProducerAgent, Role::ProducerDecider, Role::Auditor];
    actor.needs(&roles)?;
    let mut spaces = Vec::new();
    for producer in centre.store.all::<Producer>().await? {
        if may_see(actor, producer.id).is_err() {
            continue;
        }
        let mut sources = Vec::new();
        for source in centre.store.sources_of(producer.id).await? {
            sources.push(line(centre, source).await?);
        }
        sources.sort_by(|a, b| a.source.slug.cmp(&b.source.slug));
        let may_work = may_describe(actor, producer.id).is_ok();
        spaces.push(Space { producer, may_work, sources });
    }
    Ok(spaces)
}

async fn line(centre: &Centre, source: Source) -> Result<SourceLine, Failure> {
    let mut vintages = centre.store.vintages_of(source.id).await?;
    vintages.sort_by(|a, b| (b.year, &b.label, b.id).cmp(&(a.year, &a.label, a.id)));
    let mut deposits = Vec::new();
    for vintage in &vintages {
        deposits.extend(centre.store.deposits_for(vintage.id).await?);
    }
    deposits.sort_by_key(|deposit| std::cmp::Reverse(deposit.id));
    Ok(SourceLine { source, vintages, deposits })
}

/// One source with its vintages and deposits, for those who look after it.
pub async fn see_source(
    centre: &Centre,
    actor: &Actor,
    id: SourceId,
) -> Result<(Producer, SourceLine), Failure> {
    let source: Source = centre.load("source", id).await?;
    may_see(actor, source.producer)?;
    let producer = centre.load("producer", source.producer).await?;
    Ok((producer, line(centre, source).await?))
}

/// Describes a new source of a producer.
#[tracing::instrument(name = "workflow.create_source", skip_all, err)]
pub async fn create_source(
    centre: &Centre,
    actor: &Actor,
    producer: ProducerId,
    given: Description,
) -> Result<Source, Failure> {
    let permit = may_describe(actor, producer)?;
    let producer: Producer = centre.load("producer", producer).await?;
    producer.open("create a source of")?;
    let source = permit.create(centre.id(), given)?;
    let event = centre.event(actor, "source.created", "source", source.id);
    let mut change = centre.store.change(&event);
    // Else it could end at this moment.
    change.insert(&source).replace(&producer, &producer);
    change.commit().await.map_err(taken)?;
    Ok(source)
}

/// Describes a source anew.
#[tracing::instrument(name = "workflow.edit_source", skip_all, fields(source.id = %id), err)]
pub async fn edit_source(
    centre: &Centre,
    actor: &Actor,
    id: SourceId,
    given: Description,
) -> Result<Source, Failure> {
    let before: Source = centre.load("source", id).await?;
    let after = may_describe(actor, before.producer)?.edit(&before, given)?;
    let event = centre.event(actor, "source.edited", "source", id);
    centre.store.change(&event).replace(&before, &after).commit().await.map_err(taken)?;
    Ok(after)
}

/// The database's word that a short name is taken, as a form's message.
pub(super) fn taken(error: store::StoreError) -> Failure {
    match error.is_duplicate() {
        true => Failure::invalid("slug", "source-slug-taken"),
        false => error.into(),
    }
}

/// What people do to a source as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Into the public catalogue.
    Publish,
    /// Listed only to accredited persons.
    Hide,
    /// No new application.
    Retire,
}

impl Act {
    /// Reads an act's name in forms: `publish`, `hide`, `retire`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "publish" => Some(Self::Publish),
            "hide" => Some(Self::Hide),
            "retire" => Some(Self::Retire),
            _ => None,
        }
    }
}

/// Publishes, hides or retires a source.
#[tracing::instrument(name = "workflow.move_source", skip_all, fields(source.id = %id), err)]
pub async fn move_source(
    centre: &Centre,
    actor: &Actor,
    id: SourceId,
    act: Act,
) -> Result<Source, Failure> {
    let before: Source = centre.load("source", id).await?;
    let permit = may_describe(actor, before.producer)?;
    let producer: Producer = centre.load("producer", before.producer).await?;
    if act != Act::Retire {
        producer.open("publish a source of")?;
    }
    let (after, kind) = match act {
        Act::Publish => (DescribePermit::publish(permit, &before)?, "source.published"),
        Act::Hide => (permit.hide(&before)?, "source.hidden"),
        Act::Retire => (permit.retire(&before)?, "source.retired"),
    };
    let mut event = centre.event(actor, kind, "source", id);
    event.payload = json!({ "from": before.state.name(), "slug": before.slug });
    let mut change = centre.store.change(&event);
    change.replace(&before, &after);
    if act != Act::Retire {
        change.replace(&producer, &producer); // else it could end at this moment
    }
    change.commit().await?;
    Ok(after)
}
