//! From an invitation to an enrolled account (JOURNEYS 1.1 and 1.12).

use jiff::{Timestamp, ToSpan};

use super::person::{Person, PersonState as State};
use crate::{
    Actor, Application, Denied, Lang, PersonId, Refusal, Role, RoleGrant, Text, WrongState,
};

/// An invitation's link works for so many days (JOURNEYS 3.2).
pub const INVITATION_DAYS: i64 = 7;
/// Kinds of identity document that an enrolment agent may have seen.
pub const DOCUMENTS: [&str; 4] =
    ["identity_card", "passport", "residence_permit", "driving_licence"];
/// How the agent met the person: face to face, or by a video call with the document's chip read.
pub const MEETINGS: [&str; 2] = ["in_person", "remote"];

/// Leave to invite; made by [`may_invite`] and [`may_invite_member`] alone.
#[derive(Debug)]
pub struct InvitePermit {
    by: PersonId,
}

/// Leave to enrol one person; made by [`may_enrol`] alone.
#[derive(Debug)]
pub struct EnrolPermit<'a> {
    agent: PersonId,
    person: &'a Person,
}

/// Who is to be invited.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The name as in the identity document.
    pub name: String,
    /// The professional address.
    pub email: String,
    /// The employer; may be empty.
    pub institution: String,
    /// The language of mails.
    pub language: Lang,
}

/// What an enrolment agent saw.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// One of [`DOCUMENTS`].
    pub document: &'a str,
    /// One of [`MEETINGS`].
    pub meeting: &'a str,
    /// What else proves it, in words; never the document's number or picture.
    pub note: &'a str,
}

/// The project manager and the secretary invite anybody.
pub fn may_invite(actor: &Actor) -> Result<InvitePermit, Denied> {
    actor.needs(&[Role::ProjectManager, Role::Secretary])?;
    Ok(InvitePermit { by: actor.id })
}

/// The team of an application invites whom its lead adds as a member.
pub fn may_invite_member(actor: &Actor, application: &Application) -> Result<InvitePermit, Denied> {
    if actor.may_act && application.involves(actor.id) {
        Ok(InvitePermit { by: actor.id })
    } else {
        Err(Denied::NotTheLead)
    }
}

/// Whoever installs a centre invites its first project manager, and nobody else, as long as there
/// is no account (`accounts`).
pub fn may_invite_first(accounts: usize, id: PersonId) -> Result<InvitePermit, Denied> {
    match accounts {
        0 => Ok(InvitePermit { by: id }),
        _ => Err(Denied::NeedsRole(Role::ProjectManager.name())),
    }
}

/// Enrolment agents enrol others, never themselves.
pub fn may_enrol<'a>(actor: &Actor, person: &'a Person) -> Result<EnrolPermit<'a>, Denied> {
    actor.needs(&[Role::EnrolmentAgent])?;
    if actor.id == person.id {
        Err(Denied::NeedsSecondPerson)
    } else {
        Ok(EnrolPermit { agent: actor.id, person })
    }
}

impl InvitePermit {
    /// A new account, invited until seven days after `at`. `token_hash` is the SHA-256 of the
    /// link's secret.
    pub fn invite(
        self,
        id: PersonId,
        who: &Invited,
        token_hash: &str,
        at: Timestamp,
    ) -> Result<Person, Refusal> {
        let name = who.name.trim();
        if name.is_empty() || name.chars().count() > 200 {
            return Err(Refusal::invalid("name", "missing"));
        }
        let email = who.email.trim().to_lowercase();
        if !is_address(&email) {
            return Err(Refusal::invalid("email", "not-an-address"));
        }
        if who.institution.chars().count() > 200 {
            return Err(Refusal::invalid("institution", "too-long"));
        }
        Ok(Person {
            id,
            version: 0,
            name: name.to_owned(),
            email,
            language: who.language,
            institution: who.institution.trim().to_owned(),
            demo_name: None,
            demo_part: Text::default(),
            roles: Vec::new(),
            state: self.state(token_hash, at),
        })
    }

