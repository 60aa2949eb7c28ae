//! From bytes to tables and prose.

pub mod console;
pub mod latex;
pub mod smcl;
pub mod text;

use crate::content::Kind;
use crate::table::Table;

/// A line outside tables, or a whole line of console text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: u32,
    /// Its text.
    pub text: String,
}

/// What was read of a text file.
#[derive(Debug)]
pub struct Extract {
    /// Text table, console text or code.
    pub kind: Kind,
    /// Its tables.
    pub tables: Vec<Table>,
    /// Its lines outside tables.
    pub prose: Vec<Line>,
    /// All of it, decoded.
    pub text: String,
}

/// Why a text was not read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Bytes that are no text.
    #[error("it is not text in any known encoding")]
    NotText,
    /// More cells than the checker reads.
    #[error("it has more cells than the checker reads")]
    TooManyCells,
    /// A line longer than the checker reads.
    #[error("it has a line longer than the checker reads")]
    LineTooLong,
}

/// Cells that are read at most; about 200 MB of memory.
pub const MAX_CELLS: usize = 1_000_000;

/// Bytes of a line that are read at most.
pub const MAX_LINE: usize = 1 << 18;

/// Columns of a table that are compared at most: some rules look at each pair of a row's cells.
pub const MAX_COLUMNS: usize = 500;
