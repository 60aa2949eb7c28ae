//! What the author of an export does with it: create, edit, seal, withdraw, take (JOURNEYS 1.17).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::export::{Choice, Export, ExportState, FileKind, Group, Taking};
use crate::{Actor, Denied, ExportId, PersonId, ProducerId, Refusal, RuleSetId, settings::Bubble};

/// Characters of a title at most.
pub const TITLE_CHARS: usize = 200;
/// Characters of a group's name at most.
pub const NAME_CHARS: usize = 100;
/// Characters of a longer text at most: context, controls, comments, reasons.
pub const TEXT_CHARS: usize = 5000;
/// Groups of a request at most.
pub const GROUPS: usize = 20;

/// Leave to start an export out of a bubble.
#[derive(Debug)]
pub struct CreatePermit<'a> {
    author: PersonId,
    bubble: &'a Bubble,
}

/// Members with a live habilitation take results out of an open bubble. `habilitated` says whether
/// the actor's habilitation covers the bubble now.
pub fn may_create<'a>(
    actor: &Actor,
    bubble: &'a Bubble,
    habilitated: bool,
) -> Result<CreatePermit<'a>, Denied> {
    match actor.works_in(bubble.application) {
        false => Err(Denied::Hidden),
        true if !actor.may_act => Err(Denied::AccountNotActive),
        true if !habilitated => Err(Denied::NoHabilitation),
        true => Ok(CreatePermit { author: actor.id, bubble }),
    }
}

impl CreatePermit<'_> {
    /// An empty draft. One open draft a person and bubble: the store keeps that.
    pub fn create(self, id: ExportId, number: u32) -> Result<Export, Refusal> {
        if !self.bubble.state.is_open() {
            let state = self.bubble.state.name();
            return Err(crate::WrongState { verb: "export", noun: "bubble", state }.into());
        }
        Ok(Export {
            id,
            version: 0,
            bubble: self.bubble.id,
            application: self.bubble.application,
            author: self.author,
            number,
            title: String::new(),
            groups: vec![Group::default()],
            turn: 0,
            rule_sets: Vec::new(),
            producers: None,
            rules: serde_json::Value::Null,
            reviewers: 1,
            partial: false,
            comments: Vec::new(),
            takings: Vec::new(),
            routed: None,
            state: ExportState::Draft,
        })
    }
}

/// Leave of the author.
#[derive(Debug)]
pub struct AuthorPermit<'a> {
    export: &'a Export,
    author: PersonId,
}

/// Only the author edits, seals, withdraws and takes; a member of the project is told so, others
/// are told nothing.
pub fn may_author<'a>(actor: &Actor, export: &'a Export) -> Result<AuthorPermit<'a>, Denied> {
    super::export::may_see(actor, export)?;
    if actor.id == export.author {
        Ok(AuthorPermit { export, author: actor.id })
    } else {
        Err(Denied::NotTheAuthor)
    }
}

/// A file as it was frozen, in the order of [`Export::files`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// SHA-256 of the copy, hexadecimal.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// The rules under which a request is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The versions, one a producer that has one.
    pub rule_sets: Vec<RuleSetId>,
    /// The producers whose rules these are, with and without a version of their own.
    pub producers: Option<Vec<ProducerId>>,
    /// The strictest values, as the engine writes them.
    pub values: serde_json::Value,
    /// Votes needed.
    pub reviewers: usize,
    /// Whether refused files may be left out of a release.
    pub partial: bool,
}

