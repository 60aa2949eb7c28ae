//! A partial start: less was granted than was asked for, and the lead may say no to that
//! (JOURNEYS 1.5, "Result when decisions differ").

use jiff::{Timestamp, ToSpan};

use super::{
    REASON_MAX,
    application::{Application, ApplicationState},
    application_team::{LeadPermit, wrong},
    item::{Item, ItemState},
    later, written,
};
use crate::{Refusal, WrongState};

/// The lead may refuse a partial start for so many days from the authorisation.
pub const PARTIAL_START_DAYS: i64 = 30;

/// Whether a producer refused its item for good, or left out vintages of it.
pub fn is_partial(items: &[Item]) -> bool {
    let left_out = |item: &Item| item.granted_vintages().count() < item.vintages.len();
    items.iter().any(|item| match item.state {
        ItemState::Refused { .. } => true,
        _ => item.was_granted() && left_out(item),
    })
}

impl Application {
    /// Until when the lead may refuse to start with what was granted; none where the project did
    /// not begin, or began with all that was asked for.
    pub fn start_refusable_until(&self, items: &[Item]) -> Option<Timestamp> {
        let ApplicationState::Authorised { since, .. } = self.state else { return None };
        is_partial(items).then(|| later(since, PARTIAL_START_DAYS.days()))
    }
}

impl LeadPermit<'_> {
    /// Ends the project, because what was granted is not enough for it.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] where it is not authorised; [`Refusal::Invalid`] where everything was
    /// granted, without a reason, and after [`PARTIAL_START_DAYS`].
    pub fn refuse_partial_start(
        self,
        items: &[Item],
        reason: &str,
        now: Timestamp,
    ) -> Result<Application, Refusal> {
        let application = self.application();
        let ApplicationState::Authorised { .. } = application.state else {
            return Err(wrong("refuse the start of", &application.state).into());
        };
        let until = application.start_refusable_until(items);
        let until = until.ok_or_else(|| Refusal::invalid("items", "not-partial"))?;
        if now >= until {
            return Err(Refusal::invalid("start", "too-late"));
        }
        written("reason", reason, REASON_MAX)?;
        Ok(Application { state: ApplicationState::Ended { at: now }, ..application.clone() })
    }
}

impl Item {
    /// Its project is over before its own end.
    ///
    /// # Errors
    /// [`WrongState`] where nothing is granted.
    pub fn end_with_project(&self) -> Result<Self, WrongState> {
        use ItemState::{Active, Granted, GrantedConditional, Suspended};
        match self.state {
            Granted { .. } | GrantedConditional { .. } | Active { .. } | Suspended { .. } => {
                Ok(Self { state: ItemState::Ended, ..self.clone() })
            }
            _ => {
                let state = self.state.name();
                Err(WrongState { verb: "end with its project", noun: "item", state })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Denied,
        projects::{
            application_team::may_lead,
            application_tests::{actor, application, at, every_state, item},
        },
    };

    fn until() -> Timestamp {
        later(at(), 1.years())
    }

    fn partial() -> [Item; 2] {
        [
            item(ItemState::Granted { until: until() }),
            item(ItemState::Refused { reason: "no".into() }),
        ]
    }

    fn authorised() -> Application {
        application(ApplicationState::Authorised { since: at(), until: until() })
    }

    #[test]
    fn the_lead_alone_refuses_a_partial_start_with_a_reason_within_thirty_days() {
        let (file, lead) = (authorised(), actor(1, &[]));
        let refuse = |reason: &str, now| {
            may_lead(&lead, &file).unwrap().refuse_partial_start(&partial(), reason, now)
        };
        let last = later(at(), 30.days());
        let just = last - jiff::SignedDuration::from_secs(1);
        assert_eq!(refuse("too little", just).unwrap().state, ApplicationState::Ended { at: just });
        let wrong = |field, key| Err(Refusal::invalid(field, key));
        assert_eq!(refuse("too little", last), wrong("start", "too-late"));
        assert_eq!(refuse(" ", at()), wrong("reason", "missing"));
        assert_eq!(may_lead(&actor(2, &[]), &file).unwrap_err(), Denied::NotTheLead);
    }

    #[test]
    fn a_whole_start_is_not_refused() {
        let file = authorised();
        let lead = actor(1, &[]);
        let refuse = |items: &[Item]| {
            may_lead(&lead, &file).unwrap().refuse_partial_start(items, "why", at())
        };
        let whole = item(ItemState::Active { until: until() });
        let not_partial = Err(Refusal::invalid("items", "not-partial"));
        assert_eq!(refuse(std::slice::from_ref(&whole)), not_partial);
        // What the lead took out beforehand was not asked for in the end.
        assert_eq!(refuse(&[whole.clone(), item(ItemState::Removed)]), not_partial);
        let mut without = whole;
        without.conditions.without = vec![without.vintages[0]];
        assert!(refuse(&[without]).is_ok());
    }

    #[test]
    fn no_other_state_knows_a_partial_start() {
        for state in every_state() {
            let file = application(state);
            let refused = may_lead(&actor(1, &[]), &file).unwrap();
            let refused = refused.refuse_partial_start(&partial(), "why", at());
            let is_authorised = file.state.name() == "authorised";
            assert_eq!(refused.is_ok(), is_authorised, "{}", file.state.name());
            assert_eq!(file.start_refusable_until(&partial()).is_some(), is_authorised);
        }
    }

    #[test]
    fn only_what_is_granted_ends_with_its_project() {
        for (state, ends) in [
            (ItemState::Granted { until: until() }, true),
            (ItemState::Suspended { until: until(), reason: "x".into() }, true),
            (ItemState::OpinionOk, false),
            (ItemState::Ended, false),
            (ItemState::Revoked { reason: "x".into() }, false),
        ] {
            assert_eq!(item(state).end_with_project().is_ok(), ends);
        }
    }
}
