//! Bubbles.

use domain::{ApplicationId, settings::Bubble};
use sqlx::Row;

use crate::{Store, StoreError, entity::entity};

entity!(Bubble, "bubbles", |this| this.state.name(), {
    "application" => Some(this.application.to_string()),
    "number" => Some(this.number.to_string()),
});

impl Store {
    /// The bubble of a project.
    pub async fn bubble_of(&self, id: ApplicationId) -> Result<Option<Bubble>, StoreError> {
        self.one("application", &id.to_string()).await
    }

    /// The number that no bubble has had. Rows are never deleted, so a number, and with it the
    /// host's uid and folder, never passes to another project.
    pub async fn next_bubble_number(&self) -> Result<u32, StoreError> {
        let sql = "select coalesce(max(cast(number as bigint)), 0) + 1 from bubbles";
        let rows = self.rows(sql, vec![]).await?;
        let next: i64 = rows.first().map_or(Ok(1), |row| row.try_get(0))?;
        Ok(u32::try_from(next).unwrap_or(u32::MAX))
    }
}
