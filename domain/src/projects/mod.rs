//! Safe projects: applications and their items.
//!
//! `application.rs` and `item.rs` say what they are and where they can stand; `application_team.rs`,
//! `application_office.rs`, `application_start.rs`, `item_acts.rs` and `item_decision.rs` hold who may move them and how;
//! `application_sight.rs` who else reads of them.
//! `attachment.rs` has the files that come with an application, `snapshot.rs` the file as frozen.

pub mod application;
pub mod application_office;
pub mod application_sight;
pub mod application_start;
pub mod application_team;
pub mod attachment;
mod attachment_content;
pub mod form;
pub mod item;
pub mod item_acts;
pub mod item_decision;
pub mod snapshot;

#[cfg(test)]
pub(crate) mod application_tests;
#[cfg(test)]
mod item_tests;

pub use application::Application;
pub use attachment::Attachment;
pub use item::Item;

use jiff::{Span, Timestamp, tz::TimeZone};

use crate::Refusal;

/// Whoever decides says why in at most so many characters.
pub const REASON_MAX: usize = 5_000;

/// `text` without its outer blanks, if there is something and not more than `max` characters.
pub(crate) fn written(field: &'static str, text: &str, max: usize) -> Result<String, Refusal> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Refusal::invalid(field, "missing")),
        count if count > max => Err(Refusal::invalid(field, "too-long")),
        _ => Ok(text.to_owned()),
    }
}

/// `at` moved on by a calendar span, in UTC; at the end of time it stays there.
pub fn later(at: Timestamp, span: Span) -> Timestamp {
    let moved = at.to_zoned(TimeZone::UTC).checked_add(span);
    moved.map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}
