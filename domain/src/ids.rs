//! One id type a noun, so that no id can be passed where another is meant.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { Uuid::parse_str(text).map(Self) }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self { Self(id) }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self { id.0 }
        }
    )*};
}

ids! {
    /// A person with an account.
    PersonId,
    /// A credential (passkey) bound to a person.
    CredentialId,
    /// A browser that is signed in.
    LoginId,
    /// A confidentiality undertaking of one person for one application.
    UndertakingId,
    /// The right of one person in one project until a date.
    HabilitationId,
    /// An organisation that owns sources.
    ProducerId,
    /// A data series of the catalogue.
    SourceId,
    /// One edition of a source.
    VintageId,
    /// Files received from a producer for a vintage.
    DepositId,
    /// A file that is being uploaded in pieces.
    UploadId,
    /// An application; once authorised it is the project.
    ApplicationId,
    /// A file that a team adds to its application.
    AttachmentId,
    /// One source with its vintages inside an application.
    ItemId,
    /// The sealed workspace of a project.
    BubbleId,
    /// One person at work in one bubble through one display.
    SessionId,
    /// A request to replay a recording.
    ReplayId,
    /// A line of a project's ledger of credits.
    CreditLineId,
    /// An order of credits.
    CreditOrderId,
    /// An export request.
    ExportId,
    /// A producer's thresholds and routes for exports, one version of them.
    RuleSetId,
    /// A version of the centre's risk model.
    RiskModelId,
    /// Files that a person asks to bring into a bubble.
    ImportId,
    /// An entry of the centre's audit trail.
    EventId,
    /// A message to a person about an event.
    NoticeId,
}

/// A project is an application that was authorised.
pub type ProjectId = ApplicationId;
