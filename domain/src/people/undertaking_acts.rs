//! Who signs and who checks an undertaking (JOURNEYS 1.3).

use jiff::Timestamp;

use super::undertaking::{Signature, Undertaking, UndertakingState as State};
use crate::{Actor, ApplicationId, Denied, PersonId, Refusal, Role, UndertakingId, WrongState};

/// What was shown to the signer.
#[derive(Clone, Copy, Debug)]
pub struct ShownText<'a> {
    /// The version in force.
    pub version: &'a str,
    /// SHA-256 of the text in the language in which it was shown, hexadecimal.
    pub sha256: &'a str,
}

/// Leave to sign one undertaking; made by [`may_sign`] alone.
#[derive(Debug)]
pub struct SignPermit<'a> {
    undertaking: &'a Undertaking,
}

/// Leave to check one undertaking; made by [`may_check`] alone.
#[derive(Debug)]
pub struct CheckPermit<'a> {
    secretary: PersonId,
    undertaking: &'a Undertaking,
}

/// The roles that read every undertaking (JOURNEYS 3.1).
const READERS: [Role; 5] =
    [Role::Auditor, Role::Secretary, Role::CommitteeMember, Role::Chair, Role::SecurityOfficer];

/// Who may list the undertakings of everybody: who reads every one by a role.
pub fn may_list(actor: &Actor) -> Result<(), Denied> {
    actor.needs(&READERS)
}

/// Who may read an undertaking: the signer, the secretary, the committee, the security officer, the
/// auditor, the team of its project. Producers see the names with their item.
pub fn may_read(actor: &Actor, undertaking: &Undertaking) -> Result<(), Denied> {
    let reads = actor.id == undertaking.person
        || actor.works_in(undertaking.application)
        || may_list(actor).is_ok();
    if reads { Ok(()) } else { Err(Denied::Hidden) }
}

/// Only the person signs: nobody for somebody else, whatever the role.
pub fn may_sign<'a>(actor: &Actor, undertaking: &'a Undertaking) -> Result<SignPermit<'a>, Denied> {
    may_read(actor, undertaking)?;
    match actor.id == undertaking.person {
        _ if !actor.may_act => Err(Denied::AccountNotActive),
        true => Ok(SignPermit { undertaking }),
        false => Err(Denied::NotYourself),
    }
}

/// The secretary checks, though never an undertaking of their own.
pub fn may_check<'a>(
    actor: &Actor,
    undertaking: &'a Undertaking,
) -> Result<CheckPermit<'a>, Denied> {
    may_read(actor, undertaking)?;
    actor.needs(&[Role::Secretary])?;
    if actor.id == undertaking.person {
        Err(Denied::NeedsSecondPerson)
    } else {
        Ok(CheckPermit { secretary: actor.id, undertaking })
    }
}

impl Undertaking {
    /// A new one, to be signed.
    pub fn to_sign(id: UndertakingId, person: PersonId, application: ApplicationId) -> Self {
        Self { id, version: 0, person, application, state: State::ToSign { returned: None } }
    }

    /// The undertaking once the text `in_force` is another than the one that was signed; none
    /// where it needs no new signature.
    pub fn superseded_by(&self, in_force: &str) -> Option<Self> {
        let signature = match &self.state {
            State::Signed(signature) | State::Valid { signature, .. } => signature,
            State::ToSign { .. } | State::Superseded { .. } => return None,
        };
        let signature = signature.clone();
        let old = signature.text_version != in_force;
        old.then(|| self.with(State::Superseded { signature }))
    }

    fn with(&self, state: State) -> Self {
        Self { state, ..self.clone() }
    }

    fn wrong(&self, verb: &'static str) -> Refusal {
        WrongState { verb, noun: "undertaking", state: self.state.name() }.into()
    }
}

impl SignPermit<'_> {
    /// Signs the text that was shown, by typing `typed`, which must be the account's `name`, and
    /// by a tick. Letter case and spaces do not count.
    pub fn sign(
        self,
        text: ShownText<'_>,
        typed: &str,
        name: &str,
        ticked: bool,
        at: Timestamp,
    ) -> Result<Undertaking, Refusal> {
        if !matches!(self.undertaking.state, State::ToSign { .. } | State::Superseded { .. }) {
            return Err(self.undertaking.wrong("sign"));
        }
        if plain(typed) != plain(name) || plain(name).is_empty() {
            return Err(Refusal::invalid("name", "name-differs"));
        }
        if !ticked {
            return Err(Refusal::invalid("agreed", "not-ticked"));
        }
        let signature = Signature {
            text_version: text.version.to_owned(),
            text_hash: text.sha256.to_owned(),
            name: typed.trim().to_owned(),
            at,
        };
        Ok(self.undertaking.with(State::Signed(signature)))
    }
}

impl CheckPermit<'_> {
    /// Says that name, date and version match.
    pub fn accept(self, in_force: &str, at: Timestamp) -> Result<Undertaking, Refusal> {
        let State::Signed(signature) = &self.undertaking.state else {
            return Err(self.undertaking.wrong("check"));
        };
        if signature.text_version != in_force {
            return Err(Refusal::invalid("undertaking", "old-text"));
        }
        let signature = signature.clone();
        let state = State::Valid { signature, checked_by: self.secretary, checked_at: at };
        Ok(self.undertaking.with(state))
    }

    /// Sends it back to the signer with a reason.
    pub fn send_back(self, reason: &str) -> Result<Undertaking, Refusal> {
        let State::Signed(_) = &self.undertaking.state else {
            return Err(self.undertaking.wrong("return"));
        };
        if reason.trim().is_empty() {
            return Err(Refusal::invalid("reason", "missing"));
        }
        Ok(self.undertaking.with(State::ToSign { returned: Some(reason.trim().to_owned()) }))
    }
}

