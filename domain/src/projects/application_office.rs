//! What the secretary, the chair and the centre itself do with an application (JOURNEYS 1.5, 2.4).

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil::Date};

use super::{
    REASON_MAX,
    application::{Application, ApplicationState, Opinion},
    application_team::{LAPSE_MONTHS, may_read, wrong},
    form,
    item::{Item, ItemState},
    later, written,
};
use crate::{Actor, Denied, PersonId, Refusal, Role, WrongState, data::source::Route};

/// What must hold before a file goes to the committee (JOURNEYS 2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checklist {
    /// Each point by its stable name (`check-<name>`), and whether it holds.
    pub points: Vec<(&'static str, bool)>,
}

impl Checklist {
    /// The points that only a reader can judge.
    pub const JUDGED: [&'static str; 3] =
        ["summary_readable", "institution_known", "legal_numbers"];

    /// Whether every point holds.
    pub fn is_complete(&self) -> bool {
        self.points.iter().all(|(_, holds)| *holds)
    }
}

/// The right to examine an application for the committee.
#[derive(Debug)]
pub struct OfficePermit<'a> {
    application: &'a Application,
    by: PersonId,
}

/// The secretary runs the committee's files, except those where they are lead or member.
///
/// # Errors
/// [`Denied::Hidden`] before the first submission.
pub fn may_examine<'a>(
    actor: &Actor,
    application: &'a Application,
) -> Result<OfficePermit<'a>, Denied> {
    may_read(actor, application)?;
    actor.needs(&[Role::Secretary])?;
    if application.involves(actor.id) {
        return Err(Denied::OwnApplication);
    }
    Ok(OfficePermit { application, by: actor.id })
}

impl OfficePermit<'_> {
    /// Begins to check a file that was submitted.
    pub fn start(self) -> Result<Application, Refusal> {
        let ApplicationState::Submitted { .. } = self.application.state else {
            return Err(self.wrong("examine"));
        };
        let state = ApplicationState::Admissibility { by: self.by, judged: BTreeSet::new() };
        Ok(self.into(state))
    }

    /// Notes which of [`Checklist::JUDGED`] hold.
    pub fn judge(self, judged: BTreeSet<String>) -> Result<Application, Refusal> {
        let ApplicationState::Admissibility { by, .. } = self.application.state else {
            return Err(self.wrong("judge"));
        };
        if judged.iter().any(|point| !Checklist::JUDGED.contains(&point.as_str())) {
            return Err(Refusal::invalid("judged", "unknown"));
        }
        Ok(self.into(ApplicationState::Admissibility { by, judged }))
    }

    /// Sends the file back, with a reason for each page that must change.
    pub fn send_back(self, reasons: &[(String, String)]) -> Result<Application, Refusal> {
        let ApplicationState::Admissibility { .. } = self.application.state else {
            return Err(self.wrong("return"));
        };
        let mut kept = Vec::new();
        for (page, reason) in reasons.iter().filter(|(_, reason)| !reason.trim().is_empty()) {
            if !form::PAGES.contains(&page.as_str()) {
                return Err(Refusal::invalid("page", "unknown"));
            }
            kept.push((page.clone(), written("reason", reason, REASON_MAX)?));
        }
        if kept.is_empty() {
            return Err(Refusal::invalid("reason", "missing"));
        }
        Ok(self.into(ApplicationState::Returned { reasons: kept }))
    }

    /// Puts the file on the agenda of the session on `date`.
    pub fn assign_session(self, date: &str, checklist: &Checklist) -> Result<Application, Refusal> {
        use ApplicationState::{Admissibility, Opinion as Given, Scheduled};
        let (Admissibility { .. } | Given { opinion: Opinion::Deferred, .. }) =
            self.application.state
        else {
            return Err(self.wrong("assign a session to"));
        };
        if !checklist.is_complete() {
            return Err(Refusal::invalid("checklist", "incomplete"));
        }
        let date: Date =
            date.trim().parse().map_err(|_| Refusal::invalid("session", "not-a-date"))?;
        Ok(self.into(Scheduled { session: date.to_string() }))
    }

    /// Opens the session for this file.
    pub fn open_session(self) -> Result<Application, Refusal> {
        let ApplicationState::Scheduled { session } = &self.application.state else {
            return Err(self.wrong("open the session on"));
        };
        let state = ApplicationState::InSession { session: session.clone() };
        Ok(self.into(state))
    }

    /// Goes past the committee to the producers, where each source is decided by its producer
    /// alone; `routes` are those of the items that are left.
    pub fn pass_committee(
        self,
        routes: &[Route],
        checklist: &Checklist,
        at: Timestamp,
    ) -> Result<Application, Refusal> {
        let ApplicationState::Admissibility { .. } = self.application.state else {
            return Err(self.wrong("go past the committee with"));
        };
        if !checklist.is_complete() {
            return Err(Refusal::invalid("checklist", "incomplete"));
        }
        if routes.is_empty() || routes.iter().any(|route| *route != Route::ProducerOnly) {
            return Err(Refusal::invalid("items", "needs-committee"));
        }
        Ok(self.into(ApplicationState::Decisions { opinion_at: at }))
    }

    /// Records that contract and other formalities are done: the application is a project, until
    /// the latest end of its granted items.
    pub fn complete_formalities(
        self,
        items: &[Item],
        at: Timestamp,
    ) -> Result<Application, Refusal> {
        let ApplicationState::Formalities { .. } = self.application.state else {
            return Err(self.wrong("authorise"));
        };
        let until = items.iter().filter_map(Item::granted_until).max();
        let until = until.filter(|until| *until > at);
        let until = until.ok_or_else(|| Refusal::invalid("items", "none-left"))?;
        Ok(self.into(ApplicationState::Authorised { since: at, until }))
    }

    fn wrong(&self, verb: &'static str) -> Refusal {
        wrong(verb, &self.application.state).into()
    }

    fn into(self, state: ApplicationState) -> Application {
        Application { state, ..self.application.clone() }
    }
}

