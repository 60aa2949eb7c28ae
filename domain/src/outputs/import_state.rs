//! Where an import stands.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::PersonId;

/// Where an import stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ImportState {
    /// A checker must look at it.
    InReview,
    /// A checker let it in; the centre brings it.
    Accepted {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
        /// What the checker says to the author.
        comment: String,
    },
    /// It lies in the bubble.
    Delivered {
        /// Who let it in.
        by: PersonId,
        /// Since.
        at: Timestamp,
        /// What the checker said to the author.
        comment: String,
    },
    /// A checker let it in, and the centre could not bring it: it can be sent again.
    Failed {
        /// Who let it in.
        by: PersonId,
        /// When it failed.
        at: Timestamp,
        /// What the checker said to the author.
        comment: String,
        /// Why.
        why: Undelivered,
    },
    /// A checker kept it out; its bytes are gone.
    Refused {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
        /// Why.
        comment: String,
    },
    /// Its author took it back; its bytes are gone.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
}

/// Why an accepted file did not come into its bubble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undelivered {
    /// The file on the centre's disk is gone, or is not what was accepted.
    FileAltered,
    /// The bubble's disk, or the host's, is full.
    NoRoom,
    /// The bubble takes nothing in any more.
    BubbleClosed,
}

impl Undelivered {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::FileAltered => "file_altered",
            Self::NoRoom => "no_room",
            Self::BubbleClosed => "bubble_closed",
        }
    }
}

impl ImportState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::InReview => "in_review",
            Self::Accepted { .. } => "accepted",
            Self::Delivered { .. } => "delivered",
            Self::Failed { .. } => "failed",
            Self::Refused { .. } => "refused",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}
