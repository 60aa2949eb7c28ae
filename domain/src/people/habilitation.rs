//! The right of one person, in one project, on given vintages, until a date (JOURNEYS 1.2).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ApplicationId, HabilitationId, PersonId, SourceId, VintageId};

/// One person's right in one project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Habilitation {
    /// Which.
    pub id: HabilitationId,
    /// Counts the changes.
    pub version: i64,
    /// Whose.
    pub person: PersonId,
    /// In which project.
    pub application: ApplicationId,
    /// The vintages, with the end that each producer gave.
    pub grants: Vec<Grant>,
    /// Where it stands.
    pub state: HabilitationState,
}

/// One granted vintage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The source.
    pub source: SourceId,
    /// The vintage.
    pub vintage: VintageId,
    /// The end that the producer decided for it.
    pub until: Timestamp,
}

/// Where a habilitation stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum HabilitationState {
    /// The lead added the person.
    Asked,
    /// The undertaking is not signed.
    UndertakingMissing,
    /// The application was submitted.
    UnderExamination,
    /// Decided; prerequisites are open.
    Granted {
        /// From.
        start: Timestamp,
        /// The earliest end of all it depends on.
        end: Timestamp,
    },
    /// In force.
    Active {
        /// From.
        start: Timestamp,
        /// The earliest end of all it depends on.
        end: Timestamp,
    },
    /// In force, less than 60 days before its end.
    Expiring {
        /// From.
        start: Timestamp,
        /// The earliest end of all it depends on.
        end: Timestamp,
    },
    /// Stopped for a cause that may go away.
    Suspended {
        /// From.
        start: Timestamp,
        /// The earliest end of all it depends on.
        end: Timestamp,
        /// Why.
        cause: String,
    },
    /// Its end has come.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// Taken back.
    Revoked {
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// Not given.
    Refused {
        /// When.
        at: Timestamp,
    },
}

impl HabilitationState {
    /// Whether nothing can change any more.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Expired { .. } | Self::Revoked { .. } | Self::Refused { .. })
    }

    /// From when until when the right was given, in the states that have a right.
    pub fn term(&self) -> Option<(Timestamp, Timestamp)> {
        match self {
            Self::Granted { start, end }
            | Self::Active { start, end }
            | Self::Expiring { start, end }
            | Self::Suspended { start, end, .. } => Some((*start, *end)),
            _ => None,
        }
    }

    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::UndertakingMissing => "undertaking_missing",
            Self::UnderExamination => "under_examination",
            Self::Granted { .. } => "granted",
            Self::Active { .. } => "active",
            Self::Expiring { .. } => "expiring",
            Self::Suspended { .. } => "suspended",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
            Self::Refused { .. } => "refused",
        }
    }
}

impl Habilitation {
    /// Whether the person may work in the project's bubble at `now`. The date is compared here as
    /// well as by the clock that expires it, so a late clock never lengthens a right.
    pub fn is_live(&self, now: Timestamp) -> bool {
        match self.state {
            HabilitationState::Active { start, end }
            | HabilitationState::Expiring { start, end } => start <= now && now < end,
            _ => false,
        }
    }

    /// A new habilitation of a person who joined an application.
    pub fn asked(id: HabilitationId, person: PersonId, application: ApplicationId) -> Self {
        let state = HabilitationState::Asked;
        Self { id, version: 0, person, application, grants: Vec::new(), state }
    }

    /// The vintages that may be read at `now`: those whose own end has not come.
    pub fn live_grants(&self, now: Timestamp) -> impl Iterator<Item = &Grant> {
        let live = self.is_live(now);
        self.grants.iter().filter(move |grant| live && now < grant.until)
    }
}
