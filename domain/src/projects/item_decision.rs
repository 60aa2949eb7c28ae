//! What is decided on an item after the opinion, and how a granted one is stopped (JOURNEYS 1.6).

use jiff::{Timestamp, ToSpan};

use super::{
    REASON_MAX,
    application::{Application, ApplicationState},
    item::{Conditions, Item, ItemState},
    item_acts::{MONTHS_MAX, acts_for_producer, check, may_read_as_producer, with, wrong},
    later, written,
};
use crate::{Actor, Denied, Refusal, Role, WrongState};

/// The right to decide for the producer.
#[derive(Debug)]
pub struct DecidePermit<'a> {
    item: &'a Item,
    application: &'a Application,
}

/// A decider of the producer decides; never on an application where they are lead or member.
///
/// # Errors
/// [`Denied::Hidden`] for others than the producer's people, [`Denied::OwnApplication`].
pub fn may_decide<'a>(
    actor: &Actor,
    item: &'a Item,
    application: &'a Application,
) -> Result<DecidePermit<'a>, Denied> {
    acts_for_producer(actor, item, application, Role::ProducerDecider)?;
    Ok(DecidePermit { item, application })
}

impl DecidePermit<'_> {
    /// Grants until `until`, on conditions where there are any. The conditions are those of the
    /// decision: a prior agreement's are not carried over unsaid.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for an end that has passed, or later than [`latest_end`].
    pub fn grant(
        self,
        until: Timestamp,
        conditions: Conditions,
        now: Timestamp,
    ) -> Result<Item, Refusal> {
        let opinion_at = self.opinion_at("grant")?;
        check(&conditions, self.item)?;
        if until <= now {
            return Err(Refusal::invalid("until", "passed"));
        }
        if until > latest_end(opinion_at, &conditions) {
            return Err(Refusal::invalid("until", "too-late"));
        }
        let state = match conditions.is_empty() {
            true => ItemState::Granted { until },
            false => ItemState::GrantedConditional { until },
        };
        Ok(Item { conditions, ..with(self.item, state) })
    }

    /// Refuses for good.
    pub fn refuse(self, reason: &str) -> Result<Item, Refusal> {
        self.opinion_at("refuse")?;
        let reason = written("reason", reason, REASON_MAX)?;
        Ok(with(self.item, ItemState::Refused { reason }))
    }

    fn opinion_at(&self, verb: &'static str) -> Result<Timestamp, WrongState> {
        match (&self.item.state, &self.application.state) {
            (ItemState::OpinionOk, ApplicationState::Decisions { opinion_at }) => Ok(*opinion_at),
            _ => Err(wrong(verb, self.item)),
        }
    }
}

/// The latest end that a decision may set: six years from the opinion, or the shorter term of its
/// conditions (JOURNEYS 3.2).
pub fn latest_end(opinion_at: Timestamp, conditions: &Conditions) -> Timestamp {
    let months = conditions.months.unwrap_or(MONTHS_MAX).min(MONTHS_MAX);
    later(opinion_at, i32::from(months).months())
}

/// The right to stop what was granted.
#[derive(Debug)]
pub struct StopPermit<'a> {
    item: &'a Item,
}

/// The producer's people suspend and resume; whoever they are, for stopping must not wait.
///
/// # Errors
/// [`Denied::Hidden`] for others.
pub fn may_suspend<'a>(actor: &Actor, item: &'a Item) -> Result<StopPermit<'a>, Denied> {
    may_read_as_producer(actor, item)?;
    Ok(StopPermit { item })
}

/// The right to give back what was stopped.
#[derive(Debug)]
pub struct ResumePermit<'a> {
    item: &'a Item,
}

/// The producer's people resume, unless the project is their own.
///
/// # Errors
/// [`Denied::Hidden`] for others than the producer's people, [`Denied::OwnApplication`].
pub fn may_resume<'a>(
    actor: &Actor,
    item: &'a Item,
    application: &Application,
) -> Result<ResumePermit<'a>, Denied> {
    may_read_as_producer(actor, item)?;
    match application.involves(actor.id) || item.application != application.id {
        true => Err(Denied::OwnApplication),
        false => Ok(ResumePermit { item }),
    }
}

