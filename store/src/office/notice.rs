//! Notices.

use domain::{PersonId, office::Notice};

use crate::{Store, StoreError, entity::entity};

entity!(Notice, "notices", |this| if this.read_at.is_some() { "read" } else { "unread" }, {
    "person" => Some(this.person.to_string()),
    "event" => Some(this.event.to_string()),
    "topic" => Some(this.key.clone()),
});

impl Store {
    /// The notices of a person, oldest first.
    pub async fn notices_of(&self, id: PersonId) -> Result<Vec<Notice>, StoreError> {
        self.where_is(&[("person", &id.to_string())]).await
    }
}
