//! An export request (JOURNEYS 1.17): files that ask to leave a bubble.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ApplicationId, BubbleId, ExportId, PersonId, RuleSetId};

/// An export request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Which.
    pub id: ExportId,
    /// Counts the changes.
    pub version: i64,
    /// Out of which bubble.
    pub bubble: BubbleId,
    /// Of which project.
    pub application: ApplicationId,
    /// Who asks.
    pub author: PersonId,
    /// What it is for.
    pub title: String,
    /// The groups of files.
    pub groups: Vec<Group>,
    /// The turn: 1 at the first sealing, one more at each resealing.
    pub turn: u32,
    /// The rule sets in force when it was sealed, one a producer.
    pub rule_sets: Vec<RuleSetId>,
    /// How many checkers must vote, by the strictest rule set.
    pub reviewers: usize,
    /// Whether refused files may be left out of a release.
    pub partial: bool,
    /// Public comments of returned turns and other messages to the author.
    pub comments: Vec<Comment>,
    /// Who took what.
    pub takings: Vec<Taking>,
    /// Where it stands.
    pub state: ExportState,
}

/// Files that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Group {
    /// A short name.
    pub name: String,
    /// What is in it: population, filter, unit counted.
    pub context: String,
    /// What was done to protect.
    pub controls: String,
    /// The files.
    pub files: Vec<ExportFile>,
}

/// A file as frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportFile {
    /// Its path below `exports/`.
    pub path: String,
    /// SHA-256 of the frozen copy; empty in a draft.
    pub sha256: String,
    /// Length in bytes of the frozen copy.
    pub bytes: u64,
    /// What the engine found, as it gives it (`disclosure::FileReport`); null before the scan.
    pub report: serde_json::Value,
    /// Withdrawn by the author in a later turn.
    pub withdrawn: bool,
}

/// A public comment to the author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// In which turn.
    pub turn: u32,
    /// About which file, if one.
    pub path: Option<String>,
    /// What.
    pub text: String,
}

/// A checker's vote on every file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Who.
    pub checker: PersonId,
    /// One choice for each file that is not withdrawn.
    pub files: Vec<FileVote>,
    /// When.
    pub at: Timestamp,
}

/// A checker's vote on one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileVote {
    /// The file.
    pub path: String,
    /// The choice.
    pub choice: Choice,
    /// Why; needed where a change is asked or the file refused.
    pub comment: String,
}

/// What a checker says of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// It may leave.
    Approve,
    /// It must change first.
    Change,
    /// It may not leave.
    Refuse,
}

/// Who took which file out of the portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taking {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Which file.
    pub path: String,
    /// Its SHA-256.
    pub sha256: String,
    /// From which address.
    pub address: String,
}

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
        /// The votes of this turn.
        votes: Vec<Vote>,
    },
    /// Votes are side by side.
    ReviewConsolidation {
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
        /// Why, from the list and in words.
        reason: String,
    },
    /// The release is put together.
    Releasing {
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
        /// What went wrong, without data.
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
