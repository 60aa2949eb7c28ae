//! Who sees a bubble, and as what (JOURNEYS 3.1).

use super::Bubble;
use crate::{Actor, Denied, Role, projects::Item};

/// Who may see a bubble: those who work in its project, who watch over sessions, and who audit.
/// The operator sees its state on the host's page, never its page.
pub fn may_see(actor: &Actor, bubble: &Bubble) -> Result<(), Denied> {
    let watches = actor.has(Role::SecurityOfficer) || actor.has(Role::Auditor);
    match actor.works_in(bubble.application) || watches {
        true => Ok(()),
        false => Err(Denied::Hidden),
    }
}

/// Whether a producer may know of the bubble: that it stands, what of its own sources is open in it
/// and until when. Neither who works there, nor what others gave, nor a file. `items`: those of the
/// bubble's project.
///
/// # Errors
/// [`Denied::Hidden`] for who acts for no producer that was ever granted there.
pub fn may_see_as_producer(actor: &Actor, items: &[Item]) -> Result<(), Denied> {
    match items.iter().any(|item| item.was_granted() && actor.is_of(item.producer)) {
        true => Ok(()),
        false => Err(Denied::Hidden),
    }
}
