//! Wiring of a centre: from a configuration to a server that answers.
//!
//! The binary's commands are in `main.rs` and beside it; tests start centres through this library.

pub mod demo;
pub mod server;

pub use server::Running;
