//! One person at work in one bubble through one display, and its recording (JOURNEYS 1.14).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ApplicationId, BubbleId, PersonId, ReplayId, SessionId};

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Counts the changes.
    pub version: i64,
    /// In which bubble.
    pub bubble: BubbleId,
    /// Of which project.
    pub application: ApplicationId,
    /// Who.
    pub person: PersonId,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Where it stands.
    pub state: SessionState,
}

/// Where a session stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum SessionState {
    /// The display is open and recorded.
    Open,
    /// Ended by the person or the end of the program.
    Ended {
        /// When.
        at: Timestamp,
        /// The recording.
        recording: Recording,
    },
    /// Ended by the centre: a right ended, the recorder failed, the time was over.
    Cut {
        /// When.
        at: Timestamp,
        /// Why, as a stable word.
        cause: String,
        /// The recording.
        recording: Recording,
    },
}

/// A sealed recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// SHA-256 of the asciicast file, hexadecimal; sealed with the session's end.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// How long the session lasted, in milliseconds.
    pub duration_ms: u64,
}

impl SessionState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ended { .. } => "ended",
            Self::Cut { .. } => "cut",
        }
    }
}

/// A request to replay a recording, with its reason; each view is an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// Which.
    pub id: ReplayId,
    /// Counts the changes.
    pub version: i64,
    /// Of which session.
    pub session: SessionId,
    /// Who asks.
    pub by: PersonId,
    /// Why.
    pub reason: String,
    /// When.
    pub asked_at: Timestamp,
    /// When it was viewed last.
    pub viewed_at: Option<Timestamp>,
}