/// The right to record the committee's opinion.
#[derive(Debug)]
pub struct OpinionPermit<'a> {
    application: &'a Application,
}

/// The chair records the opinion, or the secretary for the chair; never on an application of
/// their own.
///
/// # Errors
/// [`Denied::Hidden`] for those who may not know of it.
pub fn may_record_opinion<'a>(
    actor: &Actor,
    application: &'a Application,
) -> Result<OpinionPermit<'a>, Denied> {
    may_read(actor, application)?;
    if !actor.has(Role::Chair) {
        actor.needs(&[Role::Secretary])?;
    }
    if application.involves(actor.id) {
        return Err(Denied::OwnApplication);
    }
    Ok(OpinionPermit { application })
}

impl OpinionPermit<'_> {
    /// Records what the committee says.
    pub fn record(
        self,
        opinion: Opinion,
        text: &str,
        at: Timestamp,
    ) -> Result<Application, Refusal> {
        let ApplicationState::InSession { .. } = self.application.state else {
            return Err(wrong("record the opinion on", &self.application.state).into());
        };
        let text = written("text", text, REASON_MAX)?;
        let state = ApplicationState::Opinion { opinion, text, at };
        Ok(Application { state, ..self.application.clone() })
    }
}

/// The centre itself, as `system:clock` and as the one who draws conclusions. Its transitions ask
/// for no person's right: what has happened is their reason.
#[derive(Debug)]
pub struct CentrePermit<'a> {
    application: &'a Application,
}

impl Application {
    /// What the centre itself does.
    pub fn by_the_centre(&self) -> CentrePermit<'_> {
        CentrePermit { application: self }
    }
}

impl CentrePermit<'_> {
    /// After a favourable opinion the producers decide.
    pub fn open_decisions(self) -> Result<Application, WrongState> {
        match self.application.state {
            ApplicationState::Opinion { opinion, at, .. } if opinion.is_favourable() => {
                Ok(self.into(ApplicationState::Decisions { opinion_at: at }))
            }
            _ => Err(wrong("open decisions on", &self.application.state)),
        }
    }

    /// After an unfavourable opinion the application is over.
    pub fn close_unfavourable(self) -> Result<Application, WrongState> {
        match &self.application.state {
            ApplicationState::Opinion { opinion: Opinion::Unfavourable, text, .. } => {
                let text = text.clone();
                Ok(self.into(ApplicationState::Unfavourable { text }))
            }
            _ => Err(wrong("close", &self.application.state)),
        }
    }

    /// Once no item waits: formalities where one was granted; over where all were refused.
    ///
    /// # Errors
    /// [`WrongState`] outside `decisions`, and while an item waits for its producer.
    pub fn complete_decisions(self, items: &[Item]) -> Result<Application, WrongState> {
        let waits = |item: &Item| matches!(item.state, ItemState::OpinionOk);
        match self.application.state {
            ApplicationState::Decisions { opinion_at } if !items.iter().any(waits) => {
                let granted = items.iter().any(|item| item.granted_until().is_some());
                Ok(self.into(match granted {
                    true => ApplicationState::Formalities { opinion_at },
                    // No text: the reasons are the producers', each with its item.
                    false => ApplicationState::Unfavourable { text: String::new() },
                }))
            }
            _ => Err(wrong("complete the decisions on", &self.application.state)),
        }
    }

    /// Ends a project whose last day has passed.
    pub fn end(self, now: Timestamp) -> Result<Application, WrongState> {
        match self.application.state {
            ApplicationState::Authorised { until, .. } if until <= now => {
                Ok(self.into(ApplicationState::Ended { at: now }))
            }
            _ => Err(wrong("end", &self.application.state)),
        }
    }

    /// Lets a draft lapse that nobody has changed for [`LAPSE_MONTHS`].
    pub fn lapse(self, now: Timestamp) -> Result<Application, WrongState> {
        match self.application.state {
            ApplicationState::Draft if self.application.lapses_at() <= now => {
                Ok(self.into(ApplicationState::Lapsed { at: now }))
            }
            _ => Err(wrong("lapse", &self.application.state)),
        }
    }

    fn into(self, state: ApplicationState) -> Application {
        Application { state, ..self.application.clone() }
    }
}

impl Application {
    /// When the draft lapses if nobody changes it.
    pub fn lapses_at(&self) -> Timestamp {
        later(self.changed_at, LAPSE_MONTHS.months())
    }
}
