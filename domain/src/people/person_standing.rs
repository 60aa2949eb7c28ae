//! Active, suspended, restored, closed (JOURNEYS 1.1).

use jiff::Timestamp;

use super::person::{Person, PersonState as State};
use crate::{Actor, Denied, PersonId, Refusal, Role};

/// Leave to suspend one person; made by [`may_suspend`] alone.
#[derive(Debug)]
pub struct SuspendPermit<'a> {
    by: PersonId,
    person: &'a Person,
}

/// Leave to take part in restoring one person; made by [`may_restore`] alone.
#[derive(Debug)]
pub struct RestorePermit<'a> {
    by: PersonId,
    is_officer: bool,
    person: &'a Person,
}

/// Leave to close one account; made by [`may_close`] alone.
#[derive(Debug)]
pub struct ClosePermit<'a> {
    person: &'a Person,
}

/// The security officer suspends others.
pub fn may_suspend<'a>(actor: &Actor, person: &'a Person) -> Result<SuspendPermit<'a>, Denied> {
    actor.needs(&[Role::SecurityOfficer])?;
    if actor.id == person.id {
        Err(Denied::NeedsSecondPerson)
    } else {
        Ok(SuspendPermit { by: actor.id, person })
    }
}

/// Two different persons restore: a security officer, and another one or a project manager.
pub fn may_restore<'a>(actor: &Actor, person: &'a Person) -> Result<RestorePermit<'a>, Denied> {
    actor.needs(&[Role::SecurityOfficer, Role::ProjectManager])?;
    let is_officer = actor.has(Role::SecurityOfficer);
    if actor.id == person.id {
        Err(Denied::NeedsSecondPerson)
    } else {
        Ok(RestorePermit { by: actor.id, is_officer, person })
    }
}

/// The project manager closes accounts of others.
pub fn may_close<'a>(actor: &Actor, person: &'a Person) -> Result<ClosePermit<'a>, Denied> {
    actor.needs(&[Role::ProjectManager])?;
    if actor.id == person.id { Err(Denied::NeedsSecondPerson) } else { Ok(ClosePermit { person }) }
}

impl SuspendPermit<'_> {
    /// Locks the account; where it stood is kept for the restoring.
    pub fn suspend(self, reason: &str, at: Timestamp) -> Result<Person, Refusal> {
        if matches!(self.person.state, State::Suspended { .. } | State::Closed { .. }) {
            return Err(self.person.wrong("suspend").into());
        }
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Refusal::invalid("reason", "missing"));
        }
        let previous = Box::new(self.person.state.clone());
        let (by, reason) = (self.by, reason.to_owned());
        let state = State::Suspended { by, reason, since: at, previous, restore_asked_by: None };
        Ok(self.person.with(state))
    }
}

impl RestorePermit<'_> {
    /// The first of the two, a security officer, asks for the restoring; the second, somebody
    /// else, does it.
    pub fn restore(self) -> Result<Person, Refusal> {
        let State::Suspended { by, reason, since, previous, restore_asked_by } = &self.person.state
        else {
            return Err(self.person.wrong("restore").into());
        };
        match restore_asked_by {
            None if !self.is_officer => Err(Denied::NeedsRole(Role::SecurityOfficer.name()).into()),
            None => Ok(self.person.with(State::Suspended {
                by: *by,
                reason: reason.clone(),
                since: *since,
                previous: previous.clone(),
                restore_asked_by: Some(self.by),
            })),
            Some(first) if *first == self.by => Err(Denied::NeedsSecondPerson.into()),
            Some(_) => Ok(self.person.with((**previous).clone())),
        }
    }
}

impl ClosePermit<'_> {
    /// Ends the account; refused while a habilitation is live (`live`).
    pub fn close(self, live: bool, at: Timestamp) -> Result<Person, Refusal> {
        match self.person.state {
            State::Closed { .. } => Err(self.person.wrong("close").into()),
            _ if live => Err(Refusal::invalid("person", "live-habilitation")),
            _ => Ok(Person { roles: Vec::new(), ..self.person.with(State::Closed { at }) }),
        }
    }
}

