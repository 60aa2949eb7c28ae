//! What a producer answers, decides, stops.

use domain::{
    Actor, Application, Event, Item, ItemId, Timestamp,
    projects::{
        item::Conditions,
        item_acts::may_answer,
        item_decision::{may_decide, may_resume, may_revoke, may_suspend},
    },
};
use serde_json::{Value, json};

use super::on_item;
use crate::{Centre, Failure};

/// Agrees beforehand; with conditions where there are any.
pub async fn agree(
    centre: &Centre,
    actor: &Actor,
    id: ItemId,
    conditions: Conditions,
) -> Result<(), Failure> {
    let (item, application) = load(centre, id).await?;
    let after = may_answer(actor, &item, &application)?.agree(conditions)?;
    let payload = json!({ "answer": after.state.name(), "conditions": after.conditions });
    save(centre, actor, "item.answered", (&item, &after), None, payload).await
}

/// Refuses beforehand.
pub async fn refuse_prior(
    centre: &Centre,
    actor: &Actor,
    id: ItemId,
    reason: &str,
) -> Result<(), Failure> {
    let (item, application) = load(centre, id).await?;
    let after = may_answer(actor, &item, &application)?.refuse(reason)?;
    let payload = json!({ "answer": after.state.name() });
    save(centre, actor, "item.answered", (&item, &after), Some(reason), payload).await
}

/// Asks the lead a question.
pub async fn ask(centre: &Centre, actor: &Actor, id: ItemId, text: &str) -> Result<(), Failure> {
    let (item, application) = load(centre, id).await?;
    let after = may_answer(actor, &item, &application)?.ask(text, centre.now())?;
    save(centre, actor, "producer.asked", (&item, &after), None, json!({})).await
}

/// Grants until a date, on conditions where there are any.
pub async fn grant(
    centre: &Centre,
    actor: &Actor,
    id: ItemId,
    until: Timestamp,
    conditions: Conditions,
) -> Result<(), Failure> {
    let (item, application) = load(centre, id).await?;
    let permit = may_decide(actor, &item, &application)?;
    let after = permit.grant(until, conditions, centre.now())?;
    let vintages: Vec<_> = after.granted_vintages().collect();
    let payload = json!({
        "decision": after.state.name(), "until": until,
        "conditions": after.conditions, "vintages": vintages,
    });
    save(centre, actor, "item.decided", (&item, &after), None, payload).await
}

/// Refuses for good.
pub async fn refuse(
    centre: &Centre,
    actor: &Actor,
    id: ItemId,
    reason: &str,
) -> Result<(), Failure> {
    let (item, application) = load(centre, id).await?;
    let after = may_decide(actor, &item, &application)?.refuse(reason)?;
    let payload = json!({ "decision": after.state.name() });
    save(centre, actor, "item.decided", (&item, &after), Some(reason), payload).await
}

/// Stops the reading of the data until it is resumed.
pub async fn suspend(
    centre: &Centre,
    actor: &Actor,
    id: ItemId,
    reason: &str,
) -> Result<(), Failure> {
    let (item, _) = load(centre, id).await?;
    let after = may_suspend(actor, &item)?.suspend(reason)?;
    save(centre, actor, "item.suspended", (&item, &after), Some(reason), json!({})).await
}

/// Gives back what was stopped.
pub async fn resume(
    centre: &Centre,
    actor: &Actor,
    id: ItemId,
    reason: &str,
) -> Result<(), Failure> {
    let (item, application) = load(centre, id).await?;
    let after = may_resume(actor, &item, &application)?.resume()?;
    save(centre, actor, "item.resumed", (&item, &after), Some(reason), json!({})).await
}

/// Takes the right back for good.
pub async fn revoke(
    centre: &Centre,
    actor: &Actor,
    id: ItemId,
    reason: &str,
) -> Result<(), Failure> {
    let (item, _) = load(centre, id).await?;
    let after = may_revoke(actor, &item)?.revoke(reason)?;
    save(centre, actor, "item.revoked", (&item, &after), Some(reason), json!({})).await
}

async fn load(centre: &Centre, id: ItemId) -> Result<(Item, Application), Failure> {
    let item: Item = centre.load("item", id).await?;
    let application = centre.load("application", item.application).await?;
    Ok((item, application))
}

async fn save(
    centre: &Centre,
    actor: &Actor,
    kind: &str,
    (before, after): (&Item, &Item),
    reason: Option<&str>,
    payload: Value,
) -> Result<(), Failure> {
    let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let event = Event { reason, ..on_item(centre, actor, kind, after, payload) };
    Ok(centre.store.change(&event).replace(before, after).commit().await?)
}
