use std::collections::BTreeMap;

use uuid::Uuid;

use super::*;
use crate::{
    ApplicationId, HabilitationId, ItemId, Lang, PersonId, ProducerId, SourceId, VintageId,
    projects::application::Opinion,
};

const START: &str = "2026-11-02T10:00:00Z";

fn at(days: i64) -> Timestamp {
    let start: Timestamp = START.parse().unwrap();
    start.checked_add((days * 24).hours()).unwrap()
}

fn person(state: PersonState) -> Person {
    Person {
        id: PersonId(Uuid::from_u128(1)),
        version: 0,
        name: "Ada Lovelace".into(),
        email: "ada@example.org".into(),
        language: Lang::En,
        institution: String::new(),
        demo_name: None,
        demo_part: crate::Text::default(),
        roles: vec![],
        state,
    }
}

fn application(state: ApplicationState) -> Application {
    Application {
        id: ApplicationId(Uuid::from_u128(2)),
        version: 0,
        number: None,
        lead: PersonId(Uuid::from_u128(1)),
        members: vec![],
        fields: BTreeMap::new(),
        attachments: vec![],
        submissions: vec![],
        changed_at: at(0),
        state,
    }
}

fn item(number: u128, state: ItemState) -> Item {
    Item {
        id: ItemId(Uuid::from_u128(number)),
        version: 0,
        application: ApplicationId(Uuid::from_u128(2)),
        source: SourceId(Uuid::from_u128(number)),
        producer: ProducerId(Uuid::from_u128(number)),
        vintages: vec![
            VintageId(Uuid::from_u128(number)),
            VintageId(Uuid::from_u128(number + 100)),
        ],
        justification: String::new(),
        thread: vec![],
        conditions: crate::projects::item::Conditions::default(),
        state,
    }
}

fn authorised() -> ApplicationState {
    ApplicationState::Authorised { since: at(0), until: at(3000) }
}

struct World {
    person: Person,
    signed: bool,
    application: Application,
    items: Vec<Item>,
    bubble_open: bool,
}

impl World {
    fn new() -> Self {
        let items = vec![
            item(10, ItemState::Granted { until: at(365) }),
            item(20, ItemState::Granted { until: at(1000) }),
        ];
        Self {
            person: person(PersonState::Enrolled { since: at(0) }),
            signed: true,
            application: application(authorised()),
            items,
            bubble_open: true,
        }
    }

    /// Takes steps until none is left; returns the verbs.
    fn follow(&self, habilitation: &mut Habilitation, now: Timestamp) -> Vec<&'static str> {
        let facts = Facts {
            person: &self.person,
            signed: self.signed,
            application: &self.application,
            items: &self.items,
            opinion_at: Some(at(0)),
            bubble_open: self.bubble_open,
        };
        let mut verbs = Vec::new();
        while let Some(step) = habilitation.next_step(&facts, now) {
            *habilitation = step.after;
            verbs.push(step.verb);
            assert!(verbs.len() < 20, "the steps go round in circles: {verbs:?}");
        }
        verbs
    }
}

fn asked() -> Habilitation {
    let (id, person) = (HabilitationId(Uuid::from_u128(9)), PersonId(Uuid::from_u128(1)));
    Habilitation::asked(id, person, ApplicationId(Uuid::from_u128(2)))
}

fn examined() -> Habilitation {
    Habilitation { state: State::UnderExamination, ..asked() }
}

#[test]
fn a_member_who_has_not_signed_is_told_so_and_goes_on_after_signing() {
    let mut world = World { signed: false, ..World::new() };
    world.application.state = ApplicationState::Draft;
    let mut habilitation = asked();
    assert_eq!(world.follow(&mut habilitation, at(0)), ["undertaking_missing"]);
    world.application.state = ApplicationState::Submitted { at: at(0) };
    assert!(world.follow(&mut habilitation, at(0)).is_empty(), "nobody is examined unsigned");
    world.signed = true;
    assert_eq!(world.follow(&mut habilitation, at(0)), ["under_examination"]);
}

