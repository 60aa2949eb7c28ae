use uuid::Uuid;

use super::*;
use crate::{
    HabilitationId, RoleGrant, people::habilitation::HabilitationState,
    settings::bubble::BubbleState,
};

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn actor(roles: &[Role], works_in: &[u128]) -> Actor {
    Actor {
        id: PersonId(id(4)),
        roles: roles.iter().map(|role| RoleGrant { role: *role, producer: None }).collect(),
        works_in: works_in.iter().map(|n| ApplicationId(id(*n))).collect(),
        may_act: true,
        is_enrolled: true,
    }
}

fn bubble(state: BubbleState) -> Bubble {
    Bubble { state, ..Bubble::requested(BubbleId(id(1)), ApplicationId(id(7)), 1, "small") }
}

fn habilitation(state: HabilitationState) -> Habilitation {
    Habilitation {
        id: HabilitationId(id(2)),
        version: 0,
        person: PersonId(id(4)),
        application: ApplicationId(id(7)),
        grants: vec![],
        state,
    }
}

fn live() -> Habilitation {
    habilitation(HabilitationState::Active { start: at(0), end: at(1000) })
}

fn recording() -> Recording {
    Recording { sha256: "00".into(), bytes: 1, duration_ms: 1 }
}

fn open(bubble: &Bubble) -> Session {
    let actor = actor(&[], &[7]);
    let permit = may_open(&actor, bubble, Some(&live()), at(10)).unwrap();
    permit.open(SessionId(id(3)), LoginId(id(6)), vec![], 0, true, at(10)).unwrap()
}

#[test]
fn a_live_habilitation_of_the_person_in_the_project_is_needed() {
    let (b, member) = (bubble(BubbleState::Ready), actor(&[], &[7]));
    assert!(may_open(&member, &b, Some(&live()), at(10)).is_ok());
    let none = |own: Option<&Habilitation>, now| may_open(&member, &b, own, now).unwrap_err();
    assert_eq!(none(None, at(10)), Denied::NoHabilitation);
    assert_eq!(none(Some(&live()), at(1000)), Denied::NoHabilitation);
    let suspended = HabilitationState::Suspended { start: at(0), end: at(1000), cause: "c".into() };
    assert_eq!(none(Some(&habilitation(suspended)), at(10)), Denied::NoHabilitation);
    let of_another = Habilitation { person: PersonId(id(5)), ..live() };
    assert_eq!(none(Some(&of_another), at(10)), Denied::NoHabilitation);
    let elsewhere = Habilitation { application: ApplicationId(id(8)), ..live() };
    assert_eq!(none(Some(&elsewhere), at(10)), Denied::NoHabilitation);
}

#[test]
fn another_projects_bubble_is_hidden_and_an_account_that_is_not_enrolled_stays_out() {
    let b = bubble(BubbleState::Ready);
    for role in Role::ALL {
        let stranger = actor(&[role], &[8]);
        assert_eq!(may_open(&stranger, &b, Some(&live()), at(10)).unwrap_err(), Denied::Hidden);
    }
    let member = Actor { is_enrolled: false, ..actor(&[], &[7]) };
    let refused = may_open(&member, &b, Some(&live()), at(10)).unwrap_err();
    assert_eq!(refused, Denied::AccountNotActive);
}

#[test]
fn only_an_open_bubble_with_an_accepted_banner_and_a_free_place_is_entered() {
    let member = actor(&[], &[7]);
    let try_open = |state, already, banner| {
        let b = bubble(state);
        let own = live();
        let permit = may_open(&member, &b, Some(&own), at(10)).unwrap();
        permit.open(SessionId(id(3)), LoginId(id(6)), vec![], already, banner, at(10)).err()
    };
    assert_eq!(try_open(BubbleState::Ready, 0, true), None);
    assert_eq!(try_open(BubbleState::Closing { until: at(99) }, 0, true), None);
    let wrong = try_open(BubbleState::Provisioning, 0, true);
    assert!(matches!(wrong, Some(Refusal::WrongState(_))));
    let banner = try_open(BubbleState::Ready, 0, false);
    assert_eq!(banner, Some(Refusal::invalid("banner", "banner-not-accepted")));
    let many = try_open(BubbleState::Ready, MAX_OPEN, true);
    assert_eq!(many, Some(Refusal::invalid("session", "too-many-sessions")));
}

#[test]
fn a_session_is_over_once() {
    let session = open(&bubble(BubbleState::Ready));
    let ended = by_the_centre(&session).end(recording(), at(20)).unwrap();
    assert!(by_the_centre(&ended).cut("idle", recording(), at(21)).is_err());
    let cut = by_the_centre(&session).cut("idle", recording(), at(20)).unwrap();
    assert!(by_the_centre(&cut).end(recording(), at(21)).is_err());
    assert_eq!(cut.over_at(), Some(at(20)));
    let does = |session: &Session| {
        let end = by_the_centre(session).end(recording(), at(21)).ok();
        let cut = by_the_centre(session).cut("idle", recording(), at(21)).ok();
        let told = [("end", end), ("cut", cut)].map(|(verb, after)| {
            after.map(|after| format!("{verb}>{}", after.state.name())).unwrap_or_default()
        });
        format!("{}: {}\n", session.state.name(), told.join(" "))
    };
    crate::table::compact("session", &[&session, &ended, &cut].map(does).concat());
}

#[test]
fn only_a_security_officer_cuts_or_replays() {
    let running = open(&bubble(BubbleState::Ready));
    let over = by_the_centre(&running).end(recording(), at(20)).unwrap();
    for role in Role::ALL {
        let who = actor(&[role], &[7]);
        let officer = role == Role::SecurityOfficer;
        assert_eq!(may_cut(&who, &running).is_ok(), officer, "{role:?}");
        assert_eq!(may_replay(&who, &over).is_ok(), officer, "{role:?}");
    }
    assert!(may_replay(&actor(&[], &[7]), &over).is_err());
}

#[test]
fn a_replay_needs_a_reason_an_ended_session_and_its_own_asker_within_seven_days() {
    let officer = actor(&[Role::SecurityOfficer], &[]);
    let running = open(&bubble(BubbleState::Ready));
    let over = by_the_centre(&running).end(recording(), at(20)).unwrap();
    let long = "x".repeat(MAX_REASON + 1);
    let ask = |session, reason| {
        may_replay(&officer, session).unwrap().ask(ReplayId(id(5)), reason, at(30))
    };
    assert!(ask(&running, "monthly sample").is_err());
    assert!(ask(&over, " ").is_err());
    assert!(ask(&over, &long).is_err());
    let replay = ask(&over, "monthly sample").unwrap();
    assert!(may_view(&officer, &replay, at(31)).is_ok());
    assert!(may_view(&officer, &replay, at(30 + REPLAY_SECONDS)).is_err());
    let second = Actor { id: PersonId(id(40)), ..officer.clone() };
    assert_eq!(may_view(&second, &replay, at(31)).unwrap_err(), Denied::NotYourself.into());
    let former = Actor { roles: vec![], ..officer.clone() };
    assert!(may_view(&former, &replay, at(31)).is_err());
}

#[test]
fn time_is_over_after_fifteen_idle_minutes_or_eight_hours() {
    let session = open(&bubble(BubbleState::Ready)); // opened at 10
    assert_eq!(session.time_is_over(at(10), at(10 + IDLE_SECONDS - 1)), None);
    assert_eq!(session.time_is_over(at(10), at(10 + IDLE_SECONDS)), Some("idle"));
    let end = at(10 + ABSOLUTE_SECONDS);
    assert_eq!(session.time_is_over(end, end), Some("too_long"));
}
