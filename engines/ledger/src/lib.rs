//! An append-only log whose history nobody can rewrite unnoticed, not even who owns the disk.
//!
//! Entries are the leaves of a Merkle tree (RFC 6962). Each batch ends in a *checkpoint*: the
//! tree's size and root, signed with Ed25519. Whoever keeps a checkpoint can later demand a proof
//! that an entry is in the log, or that the log of today begins with the log of then. The files are
//! those of <https://c2sp.org/tlog-tiles> and <https://c2sp.org/signed-note>, so that other
//! people's tools and witnesses work on them.
//!
//! It knows nothing of Bulle: entries are bytes, time and randomness come from the caller, and
//! there is no thread, no network and no configuration.
//!
//! Where to start reading: [`Log::append`] (`log.rs`) for the order of the durable steps,
//! `open.rs` for what a crash leaves, [`verify_folder`] (`verify/`) for what an auditor runs,
//! `tree.rs` and `proof.rs` for the mathematics. The threat model is in the README.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use ledger::{Log, SignerKey, leaf_hash, parse_checkpoint, verify_folder, verify_inclusion};
//!
//! let folder = tempfile::tempdir()?;
//! let key = SignerKey::generate(&mut rand::rng());
//! let mut log = Log::open(folder.path(), "centre.example/log", key)?;
//! log.append(&[b"first".to_vec(), b"second".to_vec()])?;
//!
//! let proof = log.inclusion_proof(1, log.size())?;
//! let promise = parse_checkpoint(log.checkpoint(), log.verifier())?;
//! verify_inclusion(leaf_hash(b"second"), 1, promise.size, &proof, promise.root)?;
//! assert!(verify_folder(folder.path(), Some(log.verifier()), |_| ())?.is_intact());
//! # Ok(())
//! # }
//! ```

mod checkpoint;
mod disk;
mod edge;
mod error;
mod hash;
mod key;
mod log;
mod open;
mod pack;
mod proof;
mod tile;
mod tree;
mod verify;

#[cfg(test)]
mod crash_tests;

pub use checkpoint::{Checkpoint, CheckpointError, parse_checkpoint};
pub use error::LogError;
pub use hash::{Hash, empty_root, leaf_hash, node_hash, tree_root};
pub use key::{KeyError, SignerKey, VerifierKey};
pub use log::Log;
pub use open::origin_of;
pub use pack::{
    Bag, LogProof, Member, PACK_EVENT, PackError, PackProblem, PackReport, Payload, statement_of,
    verify_pack,
};
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub use tile::MAX_ENTRY;
pub use verify::{Change, Problem, Report, VerifyError, read_entries, verify_folder};
