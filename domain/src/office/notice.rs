//! A message to a person about an event (JOURNEYS 3.3): in-app and by mail, with a link and no data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Actor, Denied, EventId, NoticeId, PersonId};

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Which.
    pub id: NoticeId,
    /// Counts the changes.
    pub version: i64,
    /// To whom.
    pub person: PersonId,
    /// About which event; one notice a person, event and key.
    pub event: EventId,
    /// The message, as a key of the translations (`notice-<key>`).
    pub key: String,
    /// The arguments of the message: numbers and titles, never data.
    pub args: std::collections::BTreeMap<String, String>,
    /// Where it leads, a path of the portal.
    pub link: String,
    /// When it was written.
    pub at: Timestamp,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// When its mail was handed over.
    pub mailed_at: Option<Timestamp>,
}

/// Proves that the person may read the notice.
#[derive(Debug)]
pub struct ReadPermit<'a> {
    notice: &'a Notice,
}

/// Everybody reads their own notices; others' do not exist for them.
pub fn may_read<'a>(actor: &Actor, notice: &'a Notice) -> Result<ReadPermit<'a>, Denied> {
    if notice.person == actor.id { Ok(ReadPermit { notice }) } else { Err(Denied::Hidden) }
}

impl ReadPermit<'_> {
    /// Marks it as read. The first reading counts.
    pub fn read(self, at: Timestamp) -> Notice {
        let mut notice = self.notice.clone();
        notice.read_at.get_or_insert(at);
        notice
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn notice(person: PersonId) -> Notice {
        Notice {
            id: NoticeId(Uuid::nil()),
            version: 0,
            person,
            event: EventId(Uuid::nil()),
            key: "export-sealed".to_owned(),
            args: std::collections::BTreeMap::new(),
            link: "/".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            read_at: None,
            mailed_at: None,
        }
    }

    fn actor(id: PersonId) -> Actor {
        Actor { id, roles: vec![], works_in: vec![], may_act: true, is_enrolled: true }
    }

    #[test]
    fn a_notice_is_read_by_its_person_alone_and_once() {
        let (me, other) = (PersonId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(2)));
        let unread = notice(me);
        assert_eq!(may_read(&actor(other), &unread).unwrap_err(), Denied::Hidden);
        let first: Timestamp = "2026-11-02T10:00:00Z".parse().unwrap();
        let read = may_read(&actor(me), &unread).unwrap().read(first);
        assert_eq!(read.read_at, Some(first));
        let again = may_read(&actor(me), &read).unwrap().read(Timestamp::MAX);
        assert_eq!(again.read_at, Some(first));
    }
}