/// The right to take back what was granted.
#[derive(Debug)]
pub struct RevokePermit<'a> {
    item: &'a Item,
}

/// A decider of the producer takes a decision back.
///
/// # Errors
/// [`Denied::Hidden`] for others than the producer's people.
pub fn may_revoke<'a>(actor: &Actor, item: &'a Item) -> Result<RevokePermit<'a>, Denied> {
    may_read_as_producer(actor, item)?;
    match actor.has_for(Role::ProducerDecider, item.producer) {
        true => Ok(RevokePermit { item }),
        false => Err(Denied::NeedsRole(Role::ProducerDecider.name())),
    }
}

impl StopPermit<'_> {
    /// Stops the reading of the data, within 60 s (JOURNEYS 3.2).
    pub fn suspend(self, reason: &str) -> Result<Item, Refusal> {
        let ItemState::Active { until } = self.item.state else {
            return Err(wrong("suspend", self.item).into());
        };
        let reason = written("reason", reason, REASON_MAX)?;
        Ok(with(self.item, ItemState::Suspended { until, reason }))
    }
}

impl ResumePermit<'_> {
    /// Gives the data back.
    pub fn resume(self) -> Result<Item, Refusal> {
        match self.item.state {
            ItemState::Suspended { until, .. } => Ok(with(self.item, ItemState::Active { until })),
            _ => Err(wrong("resume", self.item).into()),
        }
    }
}

impl RevokePermit<'_> {
    /// Takes the right back for good, whether or not the data are mounted yet.
    pub fn revoke(self, reason: &str) -> Result<Item, Refusal> {
        use ItemState::{Active, Granted, GrantedConditional, Revoked, Suspended};
        match self.item.state {
            Granted { .. } | GrantedConditional { .. } | Active { .. } | Suspended { .. } => {
                let reason = written("reason", reason, REASON_MAX)?;
                Ok(with(self.item, Revoked { reason }))
            }
            _ => Err(wrong("revoke", self.item).into()),
        }
    }
}

/// What follows for an item from what has happened elsewhere; the centre itself does it.
impl Item {
    /// The opinion was given. A prior answer commits nobody (JOURNEYS 1.6): what was refused
    /// beforehand, and kept by the lead, is decided by its producer like the others.
    pub fn take_opinion(&self, favourable: bool) -> Result<Self, WrongState> {
        match (self.state.is_answered(), favourable) {
            (true, true) => Ok(with(self, ItemState::OpinionOk)),
            (true, false) => Ok(with(self, ItemState::OpinionKo)),
            (false, _) => Err(wrong("give the opinion on", self)),
        }
    }

    /// The bubble mounts the data.
    pub fn mount(&self) -> Result<Self, WrongState> {
        match self.state {
            ItemState::Granted { until } | ItemState::GrantedConditional { until } => {
                Ok(with(self, ItemState::Active { until }))
            }
            _ => Err(wrong("mount", self)),
        }
    }

    /// The application is over before anything was granted: nobody is asked any more.
    pub fn close(&self) -> Result<Self, WrongState> {
        use ItemState::{Asked, Listed, OpinionKo, OpinionOk, Question, Removed};
        match self.state {
            Listed | Asked | Question | OpinionOk | OpinionKo => Ok(with(self, Removed)),
            _ if self.state.is_answered() => Ok(with(self, Removed)),
            _ => Err(wrong("close", self)),
        }
    }

    /// The clock: the last day has passed.
    pub fn end(&self, now: Timestamp) -> Result<Self, WrongState> {
        use ItemState::{Active, Granted, GrantedConditional, Suspended};
        match self.state {
            Granted { until }
            | GrantedConditional { until }
            | Active { until }
            | Suspended { until, .. }
                if until <= now =>
            {
                Ok(with(self, ItemState::Ended))
            }
            _ => Err(wrong("end", self)),
        }
    }
}
