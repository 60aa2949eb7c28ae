//! What a checker says of one finding: that it holds, or that it does not, and why.

use serde::{Deserialize, Serialize};

use super::export::{Export, ExportState};
use super::export_author::{TEXT_CHARS, short};
use super::export_review::{outside, written};
use crate::{Actor, PersonId, Refusal, Role};

/// A checker's word on a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// The finding holds.
    Accepted,
    /// The rule is wrong here.
    Contested,
}

impl Judgement {
    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Contested => "contested",
        }
    }

    /// Reads its stable name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Accepted, Self::Contested].into_iter().find(|one| one.name() == name)
    }

    /// The kind of the event that records it.
    pub fn event(self) -> &'static str {
        match self {
            Self::Accepted => "finding.accepted",
            Self::Contested => "finding.contested",
        }
    }
}

/// Refuses who may not judge the findings of an export: only a checker who has taken its review in
/// this turn, until it is decided.
///
/// # Errors
/// Who is no checker or of the project; who has not taken it; a state in which nobody votes.
pub fn may_judge(actor: &Actor, export: &Export) -> Result<(), Refusal> {
    outside(actor, export, Role::Checker)?;
    if export.reads_now(actor.id) { Ok(()) } else { Err(export.wrong("judge").into()) }
}

/// Refuses a contest without a word: it says that a rule is wrong.
///
/// # Errors
/// No word, or one that is too long.
pub fn check_word(judgement: Judgement, word: &str) -> Result<(), Refusal> {
    match judgement {
        Judgement::Accepted => short("word", word, TEXT_CHARS),
        Judgement::Contested => written("word", word),
    }
}

/// Whether `reader` may see what checkers said of findings: as votes, each their own alone while
/// they vote; never the author or the project.
pub fn is_shown(reader: &Actor, export: &Export, by: PersonId) -> bool {
    let reads = [Role::Checker, Role::CheckerLead, Role::Auditor];
    let own_project = reader.works_in(export.application) || reader.id == export.author;
    let blind =
        matches!(export.state, ExportState::Queued { .. } | ExportState::ReviewIndependent { .. });
    !own_project && reader.needs(&reads).is_ok() && (!blind || by == reader.id)
}

impl Export {
    /// Whether the person has taken the review in this turn and it is not decided.
    pub(super) fn reads_now(&self, person: PersonId) -> bool {
        match &self.state {
            ExportState::ReviewIndependent { assigned, .. } => assigned.contains(&person),
            ExportState::ReviewConsolidation { votes, .. } => {
                votes.iter().any(|vote| vote.checker == person)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contest_needs_a_word_and_names_read_back() {
        assert!(check_word(Judgement::Accepted, "").is_ok());
        assert_eq!(check_word(Judgement::Contested, " "), Err(Refusal::invalid("word", "missing")));
        assert!(check_word(Judgement::Contested, "a year, no count").is_ok());
        let long = "x".repeat(TEXT_CHARS + 1);
        assert!(check_word(Judgement::Accepted, &long).is_err());
        for one in [Judgement::Accepted, Judgement::Contested] {
            assert_eq!(Judgement::parse(one.name()), Some(one));
            assert!(one.event().ends_with(one.name()));
        }
        assert_eq!(Judgement::parse("maybe"), None);
    }
}
