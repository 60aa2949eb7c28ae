//! What can go wrong between the centre and its database.

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed the row first; load again and ask again.
    #[error("{table} {id} was changed by somebody else meanwhile")]
    Conflict {
        /// The table.
        table: &'static str,
        /// The row.
        id: String,
    },
    /// A rule of the database refused the row (unique, check or foreign key).
    #[error("the database refused a row: {kind}")]
    Refused {
        /// `unique`, `check`, `foreign key` or `not null`.
        kind: &'static str,
        /// The driver's words.
        source: sqlx::Error,
    },
    /// A stored value cannot be read.
    #[error("row {id} of {table} is corrupt")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row.
        id: String,
        /// Where it does not fit.
        source: Unreadable,
    },
    /// The connection, the disk, the server.
    #[error("the database did not answer")]
    Database(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// Where a stored value cannot be read, without a word of it: serde's own message quotes the value,
/// and errors are logged.
#[derive(Debug, thiserror::Error)]
#[error("{category:?} error at line {line}, column {column} of its JSON")]
pub struct Unreadable {
    category: serde_json::error::Category,
    line: usize,
    column: usize,
}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self { category: error.classify(), line: error.line(), column: error.column() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(source: sqlx::Error) -> Self {
        use sqlx::error::ErrorKind;
        let kind = match source.as_database_error().map(sqlx::error::DatabaseError::kind) {
            Some(ErrorKind::UniqueViolation) => "unique",
            Some(ErrorKind::CheckViolation) => "check",
            Some(ErrorKind::ForeignKeyViolation) => "foreign key",
            Some(ErrorKind::NotNullViolation) => "not null",
            _ => return Self::Database(source),
        };
        Self::Refused { kind, source }
    }
}

impl StoreError {
    /// Whether the database found no room on its disk: nothing of the change was written.
    ///
    /// SQLite says `SQLITE_FULL` (13), or `SQLITE_IOERR_SHMSIZE` (4874) where the index of its
    /// write-ahead log cannot grow (<https://sqlite.org/rescode.html>); PostgreSQL `disk_full`
    /// (53100, its manual, appendix A).
    pub fn is_disk_full(&self) -> bool {
        let Self::Database(error) = self else { return false };
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        code.is_some_and(|code| matches!(&*code, "13" | "4874" | "53100"))
    }

    /// Whether a unique rule refused the row: it exists already.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Refused { kind: "unique", .. })
    }
}
