//! Sources.

use domain::{ProducerId, data::Source};

use crate::{Store, StoreError, entity::entity};

entity!(Source, "sources", |this| this.state.name(), {
    "producer" => Some(this.producer.to_string()),
    "slug" => Some(this.slug.clone()),
});

impl Store {
    /// The source with this short name.
    pub async fn source_by_slug(&self, slug: &str) -> Result<Option<Source>, StoreError> {
        self.one("slug", slug).await
    }

    /// The sources of a producer.
    pub async fn sources_of(&self, id: ProducerId) -> Result<Vec<Source>, StoreError> {
        self.where_is(&[("producer", &id.to_string())]).await
    }
}
