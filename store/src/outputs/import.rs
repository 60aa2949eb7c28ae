//! Imports.

use domain::{ApplicationId, PersonId, outputs::Import};

use crate::{Store, StoreError, entity::entity};

entity!(Import, "imports", |this| this.state.name(), {
    "application" => Some(this.application.to_string()),
    "author" => Some(this.author.to_string()),
    "number" => Some(this.number.to_string()),
});

impl Store {
    /// The imports of a project.
    pub async fn imports_of(&self, id: ApplicationId) -> Result<Vec<Import>, StoreError> {
        self.where_is(&[("application", &id.to_string())]).await
    }

    /// The imports by an author.
    pub async fn imports_by(&self, id: PersonId) -> Result<Vec<Import>, StoreError> {
        self.where_is(&[("author", &id.to_string())]).await
    }

    /// The imports in a state.
    pub async fn imports_in(&self, state: &str) -> Result<Vec<Import>, StoreError> {
        self.where_is(&[("state", state)]).await
    }
}
