//! What the centre does with an export by itself, and what ends a release (JOURNEYS 1.17).
//!
//! The steps of the centre take no permit: no person may ask for them. They are called by the
//! scan, the release and the clock of `workflows/src/outputs/` alone.

use jiff::{SignedDuration, Timestamp};

use super::export::{Export, ExportState, Outcome, Summary, Vote};
use super::export_review::{outside, written};
use super::export_route::Because;
use crate::{Actor, Denied, PersonId, Refusal, Role, WrongState};

/// How long a release may be picked up: 15 days (JOURNEYS 3.2, the reference service's value).
pub const PICK_UP: SignedDuration = SignedDuration::from_hours(15 * 24);

impl Export {
    /// The engine starts.
    pub fn start_scan(&self) -> Result<Self, WrongState> {
        match self.state {
            ExportState::Sealed { at } => {
                Ok(self.in_state(ExportState::Scanning { sealed_at: at }))
            }
            _ => Err(self.wrong("start_scan")),
        }
    }

    /// A hard limit was met.
    pub fn block(&self, reason: String, reports: Vec<Option<Summary>>) -> Result<Self, WrongState> {
        match self.state {
            ExportState::Scanning { .. } => Ok(self
                .with_reports(reports)
                .in_state(ExportState::Blocked { reason, examined: None })),
            _ => Err(self.wrong("block")),
        }
    }

    /// Every file has its findings; `reports` in the order of [`Export::files`].
    pub fn score(&self, reports: Vec<Option<Summary>>) -> Result<Self, WrongState> {
        match self.state {
            ExportState::Scanning { sealed_at } => {
                Ok(self.with_reports(reports).in_state(ExportState::Scored { sealed_at }))
            }
            _ => Err(self.wrong("score")),
        }
    }

    /// What has left meanwhile raises something in it that nobody knew who approved it: people vote
    /// again, by the reports of the new comparison.
    pub fn reopen(&self, reports: Vec<Option<Summary>>, at: Timestamp) -> Result<Self, WrongState> {
        match &self.state {
            ExportState::Releasing { votes, .. } => {
                Ok(self.with_reports(reports).open_again(votes, Because::Beside, at))
            }
            _ => Err(self.wrong("reopen")),
        }
    }

    /// The same before its approval: with the votes that were, or in the queue where there was none.
    pub(super) fn open_again(&self, votes: &[Vote], because: Because, at: Timestamp) -> Self {
        if votes.is_empty() {
            return self.queued_again(because, at);
        }
        self.in_state(ExportState::ReviewConsolidation { since: at, votes: votes.to_vec() })
    }

    fn with_reports(&self, reports: Vec<Option<Summary>>) -> Self {
        let mut next = self.clone();
        for (file, report) in next.files_mut().zip(reports) {
            file.report = report;
        }
        next
    }

    /// The release is put together.
    pub fn start_release(&self) -> Result<Self, WrongState> {
        let (ExportState::Approved { votes } | ExportState::PartlyApproved { votes, .. }) =
            &self.state
        else {
            return Err(self.wrong("start_release"));
        };
        let approved = |(_, outcome): &(_, Outcome)| *outcome == Outcome::Approved;
        let files = self.outcomes().into_iter().filter(approved);
        let files = files.map(|(file, _)| file.path.clone()).collect();
        Ok(self.in_state(ExportState::Releasing { votes: votes.clone(), files }))
    }

    /// The evidence is sealed: the author may pick it up for 15 days.
    pub fn finish_release(&self, at: Timestamp) -> Result<Self, WrongState> {
        let ExportState::Releasing { files, .. } = &self.state else {
            return Err(self.wrong("finish_release"));
        };
        let until = at.checked_add(PICK_UP).unwrap_or(Timestamp::MAX);
        Ok(self.in_state(ExportState::Available { files: files.clone(), until }))
    }

    /// The 15 days are over.
    pub fn expire(&self, now: Timestamp) -> Result<Self, WrongState> {
        match self.state {
            ExportState::Available { until, .. } | ExportState::Collected { until, .. }
                if until <= now =>
            {
                Ok(self.in_state(ExportState::Expired))
            }
            _ => Err(self.wrong("expire")),
        }
    }

    /// A step of the centre failed: an operator's task.
    pub fn fail(&self, reason: String) -> Result<Self, WrongState> {
        match self.state {
            ExportState::Scanning { .. } | ExportState::Releasing { .. } => {
                let (step, before) = (self.state.name().to_owned(), Box::new(self.state.clone()));
                Ok(self.in_state(ExportState::Failed { step, reason, before }))
            }
            _ => Err(self.wrong("fail")),
        }
    }
}

/// Leave to try a failed step again.
#[derive(Debug)]
pub struct RetryPermit<'a>(&'a Export);

/// Operators retry; they see the step that failed and nothing of the content.
pub fn may_retry<'a>(actor: &Actor, export: &'a Export) -> Result<RetryPermit<'a>, Denied> {
    actor.needs(&[Role::Operator])?;
    Ok(RetryPermit(export))
}

impl RetryPermit<'_> {
    /// Goes back to the step that failed.
    pub fn retry(self) -> Result<Export, WrongState> {
        match &self.0.state {
            ExportState::Failed { before, .. } => Ok(self.0.in_state((**before).clone())),
            _ => Err(self.0.wrong("retry")),
        }
    }
}

/// Leave to revoke a release.
#[derive(Debug)]
pub struct RevokePermit<'a> {
    by: PersonId,
    export: &'a Export,
}

/// The checkers' lead (outside the project) and the security officer revoke.
pub fn may_revoke<'a>(actor: &Actor, export: &'a Export) -> Result<RevokePermit<'a>, Denied> {
    let officer = outside(actor, export, Role::SecurityOfficer);
    if officer != Err(Denied::OwnProject) && actor.has(Role::SecurityOfficer) {
        officer?;
        return Ok(RevokePermit { by: actor.id, export });
    }
    outside(actor, export, Role::CheckerLead)?;
    Ok(RevokePermit { by: actor.id, export })
}

impl RevokePermit<'_> {
    /// Closes the pick-up; who took what stays listed.
    pub fn revoke(self, reason: String, at: Timestamp) -> Result<Export, Refusal> {
        match self.export.state {
            ExportState::Available { .. }
            | ExportState::Collected { .. }
            | ExportState::Expired => {}
            _ => return Err(self.export.wrong("revoke").into()),
        }
        written("reason", &reason)?;
        Ok(self.export.in_state(ExportState::Revoked { by: self.by, at, reason }))
    }
}
