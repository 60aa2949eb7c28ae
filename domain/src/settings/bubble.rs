//! The sealed workspace of a project (JOURNEYS 1.13).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Actor, ApplicationId, BubbleId, Denied, PersonId, Refusal, Role, WrongState,
    settings::session::reason_of,
};

#[path = "bubble_dry.rs"]
mod dry;
#[path = "bubble_sight.rs"]
mod sight;
pub use dry::NO_VINTAGE_GRANTED;
pub use sight::{may_see, may_see_as_producer};

/// A closing bubble stays readable for so long: 30 days (JOURNEYS 1.13).
pub const CLOSING_SECONDS: i64 = 30 * 24 * 3600;
/// An archive is kept for so long: ten years of 365 days. JOURNEYS asks for a retention date and
/// gives none; ten years is the usual term for research records.
pub const RETENTION_SECONDS: i64 = 10 * 365 * 24 * 3600;

/// A bubble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bubble {
    /// Which.
    pub id: BubbleId,
    /// Counts the changes.
    pub version: i64,
    /// Of which project; one bubble a project.
    pub application: ApplicationId,
    /// A number of its own, from 1: the host gives it a uid and a folder.
    pub number: u32,
    /// The profile's name.
    pub profile: String,
    /// The digest of the software image, once provisioned.
    pub image: Option<String>,
    /// What the last self-test found.
    pub checks: Vec<SelfTest>,
    /// Where it stands.
    pub state: BubbleState,
}

/// One line of a self-test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfTest {
    /// What was tested, as a stable word.
    pub name: String,
    /// Whether it held.
    pub passed: bool,
    /// What was seen.
    pub detail: String,
}

/// Where a bubble stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum BubbleState {
    /// The project was authorised.
    Requested,
    /// Something is missing.
    WaitingPrerequisites {
        /// What, as stable words (`no_member_enrolled`, `no_item_granted`, `no_vintage_available`).
        missing: Vec<String>,
    },
    /// Being made.
    Provisioning,
    /// A step or a self-test failed.
    ProvisionFailed {
        /// What.
        reason: String,
    },
    /// Self-tests passed.
    Ready,
    /// Somebody has worked in it.
    Active {
        /// Since.
        since: Timestamp,
    },
    /// Sessions are cut, data kept.
    Suspended {
        /// Who.
        by: Option<PersonId>,
        /// Why.
        reason: String,
        /// Whether it had been active.
        was_active: bool,
        /// The first of the two persons who restore.
        restore_asked_by: Option<PersonId>,
    },
    /// Read-only for 30 days; last exports.
    Closing {
        /// The end of the 30 days.
        until: Timestamp,
    },
    /// Producers' data removed, project files kept until the date.
    Archived {
        /// The end of retention.
        until: Timestamp,
    },
    /// Gone, with a certificate.
    Deleted {
        /// When.
        at: Timestamp,
        /// What was deleted and how.
        certificate: String,
    },
}

impl BubbleState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::WaitingPrerequisites { .. } => "waiting_prerequisites",
            Self::Provisioning => "provisioning",
            Self::ProvisionFailed { .. } => "provision_failed",
            Self::Ready => "ready",
            Self::Active { .. } => "active",
            Self::Suspended { .. } => "suspended",
            Self::Closing { .. } => "closing",
            Self::Archived { .. } => "archived",
            Self::Deleted { .. } => "deleted",
        }
    }

    /// What is missing, where something is.
    pub fn missing(&self) -> &[String] {
        match self {
            Self::WaitingPrerequisites { missing } => missing,
            _ => &[],
        }
    }

    /// Whether a person may be at work in it.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Ready | Self::Active { .. } | Self::Closing { .. })
    }
}

/// Leave of the centre itself, for what happens by an event or by time.
#[derive(Debug)]
pub struct CentrePermit<'a> {
    bubble: &'a Bubble,
}

/// The centre's own steps: prerequisites, provisioning, first session, ends.
pub fn by_the_centre(bubble: &Bubble) -> CentrePermit<'_> {
    CentrePermit { bubble }
}

/// Leave to retry or archive.
#[derive(Debug)]
pub struct OperatePermit<'a> {
    bubble: &'a Bubble,
}

