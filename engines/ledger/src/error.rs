//! What can go wrong with a log.

use std::io;
use std::path::PathBuf;

use crate::checkpoint::CheckpointError;
use crate::key::KeyError;

/// Why a log was not opened, read or extended.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The disk refused a step.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Another process, or another `Log` of this one, has the log open.
    #[error("the log {0} is open elsewhere")]
    Locked(PathBuf),
    /// The origin cannot name a log.
    #[error(transparent)]
    Origin(#[from] KeyError),
    /// The folder belongs to another key or another origin than the ones given.
    #[error("the log {path} belongs to {found}, not to {expected}")]
    OtherKey {
        /// The log's folder.
        path: PathBuf,
        /// The verifier key in the folder.
        found: String,
        /// The verifier key of the origin and key given.
        expected: String,
    },
    /// The stored checkpoint is not one that the key signed.
    #[error("the log {path} has no valid checkpoint")]
    Checkpoint {
        /// The log's folder.
        path: PathBuf,
        /// Why the checkpoint was refused.
        source: CheckpointError,
    },
    /// There are entries but no checkpoint: a crash never leaves that, since the checkpoint of the
    /// empty log is the first thing written.
    #[error("the log {0} has entries but no checkpoint")]
    NoCheckpoint(PathBuf),
    /// What is stored is not what the checkpoint promises. Nothing was changed.
    #[error("{path} contradicts the signed checkpoint: {what}")]
    Contradiction {
        /// The file, or the folder of the log.
        path: PathBuf,
        /// What was found in it.
        what: String,
    },
    /// An entry is longer than 65,535 bytes. Nothing of the batch was appended.
    #[error("entry {position} of the batch has {bytes} bytes; {} is the most", crate::MAX_ENTRY)]
    TooLong {
        /// Its place in the batch, counted from 0.
        position: usize,
        /// Its length.
        bytes: usize,
    },
    /// The log has no such entry, or had not at that size.
    #[error("there is no entry {index} in a log of {size} entries")]
    OutOfRange {
        /// The entry or size asked for.
        index: u64,
        /// The size of the log, or the size asked for.
        size: u64,
    },
    /// An earlier append failed half-way, so it is unknown which checkpoint is on the disk. Signing
    /// another one of the same size could fork the log. Open it again: that finds out.
    #[error("an append failed; open the log again to learn whether it was sealed")]
    Poisoned,
}
