//! Why a linkage did not take place.

use parquet::errors::ParquetError;
use tabular::csv::CsvError;

/// Why a linkage did not take place. Nothing was written then.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// A file could not be opened.
    #[error("cannot open {name}")]
    Open {
        /// The file.
        name: String,
        /// Why.
        source: std::io::Error,
    },
    /// A text file could not be read.
    #[error("cannot read {name}")]
    Csv {
        /// The file.
        name: String,
        /// Why.
        source: CsvError,
    },
    /// A Parquet file could not be read.
    #[error("cannot read {name}")]
    Parquet {
        /// The file.
        name: String,
        /// Why.
        source: ParquetError,
    },
    /// The id column is neither text nor a number.
    #[error("{name}: the id column holds neither text nor whole numbers")]
    ColumnType {
        /// The file.
        name: String,
    },
    /// A file of no bytes.
    #[error("{name} is empty: not even a header says what it holds")]
    NoHeader {
        /// The file.
        name: String,
    },
    /// No column holds ids.
    #[error("{name} has no id column ({wanted}): name it with --id")]
    NoId {
        /// The file.
        name: String,
        /// What was looked for.
        wanted: String,
    },
    /// An id stands on two rows.
    #[error("{name}: the id {id:?} stands on rows {first} and {second}; ids must differ")]
    DuplicateId {
        /// The file.
        name: String,
        /// The id.
        id: String,
        /// The earlier row, from 1.
        first: usize,
        /// The later row.
        second: usize,
    },
    /// The files have nothing that can be compared.
    #[error("nothing can be compared: {0}")]
    NothingInCommon(String),
    /// A result could not be written.
    #[error("cannot write {name}")]
    Write {
        /// The file.
        name: String,
        /// Why.
        source: std::io::Error,
    },
}