    /// The first project manager of a new centre, invited until `until`.
    pub fn invite_first(
        self,
        id: PersonId,
        who: &Invited,
        token_hash: &str,
        until: Timestamp,
    ) -> Result<Person, Refusal> {
        let token_hash = token_hash.to_owned();
        let state = State::Invited { by: self.by, until, token_hash };
        let new = self.invite(id, who, "", until)?;
        let roles = vec![RoleGrant { role: Role::ProjectManager, producer: None }];
        Ok(Person { roles, state, ..new })
    }

    /// A new link for somebody who has not used theirs; the old one stops working.
    pub fn renew(
        self,
        person: &Person,
        token_hash: &str,
        at: Timestamp,
    ) -> Result<Person, WrongState> {
        match person.state {
            State::Invited { .. } => Ok(person.with(self.state(token_hash, at))),
            _ => Err(person.wrong("invite")),
        }
    }

    fn state(&self, token_hash: &str, at: Timestamp) -> State {
        State::Invited { by: self.by, until: invitation_end(at), token_hash: token_hash.to_owned() }
    }
}

/// When the link of an invitation made at `at` stops working.
pub fn invitation_end(at: Timestamp) -> Timestamp {
    at.checked_add((INVITATION_DAYS * 24).hours()).unwrap_or(at)
}

impl Person {
    /// Whether a link with this hash opens the account at `now`.
    pub fn is_invited_by(&self, token_hash: &str, now: Timestamp) -> bool {
        match &self.state {
            State::Invited { until, token_hash: own, .. } => own == token_hash && now < *until,
            _ => false,
        }
    }

    /// Uses the link: once, and before its end.
    pub fn accept(&self, token_hash: &str, now: Timestamp) -> Result<Self, WrongState> {
        if self.is_invited_by(token_hash, now) {
            Ok(self.with(State::Registered))
        } else {
            Err(self.wrong("accept"))
        }
    }

    pub(super) fn with(&self, state: State) -> Self {
        Self { state, ..self.clone() }
    }

    pub(super) fn wrong(&self, verb: &'static str) -> WrongState {
        WrongState { verb, noun: "person", state: self.state.name() }
    }
}

impl EnrolPermit<'_> {
    /// Records that the agent has seen the person with an identity document. `name_matches`: the
    /// account's name is the document's.
    pub fn check_identity(
        self,
        evidence: &Evidence<'_>,
        name_matches: bool,
        at: Timestamp,
    ) -> Result<Person, Refusal> {
        let State::Registered = self.person.state else {
            return Err(self.person.wrong("check the identity of").into());
        };
        let line = evidence.line()?;
        if !name_matches {
            return Err(Refusal::invalid("name_matches", "not-ticked"));
        }
        Ok(self.person.with(State::IdentityChecked { by: self.agent, at, evidence: line }))
    }

    /// Binds the credential and records the charter's quiz: the account is enrolled. `passkeys` is
    /// how many live ones the person has.
    pub fn enrol(self, passkeys: usize, quiz: bool, at: Timestamp) -> Result<Person, Refusal> {
        let State::IdentityChecked { .. } = self.person.state else {
            return Err(self.person.wrong("enrol").into());
        };
        if passkeys == 0 {
            return Err(Refusal::invalid("passkey", "no-passkey"));
        }
        if !quiz {
            return Err(Refusal::invalid("quiz", "not-ticked"));
        }
        Ok(self.person.with(State::Enrolled { since: at }))
    }

    /// Lets the person register a new passkey after the agent has proved the identity again.
    /// Everybody who has an account that may act can lose a key; a suspended one is restored first.
    pub fn recover(self, evidence: &Evidence<'_>) -> Result<String, Refusal> {
        if self.person.may_act() {
            evidence.line()
        } else {
            Err(self.person.wrong("recover").into())
        }
    }
}

impl Evidence<'_> {
    /// The line that is kept.
    fn line(&self) -> Result<String, Refusal> {
        if !DOCUMENTS.contains(&self.document) {
            return Err(Refusal::invalid("document", "missing"));
        }
        if !MEETINGS.contains(&self.meeting) {
            return Err(Refusal::invalid("meeting", "missing"));
        }
        if self.note.chars().count() > 500 {
            return Err(Refusal::invalid("note", "too-long"));
        }
        Ok(format!("{} / {} / {}", self.document, self.meeting, self.note.trim()))
    }
}