impl AuthorPermit<'_> {
    /// Changes title, groups and files of a draft. In a returned request the files stay and may
    /// only be withdrawn; the texts may change.
    pub fn edit(self, title: String, groups: Vec<Group>) -> Result<Export, Refusal> {
        short("title", &title, TITLE_CHARS)?;
        if groups.is_empty() || groups.len() > GROUPS {
            return Err(Refusal::invalid("groups", "too-many"));
        }
        for group in &groups {
            short("name", &group.name, NAME_CHARS)?;
            short("context", &group.context, TEXT_CHARS)?;
            short("controls", &group.controls, TEXT_CHARS)?;
        }
        let mut paths: Vec<&str> = paths(&groups);
        paths.sort_unstable();
        if paths.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Refusal::invalid("files", "twice"));
        }
        match &self.export.state {
            ExportState::Draft => Ok(Export { title, groups, ..self.export.clone() }),
            ExportState::Returned { .. } => self.edit_returned(title, groups),
            _ => Err(self.export.wrong("edit").into()),
        }
    }

    /// Takes texts and withdrawals from `given`; hashes, kinds and votes stay what they were.
    fn edit_returned(self, title: String, given: Vec<Group>) -> Result<Export, Refusal> {
        let mut next = Export { title, ..self.export.clone() };
        if paths(&next.groups) != paths(&given) || next.groups.len() != given.len() {
            return Err(Refusal::invalid("files", "files-fixed"));
        }
        for (group, given) in next.groups.iter_mut().zip(given) {
            group.name = given.name;
            group.context = given.context;
            group.controls = given.controls;
            for (file, given) in group.files.iter_mut().zip(given.files) {
                file.withdrawn = given.withdrawn;
            }
        }
        Ok(next)
    }

    /// What is missing before it can be sealed.
    pub fn complete(&self) -> Result<(), Refusal> {
        let export = self.export;
        if !matches!(export.state, ExportState::Draft | ExportState::Returned { .. }) {
            return Err(export.wrong("seal").into());
        }
        let filled = |text: &str| !text.trim().is_empty();
        if !filled(&export.title) {
            return Err(Refusal::invalid("title", "missing"));
        }
        for group in export.groups.iter().filter(|group| !group.files.is_empty()) {
            for (field, text) in
                [("name", &group.name), ("context", &group.context), ("controls", &group.controls)]
            {
                if !filled(text) {
                    return Err(Refusal::invalid(field, "missing"));
                }
            }
        }
        match export.outputs().next() {
            Some(_) => Ok(()),
            None => Err(Refusal::invalid("files", "no-output")),
        }
    }

    /// Seals the copies that were frozen (one for each file, `None` for a withdrawn one): a draft
    /// starts its first turn, a returned request its next one, in which files with the same bytes
    /// keep the approvals that they have. The rules of the first sealing stay.
    pub fn seal(
        self,
        frozen: &[Option<Frozen>],
        rules: Rules,
        at: Timestamp,
    ) -> Result<Export, Refusal> {
        self.complete()?;
        let mut next = self.export.clone();
        next.groups.retain(|group| !group.files.is_empty());
        next.turn += 1;
        if frozen.len() != next.files().count() {
            return Err(Refusal::invalid("files", "files-fixed"));
        }
        let before = self.export.clone();
        for (file, frozen) in next.files_mut().zip(frozen) {
            let Some(frozen) = frozen else {
                file.kept.clear();
                continue;
            };
            let approved = before.approvers(&file.path);
            file.kept = if frozen.sha256 == file.sha256 { approved } else { Vec::new() };
            file.sha256.clone_from(&frozen.sha256);
            file.bytes = frozen.bytes;
            file.report = None;
        }
        next.state = match &self.export.state {
            ExportState::Draft => {
                next.rule_sets = rules.rule_sets;
                next.producers = rules.producers;
                next.rules = rules.values;
                next.reviewers = rules.reviewers;
                next.partial = rules.partial;
                ExportState::Sealed { at }
            }
            _ => ExportState::Scanning { sealed_at: at },
        };
        Ok(next)
    }

    /// Takes the request back, as long as no decision stands.
    pub fn withdraw(self) -> Result<Export, Refusal> {
        match self.export.state {
            ExportState::Sealed { .. }
            | ExportState::Scanning { .. }
            | ExportState::Scored { .. }
            | ExportState::Queued { .. }
            | ExportState::ReviewIndependent { .. }
            | ExportState::Returned { .. } => Ok(self.export.in_state(ExportState::Withdrawn)),
            _ => Err(self.export.wrong("withdraw").into()),
        }
    }

    /// Records that the author takes file `number` of [`Export::files`]. The end is compared here
    /// as well as by the clock that expires the release: a late clock lengthens nothing.
    pub fn take(self, number: usize, address: String, at: Timestamp) -> Result<Export, Refusal> {
        let (ExportState::Available { files, until } | ExportState::Collected { files, until }) =
            &self.export.state
        else {
            return Err(self.export.wrong("take").into());
        };
        if at >= *until {
            let over = crate::WrongState { verb: "take", noun: "export", state: "expired" };
            return Err(over.into());
        }
        let file = self.export.files().nth(number).filter(|file| files.contains(&file.path));
        let Some(file) = file else { return Err(Denied::Hidden.into()) };
        let taking = Taking {
            by: self.author,
            at,
            path: file.path.clone(),
            sha256: file.sha256.clone(),
            address,
        };
        let state = ExportState::Collected { files: files.clone(), until: *until };
        let mut next = self.export.in_state(state);
        next.takings.push(taking);
        Ok(next)
    }
}

impl Export {
    /// Whose approval of `path` in the last turn, or kept from an earlier one, would hold for the
    /// same bytes: nobody's where somebody said otherwise.
    fn approvers(&self, path: &str) -> Vec<PersonId> {
        let Some(file) = self.files().find(|file| file.path == path) else { return Vec::new() };
        let mut kept = file.kept.clone();
        for vote in self.votes() {
            for given in vote.files.iter().filter(|given| given.path == path) {
                match given.choice {
                    Choice::Approve if !kept.contains(&vote.checker) => kept.push(vote.checker),
                    Choice::Approve => {}
                    _ => return Vec::new(),
                }
            }
        }
        if file.kind == FileKind::Output { kept } else { Vec::new() }
    }
}

fn paths(groups: &[Group]) -> Vec<&str> {
    groups.iter().flat_map(|group| &group.files).map(|file| file.path.as_str()).collect()
}

/// Refuses a text that is too long to be read by people.
pub(super) fn short(field: &'static str, text: &str, chars: usize) -> Result<(), Refusal> {
    match text.chars().nth(chars) {
        None => Ok(()),
        Some(_) => Err(Refusal::invalid(field, "too-long")),
    }
}
