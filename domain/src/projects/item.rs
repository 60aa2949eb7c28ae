//! One source with its vintages inside an application (JOURNEYS 1.6); each has its own decision.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ApplicationId, ItemId, PersonId, ProducerId, SourceId, VintageId};

/// An item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Which.
    pub id: ItemId,
    /// Counts the changes.
    pub version: i64,
    /// In which application.
    pub application: ApplicationId,
    /// Of which source.
    pub source: SourceId,
    /// Whose source.
    pub producer: ProducerId,
    /// The vintages asked for.
    pub vintages: Vec<VintageId>,
    /// Why they are needed.
    pub justification: String,
    /// What the producer and the lead wrote to each other.
    pub thread: Vec<Message>,
    /// What the producer asks for, as settings that machines read.
    pub conditions: Conditions,
    /// Where it stands.
    pub state: ItemState,
}

/// A message between the producer and the lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// A producer's conditions.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Conditions {
    /// Vintages that are left out.
    #[serde(default)]
    pub without: Vec<VintageId>,
    /// A shorter term, in months from the opinion.
    #[serde(default)]
    pub months: Option<u16>,
    /// The right holds for these persons only; a change of the team asks again.
    #[serde(default)]
    pub named_persons: bool,
    /// No linkage with another source.
    #[serde(default)]
    pub no_linkage: bool,
    /// Anything else, in words.
    #[serde(default)]
    pub text: String,
}

/// Where an item stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ItemState {
    /// In the draft.
    Listed,
    /// The producer is asked.
    Asked,
    /// The producer has a question.
    Question,
    /// The producer agrees beforehand.
    Agreed,
    /// The producer agrees on conditions.
    AgreedConditional,
    /// The producer would refuse.
    RefusedPrior {
        /// Why.
        reason: String,
    },
    /// No answer by the target date.
    Silent,
    /// The committee's opinion is favourable for it.
    OpinionOk,
    /// The opinion is not.
    OpinionKo,
    /// The producer has decided: yes.
    Granted {
        /// The end of the right.
        until: Timestamp,
    },
    /// The producer has decided: yes, on conditions.
    GrantedConditional {
        /// The end of the right.
        until: Timestamp,
    },
    /// The producer has decided: no.
    Refused {
        /// Why.
        reason: String,
    },
    /// Its data are mounted.
    Active {
        /// The end of the right.
        until: Timestamp,
    },
    /// Stopped by the producer.
    Suspended {
        /// The end of the right.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// Its end has come.
    Ended,
    /// Taken back by the producer.
    Revoked {
        /// Why.
        reason: String,
    },
    /// Taken out by the lead.
    Removed,
}

impl ItemState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Asked => "asked",
            Self::Question => "question",
            Self::Agreed => "agreed",
            Self::AgreedConditional => "agreed_conditional",
            Self::RefusedPrior { .. } => "refused_prior",
            Self::Silent => "silent",
            Self::OpinionOk => "opinion_ok",
            Self::OpinionKo => "opinion_ko",
            Self::Granted { .. } => "granted",
            Self::GrantedConditional { .. } => "granted_conditional",
            Self::Refused { .. } => "refused",
            Self::Active { .. } => "active",
            Self::Suspended { .. } => "suspended",
            Self::Ended => "ended",
            Self::Revoked { .. } => "revoked",
            Self::Removed => "removed",
        }
    }
}

impl ItemState {
    /// Whether the producer has said what it thinks, or may no longer be waited for.
    pub fn is_answered(&self) -> bool {
        matches!(
            self,
            Self::Agreed | Self::AgreedConditional | Self::RefusedPrior { .. } | Self::Silent
        )
    }

    /// Whether nothing can follow.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Ended | Self::Revoked { .. } | Self::Removed)
    }
}

impl Conditions {
    /// Whether the producer asks for nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Item {
    /// The vintages that the decision covers: those asked for, less those left out.
    pub fn granted_vintages(&self) -> impl Iterator<Item = VintageId> + '_ {
        let kept = |vintage: &VintageId| !self.conditions.without.contains(vintage);
        self.vintages.iter().copied().filter(kept)
    }

    /// Whether the producer was asked about it.
    pub fn was_asked(&self) -> bool {
        self.state != ItemState::Listed
    }

    /// Whether its data were ever given: what was made of them may still be in the bubble.
    pub fn was_granted(&self) -> bool {
        let stopped = matches!(
            self.state,
            ItemState::Suspended { .. } | ItemState::Ended | ItemState::Revoked { .. }
        );
        stopped || self.granted_until().is_some()
    }

    /// The end of the right, when the item is granted and not stopped.
    pub fn granted_until(&self) -> Option<Timestamp> {
        match self.state {
            ItemState::Granted { until }
            | ItemState::GrantedConditional { until }
            | ItemState::Active { until } => Some(until),
            _ => None,
        }
    }
}
