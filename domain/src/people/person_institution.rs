//! Who writes where somebody works (JOURNEYS 1.1). The committee's checklist asks for it of each
//! member of a team, so it is an identity field: what stands is changed by somebody else.

use super::person::{Person, PersonState};
use crate::{Actor, Denied, Refusal, Role};

/// The longest institution, in characters.
const LONGEST: usize = 200;

/// Leave to write one person's institution; made by [`may_write_institution`] alone.
#[derive(Debug)]
pub struct InstitutionPermit<'a> {
    person: &'a Person,
}

/// A person writes their own as long as there is none; project manager and secretary those of
/// others.
///
/// # Errors
/// [`Denied::NeedsRole`], or [`Denied::NeedsSecondPerson`] for one's own that stands already.
pub fn may_write_institution<'a>(
    actor: &Actor,
    person: &'a Person,
) -> Result<InstitutionPermit<'a>, Denied> {
    let own = actor.id == person.id;
    if own && actor.may_act && person.institution.is_empty() {
        return Ok(InstitutionPermit { person });
    }
    actor.needs(&[Role::ProjectManager, Role::Secretary])?;
    if own { Err(Denied::NeedsSecondPerson) } else { Ok(InstitutionPermit { person }) }
}

impl InstitutionPermit<'_> {
    /// The person with another institution.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] where it is missing or too long, [`Refusal::WrongState`] for an account
    /// that is closed: its record stays as it was.
    pub fn write(self, institution: &str) -> Result<Person, Refusal> {
        if let PersonState::Closed { .. } = self.person.state {
            return Err(self.person.wrong("write the institution of").into());
        }
        match institution.trim() {
            "" => Err(Refusal::invalid("institution", "missing")),
            given => Person { institution: String::new(), ..self.person.clone() }.stating(given),
        }
    }
}

impl Person {
    /// Who opens their account says where they work, where the invitation did not; what the
    /// invitation says stands.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] where it is too long.
    pub fn stating(self, institution: &str) -> Result<Self, Refusal> {
        let institution = institution.trim();
        if institution.chars().count() > LONGEST {
            return Err(Refusal::invalid("institution", "too-long"));
        }
        match self.institution.is_empty() {
            true => Ok(Self { institution: institution.to_owned(), ..self }),
            false => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::person_tests::{actor, person, states};

    #[test]
    fn every_role_through_the_act_and_oneself_once() {
        let none = person(PersonState::Registered);
        let stands = Person { institution: "Here".into(), ..none.clone() };
        for role in Role::ALL {
            let writes = matches!(role, Role::ProjectManager | Role::Secretary);
            for one in [&none, &stands] {
                let may = may_write_institution(&actor(2, &[role]), one).is_ok();
                assert_eq!(may, writes, "{role:?}");
            }
            assert!(may_write_institution(&actor(1, &[role]), &none).is_ok(), "{role:?}, own");
            assert!(may_write_institution(&actor(1, &[role]), &stands).is_err(), "{role:?}, own");
        }
        let manager = actor(1, &[Role::ProjectManager]);
        let own = may_write_institution(&manager, &stands).unwrap_err();
        assert_eq!(own, Denied::NeedsSecondPerson);
        let suspended = Actor { may_act: false, ..actor(1, &[]) };
        assert!(may_write_institution(&suspended, &none).is_err());
    }

    #[test]
    fn it_is_written_in_every_state_but_the_last() {
        let written = states().map(|state| {
            let one = person(state);
            let permit = may_write_institution(&actor(2, &[Role::Secretary]), &one).unwrap();
            permit.write(" There ").map(|after| after.institution).ok()
        });
        let there = || Some("There".to_owned());
        let expected = [there(), there(), there(), there(), there(), there(), None];
        assert_eq!(written, expected);
    }

    #[test]
    fn it_is_neither_missing_nor_too_long_and_an_invitation_s_stands() {
        let one = person(PersonState::Registered);
        let write = |text: &str| {
            may_write_institution(&actor(2, &[Role::Secretary]), &one).unwrap().write(text)
        };
        assert_eq!(write("  "), Err(Refusal::invalid("institution", "missing")));
        assert_eq!(write(&"é".repeat(201)), Err(Refusal::invalid("institution", "too-long")));
        assert!(write(&"é".repeat(200)).is_ok());
        let stands = Person { institution: "Here".into(), ..one };
        assert_eq!(stands.stating("There").unwrap().institution, "Here");
    }
}
