//! Orders of credits: the lead asks for packs, and billing or a project manager decides.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{credit::may_see, export_review::written};
use crate::{
    Actor, Application, ApplicationId, CreditOrderId, Denied, PersonId, Refusal,
    projects::application::ApplicationState,
};

/// Credits of a pack that leads order.
pub const PACK: i64 = 10;
/// Packs that one order may have.
pub const MAX_PACKS: i64 = 10;

/// An order of packs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditOrder {
    /// Which.
    pub id: CreditOrderId,
    /// Counts the changes.
    pub version: i64,
    /// For which project.
    pub application: ApplicationId,
    /// Who asks: its lead.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// How many credits.
    pub credits: i64,
    /// Why, or under which purchase number.
    pub reason: String,
    /// Where it stands.
    pub state: OrderState,
}

/// Where an order stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum OrderState {
    /// Waits for a decision.
    Asked,
    /// Its credits are in the ledger.
    Accepted {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// There are none.
    Refused {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
}

impl OrderState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Accepted { .. } => "accepted",
            Self::Refused { .. } => "refused",
        }
    }

    /// Why it was decided so.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Asked => None,
            Self::Accepted { reason, .. } | Self::Refused { reason, .. } => Some(reason),
        }
    }
}

/// Leave to order credits.
#[derive(Debug)]
pub struct OrderPermit {
    by: PersonId,
    application: ApplicationId,
}

/// The lead orders, while the project is authorised.
pub fn may_order(actor: &Actor, application: &Application) -> Result<OrderPermit, Denied> {
    may_see(actor, application.id)?;
    let open = matches!(application.state, ApplicationState::Authorised { .. });
    if actor.id == application.lead && actor.may_act && open {
        Ok(OrderPermit { by: actor.id, application: application.id })
    } else {
        Err(Denied::NotTheLead)
    }
}

impl OrderPermit {
    /// The order of so many packs.
    pub fn order(
        self,
        id: CreditOrderId,
        packs: i64,
        reason: &str,
        at: Timestamp,
    ) -> Result<CreditOrder, Refusal> {
        if !(1..=MAX_PACKS).contains(&packs) {
            return Err(Refusal::invalid("packs", "out-of-range"));
        }
        written("reason", reason)?;
        let (credits, reason) = (packs * PACK, reason.trim().to_owned());
        let (by, application, state) = (self.by, self.application, OrderState::Asked);
        Ok(CreditOrder { id, version: 0, application, by, at, credits, reason, state })
    }
}
