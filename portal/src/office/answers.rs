//! What the API of this column answers, for its description: `json!` writes the answers, and the test
//! kit compares each successful answer of each test with these (`tests/src/conformance.rs`).
#![expect(dead_code, reason = "descriptions: nobody makes one")]

use utoipa::ToSchema;

use super::api::EventLine;

/// An event with what proves it.
#[derive(ToSchema)]
pub(super) struct EventAnswer {
    event: EventLine,
    /// The stored text, for who may see all of it.
    body: Option<String>,
    salt: Option<String>,
    commitment: String,
    /// `waiting`, `intact`, `row_altered` or `log_altered`.
    verdict: String,
    proof: Option<ProofAnswer>,
}

/// The way from an entry to a signed checkpoint.
#[derive(ToSchema)]
pub(super) struct ProofAnswer {
    entry: String,
    leaf: u64,
    leaf_hash: String,
    hashes: Vec<String>,
    size: u64,
    root: String,
    checkpoint: String,
}

/// What the log promises.
#[derive(ToSchema)]
pub(super) struct LogAnswer {
    origin: String,
    size: u64,
    checkpoint: String,
    verifier: String,
    /// Events that wait to be sealed.
    waiting: u64,
}

/// Where a notice leads.
#[derive(ToSchema)]
pub(super) struct LinkAnswer {
    link: String,
}

/// Nothing more to say.
#[derive(ToSchema)]
pub(super) struct DoneAnswer {}
