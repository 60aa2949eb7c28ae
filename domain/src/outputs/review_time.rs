//! The time of a checker's own review: who may say it, and within which bounds it counts.

use super::export::Export;
use super::export_review::{outside, written};
use crate::{Actor, Refusal, Role};

/// The longest time that is measured of one checker in one turn, in minutes: a page left open over
/// night is no checking. A checker who needed more says so.
pub const MAX_MEASURED: i64 = 120;
/// The longest time that a checker may say, in minutes: a working day.
pub const MAX_SAID: i64 = 480;

/// Refuses who may not say how long their review of the export took: only a checker who has taken
/// it in this turn, until it is decided.
pub fn may_time(actor: &Actor, export: &Export) -> Result<(), Refusal> {
    outside(actor, export, Role::Checker)?;
    if export.reads_now(actor.id) { Ok(()) } else { Err(export.wrong("time").into()) }
}

/// Refuses a time that nobody spends, or one without a reason.
pub fn check_time(minutes: i64, reason: &str) -> Result<(), Refusal> {
    if !(1..=MAX_SAID).contains(&minutes) {
        return Err(Refusal::invalid("minutes", "out-of-range"));
    }
    written("reason", reason)
}
