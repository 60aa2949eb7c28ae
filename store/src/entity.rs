//! A domain value that is one row: indexed columns for queries and invariants, the value as JSON.

use domain::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{StoreError, change::Write};

/// A domain value with a table of its own. Implemented beside the noun's queries.
pub trait Entity: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The table.
    const TABLE: &'static str;
    /// Its columns besides `id`, `version`, `state` and `body`, all of type text.
    const KEYS: &'static [&'static str];

    /// The row's id.
    fn id(&self) -> Uuid;
    /// The version that was loaded.
    fn version(&self) -> i64;
    /// Sets the version that will be stored.
    fn set_version(&mut self, version: i64);
    /// The state's stable name.
    fn state(&self) -> &'static str;
    /// The values of `KEYS`, in their order.
    fn keys(&self) -> Vec<Option<String>>;
    /// Rows of other tables that are derived from this value and rewritten with it.
    fn derived(&self) -> Vec<Write> {
        Vec::new()
    }
}

/// Reads a value out of its `body`.
pub(crate) fn read<E: Entity>(id: &str, body: &str) -> Result<E, StoreError> {
    serde_json::from_str(body).map_err(|source| StoreError::Corrupt {
        table: E::TABLE,
        id: id.to_owned(),
        source: source.into(),
    })
}

/// Microseconds since 1970, UTC: how instants are stored.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// Back from the stored form. Out-of-range values, which `micros` never writes, become 1970.
pub(crate) fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Implements [`Entity`] for a domain type: table, state expression and key columns.
macro_rules! entity {
    ($type:ty, $table:literal, |$this:ident| $state:expr, { $($key:literal => $value:expr),* $(,)? } $(, derived $derived:expr)?) => {
        impl crate::Entity for $type {
            const TABLE: &'static str = $table;
            const KEYS: &'static [&'static str] = &[$($key),*];
            fn id(&self) -> uuid::Uuid { self.id.0 }
            fn version(&self) -> i64 { self.version }
            fn set_version(&mut self, version: i64) { self.version = version; }
            fn state(&self) -> &'static str { let $this = self; $state }
            fn keys(&self) -> Vec<Option<String>> { let $this = self; vec![$($value),*] }
            $(fn derived(&self) -> Vec<crate::change::Write> { let $this = self; $derived })?
        }
    };
}
pub(crate) use entity;
