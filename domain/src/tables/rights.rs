//! The table of the habilitation, whose steps follow from a whole project.

use jiff::ToSpan;
use uuid::Uuid;

use super::by;
use crate::{
    Habilitation, HabilitationId, Item, Person, PersonId, Role,
    data::deposit::tests::at,
    people::{
        habilitation::HabilitationState as H, habilitation_revocation::may_revoke_for_committee,
        habilitation_steps::Facts, person::PersonState, person_tests::person,
    },
    projects::{
        application::ApplicationState,
        application_tests::{application, item},
        item::ItemState,
        later,
    },
    table::{Verb, of},
};

/// A project as a habilitation sees it: the person, the application, its items.
struct World {
    person: Person,
    signed: bool,
    state: ApplicationState,
    items: Vec<Item>,
    bubble_open: bool,
    days: i64,
}

impl World {
    /// An authorised project whose one item is granted for a year, all that a right needs.
    fn whole() -> Self {
        let until = later(at(), 365.days());
        Self {
            person: Person { id: PersonId(Uuid::from_u128(1)), ..person(enrolled()) },
            signed: true,
            state: ApplicationState::Authorised { since: at(), until },
            items: vec![item(ItemState::Granted { until })],
            bubble_open: true,
            days: 0,
        }
    }

    fn of(state: ApplicationState) -> Self {
        Self { state, ..Self::whole() }
    }

    fn after(days: i64) -> Self {
        Self { days, ..Self::whole() }
    }

    fn with(state: ItemState) -> Self {
        Self { items: vec![item(state)], ..Self::whole() }
    }

    fn whose(state: PersonState) -> Self {
        let whole = Self::whole();
        Self { person: Person { state, ..whole.person }, ..whole }
    }

    /// The first step that this asks of `one`.
    fn next(&self, one: &Habilitation) -> Option<Habilitation> {
        let application = application(self.state.clone());
        let facts = Facts {
            person: &self.person,
            signed: self.signed,
            application: &application,
            items: &self.items,
            opinion_at: Some(at()),
            bubble_open: self.bubble_open,
        };
        Some(one.next_step(&facts, later(at(), self.days.days()))?.after)
    }

    /// The state that it leads to, where that is another.
    fn step(&self, one: &Habilitation) -> Option<String> {
        let after = self.next(one)?;
        (after.state != one.state).then(|| after.state.name().to_owned())
    }
}

fn enrolled() -> PersonState {
    PersonState::Enrolled { since: at() }
}

fn suspended() -> PersonState {
    PersonState::Suspended {
        by: PersonId(Uuid::from_u128(7)),
        reason: "lost card".into(),
        since: at(),
        previous: Box::new(enrolled()),
        restore_asked_by: None,
    }
}

/// A right in each state, with the vintages that the item grants: one that has others is first
/// brought in line with them.
fn samples() -> Vec<(&'static str, Habilitation)> {
    let (start, end) = (at(), later(at(), 365.days()));
    let all = [
        H::Asked,
        H::UndertakingMissing,
        H::UnderExamination,
        H::Granted { start, end },
        H::Active { start, end },
        H::Expiring { start, end },
        H::Suspended { start, end, cause: "person".into() },
        H::Expired { at: end },
        H::Revoked { at: start, reason: "breach".into() },
        H::Refused { at: start },
    ];
    let project = application(World::whole().state);
    let id = HabilitationId(Uuid::from_u128(9));
    let asked = Habilitation::asked(id, PersonId(Uuid::from_u128(1)), project.id);
    let examined = Habilitation { state: H::UnderExamination, ..asked.clone() };
    let granted = World::whole().next(&examined).expect("it is granted").grants;
    let right = |state: H| {
        let grants = if state.term().is_some() { granted.clone() } else { vec![] };
        (state.name(), Habilitation { state, grants, ..asked.clone() })
    };
    all.map(right).into()
}

#[test]
fn habilitations() {
    let unsigned = || World { signed: false, ..World::of(ApplicationState::Draft) };
    let submitted = || World::of(ApplicationState::Submitted { at: at() });
    let withdrawn = || World::of(ApplicationState::Withdrawn { reason: "no money".into() });
    let refused = || World::with(ItemState::Refused { reason: "no".into() });
    let revoked = || World::with(ItemState::Revoked { reason: "breach".into() });
    let waiting = || World { bubble_open: false, ..World::whole() };
    let closed = || World::whose(PersonState::Closed { at: at() });
    let (chair, project) = (by(Role::Chair), application(World::whole().state));
    let verbs: [Verb<'_, Habilitation>; 13] = [
        ("undertaking not signed", &|h| unsigned().step(h)),
        ("undertaking signed, in the draft", &|h| World::of(ApplicationState::Draft).step(h)),
        ("application submitted", &|h| submitted().step(h)),
        ("authorised, a prerequisite open", &|h| waiting().step(h)),
        ("authorised, nothing granted", &|h| refused().step(h)),
        ("all that it needs is there", &|h| World::whole().step(h)),
        ("clock: 60 days before its end", &|h| World::after(305).step(h)),
        ("clock: its end", &|h| World::after(365).step(h)),
        ("person suspended", &|h| World::whose(suspended()).step(h)),
        ("account closed", &|h| closed().step(h)),
        ("producer revoked the last item", &|h| revoked().step(h)),
        ("application withdrawn or project over", &|h| withdrawn().step(h)),
        ("committee revoked", &|h| {
            let permit = may_revoke_for_committee(&chair, h, &project).unwrap();
            permit.revoke("breach", at()).ok().map(|after| after.state.name().to_owned())
        }),
    ];
    of("habilitation", &samples(), &verbs);
}
