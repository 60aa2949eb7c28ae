//! Who reads of applications without being in their team (JOURNEYS 3.1).

use std::collections::BTreeMap;

use super::{
    application::{Application, ApplicationState as State},
    application_team::may_read,
};
use crate::{Actor, Denied, Role};

/// Who may list the files of everybody, drafts among them: who watches over the centre.
///
/// # Errors
/// [`Denied::NeedsRole`] for the others, who list their own.
pub fn may_list(actor: &Actor) -> Result<(), Denied> {
    actor.needs(&[Role::Auditor, Role::SecurityOfficer])
}

/// Who may list the submitted files: the secretary and the committee, whose work they are, and the
/// auditor.
///
/// # Errors
/// [`Denied::NeedsRole`].
pub fn may_list_submitted(actor: &Actor) -> Result<(), Denied> {
    actor.needs(&[Role::Secretary, Role::Chair, Role::CommitteeMember, Role::Auditor])
}

/// The fields that say what a project is for and what it wants to take out.
pub const PURPOSE: [&str; 4] = ["summary", "question", "public_interest", "outputs"];

/// Who may read what a project is for ([`PURPOSE`]) beside who reads its whole file: its checkers, who
/// judge whether an output is within it. Not before it is a project.
///
/// # Errors
/// [`Denied::Hidden`].
pub fn may_read_purpose(actor: &Actor, application: &Application) -> Result<(), Denied> {
    let checks =
        application.is_public() && (actor.has(Role::Checker) || actor.has(Role::CheckerLead));
    match checks || may_read(actor, application).is_ok() {
        true => Ok(()),
        false => Err(Denied::Hidden),
    }
}

impl Application {
    /// What the public register says of it: nothing unless it is or was a project.
    pub fn is_public(&self) -> bool {
        matches!(self.state, State::Authorised { .. } | State::Ended { .. })
    }

    /// The fields as last submitted: what was decided on. Before, as they stand.
    pub fn decided_fields(&self) -> &BTreeMap<String, String> {
        self.submissions.last().map_or(&self.fields, |last| &last.fields)
    }

    /// The summary for everybody, where the lead has declared that it may be published.
    pub fn public_summary(&self) -> Option<&str> {
        let fields = self.decided_fields();
        let declared = fields.get("declare_publish").is_some_and(|value| value == "yes");
        let summary = fields.get("summary").map(|text| text.trim());
        summary.filter(|text| self.is_public() && declared && !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::application_tests::{actor, application, at, every_state},
        *,
    };

    #[test]
    fn each_role_lists_what_the_table_of_permissions_says() {
        for role in Role::ALL {
            let watches = matches!(role, Role::Auditor | Role::SecurityOfficer);
            assert_eq!(may_list(&actor(9, &[role])).is_ok(), watches, "{role:?}");
            let submitted = matches!(
                role,
                Role::Secretary | Role::Chair | Role::CommitteeMember | Role::Auditor
            );
            assert_eq!(may_list_submitted(&actor(9, &[role])).is_ok(), submitted, "{role:?}");
        }
    }

    #[test]
    fn checkers_read_the_purpose_of_projects_alone() {
        for state in every_state() {
            let file = application(state);
            let is_project = matches!(file.state.name(), "authorised" | "ended");
            assert_eq!(file.is_public(), is_project);
            for role in [Role::Checker, Role::CheckerLead] {
                let read = may_read_purpose(&actor(9, &[role]), &file);
                assert_eq!(read.is_ok(), is_project, "{role:?}, {}", file.state.name());
            }
            for role in [Role::Operator, Role::BillingManager, Role::DataManager] {
                let read = may_read_purpose(&actor(9, &[role]), &file);
                assert_eq!(read, Err(Denied::Hidden), "{role:?}, {}", file.state.name());
            }
        }
    }

    #[test]
    fn a_summary_is_public_by_the_lead_s_declaration_and_once_there_is_a_project() {
        let authorised = State::Authorised { since: at(), until: at() };
        let fields = |declared: &str| {
            let pairs = [("summary", "What it is"), ("declare_publish", declared)];
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
        };
        let mut file = application(authorised);
        file.submissions.clear();
        file.fields = fields("yes");
        assert_eq!(file.public_summary(), Some("What it is"));
        let draft = Application { state: State::Draft, ..file.clone() };
        assert_eq!(draft.public_summary(), None, "a draft");
        file.fields = fields("");
        assert_eq!(file.public_summary(), None, "not declared");
    }
}
