//! The confidentiality undertaking of one person for one application (JOURNEYS 1.3).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ApplicationId, PersonId, UndertakingId};

/// What a person signs before the application is examined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undertaking {
    /// Which.
    pub id: UndertakingId,
    /// Counts the changes.
    pub version: i64,
    /// Who signs.
    pub person: PersonId,
    /// For which application.
    pub application: ApplicationId,
    /// Where it stands.
    pub state: UndertakingState,
}

/// Where an undertaking stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum UndertakingState {
    /// Not signed yet, or returned.
    ToSign {
        /// Why it was returned, when it was.
        returned: Option<String>,
    },
    /// Signed by the person.
    Signed(Signature),
    /// Checked by the secretary: the undertaking holds.
    Valid {
        /// The signature.
        signature: Signature,
        /// The secretary.
        checked_by: PersonId,
        /// When.
        checked_at: Timestamp,
    },
    /// A new version of the text must be signed.
    Superseded {
        /// The signature of the older text.
        signature: Signature,
    },
}

/// An electronic signature of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The version of the text that was shown.
    pub text_version: String,
    /// SHA-256 of the text as shown, hexadecimal.
    pub text_hash: String,
    /// The name as typed by the signer.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

impl UndertakingState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ToSign { .. } => "to_sign",
            Self::Signed(_) => "signed",
            Self::Valid { .. } => "valid",
            Self::Superseded { .. } => "superseded",
        }
    }

    /// Whether the person has signed the text in force.
    pub fn is_signed(&self) -> bool {
        matches!(self, Self::Signed(_) | Self::Valid { .. })
    }
}
