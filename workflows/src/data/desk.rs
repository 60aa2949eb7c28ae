//! Who works on which deposit in this process: one at a time on each.

use std::{
    collections::HashSet,
    sync::{Mutex as StdMutex, PoisonError},
};

use domain::DepositId;
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

/// How many locks the objects share: two objects on one lock wait for each other, no more.
const LOCKS: usize = 64;

/// The locks of uploads and deposits, and the checks that run.
#[derive(Debug)]
pub struct Desk {
    uploads: Vec<Mutex<()>>,
    deposits: Vec<Mutex<()>>,
    checks: Vec<Mutex<()>>,
    running: StdMutex<HashSet<DepositId>>,
}

impl Default for Desk {
    fn default() -> Self {
        let locks = || (0..LOCKS).map(|_| Mutex::new(())).collect();
        Self { uploads: locks(), deposits: locks(), checks: locks(), running: StdMutex::default() }
    }
}

fn pick(locks: &[Mutex<()>], id: Uuid) -> &Mutex<()> {
    let low = id.as_u128() % LOCKS as u128; // the low bits of a UUIDv7 are random
    &locks[usize::try_from(low).expect("below 64")]
}

impl Desk {
    /// One piece of an upload is written at a time.
    pub(super) async fn upload(&self, id: impl Into<Uuid>) -> MutexGuard<'_, ()> {
        pick(&self.uploads, id.into()).lock().await
    }

    /// One file of a deposit begins or ends at a time.
    pub(super) async fn deposit(&self, id: DepositId) -> MutexGuard<'_, ()> {
        pick(&self.deposits, id.0).lock().await
    }

    /// One job checks a deposit.
    pub(super) async fn check(&self, id: DepositId) -> MutexGuard<'_, ()> {
        pick(&self.checks, id.0).lock().await
    }

    /// Whether a job was to be started; `false` where one runs already.
    pub(super) fn claim(&self, id: DepositId) -> bool {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(id)
    }

    pub(super) fn release(&self, id: DepositId) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}
