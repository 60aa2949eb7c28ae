//! Who is told of what.

use domain::{Actor, Event};

use crate::{Centre, Failure};

/// Writes the notices of an event; doing it twice writes them once.
pub(crate) async fn write(_centre: &Centre, _event: &Event) -> Result<(), Failure> {
    Ok(())
}

/// How many notices the person has not read.
pub async fn unread(centre: &Centre, actor: &Actor) -> Result<usize, Failure> {
    let notices = centre.store.notices_of(actor.id).await?;
    Ok(notices.iter().filter(|notice| notice.read_at.is_none()).count())
}