fn plain(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::RoleGrant;

    const TEXT: ShownText<'static> = ShownText { version: "2", sha256: "ab" };

    fn at() -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn actor(number: u128, roles: &[Role]) -> Actor {
        Actor {
            id: PersonId(Uuid::from_u128(number)),
            roles: roles.iter().map(|role| RoleGrant { role: *role, producer: None }).collect(),
            works_in: vec![],
            may_act: true,
            is_enrolled: true,
        }
    }

    fn signature(version: &str) -> Signature {
        let text_version = version.to_owned();
        Signature { text_version, text_hash: "ab".into(), name: "Ada".into(), at: at() }
    }

    fn in_state(state: State) -> Undertaking {
        let person = PersonId(Uuid::from_u128(1));
        let new = Undertaking::to_sign(UndertakingId(Uuid::nil()), person, Uuid::nil().into());
        Undertaking { state, ..new }
    }

    fn states() -> [State; 4] {
        let checked_by = PersonId(Uuid::from_u128(2));
        [
            State::ToSign { returned: None },
            State::Signed(signature("2")),
            State::Valid { signature: signature("2"), checked_by, checked_at: at() },
            State::Superseded { signature: signature("1") },
        ]
    }

    #[test]
    fn every_verb_through_every_state() {
        let (ada, farid) = (actor(1, &[]), actor(2, &[Role::Secretary]));
        let name = |result: Result<Undertaking, Refusal>| match result {
            Ok(after) => after.state.name(),
            Err(Refusal::WrongState(_)) => "-",
            Err(other) => panic!("{other}"),
        };
        let table = states().map(|state| {
            let one = in_state(state);
            let sign = may_sign(&ada, &one).unwrap().sign(TEXT, " ada ", "Ada", true, at());
            let accept = may_check(&farid, &one).unwrap().accept("2", at());
            let back = may_check(&farid, &one).unwrap().send_back("no date");
            let newer = one.superseded_by("3").map_or("-", |after| after.state.name());
            (one.state.name(), name(sign), name(accept), name(back), newer)
        });
        assert_eq!(
            table,
            [
                ("to_sign", "signed", "-", "-", "-"),
                ("signed", "-", "valid", "to_sign", "superseded"),
                ("valid", "-", "-", "-", "superseded"),
                ("superseded", "signed", "-", "-", "-"),
            ]
        );
    }

    #[test]
    fn every_role_but_the_secretary_is_kept_from_checking_and_all_from_signing_for_others() {
        let one = in_state(State::Signed(signature("2")));
        for role in Role::ALL {
            let other = actor(3, &[role]);
            assert!(may_sign(&other, &one).is_err(), "{} signed for Ada", role.name());
            let checks = may_check(&other, &one).is_ok();
            assert_eq!(checks, role == Role::Secretary, "{}", role.name());
        }
    }

    /// The row `undertaking` of JOURNEYS 3.1, for who is neither the signer nor in the team.
    #[test]
    fn undertakings_are_read_as_the_table_of_permissions_says() {
        let one = in_state(State::Signed(signature("2")));
        for role in Role::ALL {
            let expected = matches!(
                role,
                Role::Auditor
                    | Role::Secretary
                    | Role::CommitteeMember
                    | Role::Chair
                    | Role::SecurityOfficer
            );
            assert_eq!(may_read(&actor(3, &[role]), &one).is_ok(), expected, "{}", role.name());
            assert_eq!(may_list(&actor(3, &[role])).is_ok(), expected, "{}", role.name());
        }
        assert!(may_read(&actor(1, &[]), &one).is_ok(), "the signer");
        assert!(may_list(&actor(1, &[])).is_err(), "the signer lists their own alone");
    }

    #[test]
    fn a_secretary_does_not_check_their_own_undertaking() {
        let one = in_state(State::Signed(signature("2")));
        let denied = may_check(&actor(1, &[Role::Secretary]), &one).unwrap_err();
        assert_eq!(denied, Denied::NeedsSecondPerson);
    }

    #[test]
    fn another_name_or_no_tick_is_no_signature() {
        let one = in_state(State::ToSign { returned: None });
        let sign = |typed, ticked| {
            may_sign(&actor(1, &[]), &one).unwrap().sign(TEXT, typed, "Ada", ticked, at())
        };
        assert_eq!(sign("Bob", true), Err(Refusal::invalid("name", "name-differs")));
        assert_eq!(sign("", true), Err(Refusal::invalid("name", "name-differs")));
        assert_eq!(sign("Ada", false), Err(Refusal::invalid("agreed", "not-ticked")));
    }

    #[test]
    fn an_old_text_is_not_accepted() {
        let one = in_state(State::Signed(signature("1")));
        let permit = may_check(&actor(2, &[Role::Secretary]), &one).unwrap();
        assert_eq!(permit.accept("2", at()), Err(Refusal::invalid("undertaking", "old-text")));
    }
}
