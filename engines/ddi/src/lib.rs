//! Reads and writes DDI-Codebook, the XML in which surveys are documented down to the variable.
//!
//! Versions 1.2.2, 2.0, 2.1 and 2.5 are read; 2.5 is written. This crate knows nobody: bytes come
//! in, a [`CodeBook`] comes out, with a [`Problem`] for each thing that is invalid, unknown, or has
//! no field in the model. What has no field is kept as [`Residue`], and [`export`] gives it back
//! where it was. Comments and processing instructions are not content; white space is not either:
//! text is trimmed and its runs of white space become one space.
//!
//! Start reading at [`import`], then `read/mod.rs` (one function per part of a code book),
//! `tree.rs` (the bounded parser) and `residue.rs` (how nothing is lost).

mod decode;
mod element;
mod error;
mod language;
mod model;
mod order;
mod problem;
mod read;
mod residue;
mod tree;
mod write;

pub use error::{DdiError, Place};
pub use model::{
    Access, Agent, Category, CodeBook, Coded, DataFile, Derivation, Event, Format, Grant, Id,
    Interval, Item, Link, Location, Method, Nation, Note, Question, Range, Related, Series, Stat,
    Statement, Term, Text, ValueRange, Variable, VariableGroup, VersionNote,
};
pub use problem::{Code, Problem};
pub use residue::{Kept, Residue};
pub use tree::Limits;
pub use write::{Version, export};

/// What an import found: the code books in document order, and all that was not plain sailing.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The code books, in document order; never empty.
    pub codebooks: Vec<CodeBook>,
    /// What was invalid, unknown or not representable, in document order.
    pub problems: Vec<Problem>,
}

/// Imports every DDI-Codebook code book of a document, within the default [`Limits`].
///
/// # Errors
/// See [`import_within`].
pub fn import(bytes: &[u8]) -> Result<Import, DdiError> {
    import_within(bytes, &Limits::default())
}

/// Imports every DDI-Codebook code book of a document: as root, under a prefix, or inside an
/// envelope such as OAI-PMH.
///
/// # Errors
/// When the bytes cannot be decoded, are not well-formed XML (with the place; nothing half is
/// given), declare entities, pass a limit, or hold no code book.
pub fn import_within(bytes: &[u8], limits: &Limits) -> Result<Import, DdiError> {
    if bytes.len() > limits.bytes {
        return Err(DdiError::TooLarge { bytes: bytes.len(), limit: limits.bytes });
    }
    let text = decode::decode(bytes)?;
    let document = tree::parse(&text, limits)?;
    let mut problems = Vec::new();
    let codebooks =
        document.codebooks.into_iter().map(|root| read::codebook(root, &mut problems)).collect();
    // Joining containers moves elements; what is said of them comes in the document's order.
    problems.sort_by_key(|problem| (problem.line, problem.column));
    Ok(Import { codebooks, problems })
}
