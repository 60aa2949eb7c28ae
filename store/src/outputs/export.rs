//! Exports.

use domain::{ApplicationId, BubbleId, ExportId, PersonId, outputs::Export};
use sqlx::Row;

use crate::{Store, StoreError, change::Write, entity::entity};

entity!(Export, "exports", |this| this.state.name(), {
    "bubble" => Some(this.bubble.to_string()),
    "application" => Some(this.application.to_string()),
    "author" => Some(this.author.to_string()),
});

impl Store {
    /// The exports of a project.
    pub async fn exports_of(&self, id: ApplicationId) -> Result<Vec<Export>, StoreError> {
        self.where_is(&[("application", &id.to_string())]).await
    }

    /// The exports out of a bubble.
    pub async fn exports_out_of(&self, id: BubbleId) -> Result<Vec<Export>, StoreError> {
        self.where_is(&[("bubble", &id.to_string())]).await
    }

    /// The exports by an author.
    pub async fn exports_by(&self, id: PersonId) -> Result<Vec<Export>, StoreError> {
        self.where_is(&[("author", &id.to_string())]).await
    }

    /// The exports in a state.
    pub async fn exports_in(&self, state: &str) -> Result<Vec<Export>, StoreError> {
        self.where_is(&[("state", state)]).await
    }

    /// The evidence of a release, written with its event; a release that is put together again
    /// after a crash replaces it.
    pub fn evidence_written(id: ExportId, sha256: &str, body: &str) -> Write {
        let sql = "insert into export_evidence (export, sha256, body) values ($1, $2, $3) \
                   on conflict (export) do update set sha256 = excluded.sha256, body = excluded.body";
        Write::new(sql, vec![id.to_string().into(), sha256.into(), body.into()])
    }

    /// The evidence of a release, and its SHA-256.
    pub async fn evidence_of(&self, id: ExportId) -> Result<Option<(String, String)>, StoreError> {
        let sql = "select sha256, body from export_evidence where export = $1";
        let rows = self.rows(sql, vec![id.to_string().into()]).await?;
        rows.first().map(|row| Ok((row.try_get("sha256")?, row.try_get("body")?))).transpose()
    }
}