/// Whether a text can be a mail address: one `@` with something around it and a dot behind.
fn is_address(email: &str) -> bool {
    let Some((user, host)) = email.split_once('@') else { return false };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>,;\"\\".contains(c);
    email.len() <= 254
        && !user.is_empty()
        && !host.contains('@')
        && host.split('.').count() > 1
        && host.split('.').all(|label| !label.is_empty())
        && email.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::person_tests::{actor, at, person, states};

    const SEEN: Evidence<'static> =
        Evidence { document: "passport", meeting: "in_person", note: "" };

    #[test]
    fn only_project_manager_and_secretary_invite_and_only_agents_enrol() {
        for role in Role::ALL {
            let actor = actor(2, &[role]);
            let invites = matches!(role, Role::ProjectManager | Role::Secretary);
            assert_eq!(may_invite(&actor).is_ok(), invites, "{}", role.name());
            let enrols = may_enrol(&actor, &person(State::Registered)).is_ok();
            assert_eq!(enrols, role == Role::EnrolmentAgent, "{}", role.name());
        }
    }

    #[test]
    fn an_agent_does_not_enrol_themselves() {
        let own =
            may_enrol(&actor(1, &[Role::EnrolmentAgent]), &person(State::Registered)).unwrap_err();
        assert_eq!(own, Denied::NeedsSecondPerson);
    }

    #[test]
    fn every_verb_through_every_state() {
        let agent = actor(2, &[Role::EnrolmentAgent]);
        let table = states().map(|state| {
            let one = person(state);
            let permit = || may_enrol(&agent, &one).unwrap();
            let checked = permit().check_identity(&SEEN, true, at(0)).is_ok();
            let enrolled = permit().enrol(1, true, at(0)).is_ok();
            let recovered = permit().recover(&SEEN).is_ok();
            let accepted = one.accept("hash", at(0)).is_ok();
            (one.state.name(), accepted, checked, enrolled, recovered)
        });
        assert_eq!(
            table,
            [
                ("invited", true, false, false, false),
                ("registered", false, true, false, true),
                ("identity_checked", false, false, true, true),
                ("enrolled", false, false, false, true),
                ("active", false, false, false, true),
                ("suspended", false, false, false, false),
                ("closed", false, false, false, false),
            ]
        );
    }

    #[test]
    fn a_link_ends_after_seven_days_and_another_secret_never_works() {
        let [invited, ..] = states();
        let one = person(invited);
        assert!(one.accept("hash", at(6)).is_ok());
        assert!(one.accept("hash", at(7)).is_err());
        assert!(one.accept("other", at(0)).is_err());
    }

    #[test]
    fn nobody_is_enrolled_without_passkey_document_or_quiz() {
        let agent = actor(2, &[Role::EnrolmentAgent]);
        let checked =
            person(State::IdentityChecked { by: agent.id, at: at(0), evidence: String::new() });
        let enrol = |keys, quiz| may_enrol(&agent, &checked).unwrap().enrol(keys, quiz, at(0));
        assert_eq!(enrol(0, true), Err(Refusal::invalid("passkey", "no-passkey")));
        assert_eq!(enrol(1, false), Err(Refusal::invalid("quiz", "not-ticked")));
        let registered = person(State::Registered);
        let none = Evidence { document: "library_card", ..SEEN };
        let check = may_enrol(&agent, &registered).unwrap().check_identity(&none, true, at(0));
        assert_eq!(check, Err(Refusal::invalid("document", "missing")));
    }

    #[test]
    fn a_centre_with_an_account_gets_no_first_manager() {
        let id = PersonId(uuid::Uuid::from_u128(1));
        assert!(may_invite_first(0, id).is_ok());
        assert!(may_invite_first(1, id).is_err());
    }

    #[test]
    fn addresses_are_told_from_other_texts() {
        for good in ["a@b.fr", "ada.lovelace+x@univ-paris.fr"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@b",
            "@b.fr",
            "a@.fr",
            "a@b..fr",
            "a b@c.fr",
            "a@b@c.fr",
            "a@b.fr\r\nbcc: x",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
