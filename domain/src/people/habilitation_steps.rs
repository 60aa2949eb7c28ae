//! How a habilitation follows what it depends on (JOURNEYS 1.2).
//!
//! Nobody moves a habilitation by hand: the centre compares it with what stands (person,
//! undertaking, application, items, bubble, clock) and takes one step at a time. So an event that
//! is handled twice, late or after a crash leads to the same state, and two causes of a suspension
//! need no counter.

use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};

use super::habilitation::{Grant, Habilitation, HabilitationState as State};
use crate::{
    Application, Item, Person,
    people::person::PersonState,
    projects::{application::ApplicationState, item::ItemState},
};

/// A right is said to expire so many days before its end (JOURNEYS 1.2).
pub const EXPIRING_DAYS: i64 = 60;
/// The days before the end at which the person is told (JOURNEYS 3.2).
pub const NOTICE_DAYS: [i64; 6] = [60, 30, 21, 14, 7, 1];
/// After the end, the person is told each day for so many days (JOURNEYS 3.2).
pub const AFTER_END_DAYS: i64 = 7;
/// The longest right, in years from the committee's opinion (JOURNEYS 1.2).
pub const LONGEST_YEARS: i32 = 6;

/// What a habilitation depends on, as it stands.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Whose right.
    pub person: &'a Person,
    /// Whether the person has signed the undertaking in force for the application.
    pub signed: bool,
    /// The application or project.
    pub application: &'a Application,
    /// Its items.
    pub items: &'a [Item],
    /// When the committee gave its opinion; none where it is not recorded.
    pub opinion_at: Option<Timestamp>,
    /// Whether the project's bubble can be entered.
    pub bubble_open: bool,
}

/// One step: the habilitation after it, and what its event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The habilitation after the step.
    pub after: Habilitation,
    /// The event's verb after `habilitation.`.
    pub verb: &'static str,
    /// Why, as a stable word, where there is a cause.
    pub cause: Option<&'static str>,
}

impl Habilitation {
    /// The next step that the facts ask for at `now`; none where the habilitation stands right.
    pub fn next_step(&self, facts: &Facts<'_>, now: Timestamp) -> Option<Step> {
        if self.state.is_final() {
            return None;
        }
        if let Some(end) = self.step_to_the_end(facts, now) {
            return Some(end);
        }
        match &self.state {
            State::Asked | State::UndertakingMissing => self.step_before_examination(facts),
            State::UnderExamination => self.step_after_decisions(facts, now),
            _ => self.step_of_a_right(facts, now),
        }
    }

