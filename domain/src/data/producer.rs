//! An organisation that owns sources and has the final say on them.

use serde::{Deserialize, Serialize};

use crate::{ProducerId, Text};

/// A producer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Producer {
    /// Which.
    pub id: ProducerId,
    /// Counts the changes.
    pub version: i64,
    /// The short name used in addresses and folders: lower-case letters, digits and `-`.
    pub slug: String,
    /// The full name.
    pub name: Text,
    /// Whom to write to.
    pub contact: String,
    /// Whether consultation may go on when the producer stays silent past the target date.
    pub silence_goes_on: bool,
    /// Questions that the producer asks in each application.
    pub questions: Vec<Text>,
}
