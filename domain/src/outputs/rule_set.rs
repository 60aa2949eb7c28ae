//! A producer's thresholds and routes for exports, versioned.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{PersonId, ProducerId, RuleSetId};

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
