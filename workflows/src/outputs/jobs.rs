//! Scans, self-checks and releases under way: one at a time for each export, few at once, so that neither a
//! request nor the machine is held up by a large file.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{Export, ExportId, outputs::export::ExportState};
use tokio::sync::{Mutex as Turn, MutexGuard, Notify, OwnedSemaphorePermit, Semaphore};

use super::{release, risk::route, scan, stop};
use crate::{Centre, Failure, failure::causes};

/// Jobs that run at once.
const SLOTS: usize = 2;
/// How long a command waits for the job that it caused: most end before, so that the next page
/// shows what they did.
const PATIENCE: Duration = Duration::from_millis(400);
/// How often a job reloads an export that somebody else changes.
const ATTEMPTS: usize = 20;

/// Scans and releases under way in this process.
#[derive(Clone)]
pub struct Jobs(Arc<Inner>);

struct Inner {
    /// Tells this process's unfinished folders from those that a killed one left.
    nonce: String,
    held: Mutex<HashSet<ExportId>>,
    slots: Arc<Semaphore>,
    freed: Notify,
    sealing: Turn<()>,
    leaving: Turn<()>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self(Arc::new(Inner {
            nonce: uuid::Uuid::now_v7().simple().to_string(),
            held: Mutex::default(),
            slots: Arc::new(Semaphore::new(SLOTS)),
            freed: Notify::new(),
            sealing: Turn::new(()),
            leaving: Turn::new(()),
        }))
    }
}

/// The files of an export are nobody else's until this is dropped.
pub(super) struct Held {
    jobs: Jobs,
    id: ExportId,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.jobs.0.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
        self.jobs.0.freed.notify_waiters();
    }
}

impl Jobs {
    /// Takes the export's files, unless somebody has them.
    pub(super) fn hold(&self, id: ExportId) -> Option<Held> {
        let fresh = self.0.held.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        fresh.then(|| Held { jobs: self.clone(), id })
    }

    /// Waits until no other sealing is being written: two requests that each see the last credit
    /// free must not both take it. Held while the credits are counted and the sealing is written.
    pub(super) async fn sealing(&self) -> MutexGuard<'_, ()> {
        self.0.sealing.lock().await
    }

    /// Waits until no other request is compared before its release: of two that left at once,
    /// neither would be compared with the other. Held until its figures are kept.
    pub(super) async fn leaving(&self) -> MutexGuard<'_, ()> {
        self.0.leaving.lock().await
    }

    /// Waits for one of the few places in which files are read; nothing once the centre is gone.
    pub(super) async fn slot(&self) -> Option<OwnedSemaphorePermit> {
        self.0.slots.clone().acquire_owned().await.ok()
    }

    /// A word that no other process of this centre ever had.
    pub(crate) fn nonce(&self) -> &str {
        &self.0.nonce
    }

    /// Waits until no job runs.
    pub async fn idle(&self) {
        loop {
            let freed = self.0.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable(); // before the look, or a job that ends in between is missed
            if self.0.held.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
                return;
            }
            freed.await;
        }
    }
}

/// Does the next steps of the centre with an export, in a task of its own; waits for it only for
/// a moment. A job that a crash has ended is started again by the clock.
pub(super) async fn advance(centre: &Centre, id: ExportId) {
    let Some(held) = centre.jobs.hold(id) else { return };
    let own = centre.clone();
    let task = tokio::spawn(async move {
        let _held = held;
        let Some(_slot) = own.jobs.slot().await else { return };
        if let Err(failure) = run(&own, id).await {
            tracing::error!(
                export.id = %id,
                error = causes(&failure),
                "the export's next step is left to the clock"
            );
        }
    });
    let _ = tokio::time::timeout(PATIENCE, task).await;
}

/// Steps until the export waits for a person.
async fn run(centre: &Centre, id: ExportId) -> Result<(), Failure> {
    for _ in 0..ATTEMPTS {
        let export: Export = centre.load("export", id).await?;
        let done = match &export.state {
            ExportState::Sealed { .. } => scan::start(centre, &export).await,
            ExportState::Scanning { .. } => scan::scan(centre, &export).await,
            ExportState::Scored { .. } => route::route(centre, &export).await,
            ExportState::Approved { .. }
            | ExportState::PartlyApproved { .. }
            | ExportState::Releasing { .. }
                if stop::waits(centre, &export).await? =>
            {
                return Ok(());
            }
            ExportState::Approved { .. } | ExportState::PartlyApproved { .. } => {
                release::start(centre, &export).await
            }
            ExportState::Releasing { .. } => release::release(centre, &export).await,
            _ => return Ok(()),
        };
        match done {
            // Withdrawn or recalled meanwhile: look again.
            Ok(()) | Err(Failure::Conflict(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Err(Failure::Conflict("exports"))
}

/// Writes that a step failed: an operator's task from here on. `reason` is a stable word.
pub(super) async fn failed(
    centre: &Centre,
    export: &Export,
    reason: &str,
    cause: &(dyn std::error::Error + Send + Sync + 'static),
) -> Result<(), Failure> {
    tracing::error!(
        export.id = %export.id,
        error = causes(cause),
        "a step of an export failed"
    );
    let after = export.fail(reason.to_owned())?;
    let mut event = super::export::event(centre, None, "step.failed", export);
    event.reason = Some(reason.to_owned());
    centre.store.change(&event).replace(export, &after).commit().await?;
    Ok(())
}
