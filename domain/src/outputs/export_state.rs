//! The states of an export (JOURNEYS 1.17).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::export::Vote;
use super::quarantine::Examined;
use crate::PersonId;

/// Where an export stands; each state carries what is true in it and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ExportState {
    /// Being put together.
    Draft,
    /// Copied, hashed, frozen.
    Sealed {
        /// When.
        at: Timestamp,
    },
    /// The engine looks at each file.
    Scanning {
        /// When it was sealed.
        sealed_at: Timestamp,
    },
    /// A hard limit was met: nothing of this request leaves.
    Blocked {
        /// Why.
        reason: String,
        /// What it was found to be; until then it is in quarantine.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        examined: Option<Examined>,
    },
    /// Every file has its findings.
    Scored {
        /// When it was sealed.
        sealed_at: Timestamp,
    },
    /// Waits for a checker.
    Queued {
        /// Since when; the age in the queue.
        since: Timestamp,
    },
    /// Checkers vote; votes are hidden from the others until all are in.
    ReviewIndependent {
        /// When it entered the queue.
        since: Timestamp,
        /// How many votes are needed.
        needed: usize,
        /// Who has taken the review, voted or not.
        assigned: Vec<PersonId>,
        /// The votes of this turn.
        votes: Vec<Vote>,
    },
    /// Votes are side by side.
    ReviewConsolidation {
        /// When it entered the queue.
        since: Timestamp,
        /// The votes of this turn.
        votes: Vec<Vote>,
    },
    /// The author changes and seals again.
    Returned {
        /// The votes of the last turn: unchanged approved files keep theirs.
        votes: Vec<Vote>,
    },
    /// Every file may leave.
    Approved {
        /// The votes.
        votes: Vec<Vote>,
    },
    /// Some files may leave.
    PartlyApproved {
        /// The votes.
        votes: Vec<Vote>,
        /// The files that may not.
        refused: Vec<String>,
    },
    /// Nothing may leave.
    Refused {
        /// Why: one of [`super::export_review::REFUSALS`].
        cause: String,
        /// Why, in words for the author.
        reason: String,
    },
    /// The release is put together.
    Releasing {
        /// The votes, for the evidence.
        votes: Vec<Vote>,
        /// The files that may leave.
        files: Vec<String>,
    },
    /// May be picked up by the author until the date.
    Available {
        /// The files that may leave.
        files: Vec<String>,
        /// The end of the 15 days.
        until: Timestamp,
    },
    /// Picked up at least once; may be again until the date.
    Collected {
        /// The files that may leave.
        files: Vec<String>,
        /// The end of the 15 days.
        until: Timestamp,
    },
    /// The 15 days are over; the files are gone from the portal.
    Expired,
    /// Taken back by the author.
    Withdrawn,
    /// Taken back after release.
    Revoked {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// A step of the centre failed; the operator retries it.
    Failed {
        /// The step: `scanning` or `releasing`.
        step: String,
        /// What went wrong, as a stable word without data.
        reason: String,
        /// What the state was before.
        before: Box<ExportState>,
    },
}

impl ExportState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Sealed { .. } => "sealed",
            Self::Scanning { .. } => "scanning",
            Self::Blocked { .. } => "blocked",
            Self::Scored { .. } => "scored",
            Self::Queued { .. } => "queued",
            Self::ReviewIndependent { .. } => "review_independent",
            Self::ReviewConsolidation { .. } => "review_consolidation",
            Self::Returned { .. } => "returned",
            Self::Approved { .. } => "approved",
            Self::PartlyApproved { .. } => "partly_approved",
            Self::Refused { .. } => "refused",
            Self::Releasing { .. } => "releasing",
            Self::Available { .. } => "available",
            Self::Collected { .. } => "collected",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Revoked { .. } => "revoked",
            Self::Failed { .. } => "failed",
        }
    }
}
