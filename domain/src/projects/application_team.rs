//! What the lead and the members do with their application (JOURNEYS 1.5, 2.2).

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan};

use super::{
    application::{Application, ApplicationState, Member, Submission},
    form::{self, Completeness, Need},
    item::{Item, ItemState},
    later, written,
};
use crate::{Actor, Denied, PersonId, ProducerId, Refusal, Role, Undertaking, WrongState};

/// A draft without a change lapses after so many months (JOURNEYS 3.2).
pub const LAPSE_MONTHS: i32 = 12;
/// The most members of a team besides the lead.
pub const MEMBERS_MAX: usize = 100;

/// Whether the person may know of the application at all: its team; who examines it, once it was
/// submitted; who watches over the centre. Producers see their items, not the application.
///
/// # Errors
/// [`Denied::Hidden`]: to the person it does not exist.
pub fn may_read(actor: &Actor, application: &Application) -> Result<(), Denied> {
    use ApplicationState as S;
    let state = &application.state;
    let was_submitted = !application.submissions.is_empty();
    let was_scheduled = was_submitted
        && !matches!(
            state,
            S::Submitted { .. }
                | S::Admissibility { .. }
                | S::Returned { .. }
                | S::Withdrawn { .. }
        );
    let any = |roles: &[Role]| roles.iter().any(|role| actor.has(*role));
    let reads = application.involves(actor.id) && actor.may_act
        || was_submitted && actor.has(Role::Secretary)
        || was_scheduled && any(&[Role::Chair, Role::CommitteeMember])
        || was_scheduled && actor.has(Role::ProjectManager)
        || any(&[Role::Auditor, Role::SecurityOfficer]);
    if reads { Ok(()) } else { Err(Denied::Hidden) }
}

/// The right to write in the file.
#[derive(Debug)]
pub struct EditPermit<'a> {
    application: &'a Application,
}

/// The lead writes in the file; members with the right to edit do so in the draft.
///
/// # Errors
/// [`Denied::Hidden`] for those who may not know of it, [`Denied::NotTheLead`] for the others.
pub fn may_edit<'a>(actor: &Actor, application: &'a Application) -> Result<EditPermit<'a>, Denied> {
    may_read(actor, application)?;
    let edits = |member: &Member| member.person == actor.id && member.edits;
    let is_draft = matches!(application.state, ApplicationState::Draft);
    let edits = actor.may_act && is_draft && application.members.iter().any(edits);
    match edits || is_lead(actor, application) {
        true => Ok(EditPermit { application }),
        false => Err(Denied::NotTheLead),
    }
}

impl EditPermit<'_> {
    pub(super) fn application(&self) -> &Application {
        self.application
    }

    /// Saves one field. `questions` are the names under which producers' questions are answered.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] outside draft, consultation, ready and returned;
    /// [`Refusal::Invalid`] for a name that is not in the form and for a value outside its kind.
    pub fn save_field(
        self,
        name: &str,
        value: &str,
        questions: &[String],
        at: Timestamp,
    ) -> Result<Application, Refusal> {
        open(self.application, "edit")?;
        let value = match form::field(name) {
            Some(field) => field.clean(value)?,
            None if questions.iter().any(|question| question == name) => {
                match value.trim().chars().count() {
                    count if count > form::ANSWER_MAX => {
                        return Err(Refusal::invalid("questions", "too-long"));
                    }
                    _ => value.trim().replace("\r\n", "\n"),
                }
            }
            None => return Err(Refusal::invalid("field", "unknown")),
        };
        let mut next = self.application.clone();
        match value.is_empty() {
            true => next.fields.remove(name),
            false => next.fields.insert(name.to_owned(), value),
        };
        next.changed_at = at;
        Ok(next)
    }
}

/// The right to lead the application.
#[derive(Debug)]
pub struct LeadPermit<'a> {
    application: &'a Application,
}

