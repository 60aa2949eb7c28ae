//! The audit trail as people read it, and denied commands.

use domain::{Actor, Denied, Event};

use crate::{Centre, Failure};

/// Writes that a command was denied: a denial is an event too (JOURNEYS 0).
pub async fn record_denied(
    centre: &Centre,
    actor: Option<&Actor>,
    denied: &Denied,
    command: &str,
) -> Result<(), Failure> {
    let object = actor.map_or_else(uuid::Uuid::nil, |actor| actor.id.0);
    let mut event: Event = centre.system_event("policy.denied", "person", object);
    event.actor = actor.map(|actor| actor.id);
    event.payload = serde_json::json!({ "rule": denied.key(), "command": command });
    centre.store.change(&event).commit().await?;
    Ok(())
}
