//! Who knows of an export, and how much of it they see (JOURNEYS 3.1).

use super::export::{Export, ExportFile, ExportState, Group};
use crate::{Actor, Denied, Role};

/// Refuses who may not know of the export. Drafts are the author's alone; members of the project,
/// checkers, the security officer and auditors know of sealed ones, and so does each producer whose
/// data the project used when it was sealed.
///
/// # Errors
/// [`Denied::Hidden`]: to the person it does not exist.
pub fn may_see(actor: &Actor, export: &Export) -> Result<(), Denied> {
    let sealed = export.state != ExportState::Draft;
    let known = may_see_words(actor, export).is_ok() || uses_data_of(actor, export);
    match actor.may_act && (actor.id == export.author || (sealed && known)) {
        true => Ok(()),
        false => Err(Denied::Hidden),
    }
}

/// Whether the export was sealed with data of a producer that the person acts for.
fn uses_data_of(actor: &Actor, export: &Export) -> bool {
    export.producers.iter().flatten().any(|producer| actor.is_of(*producer))
}

/// Refuses who may know of the export but not read what its author, its checkers and its takers
/// wrote and did: a producer is told that something leaves that was made of its data, not what.
///
/// # Errors
/// [`Denied::NeedsRole`].
pub fn may_see_words(actor: &Actor, export: &Export) -> Result<(), Denied> {
    match actor.works_in(export.application) || actor.id == export.author {
        true => Ok(()),
        false => {
            actor.needs(&[Role::Checker, Role::CheckerLead, Role::SecurityOfficer, Role::Auditor])
        }
    }
}

/// Refuses who may not see the findings and the files' content: members of the project (it is
/// theirs), checkers outside it, their lead and auditors; never the other roles.
///
/// # Errors
/// [`Denied::Hidden`] where [`may_see`] refuses, [`Denied::NeedsRole`] for the others.
pub fn may_see_content(actor: &Actor, export: &Export) -> Result<(), Denied> {
    may_see(actor, export)?;
    if actor.works_in(export.application) || actor.id == export.author {
        Ok(())
    } else {
        actor.needs(&[Role::Checker, Role::CheckerLead, Role::Auditor])
    }
}

impl Export {
    /// The export as `reader` may see it, once [`may_see`] has let them: without its words for who
    /// may not read them. What is left: number, project, author, state, turns, and how many files of
    /// which length and kind.
    #[must_use]
    pub fn shown_to(&self, reader: &Actor) -> Self {
        match may_see_words(reader, self) {
            Ok(()) => self.clone(),
            Err(_) => self.without_words(),
        }
    }

    /// Threat: a title, the name of a file, a comment of a checker or the reason of a refusal can
    /// quote what a producer never sees of a project. So everything that somebody wrote is left out,
    /// and the hashes too: they would tell whether a guessed table is the one. The rules are those of
    /// other producers as well.
    fn without_words(&self) -> Self {
        let file = |file: &ExportFile| ExportFile {
            path: String::new(),
            sha256: String::new(),
            report: None,
            kept: Vec::new(),
            ..file.clone()
        };
        let group = |group: &Group| Group {
            files: group.files.iter().map(file).collect(),
            ..Group::default()
        };
        Self {
            title: String::new(),
            groups: self.groups.iter().map(group).collect(),
            comments: Vec::new(),
            takings: Vec::new(),
            routed: None,
            rule_sets: Vec::new(),
            rules: serde_json::Value::Null,
            state: without_words(&self.state),
            ..self.clone()
        }
    }
}

/// The state without votes, reasons and the names of files. Every state stands here by name, so that
/// a new one cannot pass with its words.
fn without_words(state: &ExportState) -> ExportState {
    use ExportState as S;
    let (votes, files, reason) = (Vec::new(), Vec::new(), String::new());
    match state.clone() {
        S::Blocked { .. } => S::Blocked { reason, examined: None },
        S::ReviewIndependent { since, needed, .. } => {
            S::ReviewIndependent { since, needed, assigned: Vec::new(), votes }
        }
        S::ReviewConsolidation { since, .. } => S::ReviewConsolidation { since, votes },
        S::Returned { .. } => S::Returned { votes },
        S::Approved { .. } => S::Approved { votes },
        S::PartlyApproved { .. } => S::PartlyApproved { votes, refused: files },
        S::Refused { cause, .. } => S::Refused { cause, reason },
        S::Releasing { .. } => S::Releasing { votes, files },
        S::Available { until, .. } => S::Available { files, until },
        S::Collected { until, .. } => S::Collected { files, until },
        S::Revoked { by, at, .. } => S::Revoked { by, at, reason },
        S::Failed { step, before, .. } => {
            S::Failed { step, reason, before: Box::new(without_words(&before)) }
        }
        silent @ (S::Draft
        | S::Sealed { .. }
        | S::Scanning { .. }
        | S::Scored { .. }
        | S::Queued { .. }
        | S::Expired
        | S::Withdrawn) => silent,
    }
}
