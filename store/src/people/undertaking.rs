//! Undertakings.

use domain::{ApplicationId, PersonId, Undertaking};

use crate::{Store, StoreError, entity::entity};

entity!(Undertaking, "undertakings", |this| this.state.name(), {
    "person" => Some(this.person.to_string()),
    "application" => Some(this.application.to_string()),
});

impl Store {
    /// The undertakings of an application.
    pub async fn undertakings_of(&self, id: ApplicationId) -> Result<Vec<Undertaking>, StoreError> {
        self.where_is(&[("application", &id.to_string())]).await
    }

    /// The undertakings of a person.
    pub async fn undertakings_by(&self, id: PersonId) -> Result<Vec<Undertaking>, StoreError> {
        self.where_is(&[("person", &id.to_string())]).await
    }

    /// The undertakings in a state, by its stable name.
    pub async fn undertakings_that_are(
        &self,
        state: &'static str,
    ) -> Result<Vec<Undertaking>, StoreError> {
        self.where_is(&[("state", state)]).await
    }
}
