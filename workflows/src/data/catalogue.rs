//! The full-text index.

use crate::{Config, Failure};

/// The full-text index.
pub struct Catalogue {}

impl Catalogue {
    /// Opens it for the centre of `config`.
    pub fn open(_config: &Config) -> Result<Self, Failure> {
        Ok(Self {})
    }
}
