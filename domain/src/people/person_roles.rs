//! Who gives roles, and which exclude each other (JOURNEYS 3.1).

use super::person::Person;
use crate::{Actor, Denied, Refusal, Role, RoleGrant};

/// Leave to change one person's roles; made by [`may_change_roles`] alone.
#[derive(Debug)]
pub struct RolesPermit<'a> {
    person: &'a Person,
    own: bool,
}

/// The project manager gives and takes roles. For their own account a second one is needed: see
/// [`RolesPermit::give`].
pub fn may_change_roles<'a>(actor: &Actor, person: &'a Person) -> Result<RolesPermit<'a>, Denied> {
    actor.needs(&[Role::ProjectManager])?;
    Ok(RolesPermit { person, own: actor.id == person.id })
}

impl RolesPermit<'_> {
    /// Gives a role. Two roles that exclude each other are never held together, whoever asks; and
    /// nobody raises their own rights.
    pub fn give(self, grant: RoleGrant) -> Result<Person, Refusal> {
        if !self.person.may_act() {
            return Err(self.person.wrong("give a role to").into());
        }
        if grant.role.is_of_a_producer() != grant.producer.is_some() {
            return Err(Refusal::invalid("producer", "role-producer"));
        }
        if let Some(held) = self.person.roles.iter().find(|held| excludes(held.role, grant.role)) {
            return Err(Denied::IncompatibleRoles(held.role.name(), grant.role.name()).into());
        }
        if self.own {
            return Err(Denied::NeedsSecondPerson.into());
        }
        if self.person.roles.contains(&grant) {
            return Err(Refusal::invalid("role", "role-held"));
        }
        let roles = self.person.roles.iter().copied().chain([grant]).collect();
        Ok(Person { roles, ..self.person.clone() })
    }

    /// Takes a role. A project manager does not take their own: the centre would be left without.
    pub fn take(self, grant: RoleGrant) -> Result<Person, Refusal> {
        if !self.person.roles.contains(&grant) {
            return Err(Refusal::invalid("role", "role-not-held"));
        }
        if self.own {
            return Err(Denied::NeedsSecondPerson.into());
        }
        let roles = self.person.roles.iter().copied().filter(|held| *held != grant).collect();
        Ok(Person { roles, ..self.person.clone() })
    }
}

/// Whether one person may never hold both.
fn excludes(a: Role, b: Role) -> bool {
    Role::INCOMPATIBLE.contains(&(a, b)) || Role::INCOMPATIBLE.contains(&(b, a))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::people::{
        person::PersonState as State,
        person_tests::{actor, at, person},
    };

    fn grant(role: Role) -> RoleGrant {
        let producer = role.is_of_a_producer().then(|| Uuid::nil().into());
        RoleGrant { role, producer }
    }

    fn enrolled(roles: &[Role]) -> Person {
        let roles = roles.iter().map(|role| grant(*role)).collect();
        Person { roles, ..person(State::Enrolled { since: at(0) }) }
    }

    #[test]
    fn only_the_project_manager_changes_roles() {
        for role in Role::ALL {
            let may = may_change_roles(&actor(2, &[role]), &enrolled(&[])).is_ok();
            assert_eq!(may, role == Role::ProjectManager, "{}", role.name());
        }
    }

    #[test]
    fn every_pair_that_excludes_each_other_is_refused_in_both_orders_and_no_other_pair_is() {
        let manager = actor(2, &[Role::ProjectManager]);
        for held in Role::ALL {
            for role in Role::ALL.into_iter().filter(|role| *role != held) {
                let one = enrolled(&[held]);
                let given = may_change_roles(&manager, &one).unwrap().give(grant(role));
                let excluded = Role::INCOMPATIBLE.contains(&(held, role))
                    || Role::INCOMPATIBLE.contains(&(role, held));
                assert_eq!(given.is_err(), excluded, "{} and {}", held.name(), role.name());
            }
        }
    }

    #[test]
    fn a_manager_does_not_raise_their_own_rights() {
        let manager = actor(1, &[Role::ProjectManager]);
        let own = enrolled(&[Role::ProjectManager]);
        let give = |role| may_change_roles(&manager, &own).unwrap().give(grant(role)).unwrap_err();
        let excluded = Denied::IncompatibleRoles("project_manager", "security_officer");
        assert_eq!(give(Role::SecurityOfficer), Refusal::Denied(excluded));
        assert_eq!(give(Role::Checker), Refusal::Denied(Denied::NeedsSecondPerson));
    }

    #[test]
    fn a_producer_s_role_names_its_producer_and_others_name_none() {
        let manager = actor(2, &[Role::ProjectManager]);
        let one = enrolled(&[]);
        let give = |grant| may_change_roles(&manager, &one).unwrap().give(grant);
        let without = RoleGrant { role: Role::ProducerAgent, producer: None };
        assert_eq!(give(without), Err(Refusal::invalid("producer", "role-producer")));
        let with = RoleGrant { role: Role::Checker, producer: Some(Uuid::nil().into()) };
        assert_eq!(give(with), Err(Refusal::invalid("producer", "role-producer")));
    }

    #[test]
    fn a_role_is_given_once_and_taken_once() {
        let manager = actor(2, &[Role::ProjectManager]);
        let one = enrolled(&[Role::Checker]);
        let permit = || may_change_roles(&manager, &one).unwrap();
        let again = permit().give(grant(Role::Checker));
        assert_eq!(again, Err(Refusal::invalid("role", "role-held")));
        assert!(permit().take(grant(Role::Checker)).unwrap().roles.is_empty());
        let not_held = permit().take(grant(Role::Auditor));
        assert_eq!(not_held, Err(Refusal::invalid("role", "role-not-held")));
    }
}
