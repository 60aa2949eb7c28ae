//! The audit trail: what was written, what is sealed, what still has consequences.

use domain::{Event, EventId};
use sqlx::{Row, any::AnyRow};
use uuid::Uuid;

use crate::{Store, StoreError, change::commitment};

/// An event with what seals it.
#[derive(Clone, Debug)]
pub struct SealedEvent {
    /// What happened.
    pub event: Event,
    /// The salt of its commitment, hexadecimal.
    pub salt: String,
    /// SHA-256 of salt and body, hexadecimal.
    pub commitment: String,
    /// Its place in the log, once given.
    pub leaf: Option<u64>,
    /// Whether the log is durable up to it.
    pub sealed: bool,
    body: String,
}

impl SealedEvent {
    /// The log entry: one line of JSON with no personal and no confidential content.
    pub fn entry(&self) -> Vec<u8> {
        let event = &self.event;
        let line = serde_json::json!({
            "v": 1, "id": event.id, "at": event.at, "kind": event.kind,
            "noun": event.noun, "object": event.object, "commitment": self.commitment,
        });
        line.to_string().into_bytes()
    }

    /// Whether the row still is what was sealed.
    pub fn is_intact(&self) -> bool {
        commitment(&self.salt, &self.body) == self.commitment
    }
}

const COLUMNS: &str = "select id, body, salt, commitment, leaf, sealed from events";

impl Store {
    /// One event.
    pub async fn event(&self, id: EventId) -> Result<Option<SealedEvent>, StoreError> {
        let rows =
            self.rows(format!("{COLUMNS} where id = $1"), vec![id.to_string().into()]).await?;
        rows.first().map(sealed).transpose()
    }

    /// The events of an object, oldest first.
    pub async fn events_of(&self, object: impl Into<Uuid>) -> Result<Vec<SealedEvent>, StoreError> {
        let object = object.into().to_string();
        let sql = format!("{COLUMNS} where object = $1 order by id");
        self.rows(sql, vec![object.into()]).await?.iter().map(sealed).collect()
    }

    /// The newest events, newest first, before a given one where one is given.
    pub async fn latest_events(
        &self,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<SealedEvent>, StoreError> {
        let before = before.map_or_else(|| "g".to_owned(), |id| id.to_string());
        let sql = format!("{COLUMNS} where id < $1 order by id desc limit $2");
        let values = vec![before.into(), i64::from(limit).into()];
        self.rows(sql, values).await?.iter().map(sealed).collect()
    }

    /// Events whose consequences are open, oldest first.
    pub async fn open_events(&self, limit: u32) -> Result<Vec<SealedEvent>, StoreError> {
        let sql = format!("{COLUMNS} where handled = 0 order by id limit $1");
        self.rows(sql, vec![i64::from(limit).into()]).await?.iter().map(sealed).collect()
    }

    /// Notes that an event's consequences are done.
    pub async fn event_handled(&self, id: EventId) -> Result<(), StoreError> {
        let sql = "update events set handled = 1 where id = $1";
        self.run(sql, vec![id.to_string().into()]).await.map(drop)
    }

    /// Events that are not yet durable in the log: those with a place first, in their order.
    pub async fn unsealed_events(&self, limit: u32) -> Result<Vec<SealedEvent>, StoreError> {
        let sql = format!(
            "{COLUMNS} where sealed = 0 \
             order by case when leaf is null then 1 else 0 end, leaf, id limit $1"
        );
        self.rows(sql, vec![i64::from(limit).into()]).await?.iter().map(sealed).collect()
    }

    /// Gives events their places in the log, before the log is written: after a crash between the
    /// two, the same event takes the same place.
    pub async fn place_events(&self, places: &[(EventId, u64)]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for (id, leaf) in places {
            sqlx::query("update events set leaf = $2 where id = $1 and leaf is null")
                .bind(id.to_string())
                .bind(leaf.cast_signed())
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Notes that the log is durable for every event with a place below `size`.
    pub async fn events_sealed(&self, size: u64) -> Result<(), StoreError> {
        let sql = "update events set sealed = 1 where sealed = 0 and leaf < $1";
        self.run(sql, vec![size.cast_signed().into()]).await.map(drop)
    }
}

fn sealed(row: &AnyRow) -> Result<SealedEvent, StoreError> {
    let (id, body): (String, String) = (row.try_get("id")?, row.try_get("body")?);
    let event = serde_json::from_str(&body).map_err(|source| StoreError::Corrupt {
        table: "events",
        id,
        source,
    })?;
    Ok(SealedEvent {
        event,
        salt: row.try_get("salt")?,
        commitment: row.try_get("commitment")?,
        leaf: row.try_get::<Option<i64>, _>("leaf")?.map(i64::cast_unsigned),
        sealed: row.try_get::<i64, _>("sealed")? == 1,
        body,
    })
}
