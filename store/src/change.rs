//! The only way to write: a change and its events, in one transaction.

use domain::{Event, Timestamp};
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;

use crate::{Entity, Store, StoreError, entity::micros};

/// A value bound to a statement.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text or null.
    Text(Option<String>),
    /// A whole number or null.
    Int(Option<i64>),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}
impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}
impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}
impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}
impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self::Int(Some(micros(at)))
    }
}

/// One statement of a change. Built inside `store` only, so that SQL never comes from outside.
#[derive(Debug)]
pub struct Write {
    sql: String,
    values: Vec<Value>,
    /// Table and id of a row whose version must have been the loaded one.
    compares: Option<(&'static str, String)>,
}

impl Write {
    /// A statement with its values in the order of `$1, $2, ...`.
    pub(crate) fn new(sql: impl Into<String>, values: Vec<Value>) -> Self {
        Self { sql: sql.into(), values, compares: None }
    }
}

/// A change being put together. Dropped without [`Change::commit`], nothing happens.
#[must_use = "a change is written by `commit`"]
pub struct Change<'a> {
    store: &'a Store,
    writes: Vec<Write>,
}

impl Store {
    /// Starts a change with the event that tells it: no change can be written without one.
    pub fn change(&self, event: &Event) -> Change<'_> {
        let mut change = Change { store: self, writes: Vec::new() };
        change.event(event);
        change
    }
}

impl Change<'_> {
    /// Adds one more event, for a change that has several.
    pub fn event(&mut self, event: &Event) -> &mut Self {
        let body = serde_json::to_string(event).expect("an event is plain data");
        let salt = hex::encode(rand::random::<[u8; 32]>());
        let commitment = commitment(&salt, &body);
        let sql = "insert into events (id, at, kind, actor, noun, object, body, salt, commitment, sealed, handled) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0)";
        let values = vec![
            event.id.to_string().into(),
            event.at.into(),
            event.kind.as_str().into(),
            event.actor.map(|person| person.to_string()).into(),
            event.noun.as_str().into(),
            event.object.to_string().into(),
            body.into(),
            salt.into(),
            commitment.into(),
        ];
        self.writes.push(Write::new(sql, values));
        self
    }

    /// Adds a new row.
    pub fn insert<E: Entity>(&mut self, value: &E) -> &mut Self {
        let columns: String = E::KEYS.iter().map(|key| format!(", {key}")).collect();
        let places: String = (0..E::KEYS.len()).map(|i| format!(", ${}", i + 5)).collect();
        let table = E::TABLE;
        let sql = format!(
            "insert into {table} (id, version, state, body{columns}) values ($1, $2, $3, $4{places})"
        );
        let values = row(value, value.version());
        self.writes.push(Write::new(sql, values));
        self.writes.extend(value.derived());
        self
    }

    /// Replaces `before` by `after`, if nobody has changed the row since `before` was loaded.
    pub fn replace<E: Entity + Clone>(&mut self, before: &E, after: &E) -> &mut Self {
        let mut next = after.clone();
        next.set_version(before.version() + 1);
        let keys: String =
            E::KEYS.iter().enumerate().map(|(i, key)| format!(", {key} = ${}", i + 5)).collect();
        let (table, old) = (E::TABLE, E::KEYS.len() + 5);
        let sql = format!(
            "update {table} set version = $2, state = $3, body = $4{keys} where id = $1 and version = ${old}"
        );
        let mut values = row(&next, next.version());
        values.push(before.version().into());
        let compares = Some((E::TABLE, before.id().to_string()));
        self.writes.push(Write { sql, values, compares });
        self.writes.extend(next.derived());
        self
    }

    /// Adds statements of `store`'s own.
    pub fn writes(&mut self, writes: impl IntoIterator<Item = Write>) -> &mut Self {
        self.writes.extend(writes);
        self
    }

    /// Writes all of it or nothing.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where a row was changed meanwhile: nothing is written.
    pub async fn commit(&mut self) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        for write in &self.writes {
            let mut query = sqlx::query(AssertSqlSafe(write.sql.clone()));
            for value in &write.values {
                query = match value {
                    Value::Text(text) => query.bind(text.clone()),
                    Value::Int(number) => query.bind(*number),
                };
            }
            let done = query.execute(&mut *tx).await?;
            if let Some((table, id)) = &write.compares
                && done.rows_affected() != 1
            {
                return Err(StoreError::Conflict { table, id: id.clone() }); // `tx` rolls back
            }
        }
        tx.commit().await?;
        self.store.woken.notify_one();
        Ok(())
    }
}

fn row<E: Entity>(value: &E, version: i64) -> Vec<Value> {
    let body = serde_json::to_string(value).expect("an entity is plain data");
    let fixed: [Value; 4] =
        [value.id().to_string().into(), version.into(), value.state().into(), body.into()];
    fixed.into_iter().chain(value.keys().into_iter().map(Value::from)).collect()
}

/// What is sealed of an event: SHA-256 of its salt and its body. Who has neither cannot guess the
/// body from it, and once both are erased nobody can.
pub(crate) fn commitment(salt: &str, body: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    hash.update(body.as_bytes());
    hex::encode(hash.finalize())
}
