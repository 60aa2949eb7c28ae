//! An export request (JOURNEYS 1.17): files that ask to leave a bubble.
//!
//! Here are its parts and its states; who sees how much of it is in `export_sight.rs`, the acts are in `export_author.rs` (create, edit, seal,
//! withdraw, take), `export_review.rs` (checkers), `export_route.rs` (which way it goes) and `export_release.rs` (the
//! centre, revocation).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::export_route::Routed;
pub use super::{
    export_sight::{may_see, may_see_content, may_see_words},
    export_state::ExportState,
};

use crate::{
    Actor, ApplicationId, BubbleId, ExportId, PersonId, ProducerId, Role, RuleSetId, WrongState,
};

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
    /// 1, 2, ... within the project.
    pub number: u32,
    /// What it is for.
    pub title: String,
    /// The groups of files.
    pub groups: Vec<Group>,
    /// The turn: 1 at the first sealing, one more at each resealing.
    pub turn: u32,
    /// The rule sets in force when it was sealed, one a producer.
    pub rule_sets: Vec<RuleSetId>,
    /// Whose data the project used when it was sealed, by whose rules it is judged; unknown of requests
    /// that were sealed before this was kept, and of drafts.
    #[serde(default)]
    pub producers: Option<Vec<ProducerId>>,
    /// The strictest values of these rule sets and which of them gave each, as the engine writes
    /// them (`disclosure::Strictest`); null in a draft.
    #[serde(default)]
    pub rules: serde_json::Value,
    /// How many checkers must vote, by the strictest rule set.
    pub reviewers: usize,
    /// Whether refused files may be left out of a release.
    pub partial: bool,
    /// Public comments of returned turns and other messages to the author.
    pub comments: Vec<Comment>,
    /// Who took what.
    pub takings: Vec<Taking>,
    /// The way it went in its present or last turn, once the engine had looked at it.
    #[serde(default)]
    pub routed: Option<Routed>,
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
    /// Whether it asks to leave or only explains.
    #[serde(default)]
    pub kind: FileKind,
    /// SHA-256 of the frozen copy; empty in a draft.
    pub sha256: String,
    /// Length in bytes of the frozen copy.
    pub bytes: u64,
    /// A summary of what the engine found; the whole report lies beside the frozen copy.
    #[serde(default)]
    pub report: Option<Summary>,
    /// Withdrawn by the author in a later turn.
    pub withdrawn: bool,
    /// Checkers whose approval of an earlier turn still holds, because the bytes are the same.
    #[serde(default)]
    pub kept: Vec<PersonId>,
}

/// What a file is in a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// It asks to leave: checkers vote on it.
    #[default]
    Output,
    /// Shown to checkers, never released.
    Supporting,
    /// A program that made an output: shown to checkers, never released.
    Code,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Output, Self::Supporting, Self::Code];

    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Output => "output",
            Self::Supporting => "supporting",
            Self::Code => "code",
        }
    }

    /// Reads its stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What the engine found in a file, in a few words and counts: no cell of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// `safe`, `review` or `refuse`.
    pub decision: String,
    /// What its content is, e.g. `text_table`.
    pub kind: String,
    /// Whether a parser read all of it.
    pub checked: bool,
    /// How many findings are errors.
    pub errors: usize,
    /// How many findings are warnings.
    pub warnings: usize,
    /// The rules that fired with an error or a warning, the gravest first, each once.
    pub rules: Vec<String>,
    /// How many tables the rules could look at.
    #[serde(default)]
    pub tables: usize,
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

impl Choice {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Change, Self::Refuse];

    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Change => "change",
            Self::Refuse => "refuse",
        }
    }

    /// Reads its stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// What all votes together say of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every vote needed is in and approves.
    Approved,
    /// Every vote asks for a change.
    ChangesRequested,
    /// Every vote refuses.
    Refused,
    /// The votes differ.
    Conflicted,
    /// Votes are missing.
    Incomplete,
}

