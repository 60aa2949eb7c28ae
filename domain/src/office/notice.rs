//! A message to a person about an event (JOURNEYS 3.3): in-app and by mail, with a link and no data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{EventId, NoticeId, PersonId};

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
