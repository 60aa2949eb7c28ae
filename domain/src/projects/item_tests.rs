//! Every verb through every state, every role through every act.

use jiff::{Timestamp, ToSpan};

use super::{
    application::{Application, ApplicationState as S},
    application_team::may_lead,
    application_tests::{actor, application, at, item},
    item::{Conditions, Item, ItemState as I},
    item_acts::{may_answer, may_read_as_producer},
    item_decision::{latest_end, may_decide, may_resume, may_revoke, may_suspend},
    later,
};
use crate::{Actor, Denied, Refusal, Role, VintageId, table};

fn until() -> Timestamp {
    later(at(), 1.years())
}

fn every_state() -> Vec<I> {
    let reason = || "because".to_owned();
    vec![
        I::Listed,
        I::Asked,
        I::Question,
        I::Agreed,
        I::AgreedConditional,
        I::RefusedPrior { reason: reason() },
        I::Silent,
        I::OpinionOk,
        I::OpinionKo,
        I::Granted { until: until() },
        I::GrantedConditional { until: until() },
        I::Refused { reason: reason() },
        I::Active { until: until() },
        I::Suspended { until: until(), reason: reason() },
        I::Ended,
        I::Revoked { reason: reason() },
        I::Removed,
    ]
}

fn agent() -> Actor {
    actor(5, &[Role::ProducerAgent])
}
fn decider() -> Actor {
    actor(6, &[Role::ProducerDecider])
}
fn open() -> Application {
    application(S::Consultation { since: at(), target: at() })
}
fn deciding() -> Application {
    application(S::Decisions { opinion_at: at() })
}
fn months(months: u16) -> Conditions {
    Conditions { months: Some(months), ..Conditions::default() }
}

