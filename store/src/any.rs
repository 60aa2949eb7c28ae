//! Connections and generic reading.

use std::sync::Arc;

use sqlx::{
    Any, AnyPool, AssertSqlSafe, Row, Transaction,
    any::{AnyPoolOptions, AnyRow},
};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{Entity, StoreError, change::Value, entity::read};

/// How often one change makes the writer anew: another may spoil the new one before it is used.
const RENEWALS: usize = 16;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    reader: AnyPool,
    writer: AnyPool,
    begin: &'static str,
    pub(crate) woken: Arc<Notify>,
}

impl Store {
    /// Opens the database at `url` (`sqlite://path` or `postgres://...`) and brings its schema up
    /// to date.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let sqlite = url.starts_with("sqlite:");
        // SQLite has one writer; a pool of one connection queues writers in order instead of
        // letting them meet a busy file.
        let writers = if sqlite { 1 } else { 8 };
        let writer = pool(writers, sqlite).connect(url).await?;
        sqlx::migrate!().run(&writer).await?;
        let reader = pool(8, sqlite).connect(url).await?;
        let begin = if sqlite { "begin immediate" } else { "begin" };
        Ok(Self { reader, writer, begin, woken: Arc::new(Notify::new()) })
    }

    /// Waits until a change was written since the last wait.
    pub async fn changed(&self) {
        self.woken.notified().await;
    }

    /// Begins a transaction of the writer.
    ///
    /// On some errors (a full disk above all) SQLite rolls back by itself
    /// (<https://sqlite.org/lang_transaction.html>, section 3); the driver's own rollback then finds no
    /// transaction, and it counts one as open for ever. Such a connection is closed and made anew,
    /// or nothing could be written until a restart.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Any>, StoreError> {
        for _ in 0..RENEWALS {
            match self.writer.begin_with(self.begin).await {
                Err(sqlx::Error::InvalidSavePointStatement) => {
                    self.writer.acquire().await?.close().await?;
                }
                begun => return Ok(begun?),
            }
        }
        Ok(self.writer.begin_with(self.begin).await?)
    }

    /// The row with this id, if there is one.
    pub async fn get<E: Entity>(&self, id: impl Into<Uuid>) -> Result<Option<E>, StoreError> {
        self.one("id", &id.into().to_string()).await
    }

    /// The row whose column `key` has this value, if there is one.
    pub(crate) async fn one<E: Entity>(
        &self,
        key: &'static str,
        value: &str,
    ) -> Result<Option<E>, StoreError> {
        Ok(self.where_is(&[(key, value)]).await?.into_iter().next())
    }

    /// Every row of a table, oldest first.
    pub async fn all<E: Entity>(&self) -> Result<Vec<E>, StoreError> {
        self.where_is(&[]).await
    }

    /// The rows whose columns have these values, oldest first.
    pub(crate) async fn where_is<E: Entity>(
        &self,
        conditions: &[(&'static str, &str)],
    ) -> Result<Vec<E>, StoreError> {
        let terms: Vec<String> = conditions
            .iter()
            .enumerate()
            .map(|(i, (key, _))| format!("{key} = ${}", i + 1))
            .collect();
        let filter = if terms.is_empty() { "1 = 1".to_owned() } else { terms.join(" and ") };
        let sql = format!("select id, body from {} where {filter} order by id", E::TABLE);
        let values = conditions.iter().map(|(_, value)| Value::from(*value)).collect();
        self.read_rows(sql, values).await
    }

    /// The rows whose column `key` (`state`, or one of [`Entity::KEYS`]) has this value, oldest
    /// first, each read by itself: for what must go on with the others where one cannot be read.
    ///
    /// # Errors
    /// Where the database does not answer. A row that cannot be read is an error in its own place.
    pub async fn each<E: Entity>(
        &self,
        key: &'static str,
        value: &str,
    ) -> Result<Vec<Result<E, StoreError>>, StoreError> {
        let sql = format!("select id, body from {} where {key} = $1 order by id", E::TABLE);
        self.read_each(sql, vec![value.into()]).await
    }

    /// The values of a statement of `store`'s own that selects `id` and `body`.
    pub(crate) async fn read_rows<E: Entity>(
        &self,
        sql: impl Into<String>,
        values: Vec<Value>,
    ) -> Result<Vec<E>, StoreError> {
        self.read_each(sql, values).await?.into_iter().collect()
    }

    /// The same, each read by itself.
    pub(crate) async fn read_each<E: Entity>(
        &self,
        sql: impl Into<String>,
        values: Vec<Value>,
    ) -> Result<Vec<Result<E, StoreError>>, StoreError> {
        let rows = self.rows(sql, values).await?;
        Ok(rows.iter().map(read_row).collect())
    }

    /// Rows of a statement of `store`'s own.
    pub(crate) async fn rows(
        &self,
        sql: impl Into<String>,
        values: Vec<Value>,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let mut query = sqlx::query(AssertSqlSafe(sql.into()));
        for value in values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Int(number) => query.bind(number),
            };
        }
        Ok(query.fetch_all(&self.reader).await?)
    }

    /// Runs one statement that is no change of state and so has no event: what a login saw last,
    /// how much of an upload is on disk. Returns the number of rows.
    pub(crate) async fn run(
        &self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let mut query = sqlx::query(sql);
        for value in values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Int(number) => query.bind(number),
            };
        }
        Ok(query.execute(&self.writer).await?.rows_affected())
    }

    /// A small fact of the centre.
    pub async fn fact(&self, name: &str) -> Result<Option<String>, StoreError> {
        let rows = self.rows("select value from facts where name = $1", vec![name.into()]).await?;
        rows.first().map(|row| Ok(row.try_get("value")?)).transpose()
    }

    /// Writes a small fact of the centre.
    pub async fn set_fact(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let sql = "insert into facts (name, value) values ($1, $2) \
                   on conflict (name) do update set value = excluded.value";
        self.run(sql, vec![name.into(), value.into()]).await.map(drop)
    }
}

