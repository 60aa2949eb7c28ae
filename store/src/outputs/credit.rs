//! Credits: the lines of the ledger, and orders.

use domain::{
    ApplicationId,
    outputs::credit::{CreditLine, CreditOrder},
};

use crate::{Store, StoreError, entity::entity};

entity!(CreditLine, "credit_lines", |this| this.moved.name(), {
    "application" => Some(this.application.to_string()),
    "once" => Some(this.once()),
});

entity!(CreditOrder, "credit_orders", |this| this.state.name(), {
    "application" => Some(this.application.to_string()),
});

impl Store {
    /// The lines of a project's ledger, oldest first.
    pub async fn credit_lines_of(&self, id: ApplicationId) -> Result<Vec<CreditLine>, StoreError> {
        self.where_is(&[("application", &id.to_string())]).await
    }

    /// A project's orders of credits, oldest first.
    pub async fn credit_orders_of(
        &self,
        id: ApplicationId,
    ) -> Result<Vec<CreditOrder>, StoreError> {
        self.where_is(&[("application", &id.to_string())]).await
    }

    /// The orders that wait for a decision.
    pub async fn open_credit_orders(&self) -> Result<Vec<CreditOrder>, StoreError> {
        self.where_is(&[("state", "asked")]).await
    }
}
