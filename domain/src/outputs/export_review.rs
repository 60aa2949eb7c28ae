//! What checkers do with an export: take it, vote blind, decide together (JOURNEYS 1.17, 2.6).

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::export::{Choice, Comment, Export, ExportState, FileVote, Outcome, Vote};
use super::export_author::{TEXT_CHARS, short};
use super::export_route::Because;
use crate::{Actor, Denied, PersonId, Refusal, Role};

/// The reasons for which a request is refused for good.
pub const REFUSALS: [&str; 5] =
    ["disclosive", "microdata", "identifiers", "out_of_scope", "not_checkable"];

/// Leave to check an export.
#[derive(Debug)]
pub struct ReviewPermit<'a> {
    checker: PersonId,
    export: &'a Export,
}

/// Leave of the checkers' lead.
#[derive(Debug)]
pub struct LeadPermit<'a> {
    lead: PersonId,
    export: &'a Export,
}

/// Checkers outside the project review; author and members never do, whatever else they are.
/// Drafts are not theirs to know of.
pub fn may_review<'a>(actor: &Actor, export: &'a Export) -> Result<ReviewPermit<'a>, Denied> {
    outside(actor, export, Role::Checker)?;
    Ok(ReviewPermit { checker: actor.id, export })
}

/// The lead of the checkers, outside the project.
pub fn may_lead<'a>(actor: &Actor, export: &'a Export) -> Result<LeadPermit<'a>, Denied> {
    outside(actor, export, Role::CheckerLead)?;
    Ok(LeadPermit { lead: actor.id, export })
}

/// Refuses who has not the role or belongs to the project.
pub(super) fn outside(actor: &Actor, export: &Export, role: Role) -> Result<(), Denied> {
    let own = actor.id == export.author || actor.works_in(export.application);
    match export.state {
        _ if own && actor.has(role) => Err(Denied::OwnProject),
        _ if !actor.has(role) => Err(Denied::NeedsRole(role.name())),
        ExportState::Draft => Err(Denied::Hidden),
        _ => Ok(()),
    }
}