/// The lead alone decides for the application.
///
/// # Errors
/// [`Denied::Hidden`] for those who may not know of it, [`Denied::NotTheLead`] for the others.
pub fn may_lead<'a>(actor: &Actor, application: &'a Application) -> Result<LeadPermit<'a>, Denied> {
    may_read(actor, application)?;
    match is_lead(actor, application) {
        true => Ok(LeadPermit { application }),
        false => Err(Denied::NotTheLead),
    }
}

/// What the workflow gives to a submission: the number (kept at later ones) and the frozen file.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// `YYYY-NNNN`.
    pub number: String,
    /// The file in canonical form.
    pub snapshot: String,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
}

impl LeadPermit<'_> {
    pub(super) fn application(&self) -> &Application {
        self.application
    }

    /// Adds a member, or changes what a member may do.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] once the file is submitted (an amendment adds people then).
    pub fn add_member(self, member: Member, at: Timestamp) -> Result<Application, Refusal> {
        open(self.application, "add a member to")?;
        if member.person == self.application.lead {
            return Err(Refusal::invalid("email", "is-the-lead"));
        }
        let mut next = self.application.clone();
        let before = next.members.len();
        next.members.retain(|other| other.person != member.person);
        if next.members.len() == before && before >= MEMBERS_MAX {
            return Err(Refusal::invalid("email", "too-many"));
        }
        next.members.push(member);
        next.changed_at = at;
        Ok(next)
    }

    /// Takes a member out: at once and in every state that is not final, for a right that is taken
    /// away waits for nobody (JOURNEYS 1.8).
    ///
    /// # Errors
    /// [`Refusal::WrongState`] in a final state, [`Refusal::Invalid`] for one who is no member.
    pub fn remove_member(self, person: PersonId, at: Timestamp) -> Result<Application, Refusal> {
        let state = &self.application.state;
        if state.is_final() {
            return Err(wrong("remove a member from", state).into());
        }
        if !self.application.members.iter().any(|member| member.person == person) {
            return Err(Refusal::invalid("person", "not-a-member"));
        }
        let mut next = self.application.clone();
        next.members.retain(|member| member.person != person);
        next.changed_at = at;
        Ok(next)
    }

    /// Records that items were added, changed or taken out.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] once the file is submitted.
    pub fn change_items(self, at: Timestamp) -> Result<Application, Refusal> {
        open(self.application, "change the items of")?;
        Ok(Application { changed_at: at, ..self.application.clone() })
    }

    /// Asks the producers, who have `days` to answer: the longest of their delays.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the first field that is missing.
    pub fn open_consultation(
        self,
        complete: &Completeness,
        days: u16,
        at: Timestamp,
    ) -> Result<Application, Refusal> {
        let ApplicationState::Draft = self.application.state else {
            return Err(wrong("consult on", &self.application.state).into());
        };
        complete.check(Need::Consultation)?;
        let state = ApplicationState::Consultation { since: at, target: target(at, days) };
        Ok(Application { state, changed_at: at, ..self.application.clone() })
    }

    /// Goes on once every producer has answered, or may stay silent (`silence` says of whom).
    /// Items that were refused beforehand stay, for the committee to see, unless the lead has
    /// taken them out.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] where an answer is missing, or no item is left that may be granted.
    pub fn go_on(
        self,
        items: &[Item],
        silence: impl Fn(ProducerId) -> bool,
    ) -> Result<Application, Refusal> {
        let ApplicationState::Consultation { .. } = self.application.state else {
            return Err(wrong("go on with", &self.application.state).into());
        };
        answered(items, silence)?;
        Ok(Application { state: ApplicationState::Ready, ..self.application.clone() })
    }

    /// Submits the file, or submits it again: it is frozen from then on.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] where something is missing, a producer has not answered, or somebody
    /// of the team has not signed the undertaking.
    pub fn submit(
        self,
        frozen: Frozen,
        complete: &Completeness,
        items: &[Item],
        silence: impl Fn(ProducerId) -> bool,
        undertakings: &[Undertaking],
        at: Timestamp,
    ) -> Result<Application, Refusal> {
        use ApplicationState::{Ready, Returned};
        let (Ready | Returned { .. }) = self.application.state else {
            return Err(wrong("submit", &self.application.state).into());
        };
        complete.check(Need::Submission)?;
        answered(items, silence)?;
        if !unsigned(self.application, undertakings).is_empty() {
            return Err(Refusal::invalid("undertakings", "not-signed"));
        }
        let mut next = self.application.clone();
        next.number.get_or_insert(frozen.number);
        next.submissions.push(Submission {
            at,
            sha256: frozen.sha256,
            fields: next.fields.clone(),
            snapshot: frozen.snapshot,
            attachments: next.attachments.clone(),
        });
        next.state = ApplicationState::Submitted { at };
        Ok(next)
    }

    /// Withdraws, any time before the session.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] without a reason.
    pub fn withdraw(self, reason: &str) -> Result<Application, Refusal> {
        use ApplicationState as S;
        match self.application.state {
            S::Draft
            | S::Consultation { .. }
            | S::Ready
            | S::Submitted { .. }
            | S::Admissibility { .. }
            | S::Returned { .. }
            | S::Scheduled { .. } => {}
            _ => return Err(wrong("withdraw", &self.application.state).into()),
        }
        let reason = written("reason", reason, super::REASON_MAX)?;
        let state = S::Withdrawn { reason };
        Ok(Application { state, ..self.application.clone() })
    }
}

