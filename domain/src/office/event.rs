//! An entry of the audit trail (JOURNEYS 0 and 3.4). Written with its change, then sealed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{EventId, PersonId};

/// What happened, to what, by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Which.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// `family.verb`, e.g. `export.sealed`.
    pub kind: String,
    /// Who; nobody for the centre's own clock.
    pub actor: Option<PersonId>,
    /// The noun of the object, e.g. `export`.
    pub noun: String,
    /// The object.
    pub object: Uuid,
    /// Why, where a reason was asked for.
    pub reason: Option<String>,
    /// What else is true of it; personal or confidential payload stays in the database, only its
    /// salted commitment is sealed.
    pub payload: serde_json::Value,
}
