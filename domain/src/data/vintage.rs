//! One edition of a source (JOURNEYS 1.15); granted and mounted one by one.

use serde::{Deserialize, Serialize};

use crate::{DepositId, SourceId, VintageId};

/// A vintage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vintage {
    /// Which.
    pub id: VintageId,
    /// Counts the changes.
    pub version: i64,
    /// Of which source.
    pub source: SourceId,
    /// The label, usually a year; the folder's name in a bubble: letters, digits, `-` and `_`.
    pub label: String,
    /// The year for the catalogue's range, where the label has one.
    pub year: Option<i32>,
    /// Where it stands.
    pub state: VintageState,
}

/// Where a vintage stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum VintageState {
    /// The producer said that it comes.
    Announced,
    /// A deposit channel is open.
    Expected,
    /// Files are there.
    Deposited {
        /// The deposit.
        deposit: DepositId,
    },
    /// Its checks run.
    Checking {
        /// The deposit.
        deposit: DepositId,
    },
    /// Checks passed.
    Accepted {
        /// The deposit.
        deposit: DepositId,
    },
    /// May be granted and mounted.
    Available {
        /// The deposit whose Parquet files are mounted.
        deposit: DepositId,
    },
    /// An erratum took its place; those who mount it keep it until the producer's date.
    Replaced {
        /// The deposit that stays readable.
        deposit: DepositId,
        /// The vintage that took its place.
        by: VintageId,
    },
    /// Taken back by the producer.
    Withdrawn {
        /// Why.
        reason: String,
    },
}

impl VintageState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Expected => "expected",
            Self::Deposited { .. } => "deposited",
            Self::Checking { .. } => "checking",
            Self::Accepted { .. } => "accepted",
            Self::Available { .. } => "available",
            Self::Replaced { .. } => "replaced",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

impl Vintage {
    /// The deposit whose files a bubble mounts, when there is one.
    pub fn mounted_deposit(&self) -> Option<DepositId> {
        match self.state {
            VintageState::Available { deposit } | VintageState::Replaced { deposit, .. } => {
                Some(deposit)
            }
            _ => None,
        }
    }
}
