//! Safe settings: bubbles, sessions, recordings.

pub mod bubble;
pub mod session;

pub use bubble::Bubble;
pub use session::Session;
