//! Items.

use domain::{ApplicationId, ProducerId, SourceId, projects::Item};

use crate::{Store, StoreError, entity::entity};

entity!(Item, "items", |this| this.state.name(), {
    "application" => Some(this.application.to_string()),
    "producer" => Some(this.producer.to_string()),
    "source" => Some(this.source.to_string()),
});

impl Store {
    /// The items of an application.
    pub async fn items_of(&self, id: ApplicationId) -> Result<Vec<Item>, StoreError> {
        self.where_is(&[("application", &id.to_string())]).await
    }

    /// The items that ask a producer.
    pub async fn items_for(&self, id: ProducerId) -> Result<Vec<Item>, StoreError> {
        self.where_is(&[("producer", &id.to_string())]).await
    }

    /// The items that ask for a source.
    pub async fn items_on(&self, id: SourceId) -> Result<Vec<Item>, StoreError> {
        self.where_is(&[("source", &id.to_string())]).await
    }
}
