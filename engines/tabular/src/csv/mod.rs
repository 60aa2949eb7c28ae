//! CSV, read in two passes: the first decides encoding, layout and the type of each column from
//! every row; the second writes Parquet.
//!
//! Start at [`inspect`] (first pass) and [`convert`] (both). `shape.rs` says what a field looks
//! like, `decide.rs` what follows for its column.

mod column;
mod convert;
mod decide;
mod layout;
mod pass;
mod report;
mod rows;
mod shape;
mod source;
mod split;

pub use convert::{PARTIAL_SUFFIX, convert};
pub use pass::inspect;
pub use report::{ColumnReport, ColumnType, CsvReport, Mark, Newline, Problems, RaggedRow, Reason};
pub use rows::{Cells, RowsRead, read_cells};

use crate::encoding::Encoding;
use crate::sniff::LooksLike;
use std::collections::BTreeMap;

/// What the caller knows of a file; what is left open is found out.
#[derive(Debug, Clone)]
pub struct CsvOptions {
    /// The encoding.
    pub encoding: Option<Encoding>,
    /// The delimiter: one ASCII character, neither letter nor digit.
    pub delimiter: Option<char>,
    /// Whether `"` quotes fields; yes by default.
    pub quotes: bool,
    /// Whether the first row holds names.
    pub header: Option<bool>,
    /// Texts that mean "no value", besides the empty one; none by default.
    pub missing: Vec<String>,
    /// The types of columns, by their names in the source. A field that its type cannot hold is an
    /// error.
    pub types: BTreeMap<String, ColumnType>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            encoding: None,
            delimiter: None,
            quotes: true,
            header: None,
            missing: Vec::new(),
            types: BTreeMap::new(),
        }
    }
}

/// How far a conversion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// 1 while types are decided, 2 while Parquet is written.
    pub pass: u8,
    /// Bytes of the source read in this pass.
    pub bytes: u64,
    /// Rows read in this pass.
    pub rows: u64,
}

/// Why a CSV file was not read or converted. Nothing was written then.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// The file could not be read, or the output not written.
    #[error("cannot read or write the file")]
    Io(#[from] std::io::Error),
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is another format.
    #[error("the file is not CSV: it looks like {looks_like:?}")]
    NotCsv {
        /// What its first bytes show.
        looks_like: LooksLike,
    },
    /// The text breaks its encoding; no character is replaced.
    #[error("line {line} is not valid {encoding:?}")]
    BadEncoding {
        /// The encoding of the rest of the file.
        encoding: Encoding,
        /// The line, from 1; 0 where it is not known (UTF-16).
        line: u64,
    },
    /// There is a NUL character.
    #[error("line {line} has a NUL character")]
    Nul {
        /// The line, from 1.
        line: u64,
    },
    /// A quote is still open at the end of the file, which may have been cut off.
    #[error("the quote that opens on line {line} is never closed")]
    UnclosedQuote {
        /// The line, from 1.
        line: u64,
    },
    /// A row is longer than any row should be; mostly a quote that was never closed.
    #[error("the row on line {line} is longer than {limit} bytes")]
    RowTooLong {
        /// The line, from 1.
        line: u64,
        /// Bytes.
        limit: usize,
    },
    /// The first row has too many fields.
    #[error("the file has {found} columns, and {limit} are possible")]
    TooManyColumns {
        /// Its fields.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// The caller's delimiter is not one ASCII sign.
    #[error("the delimiter must be one ASCII sign")]
    BadDelimiter,
    /// Rows differ in width, or text follows closing quotes: the report lists the first lines.
    #[error(
        "{} rows have the wrong number of fields and {} rows have text after a closing quote",
        .0.problems.ragged_rows, .0.problems.stray_quotes
    )]
    Malformed(Box<CsvReport>),
    /// A declared type cannot hold a field.
    #[error("line {line}: column {column:?} cannot be read as {declared:?}")]
    WrongType {
        /// The column's name in the source.
        column: String,
        /// The line, from 1.
        line: u64,
        /// The type that was declared.
        declared: ColumnType,
    },
    /// A declared type names a column that is not there.
    #[error("there is no column {column:?} to declare a type for")]
    NoColumn {
        /// The name.
        column: String,
    },
    /// The second pass found something else than the first.
    #[error("the file changed while it was read, near line {line}")]
    Changed {
        /// The line, from 1.
        line: u64,
    },
    /// The Parquet writer failed, mostly for want of space.
    #[error("cannot write the Parquet file")]
    Parquet(#[from] parquet::errors::ParquetError),
}

/// Why a pass ended early: an error, or an encoding that turned out wrong.
#[derive(Debug)]
pub(crate) enum Unread {
    Error(CsvError),
    /// Bytes that the encoding does not allow.
    Encoding(Encoding),
    /// The same, where the line is known.
    EncodingAt(Encoding, u64),
}

impl From<CsvError> for Unread {
    fn from(error: CsvError) -> Self {
        Self::Error(error)
    }
}

impl From<std::io::Error> for Unread {
    fn from(error: std::io::Error) -> Self {
        Self::Error(error.into())
    }
}

impl From<Unread> for CsvError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Error(error) => error,
            Unread::Encoding(encoding) => Self::BadEncoding { encoding, line: 0 },
            Unread::EncodingAt(encoding, line) => Self::BadEncoding { encoding, line },
        }
    }
}
