//! Exports.

use domain::{ApplicationId, BubbleId, PersonId, outputs::Export};

use crate::{Store, StoreError, entity::entity};

entity!(Export, "exports", |this| this.state.name(), {
    "bubble" => Some(this.bubble.to_string()),
    "application" => Some(this.application.to_string()),
    "author" => Some(this.author.to_string()),
});

impl Store {
    /// The exports of a project.
    pub async fn exports_of(&self, id: ApplicationId) -> Result<Vec<Export>, StoreError> {
        self.where_is(&[("application", &id.to_string())]).await
    }

    /// The exports out of a bubble.
    pub async fn exports_out_of(&self, id: BubbleId) -> Result<Vec<Export>, StoreError> {
        self.where_is(&[("bubble", &id.to_string())]).await
    }

    /// The exports by an author.
    pub async fn exports_by(&self, id: PersonId) -> Result<Vec<Export>, StoreError> {
        self.where_is(&[("author", &id.to_string())]).await
    }

    /// The exports in a state.
    pub async fn exports_in(&self, state: &str) -> Result<Vec<Export>, StoreError> {
        self.where_is(&[("state", state)]).await
    }
}