impl ReviewPermit<'_> {
    /// Takes the review: the first checker opens it, others join while votes are missing. Taking
    /// twice changes nothing.
    pub fn start(self) -> Result<Export, Refusal> {
        let state = match &self.export.state {
            ExportState::Queued { since } => ExportState::ReviewIndependent {
                since: *since,
                needed: self.export.reviewers,
                assigned: vec![self.checker],
                votes: Vec::new(),
            },
            ExportState::ReviewIndependent { since, needed, assigned, votes } => {
                let mut assigned = assigned.clone();
                if !assigned.contains(&self.checker) {
                    if assigned.len() >= *needed {
                        return Err(Refusal::invalid("review", "review-taken"));
                    }
                    assigned.push(self.checker);
                }
                let (since, needed, votes) = (*since, *needed, votes.clone());
                ExportState::ReviewIndependent { since, needed, assigned, votes }
            }
            _ => return Err(self.export.wrong("start").into()),
        };
        Ok(self.export.in_state(state))
    }

    /// Gives the review back, before voting.
    pub fn give_back(self) -> Result<Export, Refusal> {
        let ExportState::ReviewIndependent { votes, .. } = &self.export.state else {
            return Err(self.export.wrong("give_back").into());
        };
        if votes.iter().any(|vote| vote.checker == self.checker) {
            return Err(Denied::AlreadyVoted.into());
        }
        Ok(self.export.without_reviewers(&[self.checker]))
    }

    /// Records the checker's vote; the last one needed opens the consolidation. One vote a person
    /// a turn (decision 4): two reviewers are two persons.
    pub fn submit(self, files: Vec<FileVote>, at: Timestamp) -> Result<Export, Refusal> {
        let ExportState::ReviewIndependent { since, needed, assigned, votes } = &self.export.state
        else {
            return Err(self.export.wrong("review").into());
        };
        if votes.iter().any(|vote| vote.checker == self.checker) {
            return Err(Denied::AlreadyVoted.into());
        }
        if !assigned.contains(&self.checker) {
            return Err(Refusal::invalid("review", "review-not-taken"));
        }
        self.acceptable(&files)?;
        let vote = Vote { checker: self.checker, files, at };
        let (since, needed) = (*since, *needed);
        let votes = [votes.as_slice(), &[vote]].concat();
        let state = if votes.len() < needed {
            ExportState::ReviewIndependent { since, needed, assigned: assigned.clone(), votes }
        } else {
            ExportState::ReviewConsolidation { since, votes }
        };
        Ok(self.export.in_state(state))
    }

    /// Replaces the checker's own vote once the votes are side by side.
    pub fn revise(self, files: Vec<FileVote>, at: Timestamp) -> Result<Export, Refusal> {
        let (since, votes) = self.consolidation("revise")?;
        self.acceptable(&files)?;
        let mut votes = votes.to_vec();
        let own = votes.iter_mut().find(|vote| vote.checker == self.checker);
        let own = own.ok_or(Refusal::invalid("review", "review-not-taken"))?;
        *own = Vote { checker: self.checker, files, at };
        Ok(self.export.in_state(ExportState::ReviewConsolidation { since, votes }))
    }

    /// Sends it back to the author with public comments: at least one that says something.
    pub fn send_back(
        self,
        comments: Vec<(Option<String>, String)>,
        at: Timestamp,
    ) -> Result<Export, Refusal> {
        let (_, votes) = self.consolidation("return")?;
        let state = ExportState::Returned { votes: votes.to_vec() };
        let mut next = self.export.in_state(state);
        next.comment(self.checker, comments, at)?;
        Ok(next)
    }

    /// Approves every file: each has the approvals it needs and none against.
    pub fn approve(self) -> Result<Export, Refusal> {
        let (_, votes) = self.consolidation("approve")?;
        let all = |(_, outcome): &(_, Outcome)| *outcome == Outcome::Approved;
        if !self.export.outcomes().iter().all(all) {
            return Err(Refusal::invalid("votes", "not-all-approved"));
        }
        Ok(self.export.in_state(ExportState::Approved { votes: votes.to_vec() }))
    }

    /// Approves some files and refuses the others, where every rule set allows it.
    pub fn partly_approve(self) -> Result<Export, Refusal> {
        let (_, votes) = self.consolidation("partly_approve")?;
        if !self.export.partial {
            return Err(Refusal::invalid("votes", "no-partial"));
        }
        let outcomes = self.export.outcomes();
        let is = |wanted: Outcome| outcomes.iter().filter(move |(_, outcome)| *outcome == wanted);
        let refused: Vec<String> =
            is(Outcome::Refused).map(|(file, _)| file.path.clone()).collect();
        let approved = is(Outcome::Approved).count();
        if approved == 0 || refused.is_empty() || approved + refused.len() != outcomes.len() {
            return Err(Refusal::invalid("votes", "not-partly-approved"));
        }
        let state = ExportState::PartlyApproved { votes: votes.to_vec(), refused };
        Ok(self.export.in_state(state))
    }

    /// Refuses all of it for good, for a reason of the list and in words for the author.
    pub fn refuse(self, cause: &str, reason: String) -> Result<Export, Refusal> {
        self.consolidation("refuse")?;
        if !REFUSALS.contains(&cause) {
            return Err(Refusal::invalid("cause", "missing"));
        }
        written("reason", &reason)?;
        if !self.export.outcomes().iter().any(|(_, outcome)| *outcome != Outcome::Approved) {
            return Err(Refusal::invalid("votes", "all-approved"));
        }
        Ok(self.export.in_state(ExportState::Refused { cause: cause.to_owned(), reason }))
    }

    /// The votes of a consolidation; only a checker who voted decides in it.
    fn consolidation(&self, verb: &'static str) -> Result<(Timestamp, &[Vote]), Refusal> {
        let ExportState::ReviewConsolidation { since, votes } = &self.export.state else {
            return Err(self.export.wrong(verb).into());
        };
        if votes.iter().any(|vote| vote.checker == self.checker) {
            Ok((*since, votes))
        } else {
            Err(Refusal::invalid("review", "review-not-taken"))
        }
    }

    /// Refuses a vote that leaves out an undecided file, names one twice or one that is not there,
    /// or asks for a change or refuses without saying why.
    fn acceptable(&self, files: &[FileVote]) -> Result<(), Refusal> {
        let mut seen = BTreeSet::new();
        for vote in files {
            let known = self.export.outputs().any(|file| file.path == vote.path);
            if !known || !seen.insert(vote.path.as_str()) {
                return Err(Refusal::invalid("votes", "unknown-file"));
            }
            short("comment", &vote.comment, TEXT_CHARS)?;
            let silent = vote.comment.trim().is_empty();
            if silent && vote.choice != Choice::Approve {
                return Err(Refusal::invalid("comment", "missing"));
            }
            if silent && self.export.needs_words(&vote.path) {
                return Err(Refusal::invalid("comment", "override"));
            }
        }
        let decided =
            |path: &str, kept: usize| kept >= self.export.reviewers || seen.contains(path);
        if self.export.outputs().all(|file| decided(&file.path, file.kept.len())) {
            Ok(())
        } else {
            Err(Refusal::invalid("votes", "undecided"))
        }
    }
}

impl LeadPermit<'_> {
    /// Sends it back while checkers still vote; the votes of this turn are wiped.
    pub fn return_early(
        self,
        comments: Vec<(Option<String>, String)>,
        at: Timestamp,
    ) -> Result<Export, Refusal> {
        let ExportState::ReviewIndependent { .. } = self.export.state else {
            return Err(self.export.wrong("return_early").into());
        };
        let mut next = self.export.in_state(ExportState::Returned { votes: Vec::new() });
        next.comment(self.lead, comments, at)?;
        Ok(next)
    }

    /// Reopens the votes of an approval, before the release; also of one whose release waits or has
    /// failed on the way.
    pub fn recall(self, reason: &str, at: Timestamp) -> Result<Export, Refusal> {
        let state = match &self.export.state {
            ExportState::Failed { before, .. } => before.as_ref(),
            state => state,
        };
        let (ExportState::Approved { votes }
        | ExportState::PartlyApproved { votes, .. }
        | ExportState::Releasing { votes, .. }) = state
        else {
            return Err(self.export.wrong("recall").into());
        };
        written("reason", reason)?;
        Ok(self.export.open_again(votes, Because::Recalled, at))
    }

    /// Takes the review from a checker who has not voted.
    pub fn unassign(self, checker: PersonId) -> Result<Export, Refusal> {
        let ExportState::ReviewIndependent { votes, .. } = &self.export.state else {
            return Err(self.export.wrong("unassign").into());
        };
        if votes.iter().any(|vote| vote.checker == checker) {
            return Err(Denied::AlreadyVoted.into());
        }
        Ok(self.export.without_reviewers(&[checker]))
    }
}

