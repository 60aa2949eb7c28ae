//! Vintages: announced, and withdrawn.

use domain::{
    Actor, Source, SourceId, Vintage, VintageId,
    data::{deposit::may_send, source::may_see, vintage::may_announce},
};
use serde_json::json;

use crate::{Centre, Failure};

/// Announces a vintage of a source.
#[tracing::instrument(name = "workflow.announce_vintage", skip_all, fields(source.id = %source), err)]
pub async fn announce_vintage(
    centre: &Centre,
    actor: &Actor,
    source: SourceId,
    label: &str,
    year: Option<i32>,
) -> Result<Vintage, Failure> {
    let source: Source = centre.load("source", source).await?;
    let vintage = may_announce(actor, &source)?.announce(centre.id(), label.trim(), year)?;
    let mut event = centre.event(actor, "vintage.announced", "vintage", vintage.id);
    event.payload = json!({ "source": source.id, "label": vintage.label });
    let written = centre.store.change(&event).insert(&vintage).commit().await;
    written.map_err(|error| match error.is_duplicate() {
        true => Failure::invalid("label", "vintage-label-taken"),
        false => error.into(),
    })?;
    Ok(vintage)
}

/// A vintage with its source, for those who look after it.
pub async fn see_vintage(
    centre: &Centre,
    actor: &Actor,
    id: VintageId,
) -> Result<(Source, Vintage), Failure> {
    let vintage: Vintage = centre.load("vintage", id).await?;
    let source: Source = centre.load("source", vintage.source).await?;
    may_see(actor, source.producer)?;
    Ok((source, vintage))
}

/// Takes a vintage back, with the deposits that are still coming for it.
#[tracing::instrument(name = "workflow.withdraw_vintage", skip_all, fields(vintage.id = %id), err)]
pub async fn withdraw_vintage(
    centre: &Centre,
    actor: &Actor,
    id: VintageId,
    reason: &str,
) -> Result<Vintage, Failure> {
    let before: Vintage = centre.load("vintage", id).await?;
    let source: Source = centre.load("source", before.source).await?;
    let after = may_announce(actor, &source)?.withdraw(&before, reason)?;
    let mut event = centre.event(actor, "vintage.withdrawn", "vintage", id);
    event.reason = Some(reason.trim().to_owned());
    event.payload = json!({ "source": source.id, "label": before.label });
    let mut change = centre.store.change(&event);
    change.replace(&before, &after);
    for deposit in centre.store.deposits_for(id).await? {
        if !deposit.is_over() {
            let gone = may_send(actor, &deposit)?.abandon(centre.now())?;
            change.replace(&deposit, &gone);
            change.event(&centre.event(actor, "deposit.rejected", "deposit", deposit.id));
        }
    }
    change.commit().await?;
    Ok(after)
}