#[test]
fn a_favourable_end_grants_the_granted_vintages_until_the_earliest_end() {
    let mut world = World { bubble_open: false, ..World::new() };
    world.items[1].conditions.without = vec![VintageId(Uuid::from_u128(120))];
    let mut habilitation = examined();
    assert_eq!(world.follow(&mut habilitation, at(0)), ["granted"]);
    assert_eq!(habilitation.state.term(), Some((at(0), at(365))));
    assert_eq!(habilitation.grants.len(), 3, "the vintage left out is not granted");
    assert!(!habilitation.is_live(at(0)), "prerequisites are open");
}

#[test]
fn no_right_lasts_longer_than_six_years_from_the_opinion() {
    let mut world = World::new();
    world.items = vec![item(10, ItemState::Granted { until: at(9000) })];
    let mut habilitation = examined();
    world.follow(&mut habilitation, at(0));
    let end = "2032-11-02T10:00:00Z".parse().unwrap();
    assert_eq!(habilitation.state.term(), Some((at(0), end)));
}

#[test]
fn each_prerequisite_alone_keeps_a_right_closed() {
    let closed = |change: fn(&mut World)| {
        let mut world = World::new();
        change(&mut world);
        let mut habilitation = examined();
        world.follow(&mut habilitation, at(0));
        habilitation.state.name()
    };
    assert_eq!(closed(|_| {}), "active");
    assert_eq!(closed(|world| world.bubble_open = false), "granted");
    assert_eq!(closed(|world| world.signed = false), "granted");
    assert_eq!(closed(|world| world.person.state = PersonState::Registered), "granted");
}

#[test]
fn an_application_without_any_granted_item_grants_nothing() {
    let mut world = World::new();
    world.items = vec![item(10, ItemState::Refused { reason: "no".into() })];
    let mut habilitation = examined();
    assert_eq!(world.follow(&mut habilitation, at(0)), ["refused"]);
    world.application.state = ApplicationState::Unfavourable { text: String::new() };
    assert_eq!(world.follow(&mut examined(), at(0)), ["refused"]);
}

#[test]
fn who_joins_after_the_decisions_gets_no_right_from_it() {
    let world = World::new();
    let mut habilitation = asked();
    assert!(world.follow(&mut habilitation, at(0)).is_empty());
    assert_eq!(habilitation.state.name(), "asked");
}

#[test]
fn the_clock_makes_a_right_expire() {
    let world = World::new();
    let mut habilitation = examined();
    assert_eq!(world.follow(&mut habilitation, at(0)), ["granted", "active"]);
    assert!(world.follow(&mut habilitation, at(304)).is_empty());
    assert_eq!(world.follow(&mut habilitation, at(305)), ["expiring"]);
    assert!(habilitation.is_live(at(364)));
    assert!(!habilitation.is_live(at(365)), "a late clock lengthens nothing");
    assert_eq!(world.follow(&mut habilitation, at(365)), ["expired"]);
    assert!(world.follow(&mut habilitation, at(900)).is_empty(), "over is over");
}

#[test]
fn notices_are_due_at_60_30_21_14_7_and_1_days() {
    let state = State::Expiring { start: at(0), end: at(365) };
    let habilitation = Habilitation { state, ..asked() };
    let due = |days: i64| habilitation.notice_due(at(365 - days)).unwrap();
    assert_eq!(
        [60, 59, 30, 22, 21, 15, 14, 8, 7, 2, 1].map(due),
        [60, 60, 30, 30, 21, 21, 14, 14, 7, 7, 1]
    );
    assert_eq!(asked().notice_due(at(0)), None);
}

