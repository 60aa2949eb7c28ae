//! A producer's thresholds and routes for exports, versioned.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Actor, Denied, PersonId, ProducerId, Refusal, Role, RuleSetId};

/// One version of a producer's rule set. A sealed request keeps the version it was sealed under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSet {
    /// Which.
    pub id: RuleSetId,
    /// Counts the changes of this row; a new version of the rules is a new row.
    pub version: i64,
    /// Whose.
    pub producer: ProducerId,
    /// 1, 2, ... within the producer.
    pub number: u32,
    /// The rules in the engine's TOML.
    pub toml: String,
    /// Who published it.
    pub by: PersonId,
    /// From when it holds.
    pub from: Timestamp,
}

/// Leave to publish rules for a producer.
#[derive(Debug)]
pub struct PublishPermit {
    producer: ProducerId,
    by: PersonId,
}

/// Agents and deciders of the producer publish its rules, nobody else.
pub fn may_publish(actor: &Actor, producer: ProducerId) -> Result<PublishPermit, Denied> {
    if actor.is_of(producer) {
        Ok(PublishPermit { producer, by: actor.id })
    } else {
        Err(Denied::NotOfTheProducer)
    }
}

impl PublishPermit {
    /// The version after `known`. It holds from `from`, at the earliest now and never before the
    /// version that it follows: what was sealed keeps its rules.
    pub fn publish(
        self,
        id: RuleSetId,
        toml: String,
        known: &[RuleSet],
        from: Timestamp,
        now: Timestamp,
    ) -> Result<RuleSet, Refusal> {
        let last = known.iter().max_by_key(|set| set.number);
        if last.is_some_and(|last| from < last.from) {
            return Err(Refusal::invalid("from", "too-early"));
        }
        Ok(RuleSet {
            id,
            version: 0,
            producer: self.producer,
            number: last.map_or(1, |last| last.number + 1),
            toml,
            by: self.by,
            from: from.max(now),
        })
    }
}

/// The version in force at `at`: the newest that has begun.
pub fn in_force(known: &[RuleSet], at: Timestamp) -> Option<&RuleSet> {
    known.iter().filter(|set| set.from <= at).max_by_key(|set| set.number)
}

/// Who reads which rule sets (JOURNEYS 3.1): producers their own, back office, committee, checkers,
/// data managers, security officers, auditors and everybody who works in a project those of all.
/// Operators and billing read none.
///
/// # Errors
/// [`Denied::NeedsRole`] for the others.
pub fn may_read(actor: &Actor, producer: ProducerId) -> Result<(), Denied> {
    let works = actor.may_act && !actor.works_in.is_empty();
    match actor.is_of(producer) || works {
        true => Ok(()),
        false => actor.needs(&READERS),
    }
}

/// The roles that read the rule sets of every producer.
const READERS: [Role; 8] = [
    Role::Auditor,
    Role::Secretary,
    Role::CommitteeMember,
    Role::Chair,
    Role::Checker,
    Role::CheckerLead,
    Role::DataManager,
    Role::SecurityOfficer,
];

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{ApplicationId, RoleGrant};

    const OWN: ProducerId = ProducerId(Uuid::from_u128(1));
    const OTHER: ProducerId = ProducerId(Uuid::from_u128(2));

    fn actor(role: Option<Role>, works_in: &[u128]) -> Actor {
        let grant =
            |role: Role| RoleGrant { role, producer: role.is_of_a_producer().then_some(OWN) };
        Actor {
            id: PersonId(Uuid::from_u128(9)),
            roles: role.map(grant).into_iter().collect(),
            works_in: works_in.iter().map(|n| ApplicationId(Uuid::from_u128(*n))).collect(),
            may_act: true,
            is_enrolled: true,
        }
    }

    /// The row `rule set` of JOURNEYS 3.1.
    #[test]
    fn rule_sets_are_read_as_the_table_of_permissions_says() {
        for role in Role::ALL {
            let reader = actor(Some(role), &[]);
            let reads = (may_read(&reader, OWN).is_ok(), may_read(&reader, OTHER).is_ok());
            let expected = match role {
                Role::ProducerAgent | Role::ProducerDecider => (true, false),
                Role::LinkageAgentA
                | Role::LinkageAgentB
                | Role::EnrolmentAgent
                | Role::Operator
                | Role::BillingManager
                | Role::ProjectManager => (false, false),
                _ => (true, true),
            };
            assert_eq!(reads, expected, "{role:?}");
            let publishes = may_publish(&reader, OWN).is_ok();
            assert_eq!(publishes, role.is_of_a_producer(), "{role:?} publishes");
        }
        assert!(may_read(&actor(None, &[7]), OTHER).is_ok(), "a member of some project");
        assert!(may_read(&actor(None, &[]), OTHER).is_err(), "nobody in particular");
        let stopped = Actor { may_act: false, ..actor(Some(Role::Checker), &[7]) };
        assert!(may_read(&stopped, OTHER).is_err(), "an account that may not act");
    }
}