impl Export {
    /// The same without the reviews and votes of `people` who have become members of the project;
    /// `None` where there are none. Approvals that were kept go too.
    pub fn unassign_members(&self, people: &[PersonId]) -> Option<Self> {
        let open = matches!(
            self.state,
            ExportState::ReviewIndependent { .. }
                | ExportState::ReviewConsolidation { .. }
                | ExportState::Returned { .. }
                | ExportState::Queued { .. }
                | ExportState::Approved { .. }
                | ExportState::PartlyApproved { .. }
        );
        let concerned = !self.reviewers_among(people).is_empty();
        (open && concerned).then(|| self.without_reviewers(people))
    }

    /// Those of `people` who have taken the review, voted, or whose approval was kept; each once.
    pub fn reviewers_among(&self, people: &[PersonId]) -> Vec<PersonId> {
        self.readers().into_iter().filter(|person| people.contains(person)).collect()
    }

    /// Who has taken the review, voted, or whose approval was kept; each once.
    pub fn readers(&self) -> BTreeSet<PersonId> {
        let reviews = match &self.state {
            ExportState::ReviewIndependent { assigned, .. } => assigned.clone(),
            _ => self.votes().iter().map(|vote| vote.checker).collect(),
        };
        let kept = self.files().flat_map(|file| &file.kept);
        reviews.iter().chain(kept).copied().collect()
    }

    /// Takes reviews, votes and kept approvals of `people` away: votes are then missing again.
    fn without_reviewers(&self, people: &[PersonId]) -> Self {
        let stays = |person: &PersonId| !people.contains(person);
        let kept_votes = |votes: &[Vote]| -> Vec<Vote> {
            votes.iter().filter(|vote| stays(&vote.checker)).cloned().collect()
        };
        let mut next = self.clone();
        for file in next.files_mut() {
            file.kept.retain(stays);
        }
        let reopened = |since: Timestamp, votes: Vec<Vote>, assigned: Vec<PersonId>| {
            if assigned.is_empty() {
                ExportState::Queued { since }
            } else {
                let needed = self.reviewers;
                ExportState::ReviewIndependent { since, needed, assigned, votes }
            }
        };
        next.state = match &self.state {
            ExportState::ReviewIndependent { since, assigned, votes, .. } => {
                let assigned = assigned.iter().copied().filter(stays).collect();
                reopened(*since, kept_votes(votes), assigned)
            }
            ExportState::ReviewConsolidation { since, votes } => {
                let votes = kept_votes(votes);
                let assigned = votes.iter().map(|vote| vote.checker).collect();
                reopened(*since, votes, assigned)
            }
            ExportState::Approved { votes } | ExportState::PartlyApproved { votes, .. } => {
                let since = votes.iter().map(|vote| vote.at).max().unwrap_or_default();
                let votes = kept_votes(votes);
                let assigned = votes.iter().map(|vote| vote.checker).collect();
                reopened(since, votes, assigned)
            }
            ExportState::Returned { votes } => ExportState::Returned { votes: kept_votes(votes) },
            other => other.clone(),
        };
        next
    }

    /// Whether an approval of this file must say why: the engine refused it or could not read it,
    /// and nothing but a person's word stands against that.
    fn needs_words(&self, path: &str) -> bool {
        let reports = self.files().filter(|file| file.path == path);
        let mut reports = reports.filter_map(|file| file.report.as_ref());
        reports.any(|report| report.errors > 0 || !report.checked)
    }

    /// Adds public comments; refuses when none says anything.
    fn comment(
        &mut self,
        by: PersonId,
        comments: Vec<(Option<String>, String)>,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let turn = self.turn;
        let before = self.comments.len();
        for (path, text) in comments {
            short("comment", &text, TEXT_CHARS)?;
            if path.as_ref().is_some_and(|path| self.files().all(|file| file.path != *path)) {
                return Err(Refusal::invalid("comment", "unknown-file"));
            }
            if !text.trim().is_empty() {
                self.comments.push(Comment { by, at, turn, path, text });
            }
        }
        if self.comments.len() > before {
            Ok(())
        } else {
            Err(Refusal::invalid("public", "missing"))
        }
    }
}

/// Refuses an empty or endless reason.
pub(super) fn written(field: &'static str, text: &str) -> Result<(), Refusal> {
    short(field, text, TEXT_CHARS)?;
    if text.trim().is_empty() { Err(Refusal::invalid(field, "missing")) } else { Ok(()) }
}