/// Who may retry a failed provisioning and archive what is closed: an operator.
pub fn may_operate<'a>(actor: &Actor, bubble: &'a Bubble) -> Result<OperatePermit<'a>, Denied> {
    actor.needs(&[Role::Operator])?;
    Ok(OperatePermit { bubble })
}

/// Leave to suspend or restore.
#[derive(Debug)]
pub struct SecurePermit<'a> {
    actor: &'a Actor,
    bubble: &'a Bubble,
}

/// Who may suspend a bubble and restore it: a security officer. A producer stops its own item
/// only, which cuts mounts, not the bubble.
pub fn may_secure<'a>(actor: &'a Actor, bubble: &'a Bubble) -> Result<SecurePermit<'a>, Denied> {
    actor.needs(&[Role::SecurityOfficer])?;
    Ok(SecurePermit { actor, bubble })
}

/// Leave to close.
#[derive(Debug)]
pub struct ClosePermit<'a> {
    bubble: &'a Bubble,
}

/// Who may close a bubble: the lead of its project.
pub fn may_close<'a>(
    actor: &Actor,
    bubble: &'a Bubble,
    lead: PersonId,
) -> Result<ClosePermit<'a>, Denied> {
    match actor.works_in(bubble.application) {
        false => Err(Denied::Hidden),
        true if !actor.may_act => Err(Denied::AccountNotActive),
        true if actor.id != lead => Err(Denied::NotTheLead),
        true => Ok(ClosePermit { bubble }),
    }
}

impl Bubble {
    /// A bubble for a project that was just authorised.
    pub fn requested(id: BubbleId, application: ApplicationId, number: u32, profile: &str) -> Self {
        Self {
            id,
            version: 0,
            application,
            number,
            profile: profile.to_owned(),
            image: None,
            checks: Vec::new(),
            state: BubbleState::Requested,
        }
    }

    fn wrong(&self, verb: &'static str) -> WrongState {
        WrongState { verb, noun: "bubble", state: self.state.name() }
    }

    fn to(&self, state: BubbleState) -> Self {
        Self { state, ..self.clone() }
    }

    fn to_suspended(&self, by: Option<PersonId>, reason: String) -> Self {
        let was_active = match self.state {
            BubbleState::Suspended { was_active, .. } => was_active,
            _ => matches!(self.state, BubbleState::Active { .. }),
        };
        self.to(BubbleState::Suspended { by, reason, was_active, restore_asked_by: None })
    }

    fn to_restored(&self, was_active: bool, at: Timestamp) -> Self {
        let active = BubbleState::Active { since: at };
        self.to(if was_active { active } else { BubbleState::Ready })
    }

    fn to_closing(&self, at: Timestamp) -> Result<Self, WrongState> {
        use BubbleState::{Active, Ready, Suspended};
        match self.state {
            Ready | Active { .. } | Suspended { .. } => {
                Ok(self.to(BubbleState::Closing { until: after(at, CLOSING_SECONDS) }))
            }
            _ => Err(self.wrong("close")),
        }
    }
}

