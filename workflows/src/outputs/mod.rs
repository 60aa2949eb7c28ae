//! Use cases of this column: exports, their checks and releases, and producers' rule sets.
//!
//! Start with `export.rs` (the author), then `review.rs` (checkers), `scan.rs` and `release.rs`
//! (what the centre does by itself), `frozen.rs` (the copies).

pub(crate) mod clocks;
pub(crate) mod consequences;
pub mod export;
pub mod export_read;
mod frozen;
pub mod jobs;
pub mod queue;
pub mod reading;
mod release;
mod released;
pub mod report;
pub mod review;
pub mod rule_set;
mod scan;
