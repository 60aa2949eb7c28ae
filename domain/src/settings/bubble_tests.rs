use uuid::Uuid;

use super::*;
use crate::{
    ProducerId, RoleGrant,
    projects::{
        Item,
        item::{Conditions, ItemState},
    },
};

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn actor(n: u128, roles: &[Role], works_in: &[u128]) -> Actor {
    Actor {
        id: PersonId(id(n)),
        roles: roles.iter().map(|role| RoleGrant { role: *role, producer: None }).collect(),
        works_in: works_in.iter().map(|n| ApplicationId(id(*n))).collect(),
        may_act: true,
        is_enrolled: true,
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn every_state() -> Vec<BubbleState> {
    use BubbleState::*;
    vec![
        Requested,
        WaitingPrerequisites { missing: vec!["no_item_granted".into()] },
        Provisioning,
        ProvisionFailed { reason: "self_test: network".into() },
        Ready,
        Active { since: at(0) },
        Suspended {
            by: Some(PersonId(id(9))),
            reason: "r".into(),
            was_active: true,
            restore_asked_by: None,
        },
        Suspended {
            by: None,
            reason: NO_VINTAGE_GRANTED.into(),
            was_active: true,
            restore_asked_by: None,
        },
        Closing { until: at(100) },
        Archived { until: at(100) },
        Deleted { at: at(0), certificate: "c".into() },
    ]
}

fn bubble(state: BubbleState) -> Bubble {
    Bubble { state, ..Bubble::requested(BubbleId(id(1)), ApplicationId(id(7)), 1, "small") }
}

fn passed(name: &str, passed: bool) -> SelfTest {
    SelfTest { name: name.into(), passed, detail: String::new() }
}

/// Where each verb leads from each state; `-` where it is refused.
fn table() -> String {
    let officer = actor(9, &[Role::SecurityOfficer], &[]);
    let operator = actor(8, &[Role::Operator], &[]);
    let lead = actor(5, &[], &[7]);
    let name = |bubble: Result<Bubble, Refusal>| bubble.map_or("-", |bubble| bubble.state.name());
    let mut lines = String::new();
    for state in every_state() {
        let b = bubble(state);
        let centre = || by_the_centre(&b);
        let ok = |result: Result<Bubble, WrongState>| name(result.map_err(Refusal::from));
        let verbs = [
            ("check", ok(centre().check(vec![]))),
            ("check-missing", ok(centre().check(vec!["x".into()]))),
            ("provision", ok(centre().provisioned("i".into(), vec![passed("a", true)]))),
            ("fail", ok(centre().fail("disk"))),
            ("enter", ok(centre().enter(at(1)))),
            ("end", ok(centre().close(at(1)))),
            ("delete", ok(centre().delete("c".into(), at(200)))),
            ("run-dry", ok(centre().run_dry())),
            ("refill", ok(centre().refill(at(1)))),
            ("retry", ok(may_operate(&operator, &b).unwrap().retry())),
            ("archive", ok(may_operate(&operator, &b).unwrap().archive(at(200)))),
            ("suspend", name(may_secure(&officer, &b).unwrap().suspend("odd hours"))),
            ("restore", name(may_secure(&officer, &b).unwrap().restore(at(1)))),
            ("close", ok(may_close(&lead, &b, lead.id).unwrap().close(at(1)))),
        ];
        let allowed: Vec<String> = verbs
            .iter()
            .filter(|(_, to)| *to != "-")
            .map(|(verb, to)| format!("{verb}>{to}"))
            .collect();
        let dry = if b.is_dry() { " (no vintage left)" } else { "" };
        lines.push_str(&format!("{}{dry}: {}\n", b.state.name(), allowed.join(" ")));
    }
    lines
}

#[test]
fn each_verb_works_in_the_states_of_its_table_and_nowhere_else() {
    let expected = "\
requested: check>provisioning check-missing>waiting_prerequisites
waiting_prerequisites: check>provisioning check-missing>waiting_prerequisites
provisioning: provision>ready fail>provision_failed
provision_failed: retry>provisioning
ready: enter>active end>closing run-dry>suspended suspend>suspended close>closing
active: end>closing run-dry>suspended suspend>suspended close>closing
suspended: end>closing restore>suspended close>closing
suspended (no vintage left): end>closing refill>active suspend>suspended close>closing
closing: archive>archived
archived: delete>deleted
deleted: 
";
    assert_eq!(table(), expected);
    crate::table::compact("bubble", expected);
}

#[test]
fn one_failed_self_test_or_none_at_all_keeps_a_bubble_from_being_ready() {
    let b = bubble(BubbleState::Provisioning);
    let checks = vec![passed("network", true), passed("mounts", false)];
    let failed = by_the_centre(&b).provisioned("i".into(), checks).unwrap();
    assert_eq!(failed.state, BubbleState::ProvisionFailed { reason: "self_test: mounts".into() });
    let untested = by_the_centre(&b).provisioned("i".into(), vec![]).unwrap();
    assert_eq!(untested.state.name(), "provision_failed");
}

#[test]
fn a_restore_takes_who_suspended_and_a_second_officer() {
    let ines = actor(9, &[Role::SecurityOfficer], &[]);
    let jules = actor(10, &[Role::SecurityOfficer], &[]);
    let kim = actor(11, &[Role::SecurityOfficer], &[]);
    let suspended =
        may_secure(&ines, &bubble(BubbleState::Ready)).unwrap().suspend("odd hours").unwrap();
    let asked = may_secure(&ines, &suspended).unwrap().restore(at(1)).unwrap();
    assert_eq!(asked.state.name(), "suspended");
    let alone = may_secure(&ines, &asked).unwrap().restore(at(2));
    assert_eq!(alone, Err(Denied::NeedsSecondPerson.into()));
    let restored = may_secure(&jules, &asked).unwrap().restore(at(2)).unwrap();
    assert_eq!(restored.state, BubbleState::Ready); // it had not been active
    let by_jules = may_secure(&jules, &suspended).unwrap().restore(at(1)).unwrap();
    let without = may_secure(&kim, &by_jules).unwrap().restore(at(2));
    assert_eq!(without, Err(Denied::NeedsSecondPerson.into()));
    assert!(may_secure(&ines, &by_jules).unwrap().restore(at(2)).is_ok());
}

#[test]
fn a_new_grant_restores_what_ran_dry_and_never_what_an_officer_suspended() {
    let dry = by_the_centre(&bubble(BubbleState::Ready)).run_dry().unwrap();
    assert!(dry.is_dry());
    assert_eq!(by_the_centre(&dry).refill(at(2)).unwrap().state, BubbleState::Ready);
    let ines = actor(9, &[Role::SecurityOfficer], &[]);
    let secured = may_secure(&ines, &dry).unwrap().suspend(NO_VINTAGE_GRANTED).unwrap();
    assert!(!secured.is_dry());
    assert!(by_the_centre(&secured).refill(at(2)).is_err());
}

#[test]
fn every_role_may_do_just_what_the_permission_table_says() {
    let b = bubble(BubbleState::Ready);
    for role in Role::ALL {
        let outside = actor(3, &[role], &[]);
        let officer = role == Role::SecurityOfficer;
        assert_eq!(may_secure(&outside, &b).is_ok(), officer, "{role:?} secures");
        assert_eq!(may_operate(&outside, &b).is_ok(), role == Role::Operator, "{role:?} operates");
        let sees = officer || role == Role::Auditor;
        assert_eq!(may_see(&outside, &b).is_ok(), sees, "{role:?} sees");
        let closes = may_close(&outside, &b, PersonId(id(5))).unwrap_err();
        assert_eq!(closes, Denied::Hidden, "{role:?} closes");
    }
    let member = actor(4, &[], &[7]);
    assert!(may_see(&member, &b).is_ok());
    assert_eq!(may_close(&member, &b, PersonId(id(5))).unwrap_err(), Denied::NotTheLead);
    assert!(may_close(&actor(5, &[], &[7]), &b, PersonId(id(5))).is_ok());
}

/// JOURNEYS 3.1: a producer reads what is its own in a bubble, and nothing before it has granted.
#[test]
fn a_producer_knows_of_bubbles_where_its_data_were_granted() {
    let until = at(100);
    let reason = || "r".to_owned();
    let states = [
        (ItemState::Listed, false),
        (ItemState::Asked, false),
        (ItemState::Agreed, false),
        (ItemState::OpinionOk, false),
        (ItemState::Refused { reason: reason() }, false),
        (ItemState::Removed, false),
        (ItemState::Granted { until }, true),
        (ItemState::GrantedConditional { until }, true),
        (ItemState::Active { until }, true),
        (ItemState::Suspended { until, reason: reason() }, true),
        (ItemState::Ended, true),
        (ItemState::Revoked { reason: reason() }, true),
    ];
    for (state, sees) in states {
        let name = state.name();
        let item = Item {
            id: id(20).into(),
            version: 0,
            application: ApplicationId(id(7)),
            source: id(21).into(),
            producer: ProducerId(id(50)),
            vintages: vec![],
            justification: String::new(),
            thread: vec![],
            conditions: Conditions::default(),
            state,
        };
        for role in Role::ALL {
            for producer in [50, 51] {
                let grant = RoleGrant { role, producer: Some(ProducerId(id(producer))) };
                let reader = Actor { roles: vec![grant], ..actor(3, &[], &[]) };
                let is_own = role.is_of_a_producer() && producer == 50;
                let found = may_see_as_producer(&reader, std::slice::from_ref(&item));
                assert_eq!(found.is_ok(), sees && is_own, "{role:?} of {producer}, {name}");
            }
        }
    }
    assert!(may_see_as_producer(&actor(3, &[], &[]), &[]).is_err());
}

#[test]
fn thirty_days_and_retention_are_waited_for_and_a_reason_is_needed() {
    let operator = actor(8, &[Role::Operator], &[]);
    let closing = bubble(BubbleState::Closing { until: at(100) });
    assert!(may_operate(&operator, &closing).unwrap().archive(at(99)).is_err());
    let archived = bubble(BubbleState::Archived { until: at(100) });
    assert!(by_the_centre(&archived).delete("c".into(), at(99)).is_err());
    let officer = actor(9, &[Role::SecurityOfficer], &[]);
    let ready = bubble(BubbleState::Ready);
    let refused = may_secure(&officer, &ready).unwrap().suspend("  ");
    assert_eq!(refused, Err(Refusal::invalid("reason", "reason-missing")));
}
