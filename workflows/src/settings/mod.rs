//! Use cases of this column: bubbles, sessions in them, recordings, the host.

pub mod agent;
pub mod bubble;
pub(crate) mod clocks;
pub(crate) mod consequences;
pub mod host;
pub(crate) mod live;
pub(crate) mod provision;
pub(crate) mod recorder;
pub mod replay;
pub mod right;
pub mod session;