impl CentrePermit<'_> {
    /// Writes down what is missing; where nothing is, provisioning begins.
    pub fn check(self, missing: Vec<String>) -> Result<Bubble, WrongState> {
        use BubbleState::{Provisioning, Requested, WaitingPrerequisites};
        match self.bubble.state {
            Requested | WaitingPrerequisites { .. } if missing.is_empty() => {
                Ok(self.bubble.to(Provisioning))
            }
            Requested | WaitingPrerequisites { .. } => {
                Ok(self.bubble.to(WaitingPrerequisites { missing }))
            }
            _ => Err(self.bubble.wrong("check")),
        }
    }

    /// The bubble was made from `image` and tested. Ready only where every test passed; no test at
    /// all is a failure too.
    pub fn provisioned(self, image: String, checks: Vec<SelfTest>) -> Result<Bubble, WrongState> {
        let BubbleState::Provisioning = self.bubble.state else {
            return Err(self.bubble.wrong("provision"));
        };
        let failed: Vec<&str> =
            checks.iter().filter(|check| !check.passed).map(|check| check.name.as_str()).collect();
        let state = match (checks.is_empty(), failed.is_empty()) {
            (false, true) => BubbleState::Ready,
            (true, _) => BubbleState::ProvisionFailed { reason: "self_test: none ran".to_owned() },
            (false, false) => {
                BubbleState::ProvisionFailed { reason: format!("self_test: {}", failed.join(", ")) }
            }
        };
        Ok(Bubble { image: Some(image), checks, state, ..self.bubble.clone() })
    }

    /// A step of the provisioning failed.
    pub fn fail(self, reason: impl Into<String>) -> Result<Bubble, WrongState> {
        match self.bubble.state {
            BubbleState::Provisioning => {
                Ok(self.bubble.to(BubbleState::ProvisionFailed { reason: reason.into() }))
            }
            _ => Err(self.bubble.wrong("fail")),
        }
    }

    /// Somebody works in it for the first time.
    pub fn enter(self, at: Timestamp) -> Result<Bubble, WrongState> {
        match self.bubble.state {
            BubbleState::Ready => Ok(self.bubble.to(BubbleState::Active { since: at })),
            _ => Err(self.bubble.wrong("enter")),
        }
    }

    /// The project ended.
    pub fn close(self, at: Timestamp) -> Result<Bubble, WrongState> {
        self.bubble.to_closing(at)
    }

    /// Retention is over and the host has deleted what was kept.
    pub fn delete(self, certificate: String, at: Timestamp) -> Result<Bubble, WrongState> {
        match self.bubble.state {
            BubbleState::Archived { until } if at >= until => {
                Ok(self.bubble.to(BubbleState::Deleted { at, certificate }))
            }
            _ => Err(self.bubble.wrong("delete")),
        }
    }
}

impl OperatePermit<'_> {
    /// Provisioning is tried again.
    pub fn retry(self) -> Result<Bubble, WrongState> {
        match self.bubble.state {
            BubbleState::ProvisionFailed { .. } => {
                let fresh = Bubble { checks: Vec::new(), ..self.bubble.clone() };
                Ok(Bubble { state: BubbleState::Provisioning, ..fresh })
            }
            _ => Err(self.bubble.wrong("retry")),
        }
    }

    /// The thirty days are over: producers' data are gone from it, project files are kept.
    pub fn archive(self, at: Timestamp) -> Result<Bubble, WrongState> {
        match self.bubble.state {
            BubbleState::Closing { until } if at >= until => {
                Ok(self.bubble.to(BubbleState::Archived { until: after(at, RETENTION_SECONDS) }))
            }
            _ => Err(self.bubble.wrong("archive")),
        }
    }
}

impl SecurePermit<'_> {
    /// Sessions are cut, data kept.
    pub fn suspend(self, reason: &str) -> Result<Bubble, Refusal> {
        // Also over the centre's own suspension, which would end by itself with a new grant.
        let dry = self.bubble.is_dry();
        if !dry && !matches!(self.bubble.state, BubbleState::Ready | BubbleState::Active { .. }) {
            return Err(self.bubble.wrong("suspend").into());
        }
        Ok(self.bubble.to_suspended(Some(self.actor.id), reason_of(reason)?))
    }

    /// Asks to restore it, or, where somebody else has asked, restores it. Who suspended it must
    /// be one of the two (JOURNEYS 1.13: "who suspended + second person").
    pub fn restore(self, at: Timestamp) -> Result<Bubble, Refusal> {
        let BubbleState::Suspended { by, reason, was_active, restore_asked_by } =
            &self.bubble.state
        else {
            return Err(self.bubble.wrong("restore").into());
        };
        if self.bubble.is_dry() {
            return Err(self.bubble.wrong("restore").into()); // a grant restores it, nobody else
        }
        let me = self.actor.id;
        match restore_asked_by {
            Some(first) if *first == me => Err(Denied::NeedsSecondPerson.into()),
            Some(first) if by.is_none_or(|by| by == me || by == *first) => {
                Ok(self.bubble.to_restored(*was_active, at))
            }
            Some(_) => Err(Denied::NeedsSecondPerson.into()),
            None => Ok(self.bubble.to(BubbleState::Suspended {
                by: *by,
                reason: reason.clone(),
                was_active: *was_active,
                restore_asked_by: Some(me),
            })),
        }
    }
}

impl ClosePermit<'_> {
    /// Read-only for thirty days, for the last exports.
    pub fn close(self, at: Timestamp) -> Result<Bubble, WrongState> {
        self.bubble.to_closing(at)
    }
}

fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
#[path = "bubble_tests.rs"]
mod tests;
