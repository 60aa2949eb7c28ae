//! The office: the audit trail and the notices.

pub mod event;
pub mod notice;

pub use event::Event;
pub use notice::Notice;
