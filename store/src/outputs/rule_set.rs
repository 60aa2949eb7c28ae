//! Rule sets.

use domain::{ProducerId, outputs::RuleSet};

use crate::{Store, StoreError, entity::entity};

entity!(RuleSet, "rule_sets", |_this| "published", {
    "producer" => Some(_this.producer.to_string()),
    "number" => Some(_this.number.to_string()),
});

impl Store {
    /// The versions of a producer's rule set, oldest first.
    pub async fn rule_sets_of(&self, id: ProducerId) -> Result<Vec<RuleSet>, StoreError> {
        self.where_is(&[("producer", &id.to_string())]).await
    }
}