    /// The steps into a final state.
    fn step_to_the_end(&self, facts: &Facts<'_>, now: Timestamp) -> Option<Step> {
        let revoked = |cause: &'static str| {
            self.step(State::Revoked { at: now, reason: cause.into() }, "revoked", Some(cause))
        };
        if !facts.application.involves(self.person) {
            return Some(revoked("member_removed"));
        }
        if matches!(facts.person.state, PersonState::Closed { .. }) {
            return Some(revoked("person_closed"));
        }
        let over = is_over(&facts.application.state);
        let Some((_, end)) = self.state.term() else {
            let refused = || self.step(State::Refused { at: now }, "refused", Some("application"));
            return over.then(refused);
        };
        if over || now >= end {
            let cause = if now >= end { "end" } else { "project" };
            return Some(self.step(State::Expired { at: now }, "expired", Some(cause)));
        }
        let stopped = |item: &Item| matches!(item.state, ItemState::Suspended { .. });
        let nothing_left = grants(facts.items, now).is_empty() && !facts.items.iter().any(stopped);
        nothing_left.then(|| revoked("no_item_left"))
    }

    fn step_before_examination(&self, facts: &Facts<'_>) -> Option<Step> {
        match (&self.state, facts.signed) {
            (State::Asked, false) => {
                Some(self.step(State::UndertakingMissing, "undertaking_missing", None))
            }
            (_, true) if is_examined(&facts.application.state) => {
                Some(self.step(State::UnderExamination, "under_examination", None))
            }
            (State::UndertakingMissing, true) => {
                Some(self.step(State::Asked, "undertaking_signed", None))
            }
            _ => None,
        }
    }

    /// Once the project is authorised: the granted vintages from now until the earliest end of all
    /// that the right depends on, or a refusal where nothing was granted.
    fn step_after_decisions(&self, facts: &Facts<'_>, now: Timestamp) -> Option<Step> {
        let ApplicationState::Authorised { since, .. } = facts.application.state else {
            return None;
        };
        let grants = grants(facts.items, now);
        let Some(earliest) = grants.iter().map(|grant| grant.until).min() else {
            return Some(self.step(State::Refused { at: now }, "refused", Some("no_item_granted")));
        };
        let end = earliest.min(longest_end(facts.opinion_at.unwrap_or(since)));
        let granted = self.step(State::Granted { start: now, end }, "granted", None);
        Some(Step { after: Habilitation { grants, ..granted.after }, ..granted })
    }

    fn step_of_a_right(&self, facts: &Facts<'_>, now: Timestamp) -> Option<Step> {
        let (start, end) = self.state.term()?;
        let grants = grants(facts.items, now);
        if grants != self.grants {
            return Some(self.step_to_grants(grants, start, end));
        }
        let cause = cause_to_suspend(facts, &grants);
        let ready = facts.person.is_enrolled() && facts.signed && facts.bubble_open && start <= now;
        match (&self.state, cause) {
            (State::Active { .. } | State::Expiring { .. }, Some(cause)) => {
                let state = State::Suspended { start, end, cause: cause.to_owned() };
                Some(self.step(state, "suspended", Some(cause)))
            }
            (State::Suspended { .. }, None) => {
                Some(self.step(State::Active { start, end }, "active", Some("cause_gone")))
            }
            (State::Granted { .. }, None) if ready => {
                Some(self.step(State::Active { start, end }, "active", None))
            }
            (State::Active { .. }, None) if days_left(end, now) <= EXPIRING_DAYS => {
                Some(self.step(State::Expiring { start, end }, "expiring", None))
            }
            _ => None,
        }
    }

    /// Only the part that depends on a stopped item is cut. The end may come nearer by it and is
    /// never put off: a later end needs a new decision.
    fn step_to_grants(&self, grants: Vec<Grant>, start: Timestamp, end: Timestamp) -> Step {
        let end = grants.iter().map(|grant| grant.until).min().map_or(end, |until| until.min(end));
        let state = match &self.state {
            State::Granted { .. } => State::Granted { start, end },
            State::Expiring { .. } => State::Expiring { start, end },
            State::Suspended { cause, .. } => State::Suspended { start, end, cause: cause.clone() },
            _ => State::Active { start, end },
        };
        let step = self.step(state, "grants_changed", None);
        Step { after: Habilitation { grants, ..step.after }, ..step }
    }

    fn step(&self, state: State, verb: &'static str, cause: Option<&'static str>) -> Step {
        Step { after: Habilitation { state, ..self.clone() }, verb, cause }
    }

    /// Whether time alone may ask for a step or a notice at `now`: the clock looks at these only.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let Some((_, end)) = self.state.term().filter(|_| !self.state.is_final()) else {
            return false;
        };
        let days = match self.state {
            State::Active { .. } | State::Expiring { .. } => EXPIRING_DAYS,
            _ => 0,
        };
        days_left(end, now) <= days || self.grants.iter().any(|grant| grant.until <= now)
    }

    /// The notice that is due at `now`: the smallest of 60, 30, 21, 14, 7 and 1 days that is not
    /// shorter than what is left, for a right in its last 60 days.
    pub fn notice_due(&self, now: Timestamp) -> Option<i64> {
        let State::Expiring { end, .. } = self.state else { return None };
        let left = days_left(end, now);
        NOTICE_DAYS.into_iter().filter(|days| left <= *days).min()
    }
}

impl Habilitation {
    /// How many whole days ago the right ended, while the person is still told of it.
    pub fn days_after_end(&self, now: Timestamp) -> Option<i64> {
        let State::Expired { at } = self.state else { return None };
        let days = at.duration_until(now).as_secs() / 86_400;
        (1..=AFTER_END_DAYS).contains(&days).then_some(days)
    }
}

/// Days until `end`, a begun day counted whole.
fn days_left(end: Timestamp, now: Timestamp) -> i64 {
    let seconds = now.duration_until(end).max(SignedDuration::ZERO).as_secs();
    (seconds + 86_399) / 86_400
}

/// The last instant that a right may have, from the opinion.
pub fn longest_end(opinion_at: Timestamp) -> Timestamp {
    let day = opinion_at.to_zoned(TimeZone::UTC);
    day.checked_add(LONGEST_YEARS.years()).map_or(opinion_at, |end| end.timestamp())
}

/// The vintages of granted items, each with its producer's end.
fn grants(items: &[Item], now: Timestamp) -> Vec<Grant> {
    let granted = items.iter().filter_map(|item| Some((item, item.granted_until()?)));
    let live = granted.filter(|(_, until)| now < *until);
    live.flat_map(|(item, until)| {
        item.granted_vintages().map(move |vintage| Grant { source: item.source, vintage, until })
    })
    .collect()
}

fn cause_to_suspend(facts: &Facts<'_>, grants: &[Grant]) -> Option<&'static str> {
    match facts.person.state {
        PersonState::Suspended { .. } => Some("person"),
        _ if grants.is_empty() => Some("source"),
        _ => None,
    }
}

/// From the submission until the producers decide. Who joins later needs a decision of their own
/// (an amendment, JOURNEYS 1.8): a right never follows from being added to the team.
fn is_examined(state: &ApplicationState) -> bool {
    use ApplicationState::{Admissibility, InSession, Opinion, Scheduled, Submitted};
    matches!(
        state,
        Submitted { .. }
            | Admissibility { .. }
            | Scheduled { .. }
            | InSession { .. }
            | Opinion { .. }
    )
}

fn is_over(state: &ApplicationState) -> bool {
    use ApplicationState::{Ended, Lapsed, Unfavourable, Withdrawn};
    matches!(state, Ended { .. } | Withdrawn { .. } | Unfavourable { .. } | Lapsed { .. })
}

#[cfg(test)]
#[path = "habilitation_steps_tests.rs"]
mod tests;
