//! The centre's use cases, one function each: load, ask for the permit, change, save.
//!
//! Knows `domain`, `store` and the engines; pages and commands call nothing else. One folder a
//! column, one file a noun. `consequences.rs` lists every effect that a change in one column has in
//! another. Start with `centre.rs`, then `outputs/export.rs`.

pub mod centre;
pub mod clock;
pub mod config;
pub mod consequences;
pub mod data;
pub mod failure;
pub mod network;
pub mod office;
pub mod outputs;
pub mod people;
pub mod projects;
pub mod settings;

pub use centre::Centre;
pub use clock::Clock;
pub use config::{Config, Reads};
pub use failure::Failure;
pub use network::Network;
