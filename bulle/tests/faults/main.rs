//! Faults, done for real to the real program: `kill -9`, a full disk, bad input through HTTP.
//!
//! `kit.rs` starts a server as a process of its own, on a folder that it fills first; `check.rs`
//! has what must hold whatever happened.

#![expect(clippy::unwrap_used, reason = "a test panics where it must fail")]

mod agent;
mod check;
mod demo;
mod disk;
mod files;
mod input;
mod kill;
mod kit;
mod work;
