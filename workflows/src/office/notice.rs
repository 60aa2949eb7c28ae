//! Notices: who is told of what, and what they have read.

use std::collections::HashSet;

use domain::{
    Actor, Event, Notice, NoticeId, Person, office::notice::may_read, people::person::PersonState,
};

use super::{
    notice_table::{self, Row},
    recipients::{About, To},
};
use crate::{Centre, Failure};

/// How many notices a person is shown: those not read first.
const SHOWN: u32 = 200;

/// Writes the notices of an event; doing it twice writes them once.
pub(crate) async fn write(centre: &Centre, event: &Event) -> Result<(), Failure> {
    let rows = rows_of(event);
    if rows.is_empty() {
        return Ok(());
    }
    let about = About::of(centre, event).await?;
    let (mut told, mut notices) = (HashSet::new(), Vec::new());
    for row in rows {
        for person in about.readers(centre, row.to).await? {
            if is_told(&person, event, row) && told.insert(person.id) {
                notices.push(Notice {
                    id: centre.id(),
                    version: 0,
                    person: person.id,
                    event: event.id,
                    key: row.key.to_owned(),
                    args: about.args(event, person.language),
                    link: about.path(event, row.link),
                    at: event.at,
                    read_at: None,
                    mailed_at: None,
                });
            }
        }
    }
    Ok(centre.store.add_notices(&notices).await?)
}

fn rows_of(event: &Event) -> &'static [Row] {
    // One denial is no pattern: security is told of those that were too many to write.
    if event.kind == "policy.denied" && event.payload.get("more").is_none() {
        return &[];
    }
    let asked = event.payload.get("asked").and_then(serde_json::Value::as_bool);
    if event.kind == "item.removed" && asked != Some(true) {
        return &[];
    }
    notice_table::rows(&event.kind, &event.noun)
}

/// Who is not yet, or no longer, of the centre is not told; nor is who did it, except as the author
/// or the one it is about.
fn is_told(person: &Person, event: &Event, row: &Row) -> bool {
    let of_the_centre =
        !matches!(person.state, PersonState::Invited { .. } | PersonState::Closed { .. });
    let did_it = event.actor == Some(person.id) && !matches!(row.to, To::Author | To::Subject);
    of_the_centre && !did_it
}

/// How many notices the person has not read.
pub async fn unread(centre: &Centre, actor: &Actor) -> Result<usize, Failure> {
    Ok(centre.store.unread_notices(actor.id).await?)
}

/// The person's notices: those not read first, the newest first.
pub async fn list_notices(centre: &Centre, actor: &Actor) -> Result<Vec<Notice>, Failure> {
    Ok(centre.store.latest_notices(actor.id, SHOWN).await?)
}

/// Marks a notice as read, and answers where it leads.
pub async fn read_notice(centre: &Centre, actor: &Actor, id: NoticeId) -> Result<String, Failure> {
    let before: Notice = centre.load("notice", id).await?;
    let after = may_read(actor, &before)?.read(centre.now());
    centre.store.update_notice(&after).await?;
    Ok(after.link)
}

/// Marks all of the person's notices as read.
pub async fn read_all_notices(centre: &Centre, actor: &Actor) -> Result<(), Failure> {
    let notices = centre.store.notices_of(actor.id).await?;
    for notice in notices.iter().filter(|notice| notice.read_at.is_none()) {
        let after = may_read(actor, notice)?.read(centre.now());
        centre.store.update_notice(&after).await?;
    }
    Ok(())
}
