//! Seals events in the transparency log.

use store::Store;

use crate::{Config, Failure};

/// The log and its key.
pub struct Sealer {}

impl Sealer {
    /// Opens the log in the centre's folder.
    pub fn open(_config: &Config) -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// Seals every event that is not sealed yet.
    pub async fn seal_all(&self, _store: &Store) -> Result<(), Failure> {
        Ok(())
    }
}
