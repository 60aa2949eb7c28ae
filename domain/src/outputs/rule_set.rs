//! A producer's thresholds and routes for exports, versioned.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Actor, Denied, PersonId, ProducerId, Refusal, RuleSetId};

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
