//! The audit trail: what was written, what is sealed, what still has consequences.

use domain::{Event, EventId};
use sqlx::{Row, any::AnyRow};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    change::{Value, commitment},
};

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
    /// The log entry: one line of JSON with no personal and no confidential content. Who acted, and
    /// on what, is in the commitment alone: the log is public, and a person's id beside the hours
    /// of their sign-ins would be a trace of that person.
    pub fn entry(&self) -> Vec<u8> {
        let event = &self.event;
        let line = serde_json::json!({
            "v": 1, "id": event.id, "at": event.at, "kind": event.kind,
            "commitment": self.commitment,
        });
        line.to_string().into_bytes()
    }

    /// The stored text of the event, byte for byte what the commitment is made of.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Whether the row still is what was sealed.
    pub fn is_intact(&self) -> bool {
        commitment(&self.salt, &self.body) == self.commitment
    }
}

/// Which events to list; a criterion that is not given lets all pass.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// The part of the kind before the point, e.g. `export`.
    pub family: Option<String>,
    /// The object.
    pub object: Option<Uuid>,
    /// Only events older than this one.
    pub before: Option<EventId>,
}

/// How far the database says that the log goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Events marked as sealed.
    pub sealed: u64,
    /// The highest place of a sealed event, plus one.
    pub end: u64,
    /// Events that wait to be sealed.
    pub waiting: u64,
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

    /// The newest events that pass a filter, newest first.
    pub async fn events_where(
        &self,
        filter: &EventFilter,
        limit: u32,
    ) -> Result<Vec<SealedEvent>, StoreError> {
        let mut values: Vec<Value> = vec![i64::from(limit).into()];
        let mut terms = String::from("1 = 1");
        let mut add = |value: Value, term: fn(usize) -> String| {
            values.push(value);
            terms.push_str(" and ");
            terms.push_str(&term(values.len()));
        };
        if let Some(family) = &filter.family {
            // Not `like`: families have underscores, which are its wildcards.
            add(format!("{family}.").into(), |n| format!("substr(kind, 1, length(${n})) = ${n}"));
        }
        if let Some(object) = filter.object {
            add(object.to_string().into(), |n| format!("object = ${n}"));
        }
        if let Some(before) = filter.before {
            add(before.to_string().into(), |n| format!("id < ${n}"));
        }
        let sql = format!("{COLUMNS} where {terms} order by id desc limit $1");
        self.rows(sql, values).await?.iter().map(sealed).collect()
    }

    /// How far the database says that the log goes.
    pub async fn log_extent(&self) -> Result<Extent, StoreError> {
        let sql = "select count(*), coalesce(max(leaf), -1) from events where sealed = 1";
        let sealed = self.rows(sql, Vec::new()).await?;
        let waiting = self.rows("select count(*) from events where sealed = 0", Vec::new()).await?;
        let number = |rows: &[AnyRow], at: usize| -> Result<i64, StoreError> {
            rows.first().map_or(Ok(0), |row| Ok(row.try_get(at)?))
        };
        Ok(Extent {
            sealed: number(&sealed, 0)?.cast_unsigned(),
            end: (number(&sealed, 1)? + 1).cast_unsigned(),
            waiting: number(&waiting, 0)?.cast_unsigned(),
        })
    }

    /// How many events have a place below `leaf`: `leaf` of them, unless a row was taken away.
    pub async fn events_placed_below(&self, leaf: u64) -> Result<u64, StoreError> {
        let sql = "select count(*) from events where leaf < $1";
        let rows = self.rows(sql, vec![leaf.cast_signed().into()]).await?;
        let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0))?;
        Ok(count.cast_unsigned())
    }

    /// The `limit` events with the highest places below `leaf`, in the order of their places.
    pub async fn events_before_leaf(
        &self,
        leaf: u64,
        limit: u32,
    ) -> Result<Vec<SealedEvent>, StoreError> {
        let sql = format!("{COLUMNS} where leaf < $1 order by leaf desc limit $2");
        let values = vec![leaf.cast_signed().into(), i64::from(limit).into()];
        self.rows(sql, values).await?.iter().rev().map(sealed).collect()
    }

    /// Events whose consequences are open, oldest first, from behind `after` on.
    pub async fn open_events(
        &self,
        after: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<SealedEvent>, StoreError> {
        let after = after.map_or_else(String::new, |id| id.to_string());
        let sql = format!("{COLUMNS} where handled = 0 and id > $1 order by id limit $2");
        let values = vec![after.into(), i64::from(limit).into()];
        self.rows(sql, values).await?.iter().map(sealed).collect()
    }

    /// The objects of open events of these kinds: what such an event causes may not be there yet.
    pub async fn objects_of_open(&self, kinds: &[&str]) -> Result<Vec<Uuid>, StoreError> {
        let places: Vec<String> = (1..=kinds.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "select distinct object from events where handled = 0 and kind in ({})",
            places.join(", ")
        );
        let rows = self.rows(sql, kinds.iter().map(|kind| Value::from(*kind)).collect()).await?;
        let object = |row: &AnyRow| {
            let id: String = row.try_get("object")?;
            Ok(id.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?)
        };
        rows.iter().map(object).collect()
    }

    /// What checkers said of findings, and from whom reviews were taken, in all requests, oldest
    /// first.
    pub async fn judgement_events(&self) -> Result<Vec<SealedEvent>, StoreError> {
        // Word for word the condition of the index.
        let sql = format!(
            "{COLUMNS} where kind in ('finding.accepted', 'finding.contested', 'review.unassigned') \
             order by id"
        );
        self.rows(sql, Vec::new()).await?.iter().map(sealed).collect()
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
        source: source.into(),
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
