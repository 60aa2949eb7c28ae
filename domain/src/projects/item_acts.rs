//! How the lead asks, and what a producer answers before the committee (JOURNEYS 1.6, 2.3.4).

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    REASON_MAX,
    application::Application,
    application_team::LeadPermit,
    item::{Conditions, Item, ItemState, Message},
    written,
};
use crate::{Actor, Denied, PersonId, ProducerId, Refusal, Role, VintageId, WrongState};

/// The longest justification of an item, in characters.
pub const JUSTIFICATION_MAX: usize = 5_000;
/// The longest term, in months: six years from the opinion (JOURNEYS 3.2).
pub const MONTHS_MAX: u16 = 72;

/// The right to change what is asked for. Taken from the lead's right on the application, so that
/// there is one rule of who leads.
#[derive(Debug)]
pub struct AskPermit<'a> {
    item: &'a Item,
    by: PersonId,
}

impl LeadPermit<'_> {
    /// The lead's right on one of the application's items.
    ///
    /// # Errors
    /// [`Denied::Hidden`] for the item of another application.
    pub fn on<'i>(&self, item: &'i Item) -> Result<AskPermit<'i>, Denied> {
        match item.application == self.application().id {
            true => Ok(AskPermit { item, by: self.application().lead }),
            false => Err(Denied::Hidden),
        }
    }
}

impl AskPermit<'_> {
    /// Asks the producer.
    pub fn ask(self) -> Result<Item, Refusal> {
        match self.item.state {
            ItemState::Listed => Ok(with(self.item, ItemState::Asked)),
            _ => Err(wrong("ask for", self.item).into()),
        }
    }

    /// Answers the producer's question.
    pub fn answer(self, text: &str, at: Timestamp) -> Result<Item, Refusal> {
        match self.item.state {
            ItemState::Question => said(self.item, ItemState::Asked, self.by, text, at),
            _ => Err(wrong("answer on", self.item).into()),
        }
    }

    /// Changes the vintages and the reason. What a producer was already asked is asked again.
    pub fn change(self, vintages: &[VintageId], justification: &str) -> Result<Item, Refusal> {
        if justification.trim().chars().count() > JUSTIFICATION_MAX {
            return Err(Refusal::invalid("justification", "too-long"));
        }
        let vintages: BTreeSet<VintageId> = vintages.iter().copied().collect();
        if vintages.is_empty() {
            return Err(Refusal::invalid("vintages", "missing"));
        }
        let next = Item {
            vintages: vintages.into_iter().collect(),
            justification: justification.trim().replace("\r\n", "\n"),
            ..self.item.clone()
        };
        let same = next.vintages.iter().collect::<BTreeSet<_>>()
            == self.item.vintages.iter().collect::<BTreeSet<_>>()
            && next.justification == self.item.justification;
        match self.item.state {
            ItemState::Listed => Ok(next),
            _ if !is_before_submission(&self.item.state) => Err(wrong("change", self.item).into()),
            _ if same => Ok(self.item.clone()),
            _ => Ok(next.asked_again()),
        }
    }

    /// Takes the item out, any time before it is decided.
    pub fn remove(self) -> Result<Item, Refusal> {
        use ItemState::{OpinionKo, OpinionOk};
        match self.item.state {
            OpinionOk | OpinionKo => Ok(with(self.item, ItemState::Removed)),
            _ if is_before_submission(&self.item.state) => Ok(with(self.item, ItemState::Removed)),
            _ => Err(wrong("remove", self.item).into()),
        }
    }
}

/// The right to answer for the producer before the committee.
#[derive(Debug)]
pub struct AnswerPermit<'a> {
    item: &'a Item,
    application: &'a Application,
    by: PersonId,
}

/// Whether the person may see the item as its producer: not before the producer is asked.
///
/// # Errors
/// [`Denied::Hidden`] for others, and for what is still a draft.
pub fn may_read_as_producer(actor: &Actor, item: &Item) -> Result<(), Denied> {
    match actor.is_of(item.producer) && !matches!(item.state, ItemState::Listed) {
        true => Ok(()),
        false => Err(Denied::Hidden),
    }
}

/// An agent of the producer answers; not on an application where they are lead or member.
///
/// # Errors
/// [`Denied::Hidden`] for others than the producer's people.
pub fn may_answer<'a>(
    actor: &Actor,
    item: &'a Item,
    application: &'a Application,
) -> Result<AnswerPermit<'a>, Denied> {
    let by = acts_for_producer(actor, item, application, Role::ProducerAgent)?;
    Ok(AnswerPermit { item, application, by })
}

