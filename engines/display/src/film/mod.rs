//! The recording of a desktop session: losslessly what the person saw, in chunks of a minute.
//!
//! ```text
//! head file      who may read it: the recording's first key, sealed to the review key
//! chunk file n   header (clear) ‖ segments; a segment is AEAD(part of one zstd stream of records)
//! ```
//!
//! Each chunk starts with a key frame and has a key of its own, so seek, retention, a reviewer's
//! range and loss are all by chunk. Threat: whoever runs the machine, or takes over the gateway,
//! reads or edits recordings. Guaranteed: keys of closed chunks are gone from the gateway's memory
//! (each is made from the one before by a one-way function), what was written cannot be read
//! without the review key, a changed byte is refused, and digests in the log contradict what was
//! cut, dropped or exchanged. Not guaranteed: secrecy of the chunk being written, from who reads
//! the gateway's memory.
//!
//! Bytes in, bytes out: the caller appends to files, syncs them and renames them. Start reading at
//! [`Writer`], then [`Chunk`].

mod chunk;
mod codec;
mod digest;
mod key;
mod player;
mod records;
#[cfg(test)]
mod tests;
mod writer;

pub use chunk::{Chunk, Header, Recovered, chunk_at, recover};
pub use digest::{Chain, Digest, Root};
pub use key::{ChunkKey, Head, RecordingKey, ReviewKey, ReviewSecret};
pub use player::{Player, Pointer};
pub use records::{Mark, Note};
pub use writer::{Output, Pace, Sealed, Writer};

/// Why a recording cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FilmError {
    /// Not a file of a recording of this version.
    #[error("this is not a {0} of a desktop recording")]
    NotAFilm(&'static str),
    /// Another review key, or a changed head.
    #[error("the recording's key cannot be opened with this review key")]
    WrongKey,
    /// A segment that is whole and does not authenticate: changed, moved, or another chunk's key.
    #[error("segment {0} of the chunk is not what was written")]
    Altered(u32),
    /// Authentic, and still not a recording: a fault or a hostile writer.
    #[error("the chunk's records are broken: {0}")]
    Broken(&'static str),
    /// A chunk of another recording, or not the one after the last.
    #[error("chunk {0} does not follow the chunk before it")]
    OutOfOrder(u32),
}
