//! Vintages.

use domain::{SourceId, data::Vintage};

use crate::{Store, StoreError, entity::entity};

entity!(Vintage, "vintages", |this| this.state.name(), {
    "source" => Some(this.source.to_string()),
    "label" => Some(this.label.clone()),
});

impl Store {
    /// The vintages of a source.
    pub async fn vintages_of(&self, id: SourceId) -> Result<Vec<Vintage>, StoreError> {
        self.where_is(&[("source", &id.to_string())]).await
    }
}