impl Person {
    /// The account once it is known whether it has a live habilitation, with its event's kind;
    /// none where it stands right.
    pub fn follow_access(&self, live: bool, at: Timestamp) -> Option<(Self, &'static str)> {
        match (&self.state, live) {
            (State::Enrolled { .. }, true) => {
                Some((self.with(State::Active { since: at }), "access.opened"))
            }
            (State::Active { .. }, false) => {
                Some((self.with(State::Enrolled { since: at }), "access.none_left"))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::person_tests::{actor, at, person, states};

    #[test]
    fn every_verb_through_every_state() {
        let (ines, omar) = (actor(2, &[Role::SecurityOfficer]), actor(3, &[Role::ProjectManager]));
        let table = states().map(|state| {
            let one = person(state);
            let suspend = may_suspend(&ines, &one).unwrap().suspend("lost", at(1)).is_ok();
            let restore = may_restore(&ines, &one).unwrap().restore().is_ok();
            let close = may_close(&omar, &one).unwrap().close(false, at(1)).is_ok();
            let follow =
                [true, false].map(|live| one.follow_access(live, at(1)).map(|next| next.1));
            (one.state.name(), suspend, restore, close, follow)
        });
        assert_eq!(
            table,
            [
                ("invited", true, false, true, [None, None]),
                ("registered", true, false, true, [None, None]),
                ("identity_checked", true, false, true, [None, None]),
                ("enrolled", true, false, true, [Some("access.opened"), None]),
                ("active", true, false, true, [None, Some("access.none_left")]),
                ("suspended", false, true, true, [None, None]),
                ("closed", false, false, false, [None, None]),
            ]
        );
    }

    #[test]
    fn every_role_through_every_act() {
        let one = person(State::Registered);
        for role in Role::ALL {
            let by = actor(2, &[role]);
            let (officer, manager) = (role == Role::SecurityOfficer, role == Role::ProjectManager);
            assert_eq!(may_suspend(&by, &one).is_ok(), officer, "{}", role.name());
            assert_eq!(may_restore(&by, &one).is_ok(), officer || manager, "{}", role.name());
            assert_eq!(may_close(&by, &one).is_ok(), manager, "{}", role.name());
        }
    }

    #[test]
    fn restoring_needs_an_officer_and_a_second_person() {
        let (ines, jules) =
            (actor(2, &[Role::SecurityOfficer]), actor(3, &[Role::SecurityOfficer]));
        let omar = actor(4, &[Role::ProjectManager]);
        let before = person(State::Registered);
        let suspended = may_suspend(&ines, &before).unwrap();
        let suspended = suspended.suspend("lost card", at(1)).unwrap();
        let restore = |by: &Actor, one: &Person| may_restore(by, one).unwrap().restore();
        assert!(restore(&omar, &suspended).is_err(), "a manager does not begin");
        let asked = restore(&ines, &suspended).unwrap();
        assert_eq!(asked.state.name(), "suspended");
        let twice = restore(&ines, &asked);
        assert_eq!(twice, Err(Refusal::Denied(Denied::NeedsSecondPerson)));
        for second in [jules, omar] {
            assert_eq!(restore(&second, &asked).unwrap().state, State::Registered);
        }
    }

    #[test]
    fn a_suspension_says_why_and_nobody_does_it_to_themselves() {
        let one = person(State::Registered);
        let ines = actor(2, &[Role::SecurityOfficer]);
        let without = may_suspend(&ines, &one).unwrap().suspend(" ", at(0));
        assert_eq!(without, Err(Refusal::invalid("reason", "missing")));
        assert!(may_suspend(&actor(1, &[Role::SecurityOfficer]), &one).is_err());
    }

    #[test]
    fn a_live_habilitation_keeps_an_account_open() {
        let one = person(State::Active { since: at(0) });
        let closed =
            may_close(&actor(4, &[Role::ProjectManager]), &one).unwrap().close(true, at(0));
        assert_eq!(closed, Err(Refusal::invalid("person", "live-habilitation")));
    }
}
