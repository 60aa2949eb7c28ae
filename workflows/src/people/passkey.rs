//! WebAuthn.

use crate::{Config, Failure};

/// WebAuthn.
pub struct Passkeys {}

impl Passkeys {
    /// Opens it for the centre of `config`.
    pub fn open(_config: &Config) -> Result<Self, Failure> {
        Ok(Self {})
    }
}
