//! Bubbles.

use domain::{ApplicationId, settings::Bubble};

use crate::{Store, StoreError, entity::entity};

entity!(Bubble, "bubbles", |this| this.state.name(), {
    "application" => Some(this.application.to_string()),
    "number" => Some(this.number.to_string()),
});

impl Store {
    /// The bubble of a project.
    pub async fn bubble_of(&self, id: ApplicationId) -> Result<Option<Bubble>, StoreError> {
        self.one("application", &id.to_string()).await
    }
}
