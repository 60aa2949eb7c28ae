//! Outgoing mail.

use crate::{Centre, Config, Failure};

/// Outgoing mail.
pub struct Mailer {}

impl Mailer {
    /// Opens it for the centre of `config`.
    pub fn open(_config: &Config) -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// Sends the mails of notices that have not been mailed.
    pub async fn send_due(&self, _centre: &Centre) -> Result<(), Failure> {
        Ok(())
    }
}
