//! The risk of exports: what is seen of each request, the way it goes, the model that ranks it, and
//! what slipped through.
//!
//! `seen.rs` (features, at the scan), `route.rs` (the way), `others.rs` (requests
//! beside it), `outcome.rs` (what people decided),
//! `model.rs` (train, put in service, drift), `missed.rs` (the estimate for producers).

pub mod form;
pub mod missed;
pub mod model;
mod others;
pub(super) mod outcome;
pub(super) mod route;
pub(super) mod seen;
