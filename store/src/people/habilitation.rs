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

    /// The habilitations that have expired since then, oldest first, each read by itself.
    pub async fn habilitations_expired_since(
        &self,
        since: Timestamp,
    ) -> Result<Vec<Result<Habilitation, StoreError>>, StoreError> {
        // The kind stands in the text, so that both databases see that the partial index fits.
        let sql = "select id, body from habilitations where state = 'expired' and id in \
                   (select object from events where kind = 'habilitation.expired' and at >= $1) \
                   order by id";
        self.read_each(sql, vec![since.into()]).await
    }
}
