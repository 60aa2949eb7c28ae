//! Producers.

use domain::data::Producer;

use crate::{Store, StoreError, entity::entity};

entity!(Producer, "producers", |this| this.state(), { "slug" => Some(this.slug.clone()) });

impl Store {
    /// The producer with this short name.
    pub async fn producer_by_slug(&self, slug: &str) -> Result<Option<Producer>, StoreError> {
        self.one("slug", slug).await
    }
}