type Verb = (&'static str, fn(&Item) -> Result<Item, Refusal>);

/// A listed item does not exist for its producer: for the table that is a wrong state too.
fn seen<T>(permit: Result<T, Denied>, item: &Item) -> Result<T, Refusal> {
    match permit {
        Err(Denied::Hidden) => Err(super::item_acts::wrong("see", item).into()),
        other => Ok(other?),
    }
}

const VERBS: &[Verb] = &[
    ("ask", |i| may_lead(&actor(1, &[]), &open())?.on(i)?.ask()),
    ("change vintages", |i| {
        may_lead(&actor(1, &[]), &open())?.on(i)?.change(&i.vintages[..1], "needed")
    }),
    ("remove", |i| may_lead(&actor(1, &[]), &open())?.on(i)?.remove()),
    ("producer asks", |i| seen(may_answer(&agent(), i, &open()), i)?.ask("why?", at())),
    ("lead answers", |i| may_lead(&actor(1, &[]), &open())?.on(i)?.answer("so", at())),
    ("agree", |i| seen(may_answer(&agent(), i, &open()), i)?.agree(Conditions::default())),
    ("agree on conditions", |i| seen(may_answer(&agent(), i, &open()), i)?.agree(months(12))),
    ("refuse beforehand", |i| seen(may_answer(&agent(), i, &open()), i)?.refuse("no")),
    ("clock: target date", |i| Ok(i.fall_silent(at(), at())?)),
    ("opinion favourable", |i| Ok(i.take_opinion(true)?)),
    ("opinion unfavourable", |i| Ok(i.take_opinion(false)?)),
    ("grant", |i| {
        seen(may_decide(&decider(), i, &deciding()), i)?.grant(until(), Conditions::default(), at())
    }),
    ("grant on conditions", |i| {
        seen(may_decide(&decider(), i, &deciding()), i)?.grant(until(), months(12), at())
    }),
    ("refuse", |i| seen(may_decide(&decider(), i, &deciding()), i)?.refuse("no")),
    ("data mounted", |i| Ok(i.mount()?)),
    ("suspend", |i| seen(may_suspend(&agent(), i), i)?.suspend("leak")),
    ("resume", |i| seen(may_resume(&agent(), i, &deciding()), i)?.resume()),
    ("revoke", |i| seen(may_revoke(&decider(), i), i)?.revoke("leak")),
    ("application over", |i| Ok(i.close()?)),
    ("clock: end", |i| Ok(i.end(until())?)),
];

#[test]
fn every_verb_in_every_state_is_what_the_documentation_says() {
    let names: std::collections::BTreeSet<&str> = every_state().iter().map(I::name).collect();
    assert_eq!(names.len(), 17, "a state is missing from the samples");
    let mut content = String::new();
    for state in every_state() {
        let value = item(state);
        for (verb, act) in VERBS {
            match act(&value) {
                Ok(next) => {
                    content += &table::line(value.state.name(), verb, next.state.name());
                }
                Err(Refusal::WrongState(wrong)) => assert_eq!(wrong.state, value.state.name()),
                Err(other) => panic!("{verb} in {}: {other}", value.state.name()),
            }
        }
        if value.state.is_final() {
            content += &table::line(value.state.name(), "(final)", "");
        }
    }
    table::check("item", &(table::head("item") + &content));
}

#[test]
fn nothing_follows_a_final_state() {
    for state in every_state().into_iter().filter(I::is_final) {
        for (verb, act) in VERBS {
            let answer = act(&item(state.clone()));
            assert!(matches!(answer, Err(Refusal::WrongState(_))), "{verb} in {}", state.name());
        }
    }
}

#[test]
fn only_the_producer_s_own_people_see_its_item_and_none_before_it_is_asked() {
    for role in Role::ALL {
        let person = actor(100, &[role]);
        let sees = may_read_as_producer(&person, &item(I::Asked)).is_ok();
        assert_eq!(sees, role.is_of_a_producer(), "{}", role.name());
        assert!(may_read_as_producer(&person, &item(I::Listed)).is_err());
        let mut foreign = item(I::Asked);
        foreign.producer = crate::ProducerId(uuid::Uuid::from_u128(51));
        assert_eq!(may_read_as_producer(&person, &foreign), Err(Denied::Hidden));
    }
}

#[test]
fn agents_answer_and_deciders_decide_and_neither_does_the_other_s_part() {
    let (asked, due) = (item(I::Asked), item(I::OpinionOk));
    let needs = |role: Role| Some(Denied::NeedsRole(role.name()));
    assert_eq!(may_answer(&decider(), &asked, &open()).err(), needs(Role::ProducerAgent));
    assert_eq!(may_decide(&agent(), &due, &deciding()).err(), needs(Role::ProducerDecider));
    assert_eq!(
        may_revoke(&agent(), &item(I::Active { until: until() })).err(),
        needs(Role::ProducerDecider)
    );
}

#[test]
fn nobody_answers_or_decides_on_an_application_where_they_are_lead_or_member() {
    for n in [1, 2] {
        let both = actor(n, &[Role::ProducerAgent, Role::ProducerDecider]);
        let own = Some(Denied::OwnApplication);
        assert_eq!(may_answer(&both, &item(I::Asked), &open()).err(), own);
        assert_eq!(may_decide(&both, &item(I::OpinionOk), &deciding()).err(), own);
        let suspended = item(I::Suspended { until: until(), reason: String::new() });
        assert_eq!(may_resume(&both, &suspended, &deciding()).err(), own);
        assert!(may_suspend(&both, &item(I::Active { until: until() })).is_ok());
    }
}

#[test]
fn another_application_s_permit_is_worth_nothing_here() {
    let mut other = open();
    other.id = crate::ApplicationId(uuid::Uuid::from_u128(11));
    let lead = actor(1, &[]);
    let permit = may_lead(&lead, &other).unwrap();
    assert_eq!(permit.on(&item(I::Asked)).err(), Some(Denied::Hidden));
    assert_eq!(may_answer(&agent(), &item(I::Asked), &other).err(), Some(Denied::Hidden));
}

fn invalid<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> (&'static str, &'static str) {
    match answer {
        Err(Refusal::Invalid { field, key }) => (field, key),
        other => panic!("not refused for its content: {other:?}"),
    }
}

#[test]
fn a_grant_ends_within_six_years_of_the_opinion_or_the_shorter_term() {
    let (due, file, signer) = (item(I::OpinionOk), deciding(), decider());
    let grant = |end: Timestamp, conditions: Conditions| {
        may_decide(&signer, &due, &file).unwrap().grant(end, conditions, at())
    };
    let six_years = later(at(), 6.years());
    assert_eq!(latest_end(at(), &Conditions::default()), six_years);
    assert!(grant(six_years, Conditions::default()).is_ok());
    let second = later(six_years, 1.seconds());
    assert_eq!(invalid(grant(second, Conditions::default())), ("until", "too-late"));
    assert_eq!(invalid(grant(at(), Conditions::default())), ("until", "passed"));
    assert_eq!(invalid(grant(six_years, months(12))), ("until", "too-late"));
    assert_eq!(invalid(grant(until(), months(73))), ("months", "not-in-range"));
    let all = Conditions { without: due.vintages.clone(), ..Conditions::default() };
    assert_eq!(invalid(grant(until(), all)), ("without", "none-left"));
    let unknown = VintageId(uuid::Uuid::from_u128(99));
    let unknown = Conditions { without: vec![unknown], ..Conditions::default() };
    assert_eq!(invalid(grant(until(), unknown)), ("without", "none-left"));
}

#[test]
fn what_was_granted_is_what_was_asked_less_what_was_left_out() {
    let without = item(I::OpinionOk).vintages[1];
    let conditions = Conditions { without: vec![without], ..Conditions::default() };
    let (due, file, signer) = (item(I::OpinionOk), deciding(), decider());
    let granted = may_decide(&signer, &due, &file).unwrap().grant(until(), conditions, at());
    let granted = granted.unwrap();
    assert_eq!(granted.granted_vintages().collect::<Vec<_>>(), [due.vintages[0]]);
    assert_eq!(granted.state.name(), "granted_conditional");
}

#[test]
fn only_an_agreement_to_named_persons_reopens_when_the_team_changes() {
    let named = Conditions { named_persons: true, ..Conditions::default() };
    let agreed = Item { conditions: named, ..item(I::AgreedConditional) };
    assert_eq!(agreed.after_team_change().unwrap().state, I::Asked);
    assert!(item(I::Agreed).after_team_change().is_none());
    assert!(
        Item { conditions: months(12), ..item(I::AgreedConditional) }.after_team_change().is_none()
    );
}

#[test]
fn a_change_that_changes_nothing_asks_nobody_again() {
    let agreed = item(I::Agreed);
    let file = open();
    let lead = actor(1, &[]);
    let on = || may_lead(&lead, &file).unwrap().on(&agreed).unwrap();
    assert_eq!(on().change(&agreed.vintages, " needed ").unwrap(), agreed);
    assert_eq!(on().change(&agreed.vintages, "more").unwrap().state, I::Asked);
    assert_eq!(invalid(on().change(&[], "needed")), ("vintages", "missing"));
}

#[test]
fn a_frozen_file_takes_no_late_answer() {
    let frozen = application(S::Submitted { at: at() });
    let silent = item(I::Silent);
    let answer = may_answer(&agent(), &silent, &frozen).unwrap().agree(Conditions::default());
    assert!(matches!(answer, Err(Refusal::WrongState(_))));
}
