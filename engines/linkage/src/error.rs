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
    /// A row has no id.
    #[error("{name}: row {row} has no {column}; every record needs its id")]
    EmptyId {
        /// The file.
        name: String,
        /// The id column.
        column: String,
        /// The first such row, from 1.
        row: usize,
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
    /// The spec, or an option, asks for what cannot be done.
    #[error("the spec cannot be followed: {0}")]
    Spec(String),
    /// The files have nothing that can be compared.
    #[error("nothing can be compared: {0}")]
    NothingInCommon(String),
    /// An id that a spreadsheet would run as a formula.
    #[error(
        "{name}: the id of row {row} begins as a formula, which a spreadsheet would run on opening \
         the result: write .parquet instead of CSV, or mend the ids"
    )]
    FormulaId {
        /// The file.
        name: String,
        /// The row, from 1.
        row: usize,
    },
    /// A file of an earlier run, or of labels, that cannot serve.
    #[error("cannot use {name}: {why}")]
    Unusable {
        /// The file.
        name: String,
        /// Why.
        why: String,
    },
    /// Filters that an attack opened.
    #[error(
        "the encoded file does not leave: the {attack} attack gave {found} of {tried} filters to the right \
         record without the key (1 % at most); salt, diffuse or fold more, or encode less"
    )]
    Opened {
        /// The attack.
        attack: &'static str,
        /// Records that it found.
        found: usize,
        /// Records that it was tried on.
        tried: usize,
    },
    /// A result could not be written.
    #[error("cannot write {name}")]
    Write {
        /// The file.
        name: String,
        /// Why.
        source: std::io::Error,
    },
}
