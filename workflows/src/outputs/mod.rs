//! Use cases of this column: exports, their checks and releases, producers' rule sets, and imports.
//!
//! Start with `export.rs` (the author), then `review.rs` (checkers), `scan.rs` and `release.rs`
//! (what the centre does by itself), `frozen.rs` (the copies).

mod again;
pub(crate) mod clocks;
pub(crate) mod consequences;
pub mod credit;
pub mod export;
pub mod export_read;
pub(crate) mod frozen;
pub mod import;
pub(crate) mod import_delivery;
pub mod jobs;
pub mod judgement;
pub mod pack;
mod pack_crate;
pub mod passages;
mod preview;
pub mod quarantine;
pub mod queue;
pub mod reading;
mod release;
pub(crate) mod released;
pub mod report;
pub mod review;
mod review_purpose;
pub mod review_time;
pub mod risk;
pub mod rule_set;
mod scan;
pub mod stop;
pub(crate) mod sweep;

pub use preview::plain;

/// States in which checkers vote or decide.
const UNDER_REVIEW: [&str; 3] = ["queued", "review_independent", "review_consolidation"];
