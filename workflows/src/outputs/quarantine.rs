//! What the scan blocks: its copies wait apart for the lead of the checkers, and are removed when it
//! is written what they were.

use domain::{
    Actor, Application, Export, ExportId, Role,
    outputs::quarantine::{Finding, may_examine},
};

use super::export::{event, tell};
use crate::{Centre, Failure};

/// A request in quarantine.
pub struct Held {
    /// The request.
    pub export: Export,
    /// Its project.
    pub application: Application,
}

/// What waits to be examined, for a lead of the checkers; nothing for others. Never requests of the
/// reader's own projects.
pub async fn list_quarantine(centre: &Centre, actor: &Actor) -> Result<Vec<Held>, Failure> {
    let mut held = Vec::new();
    if !actor.has(Role::CheckerLead) {
        return Ok(held);
    }
    for export in centre.store.exports_in("blocked").await? {
        if export.is_in_quarantine() && may_examine(actor, &export).is_ok() {
            let application = centre.load("application", export.application).await?;
            held.push(Held { export, application });
        }
    }
    Ok(held)
}

/// Writes what a blocked request was; its copies are removed.
#[tracing::instrument(name = "workflow.examine_blocked", skip_all, fields(export.id = %id), err)]
pub async fn examine_blocked(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
    found: Finding,
    note: &str,
) -> Result<Export, Failure> {
    let before: Export = centre.load("export", id).await?;
    let after = may_examine(actor, &before)?.examine(found, note, centre.now())?;
    let mut event = event(centre, Some(actor), "quarantine.examined", &after);
    event.reason = Some(note.trim().to_owned());
    tell(&mut event, "found", found);
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(after)
}
