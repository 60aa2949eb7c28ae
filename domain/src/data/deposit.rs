//! Files received from a producer for a vintage (JOURNEYS 1.15).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DepositId, PersonId, ProducerId, VintageId};

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
    /// SHA-256, hexadecimal, lower case.
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
        /// Differences that were found, in words.
        differences: Vec<String>,
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
        /// Why, in words for the producer.
        reason: String,
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