#[test]
fn a_suspended_person_loses_the_right_until_restored() {
    let mut world = World::new();
    let mut habilitation = examined();
    world.follow(&mut habilitation, at(0));
    let before = habilitation.state.term();
    world.person.state = PersonState::Suspended {
        by: PersonId(Uuid::from_u128(7)),
        reason: "lost card".into(),
        since: at(1),
        previous: Box::new(PersonState::Enrolled { since: at(0) }),
        restore_asked_by: None,
    };
    assert_eq!(world.follow(&mut habilitation, at(1)), ["suspended"]);
    assert!(!habilitation.is_live(at(1)));
    world.person.state = PersonState::Enrolled { since: at(0) };
    assert_eq!(world.follow(&mut habilitation, at(2)), ["active"]);
    assert_eq!(habilitation.state.term(), before);
}

#[test]
fn a_suspended_item_cuts_only_what_depends_on_it() {
    let mut world = World::new();
    let mut habilitation = examined();
    world.follow(&mut habilitation, at(0));
    let stopped = |until| ItemState::Suspended { until: at(until), reason: "error".into() };
    world.items[0].state = stopped(365);
    assert_eq!(world.follow(&mut habilitation, at(1)), ["grants_changed"]);
    assert_eq!(habilitation.live_grants(at(1)).count(), 2);
    world.items[1].state = stopped(1000);
    assert_eq!(world.follow(&mut habilitation, at(2)), ["grants_changed", "suspended"]);
    world.items[0].state = ItemState::Active { until: at(365) };
    assert_eq!(world.follow(&mut habilitation, at(3)), ["grants_changed", "active"]);
    assert_eq!(habilitation.live_grants(at(3)).count(), 2);
}

#[test]
fn a_revoked_item_never_puts_the_end_off_and_the_last_one_revokes_the_right() {
    let mut world = World::new();
    let mut habilitation = examined();
    world.follow(&mut habilitation, at(0));
    let revoked = || ItemState::Revoked { reason: "breach".into() };
    world.items[0].state = revoked();
    world.follow(&mut habilitation, at(1));
    assert_eq!(habilitation.state.term(), Some((at(0), at(365))), "not lengthened to 1000");
    world.items[1].state = revoked();
    assert_eq!(world.follow(&mut habilitation, at(2)), ["revoked"]);
}

#[test]
fn a_removed_member_and_an_ended_project_end_the_right() {
    let mut world = World::new();
    let mut habilitation = examined();
    world.follow(&mut habilitation, at(0));
    let mut ended = habilitation.clone();
    world.application.lead = PersonId(Uuid::from_u128(5));
    assert_eq!(world.follow(&mut habilitation, at(1)), ["revoked"]);
    world = World::new();
    world.application.state = ApplicationState::Ended { at: at(1) };
    assert_eq!(world.follow(&mut ended, at(1)), ["expired"]);
}

/// Every state against every application state: a right opens from an authorised application only.
#[test]
fn only_an_authorised_application_opens_a_right() {
    let opinion =
        ApplicationState::Opinion { opinion: Opinion::Favourable, text: String::new(), at: at(0) };
    let states = [
        ApplicationState::Draft,
        ApplicationState::Consultation { since: at(0), target: at(14) },
        ApplicationState::Ready,
        ApplicationState::Submitted { at: at(0) },
        ApplicationState::Admissibility {
            by: PersonId(Uuid::nil()),
            judged: std::collections::BTreeSet::new(),
        },
        ApplicationState::Returned { reasons: vec![] },
        ApplicationState::Scheduled { session: String::new() },
        ApplicationState::InSession { session: String::new() },
        opinion,
        ApplicationState::Decisions { opinion_at: at(0) },
        ApplicationState::Formalities { opinion_at: at(0) },
        ApplicationState::Withdrawn { reason: String::new() },
        ApplicationState::Unfavourable { text: String::new() },
        ApplicationState::Lapsed { at: at(0) },
    ];
    for state in states {
        for from in [State::Asked, State::UndertakingMissing, State::UnderExamination] {
            let mut world = World::new();
            world.application.state = state.clone();
            let mut habilitation = Habilitation { state: from, ..asked() };
            world.follow(&mut habilitation, at(0));
            assert!(habilitation.state.term().is_none(), "{} opened a right", state.name());
        }
    }
}
