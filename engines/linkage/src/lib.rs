//! Record linkage: which records of two files are one person, or one firm.
//!
//! The crate knows nobody in the workspace but `tabular`, through which it reads CSV. Start
//! reading at [`link`]: read → normalise → block → compare → model → assign → write.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts stay below 2^52, codes are u32, and shares are not negative"
)]

pub mod assign;
pub mod block;
mod build;
pub mod cluster;
pub mod compare;
pub mod dict;
mod error;
pub mod generate;
mod hash;
pub mod model;
pub mod normalise;
mod parallel;
pub mod private;
mod radix;
pub mod read;
pub mod records;
pub mod report;
pub mod review;
mod run;
pub mod spec;
pub mod write;

pub use build::build;
pub use error::LinkError;
pub use run::{Drift, Link, Linked, Options, Step, link};
