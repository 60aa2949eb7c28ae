//! The sealed workspace of a project (JOURNEYS 1.13).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ApplicationId, BubbleId, PersonId};

/// A bubble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bubble {
    /// Which.
    pub id: BubbleId,
    /// Counts the changes.
    pub version: i64,
    /// Of which project; one bubble a project.
    pub application: ApplicationId,
    /// A number of its own, from 1: the host gives it a uid and a folder.
    pub number: u32,
    /// The profile's name.
    pub profile: String,
    /// The digest of the software image, once provisioned.
    pub image: Option<String>,
    /// What the last self-test found.
    pub checks: Vec<SelfTest>,
    /// Where it stands.
    pub state: BubbleState,
}

/// One line of a self-test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfTest {
    /// What was tested, as a stable word.
    pub name: String,
    /// Whether it held.
    pub passed: bool,
    /// What was seen.
    pub detail: String,
}

/// Where a bubble stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum BubbleState {
    /// The project was authorised.
    Requested,
    /// Something is missing.
    WaitingPrerequisites {
        /// What, as stable words (`no_member_enrolled`, `no_item_granted`, `no_vintage_available`).
        missing: Vec<String>,
    },
    /// Being made.
    Provisioning,
    /// A step or a self-test failed.
    ProvisionFailed {
        /// What.
        reason: String,
    },
    /// Self-tests passed.
    Ready,
    /// Somebody has worked in it.
    Active {
        /// Since.
        since: Timestamp,
    },
    /// Sessions are cut, data kept.
    Suspended {
        /// Who.
        by: Option<PersonId>,
        /// Why.
        reason: String,
        /// Whether it had been active.
        was_active: bool,
        /// The first of the two persons who restore.
        restore_asked_by: Option<PersonId>,
    },
    /// Read-only for 30 days; last exports.
    Closing {
        /// The end of the 30 days.
        until: Timestamp,
    },
    /// Producers' data removed, project files kept until the date.
    Archived {
        /// The end of retention.
        until: Timestamp,
    },
    /// Gone, with a certificate.
    Deleted {
        /// When.
        at: Timestamp,
        /// What was deleted and how.
        certificate: String,
    },
}

impl BubbleState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::WaitingPrerequisites { .. } => "waiting_prerequisites",
            Self::Provisioning => "provisioning",
            Self::ProvisionFailed { .. } => "provision_failed",
            Self::Ready => "ready",
            Self::Active { .. } => "active",
            Self::Suspended { .. } => "suspended",
            Self::Closing { .. } => "closing",
            Self::Archived { .. } => "archived",
            Self::Deleted { .. } => "deleted",
        }
    }

    /// Whether a person may be at work in it.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Ready | Self::Active { .. } | Self::Closing { .. })
    }
}
