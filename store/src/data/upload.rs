//! Files that come in pieces: how much of each is durable on disk.

use domain::{DepositId, PersonId, Timestamp, UploadId};
use sqlx::{Row, any::AnyRow};

use crate::{Store, StoreError, change::Write, entity::instant};

/// A file on its way.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Which.
    pub id: UploadId,
    /// For which deposit.
    pub deposit: DepositId,
    /// Who sends it.
    pub person: PersonId,
    /// Its name.
    pub name: String,
    /// Its length in bytes; unknown where a browser without script sends it.
    pub bytes: Option<u64>,
    /// Bytes that are durable on disk.
    pub received: u64,
    /// When it was begun.
    pub started_at: Timestamp,
    /// When it was complete.
    pub finished_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "select id, deposit, person, name, bytes, received, started_at, finished_at from uploads";

impl Store {
    /// One upload.
    pub async fn upload(&self, id: UploadId) -> Result<Option<Upload>, StoreError> {
        let sql = format!("{COLUMNS} where id = $1");
        let rows = self.rows(sql, vec![id.to_string().into()]).await?;
        Ok(rows.first().map(upload).transpose()?.flatten())
    }

    /// The uploads of a deposit, oldest first.
    pub async fn uploads_of(&self, id: DepositId) -> Result<Vec<Upload>, StoreError> {
        let sql = format!("{COLUMNS} where deposit = $1 order by id");
        let rows = self.rows(sql, vec![id.to_string().into()]).await?;
        let all: Result<Vec<_>, StoreError> = rows.iter().map(upload).collect();
        Ok(all?.into_iter().flatten().collect())
    }

    /// Notes that an upload begins.
    pub fn upload_begun(upload: &Upload) -> Write {
        let sql = "insert into uploads (id, deposit, person, name, bytes, received, started_at) \
                   values ($1, $2, $3, $4, $5, $6, $7)";
        let values = vec![
            upload.id.to_string().into(),
            upload.deposit.to_string().into(),
            upload.person.to_string().into(),
            upload.name.as_str().into(),
            upload.bytes.map_or(-1, u64::cast_signed).into(),
            upload.received.cast_signed().into(),
            upload.started_at.into(),
        ];
        Write::new(sql, values)
    }

    /// Notes how much of an upload is durable. The caller holds the upload's lock.
    pub async fn upload_received(&self, id: UploadId, received: u64) -> Result<(), StoreError> {
        let sql = "update uploads set received = $2 where id = $1 and finished_at is null";
        let values = vec![id.to_string().into(), received.cast_signed().into()];
        self.run(sql, values).await.map(drop)
    }

    /// Notes that an upload is complete, with the SHA-256 that its sender told.
    pub fn upload_finished(id: UploadId, bytes: u64, sha256: &str, at: Timestamp) -> Write {
        let sql = "update uploads set finished_at = $2, sha256 = $3, bytes = $4, received = $4 \
                   where id = $1";
        let sha256 = (!sha256.is_empty()).then(|| sha256.to_owned());
        let values =
            vec![id.to_string().into(), at.into(), sha256.into(), bytes.cast_signed().into()];
        Write::new(sql, values)
    }

    /// Forgets an upload whose bytes were thrown away.
    pub async fn upload_forgotten(&self, id: UploadId) -> Result<(), StoreError> {
        self.run("delete from uploads where id = $1", vec![id.to_string().into()]).await.map(drop)
    }
}

/// A row as an upload; none where an id is not one, which this file never writes.
fn upload(row: &AnyRow) -> Result<Option<Upload>, StoreError> {
    let text = |name: &str| row.try_get::<String, _>(name);
    let ids = (text("id")?.parse(), text("deposit")?.parse(), text("person")?.parse());
    let (Ok(id), Ok(deposit), Ok(person)) = ids else { return Ok(None) };
    Ok(Some(Upload {
        id,
        deposit,
        person,
        name: text("name")?,
        bytes: u64::try_from(row.try_get::<i64, _>("bytes")?).ok(),
        received: u64::try_from(row.try_get::<i64, _>("received")?).unwrap_or(0),
        started_at: instant(row.try_get("started_at")?),
        finished_at: row.try_get::<Option<i64>, _>("finished_at")?.map(instant),
    }))
}