impl Outcome {
    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::ChangesRequested => "changes_requested",
            Self::Refused => "refused",
            Self::Conflicted => "conflicted",
            Self::Incomplete => "incomplete",
        }
    }
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

impl Export {
    /// Every file in the order of the groups; its place in this list is its number in addresses
    /// and in the frozen folder.
    pub fn files(&self) -> impl Iterator<Item = &ExportFile> {
        self.groups.iter().flat_map(|group| &group.files)
    }

    /// Every file, to change it.
    pub(super) fn files_mut(&mut self) -> impl Iterator<Item = &mut ExportFile> {
        self.groups.iter_mut().flat_map(|group| &mut group.files)
    }

    /// The files that ask to leave: checkers vote on each.
    pub fn outputs(&self) -> impl Iterator<Item = &ExportFile> {
        self.files().filter(|file| file.kind == FileKind::Output && !file.withdrawn)
    }

    /// The votes that stand in the state, whoever may see them.
    pub(super) fn votes(&self) -> &[Vote] {
        match &self.state {
            ExportState::ReviewIndependent { votes, .. }
            | ExportState::ReviewConsolidation { votes, .. }
            | ExportState::Returned { votes }
            | ExportState::Approved { votes }
            | ExportState::PartlyApproved { votes, .. }
            | ExportState::Releasing { votes, .. } => votes,
            _ => &[],
        }
    }

    /// The votes that `reader` may see. Blind until all are in (decision 4): while checkers vote,
    /// each sees their own alone. Author and members of the project never see any.
    pub fn votes_shown_to(&self, reader: &Actor) -> Vec<&Vote> {
        let reads = [Role::Checker, Role::CheckerLead, Role::Auditor];
        let own_project = reader.works_in(self.application) || reader.id == self.author;
        if own_project || reader.needs(&reads).is_err() {
            return Vec::new();
        }
        let blind = matches!(self.state, ExportState::ReviewIndependent { .. });
        self.votes().iter().filter(|vote| !blind || vote.checker == reader.id).collect()
    }

    /// What `votes` and the approvals kept from earlier turns say of a file together.
    pub fn outcome(&self, file: &ExportFile, votes: &[Vote]) -> Outcome {
        if self.is_automatic() && votes.is_empty() {
            return Outcome::Approved;
        }
        let said = |vote: &Vote| {
            let own = vote.files.iter().find(|choice| choice.path == file.path)?;
            Some((vote.checker, own.choice))
        };
        let given: Vec<(PersonId, Choice)> = votes.iter().filter_map(said).collect();
        let kept = file.kept.iter().filter(|kept| given.iter().all(|(who, _)| who != *kept));
        let choices: Vec<Choice> =
            given.iter().map(|(_, choice)| *choice).chain(kept.map(|_| Choice::Approve)).collect();
        match choices.split_first() {
            None => Outcome::Incomplete,
            Some((first, rest)) if rest.iter().any(|choice| choice != first) => Outcome::Conflicted,
            Some((Choice::Approve, _)) if choices.len() < self.reviewers => Outcome::Incomplete,
            Some((Choice::Approve, _)) => Outcome::Approved,
            Some((Choice::Change, _)) => Outcome::ChangesRequested,
            Some((Choice::Refuse, _)) => Outcome::Refused,
        }
    }

    /// What the standing votes say of each output, once they may be seen together.
    pub fn outcomes(&self) -> Vec<(&ExportFile, Outcome)> {
        let votes = self.votes();
        self.outputs().map(|file| (file, self.outcome(file, votes))).collect()
    }

    /// The refusal of an act that the state does not allow.
    pub(super) fn wrong(&self, verb: &'static str) -> WrongState {
        WrongState { verb, noun: "export", state: self.state.name() }
    }

    /// The same in another state.
    pub(super) fn in_state(&self, state: ExportState) -> Self {
        Self { state, ..self.clone() }
    }
}