impl AnswerPermit<'_> {
    /// Agrees; with conditions where there are any.
    pub fn agree(self, conditions: Conditions) -> Result<Item, Refusal> {
        self.waits("answer")?;
        check(&conditions, self.item)?;
        let state = match conditions.is_empty() {
            true => ItemState::Agreed,
            false => ItemState::AgreedConditional,
        };
        Ok(Item { conditions, ..with(self.item, state) })
    }

    /// Refuses beforehand.
    pub fn refuse(self, reason: &str) -> Result<Item, Refusal> {
        self.waits("answer")?;
        let reason = written("reason", reason, REASON_MAX)?;
        Ok(with(self.item, ItemState::RefusedPrior { reason }))
    }

    /// Asks the lead a question.
    pub fn ask(self, text: &str, at: Timestamp) -> Result<Item, Refusal> {
        self.waits("question")?;
        said(self.item, ItemState::Question, self.by, text, at)
    }

    /// A late answer is still an answer, as long as the file is not frozen.
    fn waits(&self, verb: &'static str) -> Result<(), WrongState> {
        if !self.application.state.is_open() {
            return Err(super::application_team::wrong(verb, &self.application.state));
        }
        match self.item.state {
            ItemState::Asked | ItemState::Silent => Ok(()),
            _ => Err(wrong(verb, self.item)),
        }
    }
}

/// Who acts for the item's producer in `role`. The others of the producer are told which role is
/// needed; nobody else learns that the item exists; and nobody acts on an application of their own.
pub(super) fn acts_for_producer(
    actor: &Actor,
    item: &Item,
    application: &Application,
    role: Role,
) -> Result<PersonId, Denied> {
    may_read_as_producer(actor, item)?;
    if item.application != application.id {
        return Err(Denied::Hidden);
    }
    if !actor.has_for(role, item.producer) {
        return Err(Denied::NeedsRole(role.name()));
    }
    if application.involves(actor.id) {
        return Err(Denied::OwnApplication);
    }
    Ok(actor.id)
}

/// Conditions must be possible: some vintage is left, the term is within the six years, the text
/// has an end.
pub(super) fn check(conditions: &Conditions, item: &Item) -> Result<(), Refusal> {
    let known = |vintage: &VintageId| item.vintages.contains(vintage);
    if !conditions.without.iter().all(known)
        || item.vintages.iter().all(|vintage| conditions.without.contains(vintage))
    {
        return Err(Refusal::invalid("without", "none-left"));
    }
    if conditions.months.is_some_and(|months| months == 0 || months > MONTHS_MAX) {
        return Err(Refusal::invalid("months", "not-in-range"));
    }
    match conditions.text.chars().count() > REASON_MAX {
        true => Err(Refusal::invalid("text", "too-long")),
        false => Ok(()),
    }
}

impl Item {
    /// A source asked for in a draft.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] without a vintage.
    pub fn new(
        id: crate::ItemId,
        application: crate::ApplicationId,
        source: crate::SourceId,
        producer: ProducerId,
        vintages: &[VintageId],
    ) -> Result<Self, Refusal> {
        let vintages: BTreeSet<VintageId> = vintages.iter().copied().collect();
        if vintages.is_empty() {
            return Err(Refusal::invalid("vintages", "missing"));
        }
        Ok(Self {
            id,
            version: 0,
            application,
            source,
            producer,
            vintages: vintages.into_iter().collect(),
            justification: String::new(),
            thread: Vec::new(),
            conditions: Conditions::default(),
            state: ItemState::Listed,
        })
    }

    /// The producer must be told again (JOURNEYS 1.5 `file.changed`): its answer was to something
    /// else.
    #[must_use]
    pub fn asked_again(&self) -> Self {
        Self { conditions: Conditions::default(), ..with(self, ItemState::Asked) }
    }

    /// What a change of the team does to the item: an agreement to named persons was to others
    /// than these.
    #[must_use]
    pub fn after_team_change(&self) -> Option<Self> {
        let named =
            matches!(self.state, ItemState::AgreedConditional) && self.conditions.named_persons;
        named.then(|| self.asked_again())
    }

    /// The clock: the producer has not answered by the target date.
    pub fn fall_silent(&self, target: Timestamp, now: Timestamp) -> Result<Self, WrongState> {
        match self.state {
            ItemState::Asked if target <= now => Ok(with(self, ItemState::Silent)),
            _ => Err(wrong("give up waiting for", self)),
        }
    }
}

fn is_before_submission(state: &ItemState) -> bool {
    use ItemState::{Asked, Listed, Question};
    matches!(state, Listed | Asked | Question) || state.is_answered()
}

fn said(
    item: &Item,
    state: ItemState,
    by: PersonId,
    text: &str,
    at: Timestamp,
) -> Result<Item, Refusal> {
    let text = written("text", text, REASON_MAX)?;
    let mut next = with(item, state);
    next.thread.push(Message { by, at, text });
    Ok(next)
}

pub(super) fn with(item: &Item, state: ItemState) -> Item {
    Item { state, ..item.clone() }
}

pub(super) fn wrong(verb: &'static str, item: &Item) -> WrongState {
    WrongState { verb, noun: "item", state: item.state.name() }
}