impl Application {
    /// The file with one more member, whom the lead invited before the account existed: the lead's
    /// right was asked for then.
    #[must_use]
    pub fn with_invited(&self, member: Member) -> Self {
        let mut next = self.clone();
        next.members.push(member);
        next
    }

    /// What follows for the application when one of its items is asked again: a file that was ready
    /// goes back to the consultation, and its producer has its `days` anew. In the draft and in a
    /// returned file nothing moves: the submission asks for the answers.
    #[must_use]
    pub fn reopened(&self, at: Timestamp, days: u16) -> Self {
        use ApplicationState::{Consultation, Ready};
        let state = match self.state {
            Ready => Consultation { since: at, target: target(at, days) },
            Consultation { since, target: before } => {
                Consultation { since, target: before.max(target(at, days)) }
            }
            _ => return self.clone(),
        };
        Self { state, ..self.clone() }
    }
}

/// Those of the team who have not signed the undertaking in force.
pub fn unsigned(application: &Application, undertakings: &[Undertaking]) -> BTreeSet<PersonId> {
    let signed = |person: &PersonId| {
        let theirs = |u: &&Undertaking| u.person == *person && u.application == application.id;
        undertakings.iter().filter(theirs).any(|undertaking| undertaking.state.is_signed())
    };
    application.people().into_iter().filter(|person| !signed(person)).collect()
}

/// Refuses while a producer is waited for, and where nothing is left to be granted.
fn answered(items: &[Item], silence: impl Fn(ProducerId) -> bool) -> Result<(), Refusal> {
    let live = || items.iter().filter(|item| !item.state.is_final());
    let waits = |item: &Item| match item.state {
        ItemState::Silent => !silence(item.producer),
        _ => !item.state.is_answered(),
    };
    if live().any(waits) {
        return Err(Refusal::invalid("items", "not-answered"));
    }
    if live().all(|item| matches!(item.state, ItemState::RefusedPrior { .. })) {
        return Err(Refusal::invalid("items", "none-left"));
    }
    Ok(())
}

fn target(at: Timestamp, days: u16) -> Timestamp {
    later(at, i64::from(days).days())
}

fn is_lead(actor: &Actor, application: &Application) -> bool {
    actor.may_act && application.lead == actor.id
}

pub(super) fn open(application: &Application, verb: &'static str) -> Result<(), WrongState> {
    match application.state.is_open() {
        true => Ok(()),
        false => Err(wrong(verb, &application.state)),
    }
}

pub(super) fn wrong(verb: &'static str, state: &ApplicationState) -> WrongState {
    WrongState { verb, noun: "application", state: state.name() }
}
