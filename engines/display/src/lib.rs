//! What may pass between a bubble's display and a person, and what is kept of it: the frames of a
//! terminal, the filter on its output, and the recording.
//!
//! Knows nobody in the workspace, no process and no socket: bytes in, bytes out. Start reading at
//! [`frame`].

pub mod filter;
pub mod frame;
pub mod recording;
pub mod rfb;

pub use filter::Filter;
pub use frame::{Decoder, Frame};
pub use recording::Recording;