/// The value of one row of a statement that selects `id` and `body`.
pub(crate) fn read_row<E: Entity>(row: &AnyRow) -> Result<E, StoreError> {
    read(row.try_get("id")?, row.try_get("body")?)
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store") // a URL may hold a password
    }
}

fn pool(connections: u32, sqlite: bool) -> AnyPoolOptions {
    AnyPoolOptions::new().max_connections(connections).after_connect(move |connection, _| {
        Box::pin(async move {
            if sqlite {
                // Full: a change that the log has sealed must not be lost by a power cut.
                let pragmas = "pragma journal_mode = wal; pragma synchronous = full; \
                               pragma foreign_keys = on; pragma busy_timeout = 10000";
                sqlx::raw_sql(pragmas).execute(connection).await?;
            }
            Ok(())
        })
    })
}

/// Makes a database on a PostgreSQL server: for tests, which get one each.
///
/// # Panics
/// Where `name` is not made of letters, digits and `_` alone.
pub async fn create_database(server: &str, name: &str) -> Result<(), StoreError> {
    assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "not a plain name");
    sqlx::any::install_default_drivers();
    let pool = AnyPoolOptions::new().max_connections(1).connect(server).await?;
    sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&pool).await?;
    pool.close().await;
    Ok(())
}

#[cfg(test)]
#[path = "upgrade_tests.rs"]
mod upgrade_tests;

#[cfg(test)]
mod tests {
    use domain::Import;

    use super::*;

    /// Each migration and the beginning of its SHA-384, which is what every database remembers of
    /// those that it has run. A new migration gets a new line; a line is never changed.
    const MERGED: [(i64, &str); 12] = [
        (1, "0fef41ae06c63d6b"),
        (2, "1b76ed7be846f311"),
        (3, "782fd8338a855c5c"),
        (4, "6730840da45dd092"),
        (5, "2cde6315c7fb65d3"),
        (6, "b69eca9e2797c939"),
        (7, "3c531531d2908762"),
        (8, "41f8e26d80d90aaa"),
        (9, "76bcba9ab3aef5b7"),
        (10, "db8a9cc21523705f"),
        (11, "434dedae27678ca0"),
        (12, "fee54691dd7f62e3"),
    ];

    /// Threat: a server that does not start on any database of before (`VersionMismatch`).
    #[test]
    fn a_merged_migration_is_never_edited() {
        let migrations = sqlx::migrate!();
        let found: Vec<(i64, String)> =
            migrations.iter().map(|one| (one.version, hex::encode(&one.checksum[..8]))).collect();
        assert_eq!(found, MERGED.map(|(version, start)| (version, start.to_owned())));
    }

    /// An empty database: on the server of `BULLE_TEST_DATABASE`, else a file of SQLite.
    pub(super) async fn empty(folder: &tempfile::TempDir) -> String {
        let Ok(server) = std::env::var("BULLE_TEST_DATABASE") else {
            return format!("sqlite://{}?mode=rwc", folder.path().join("db").display());
        };
        let name = format!("bulle_{}", Uuid::now_v7().simple());
        create_database(&server, &name).await.unwrap();
        format!("{}/{name}", server.rsplit_once('/').unwrap().0)
    }

    #[tokio::test]
    async fn a_database_of_each_age_is_brought_up_to_date() {
        sqlx::any::install_default_drivers();
        for newest in 0..=MERGED.len() {
            let folder = tempfile::tempdir().unwrap();
            let url = empty(&folder).await;
            let older = sqlx::migrate!().iter().take(newest).cloned().collect();
            let old = pool(1, url.starts_with("sqlite:")).connect(&url).await.unwrap();
            sqlx::migrate::Migrator::with_migrations(older).run(&old).await.unwrap();
            old.close().await;
            for opened in ["first", "again"] {
                let store = Store::open(&url).await;
                let store = store.unwrap_or_else(|error| panic!("{newest} {opened}: {error}"));
                assert_eq!(store.all::<Import>().await.unwrap(), [], "{newest} {opened}");
            }
        }
    }
}
