//! Evidence packs: a folder of files that proves, offline and years later, that a log sealed it.
//!
//! A pack is a `BagIt` bag (RFC 8493) in a ZIP file. What vouches for what, from the key downwards:
//!
//! ```text
//! verifier key ─ signs ▶ log/checkpoint ─ proof ▶ log/entry.json ─ commitment ▶ log/statement.json
//!   log/statement.json ─ names ▶ the pack's key, which signs seal/signature, and the folder
//!                      ─ names ▶ SHA-256 of tagmanifest-sha512.txt ─ lists ▶ bagit.txt, bag-info.txt,
//!                                manifest-sha256.txt, manifest-sha512.txt ─ list ▶ each file of data/
//! ```
//!
//! So one key that the reader brought vouches for every byte. The pack is made before the log has
//! sealed it, so `log/` and `seal/` are in no manifest: a manifest cannot hold the proof of itself.
//!
//! `archive` is the container, `bag` makes a pack, `verify` is what an outsider runs.

mod archive;
mod bag;
mod verify;

#[cfg(test)]
mod tests;

pub use self::bag::{Bag, LogProof, Member, Payload, statement_of};
pub use self::verify::{PackProblem, PackReport, verify_pack};

/// The first line of what the pack's key signs: the same key must not be led to sign anything else
/// that could pass for it.
const SEAL: &str = "evidence pack v1";

/// The kind of the event that seals a pack: no other event of the log vouches for one.
pub const PACK_EVENT: &str = "release.available";

/// Why a pack could not be made, or a stored one not be read.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A name that a bag cannot carry, twice the same name, or too many or too long files.
    #[error("a pack cannot hold {member:?}: {what}")]
    Member {
        /// The file.
        member: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The stored bag cannot be read.
    #[error("the stored pack cannot be read")]
    Read(#[from] std::io::Error),
}
