//! Asking the producers, before the file is submitted (JOURNEYS 1.5, 2.2.2).

use domain::{
    Actor, Application, ApplicationId, Item, ItemId, VintageId,
    data::producer::CONSULTATION_DAYS,
    projects::{application::ApplicationState, application_team::may_lead},
};
use serde_json::json;

use super::{basket::can_be_asked_for, days_of, file, on_application, on_item};
use crate::{Centre, Failure};

/// Asks every producer of the draft for its items.
pub async fn open_consultation(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    may_lead(actor, &before)?;
    let file = file::load(centre, before.clone()).await?;
    let delays = file.producers();
    let delays = delays.iter().map(|producer| producer.consultation_days);
    let days = delays.max().unwrap_or(CONSULTATION_DAYS);
    let after = may_lead(actor, &before)?.open_consultation(&file.complete, days, centre.now())?;
    let event = on_application(centre, actor, "consultation.opened", &before, json!({}));
    let mut change = centre.store.change(&event);
    change.replace(&before, &after);
    for line in &file.items {
        let asked = may_lead(actor, &before)?.on(&line.item)?.ask()?;
        change.replace(&line.item, &asked);
        change.event(&on_item(centre, actor, "item.asked", &asked, json!({})));
    }
    Ok(change.commit().await?)
}

/// Goes on once every producer has answered, or may stay silent.
pub async fn go_on(centre: &Centre, actor: &Actor, id: ApplicationId) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    may_lead(actor, &before)?;
    let file = file::load(centre, before.clone()).await?;
    let items = file.plain_items();
    let after = may_lead(actor, &before)?.go_on(&items, |producer| file.silence(producer))?;
    let silent = items.iter().any(|item| item.state.name() == "silent");
    let kind = if silent { "lead.goes_on" } else { "all.answered" };
    let event = on_application(centre, actor, kind, &before, json!({}));
    let mut change = centre.store.change(&event);
    change.replace(&before, &after);
    // A producer who takes an answer back at this moment must not be overtaken: the items' own
    // versions are compared too.
    for item in &items {
        change.replace(item, item);
    }
    Ok(change.commit().await?)
}

/// Changes the vintages of an item and why they are needed; a producer who was asked is asked
/// again.
pub async fn change_item(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    item: ItemId,
    vintages: &[VintageId],
    justification: &str,
) -> Result<(), Failure> {
    let (before, old) = load(centre, actor, id, item).await?;
    let after = may_lead(actor, &before)?.change_items(centre.now())?;
    let source: domain::Source = centre.load("source", old.source).await?;
    let known = centre.store.vintages_of(old.source).await?;
    let possible = |id: &VintageId| {
        let found = known.iter().find(|vintage| vintage.id == *id);
        found.is_some_and(|v| old.vintages.contains(id) || can_be_asked_for(&source, v))
    };
    if !vintages.iter().all(possible) {
        return Err(Failure::invalid("vintages", "unknown"));
    }
    let new = may_lead(actor, &before)?.on(&old)?.change(vintages, justification)?;
    if new == old {
        return Ok(());
    }
    let asked_again = !matches!(new.state, domain::projects::item::ItemState::Listed);
    let days = days_of(centre, new.producer).await?;
    let after = if asked_again { after.reopened(centre.now(), days) } else { after };
    let kind = if asked_again { "file.changed" } else { "draft.saved" };
    let event = on_application(centre, actor, kind, &before, json!({ "item": item }));
    let mut change = centre.store.change(&event);
    change.replace(&before, &after).replace(&old, &new);
    let kind = if asked_again { "item.asked" } else { "item.changed" };
    change.event(&on_item(centre, actor, kind, &new, json!({ "because": "item" })));
    Ok(change.commit().await?)
}

/// Takes an item out, any time before it is decided.
pub async fn remove_item(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    item: ItemId,
) -> Result<(), Failure> {
    let (before, old) = load(centre, actor, id, item).await?;
    let new = may_lead(actor, &before)?.on(&old)?.remove()?;
    let told = json!({ "asked": old.was_asked() });
    let event = on_item(centre, actor, "item.removed", &new, told);
    let mut change = centre.store.change(&event);
    change.replace(&old, &new);
    if before.state.is_open() {
        let after = may_lead(actor, &before)?.change_items(centre.now())?;
        change.replace(&before, &after);
    }
    Ok(change.commit().await?)
}

/// Answers a producer's question.
pub async fn answer(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    item: ItemId,
    text: &str,
) -> Result<(), Failure> {
    let (before, old) = load(centre, actor, id, item).await?;
    let new = may_lead(actor, &before)?.on(&old)?.answer(text, centre.now())?;
    let event = on_item(centre, actor, "lead.answered", &new, json!({}));
    let mut change = centre.store.change(&event);
    change.replace(&old, &new);
    // The clock goes on only once there is an answer: a question asked on the last day leaves the
    // producer its days.
    let after = before.reopened(centre.now(), days_of(centre, new.producer).await?);
    if after != before && matches!(before.state, ApplicationState::Consultation { .. }) {
        change.replace(&before, &after);
    }
    Ok(change.commit().await?)
}

async fn load(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    item: ItemId,
) -> Result<(Application, Item), Failure> {
    let application: Application = centre.load("application", id).await?;
    may_lead(actor, &application)?;
    let item: Item = centre.load("item", item).await?;
    // Somebody else's item is as missing as one that never was.
    match item.application == id {
        true => Ok((application, item)),
        false => Err(Failure::missing("item", item.id)),
    }
}
