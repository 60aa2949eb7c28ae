//! Habilitations.

use domain::{ApplicationId, Habilitation, PersonId, Timestamp};

use crate::{Store, StoreError, entity::entity};

entity!(Habilitation, "habilitations", |this| this.state.name(), {
    "person" => Some(this.person.to_string()),
    "application" => Some(this.application.to_string()),
});

impl Store {
    /// The habilitations in a project.
    pub async fn habilitations_in(
        &self,
        id: ApplicationId,
    ) -> Result<Vec<Habilitation>, StoreError> {
        self.where_is(&[("application", &id.to_string())]).await
    }

    /// The habilitations of a person.
    pub async fn habilitations_of(&self, id: PersonId) -> Result<Vec<Habilitation>, StoreError> {
        self.where_is(&[("person", &id.to_string())]).await
    }

    /// The habilitations in a state, by its stable name.
    pub async fn habilitations_that_are(
        &self,
        state: &'static str,
    ) -> Result<Vec<Habilitation>, StoreError> {
        self.where_is(&[("state", state)]).await
    }
    /// The habilitations that have expired since then, oldest first.
    pub async fn habilitations_expired_since(
        &self,
        since: Timestamp,
    ) -> Result<Vec<Habilitation>, StoreError> {
        // The kind stands in the text, so that both databases see that the partial index fits.
        let sql = "select id, body from habilitations where state = 'expired' and id in \
                   (select object from events where kind = 'habilitation.expired' and at >= $1) \
                   order by id";
        self.read_rows(sql, vec![since.into()]).await
    }
}
