//! What may pass between a bubble's display and a person, and what is kept of it.
//!
//! Of a terminal: its frames ([`frame`]), the filter on its output ([`filter`]) and its recording
//! ([`recording`]). Of a desktop: the relay that ends RFB on both sides ([`rfb`]) and the recording
//! of its picture ([`film`]).
//!
//! Knows nobody in the workspace, no process and no socket: bytes in, bytes out. Start reading at
//! [`frame`], or at [`rfb`].

pub mod film;
pub mod filter;
pub mod frame;
pub mod recording;
pub mod rfb;

pub use filter::Filter;
pub use frame::{Decoder, Frame};
pub use recording::Recording;
