//! Files received from a producer for a vintage (JOURNEYS 1.15).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DepositId, PersonId, ProducerId, VintageId};

mod check;
mod send;

pub use check::{CheckPermit, DecidePermit, checks_of, may_decide};
pub use send::{CHANNEL_HOURS, DepositPermit, SendPermit, may_deposit, may_send};

/// A deposit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposit {
    /// Which.
    pub id: DepositId,
    /// Counts the changes.
    pub version: i64,
    /// For which vintage.
    pub vintage: VintageId,
    /// From which producer.
    pub producer: ProducerId,
    /// Who announced it.
    pub by: PersonId,
    /// What the producer said would come.
    pub manifest: Vec<ManifestFile>,
    /// Whether the manifest grows with each file that is sent, until the depositor says that all
    /// are there: for those who let the browser compute the hashes.
    #[serde(default)]
    pub grows: bool,
    /// What came.
    pub files: Vec<DepositFile>,
    /// Where it stands.
    pub state: DepositState,
}

/// A file announced by the producer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its name, without a folder.
    pub name: String,
    /// SHA-256, hexadecimal, lower case; empty until the browser that sends the file has told it.
    pub sha256: String,
    /// Its length in bytes, where the producer gave it.
    pub bytes: Option<u64>,
    /// Its data rows, where the producer gave them.
    pub rows: Option<u64>,
}

/// A file that came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositFile {
    /// Its name as sent.
    pub name: String,
    /// SHA-256 as received.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// The Parquet file made of it, in the deposit's folder.
    pub parquet: Option<String>,
    /// Rows of the Parquet file.
    pub rows: Option<u64>,
    /// The type report of the conversion, as the engine gives it.
    pub report: Option<serde_json::Value>,
}

/// One difference between a file and the code book of its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What differs (`difference-<key>`).
    pub key: String,
    /// The file.
    pub file: String,
    /// The variable; empty where it is about the whole file.
    pub variable: String,
    /// What stands in the file, where that says more.
    pub detail: String,
}

/// Why a deposit was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The kind of reason (`rejection-<key>`): a check's, or `person`, or `withdrawn`.
    pub key: String,
    /// The file that the check refused; empty where a person refused.
    pub file: String,
    /// The person's words, or the check's in English, for logs.
    pub detail: String,
    /// What the check saw, to be told in the reader's language.
    #[serde(default)]
    pub seen: Vec<Seen>,
}

impl Rejection {
    /// A reason without anything that a check saw.
    pub fn new(key: &str, file: &str, detail: impl Into<String>) -> Self {
        let (key, file) = (key.to_owned(), file.to_owned());
        Self { key, file, detail: detail.into(), seen: Vec::new() }
    }
}

/// One thing that a check saw in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The kind (`deposit-seen-<key>`).
    pub key: String,
    /// The line, from 1; 0 where it is about the whole file.
    pub line: u64,
    /// A number or a name that belongs to it; empty where there is none.
    pub what: String,
}

/// Where a deposit stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum DepositState {
    /// The manifest is given.
    Announced,
    /// Files may be sent until the date (24 h; JOURNEYS 3.2).
    ChannelOpen {
        /// When the channel closes.
        until: Timestamp,
    },
    /// A first piece came.
    Uploading {
        /// When the channel closes.
        until: Timestamp,
    },
    /// Every announced file came.
    Received {
        /// When.
        at: Timestamp,
    },
    /// Each file has the announced SHA-256.
    HashChecked,
    /// Each file is what it says it is.
    Scanned,
    /// Converted, structure and types reported.
    Validated,
    /// The variables agree with the code book.
    LabelChecked {
        /// Differences that were found.
        differences: Vec<Difference>,
    },
    /// A data manager accepted it.
    Accepted {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
    /// It was refused, by a check or by a person.
    Rejected {
        /// Why.
        reason: Rejection,
        /// When.
        at: Timestamp,
    },
    /// The centre signed the receipt.
    ReceiptSigned {
        /// Who accepted.
        by: PersonId,
        /// When the receipt was signed.
        at: Timestamp,
        /// The receipt: a signed note (C2SP) over the files and their hashes.
        receipt: String,
    },
}

impl DepositState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::ChannelOpen { .. } => "channel_open",
            Self::Uploading { .. } => "uploading",
            Self::Received { .. } => "received",
            Self::HashChecked => "hash_checked",
            Self::Scanned => "scanned",
            Self::Validated => "validated",
            Self::LabelChecked { .. } => "label_checked",
            Self::Accepted { .. } => "accepted",
            Self::Rejected { .. } => "rejected",
            Self::ReceiptSigned { .. } => "receipt_signed",
        }
    }
}

impl Deposit {
    fn wrong(&self, verb: &'static str) -> crate::WrongState {
        crate::WrongState { verb, noun: "deposit", state: self.state.name() }
    }

    /// Until when files may be sent, where the channel is open.
    pub fn open_until(&self) -> Option<Timestamp> {
        match self.state {
            DepositState::ChannelOpen { until } | DepositState::Uploading { until } => Some(until),
            _ => None,
        }
    }

    /// Whether nothing more can come of it.
    pub fn is_over(&self) -> bool {
        matches!(self.state, DepositState::Rejected { .. } | DepositState::ReceiptSigned { .. })
    }

    /// The announced files that have not come.
    pub fn missing(&self) -> impl Iterator<Item = &ManifestFile> {
        let came = |name: &str| self.files.iter().any(|file| file.name == name);
        self.manifest.iter().filter(move |file| !came(&file.name))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use uuid::Uuid;

    use super::*;

    pub(crate) fn at() -> Timestamp {
        "2026-11-02T10:00:00Z".parse().unwrap()
    }

    pub(crate) fn rejection() -> Rejection {
        Rejection::new("ragged", "a.csv", "line 3")
    }

    /// One of each state, in the order of a deposit's life.
    pub(crate) fn every_state() -> Vec<DepositState> {
        let by = PersonId(Uuid::from_u128(8));
        let until = at() + jiff::SignedDuration::from_hours(24);
        vec![
            DepositState::Announced,
            DepositState::ChannelOpen { until },
            DepositState::Uploading { until },
            DepositState::Received { at: at() },
            DepositState::HashChecked,
            DepositState::Scanned,
            DepositState::Validated,
            DepositState::LabelChecked { differences: vec![] },
            DepositState::Accepted { by, at: at() },
            DepositState::Rejected { reason: rejection(), at: at() },
            DepositState::ReceiptSigned { by, at: at(), receipt: "note".into() },
        ]
    }

    pub(crate) fn deposit(state: DepositState) -> Deposit {
        Deposit {
            id: DepositId(Uuid::from_u128(6)),
            version: 0,
            vintage: VintageId(Uuid::from_u128(3)),
            producer: ProducerId(Uuid::from_u128(1)),
            by: PersonId(Uuid::from_u128(2)),
            manifest: vec![ManifestFile {
                name: "a.csv".into(),
                sha256: "0".repeat(64),
                bytes: Some(3),
                rows: None,
            }],
            grows: false,
            files: vec![],
            state,
        }
    }
}
