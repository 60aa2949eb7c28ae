//! Deposits.

use domain::{ProducerId, VintageId, data::Deposit};

use crate::{Store, StoreError, entity::entity};

entity!(Deposit, "deposits", |this| this.state.name(), {
    "vintage" => Some(this.vintage.to_string()),
    "producer" => Some(this.producer.to_string()),
});

impl Store {
    /// The deposits for a vintage.
    pub async fn deposits_for(&self, id: VintageId) -> Result<Vec<Deposit>, StoreError> {
        self.where_is(&[("vintage", &id.to_string())]).await
    }

    /// The deposits from a producer.
    pub async fn deposits_from(&self, id: ProducerId) -> Result<Vec<Deposit>, StoreError> {
        self.where_is(&[("producer", &id.to_string())]).await
    }
}
