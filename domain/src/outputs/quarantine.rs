//! What a hard limit holds back is kept apart until somebody trained has looked at it (CNIL reference
//! methodology MR-005, SEC-EXP-3: an automatic control raises an alert and puts what it refuses into
//! quarantine, where an authorised person checks it). Nothing of it leaves, whatever they find.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::export::{Export, ExportState};
use super::export_review::{outside, written};
use crate::{Actor, Denied, PersonId, Refusal, Role};

/// What a blocked request was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Confidential data, put there without intent.
    Mistake,
    /// An attempt to take out what may not leave: an incident.
    Attempt,
    /// Nothing confidential: the control is wrong here.
    FalseAlarm,
}

impl Finding {
    /// In the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Mistake, Self::Attempt, Self::FalseAlarm];

    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mistake => "mistake",
            Self::Attempt => "attempt",
            Self::FalseAlarm => "false_alarm",
        }
    }

    /// Reads its stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// Who looked at a blocked request, and what they found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examined {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// What it was.
    pub found: Finding,
    /// In words.
    pub note: String,
}

/// Leave to examine what is in quarantine.
#[derive(Debug)]
pub struct ExaminePermit<'a> {
    by: PersonId,
    export: &'a Export,
}

/// The lead of the checkers examines, outside the project.
pub fn may_examine<'a>(actor: &Actor, export: &'a Export) -> Result<ExaminePermit<'a>, Denied> {
    outside(actor, export, Role::CheckerLead)?;
    Ok(ExaminePermit { by: actor.id, export })
}

impl ExaminePermit<'_> {
    /// Says what it was; it stays blocked.
    ///
    /// # Errors
    /// It is not blocked, somebody has said it, or the note is missing.
    pub fn examine(self, found: Finding, note: &str, at: Timestamp) -> Result<Export, Refusal> {
        let ExportState::Blocked { reason, examined: None } = &self.export.state else {
            return Err(self.export.wrong("examine").into());
        };
        written("note", note)?;
        let examined = Some(Examined { by: self.by, at, found, note: note.trim().to_owned() });
        Ok(self.export.in_state(ExportState::Blocked { reason: reason.clone(), examined }))
    }
}

impl Export {
    /// Whether it is blocked and nobody has said yet what it was.
    pub fn is_in_quarantine(&self) -> bool {
        matches!(self.state, ExportState::Blocked { examined: None, .. })
    }
}
