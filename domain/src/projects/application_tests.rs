//! Every verb through every state, every role through every act.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use super::{
    application::{Application, ApplicationState as S, Member, Opinion},
    application_office::{Checklist, may_examine, may_record_opinion},
    application_team::{Frozen, may_edit, may_lead, may_read},
    form::{FIELDS, Kind, completeness},
    item::{Item, ItemState},
    later,
};
use crate::{
    Actor, ApplicationId, Denied, ItemId, ProducerId, Refusal, Role, RoleGrant, SourceId,
    Undertaking, UndertakingId, VintageId,
    data::source::Route,
    people::undertaking::{Signature, UndertakingState},
    table,
};

pub(crate) fn at() -> Timestamp {
    "2026-11-02T10:00:00Z".parse().unwrap()
}
fn id<T: From<Uuid>>(n: u128) -> T {
    Uuid::from_u128(n).into()
}
pub(crate) fn actor(n: u128, roles: &[Role]) -> Actor {
    let grant =
        |role: &Role| RoleGrant { role: *role, producer: role.is_of_a_producer().then(|| id(50)) };
    Actor {
        id: id(n),
        roles: roles.iter().map(grant).collect(),
        works_in: vec![],
        may_act: true,
        is_enrolled: true,
    }
}
const LEAD: u128 = 1;
const EDITOR: u128 = 2;
const SECRETARY: u128 = 3;

fn filled() -> BTreeMap<String, String> {
    let value = |kind: Kind| match kind {
        Kind::Line(_) | Kind::Area(_) => "words".to_owned(),
        Kind::Choice(words) => words[0].to_owned(),
        Kind::Number(_, high) => high.to_string(),
        Kind::Date => "2026-12-01".to_owned(),
        Kind::YesNo | Kind::Declaration => "yes".to_owned(),
    };
    FIELDS.iter().map(|field| (field.name.to_owned(), value(field.kind))).collect()
}

pub(crate) fn application(state: S) -> Application {
    let members = vec![Member { person: id(EDITOR), bubble: true, edits: true }];
    let mut made = Application {
        members,
        fields: filled(),
        state,
        ..Application::new(id(10), id(LEAD), at())
    };
    let before = ["draft", "consultation", "ready"];
    if !before.contains(&made.state.name()) {
        made.submissions.push(super::application::Submission {
            at: at(),
            sha256: String::new(),
            fields: BTreeMap::new(),
            snapshot: String::new(),
            attachments: Vec::new(),
        });
    }
    made
}

pub(crate) fn item(state: ItemState) -> Item {
    let vintages = [id::<VintageId>(70), id(71)];
    let made =
        Item::new(id::<ItemId>(20), id(10), id::<SourceId>(60), id::<ProducerId>(50), &vintages);
    Item { justification: "needed".to_owned(), state, ..made.unwrap() }
}

fn undertakings() -> Vec<Undertaking> {
    let signature = || Signature {
        text_version: "1".to_owned(),
        text_hash: String::new(),
        name: "A".to_owned(),
        at: at(),
    };
    [LEAD, EDITOR]
        .into_iter()
        .map(|n| Undertaking {
            id: UndertakingId(Uuid::from_u128(n)),
            version: 0,
            person: id(n),
            application: id::<ApplicationId>(10),
            state: UndertakingState::Signed(signature()),
        })
        .collect()
}

fn checklist(holds: bool) -> Checklist {
    Checklist { points: vec![("persons_complete", holds)] }
}

fn frozen() -> Frozen {
    Frozen { number: "2026-0001".into(), snapshot: "{}".into(), sha256: "00".into() }
}

pub(crate) fn every_state() -> Vec<S> {
    let opinion = |opinion| S::Opinion { opinion, text: "because".into(), at: at() };
    vec![
        S::Draft,
        S::Consultation { since: at(), target: later(at(), 14.days()) },
        S::Ready,
        S::Submitted { at: at() },
        S::Admissibility { by: id(SECRETARY), judged: BTreeSet::new() },
        S::Returned { reasons: vec![("purpose".into(), "unclear".into())] },
        S::Scheduled { session: "2026-12-01".into() },
        S::InSession { session: "2026-12-01".into() },
        opinion(Opinion::Favourable),
        opinion(Opinion::FavourableWithConditions),
        opinion(Opinion::Deferred),
        opinion(Opinion::Unfavourable),
        S::Decisions { opinion_at: at() },
        S::Formalities { opinion_at: at() },
        S::Authorised { since: at(), until: later(at(), 1.years()) },
        S::Ended { at: at() },
        S::Withdrawn { reason: "no money".into() },
        S::Unfavourable { text: "no".into() },
        S::Lapsed { at: at() },
    ]
}

fn label(state: &S) -> &'static str {
    match state {
        S::Opinion { opinion: Opinion::Favourable, .. } => "opinion (favourable)",
        S::Opinion { opinion: Opinion::FavourableWithConditions, .. } => {
            "opinion (with conditions)"
        }
        S::Opinion { opinion: Opinion::Deferred, .. } => "opinion (deferred)",
        S::Opinion { opinion: Opinion::Unfavourable, .. } => "opinion (unfavourable)",
        other => other.name(),
    }
}

type Changed = Result<Application, Refusal>;
type Verb = (&'static str, fn(&Application) -> Changed);

fn agreed() -> [Item; 1] {
    [item(ItemState::Agreed)]
}
fn granted() -> [Item; 1] {
    [item(ItemState::Granted { until: later(at(), 1.years()) })]
}

/// Every verb, by somebody who may, with all that it asks for.
const VERBS: &[Verb] = &[
    ("edit", |a| may_edit(&actor(LEAD, &[]), a)?.save_field("acronym", "X", &[], at())),
    ("add member", |a| {
        let member = Member { person: id(9), bubble: true, edits: false };
        may_lead(&actor(LEAD, &[]), a)?.add_member(member, at())
    }),
    ("remove member", |a| may_lead(&actor(LEAD, &[]), a)?.remove_member(id(EDITOR), at())),
    ("change items", |a| may_lead(&actor(LEAD, &[]), a)?.change_items(at())),
    ("item asked again", |a| {
        may_lead(&actor(LEAD, &[]), a)?.change_items(at()).map(|a| a.reopened(at(), 14))
    }),
    ("open consultation", |a| {
        let complete = completeness(&a.fields, &agreed(), &[]);
        may_lead(&actor(LEAD, &[]), a)?.open_consultation(&complete, 14, at())
    }),
    ("go on", |a| may_lead(&actor(LEAD, &[]), a)?.go_on(&agreed(), |_| false)),
    ("submit", |a| {
        let complete = completeness(&a.fields, &agreed(), &[]);
        let lead = actor(LEAD, &[]);
        let permit = may_lead(&lead, a)?;
        permit.submit(frozen(), &complete, &agreed(), |_| false, &undertakings(), at())
    }),
    ("withdraw", |a| may_lead(&actor(LEAD, &[]), a)?.withdraw("no money")),
    ("start admissibility", |a| office(a)?.start()),
    ("judge", |a| office(a)?.judge(BTreeSet::from(["summary_readable".to_owned()]))),
    ("return", |a| office(a)?.send_back(&[("purpose".to_owned(), "unclear".to_owned())])),
    ("assign session", |a| office(a)?.assign_session("2026-12-01", &checklist(true))),
    ("open session", |a| office(a)?.open_session()),
    ("pass committee", |a| {
        office(a)?.pass_committee(&[Route::ProducerOnly], &checklist(true), at())
    }),
    ("record opinion: favourable", |a| opinion(a, Opinion::Favourable)),
    ("record opinion: deferred", |a| opinion(a, Opinion::Deferred)),
    ("open decisions", |a| Ok(a.by_the_centre().open_decisions()?)),
    ("close unfavourable", |a| Ok(a.by_the_centre().close_unfavourable()?)),
    ("complete decisions, one granted", |a| Ok(a.by_the_centre().complete_decisions(&granted())?)),
    ("complete decisions, all refused", |a| Ok(a.by_the_centre().complete_decisions(&[])?)),
    ("complete formalities", |a| office(a)?.complete_formalities(&granted(), at())),
    ("refuse a partial start", |a| {
        let refused = item(ItemState::Refused { reason: "no".into() });
        may_lead(&actor(LEAD, &[]), a)?.refuse_partial_start(&[refused], "too little", at())
    }),
    ("clock: end", |a| Ok(a.by_the_centre().end(later(at(), 2.years()))?)),
    ("clock: lapse", |a| Ok(a.by_the_centre().lapse(later(at(), 2.years()))?)),
];

fn office(a: &Application) -> Result<super::application_office::OfficePermit<'_>, Refusal> {
    // A secretary sees nothing before the submission; the table is about states, so the permit is
    // asked for a file that was submitted.
    match may_examine(&actor(SECRETARY, &[Role::Secretary]), a) {
        Err(Denied::Hidden) => Err(super::application_team::wrong("examine", &a.state).into()),
        other => Ok(other?),
    }
}

fn opinion(a: &Application, opinion: Opinion) -> Changed {
    match may_record_opinion(&actor(SECRETARY, &[Role::Secretary]), a) {
        Err(Denied::Hidden) => Err(super::application_team::wrong("record", &a.state).into()),
        other => other?.record(opinion, "because", at()),
    }
}

#[test]
fn every_verb_in_every_state_is_what_the_documentation_says() {
    let names: BTreeSet<&str> = every_state().iter().map(S::name).collect();
    assert_eq!(names.len(), 16, "a state is missing from the samples");
    let states: Vec<_> = every_state().into_iter().map(|s| (label(&s), application(s))).collect();
    let mut content = String::new();
    for (state, value) in &states {
        for (verb, act) in VERBS {
            match act(value) {
                Ok(next) => content += &table::line(state, verb, label(&next.state)),
                Err(Refusal::WrongState(wrong)) => assert_eq!(wrong.state, value.state.name()),
                Err(other) => panic!("{verb} in {state}: {other}"),
            }
        }
        if value.state.is_final() {
            content += &table::line(state, "(final)", "");
        }
    }
    table::check("application", &(table::head("application") + &content));
}

#[test]
fn no_verb_but_a_clock_follows_a_final_state() {
    for state in every_state().into_iter().filter(S::is_final) {
        for (verb, act) in VERBS {
            let answer = act(&application(state.clone()));
            assert!(matches!(answer, Err(Refusal::WrongState(_))), "{verb} in {}", state.name());
        }
    }
}

/// Who may read, edit, lead, examine and give the opinion, in a few telling states.
#[test]
fn every_role_may_do_what_its_role_says_and_nothing_else() {
    let others: Vec<(String, Actor)> = Role::ALL
        .into_iter()
        .map(|role| (role.name().to_owned(), actor(100, &[role])))
        .chain([
            ("lead".to_owned(), actor(LEAD, &[])),
            ("member".to_owned(), actor(EDITOR, &[])),
            ("stranger".to_owned(), actor(101, &[])),
        ])
        .collect();
    let states = [
        S::Draft,
        S::Submitted { at: at() },
        S::InSession { session: "2026-12-01".into() },
        S::Authorised { since: at(), until: later(at(), 1.years()) },
    ];
    let mut found = BTreeMap::new();
    for state in states {
        let file = application(state);
        for (name, person) in &others {
            let mut acts = String::new();
            let mut note = |letter: char, may: bool| acts.push(if may { letter } else { '-' });
            note('r', may_read(person, &file).is_ok());
            note('e', may_edit(person, &file).is_ok());
            note('l', may_lead(person, &file).is_ok());
            note('x', may_examine(person, &file).is_ok());
            note('o', may_record_opinion(person, &file).is_ok());
            if acts != "-----" {
                found.insert((file.state.name(), name.clone()), acts);
            }
        }
    }
    let expected = [
        ("authorised", "auditor", "r----"),
        ("authorised", "chair", "r---o"),
        ("authorised", "committee_member", "r----"),
        ("authorised", "lead", "rel--"),
        ("authorised", "member", "r----"),
        ("authorised", "project_manager", "r----"),
        ("authorised", "secretary", "r--xo"),
        ("authorised", "security_officer", "r----"),
        ("draft", "auditor", "r----"),
        ("draft", "lead", "rel--"),
        ("draft", "member", "re---"),
        ("draft", "security_officer", "r----"),
        ("in_session", "auditor", "r----"),
        ("in_session", "chair", "r---o"),
        ("in_session", "committee_member", "r----"),
        ("in_session", "lead", "rel--"),
        ("in_session", "member", "r----"),
        ("in_session", "project_manager", "r----"),
        ("in_session", "secretary", "r--xo"),
        ("in_session", "security_officer", "r----"),
        ("submitted", "auditor", "r----"),
        ("submitted", "lead", "rel--"),
        ("submitted", "member", "r----"),
        ("submitted", "secretary", "r--xo"),
        ("submitted", "security_officer", "r----"),
    ];
    let found: Vec<_> =
        found.iter().map(|((s, n), acts)| (*s, n.as_str(), acts.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_secretary_or_chair_never_examines_an_application_of_their_own() {
    let file = application(S::InSession { session: "2026-12-01".into() });
    let both = actor(EDITOR, &[Role::Secretary, Role::Chair]);
    assert_eq!(may_examine(&both, &file).unwrap_err(), Denied::OwnApplication);
    assert_eq!(may_record_opinion(&both, &file).unwrap_err(), Denied::OwnApplication);
}

#[test]
fn a_suspended_account_leads_nothing() {
    let suspended = Actor { may_act: false, ..actor(LEAD, &[]) };
    assert_eq!(may_lead(&suspended, &application(S::Draft)).unwrap_err(), Denied::Hidden);
}

fn invalid<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> (&'static str, &'static str) {
    match answer {
        Err(Refusal::Invalid { field, key }) => (field, key),
        other => panic!("not refused for its content: {other:?}"),
    }
}

#[test]
fn a_submission_needs_every_signature_every_answer_and_every_mandatory_field() {
    let submit = |file: &Application, items: &[Item], signed: &[Undertaking]| {
        let complete = completeness(&file.fields, items, &[]);
        let lead = actor(LEAD, &[]);
        may_lead(&lead, file).unwrap().submit(frozen(), &complete, items, |_| false, signed, at())
    };
    let ready = application(S::Ready);
    assert!(submit(&ready, &agreed(), &undertakings()).is_ok());
    let unsigned = submit(&ready, &agreed(), &undertakings()[..1]);
    assert_eq!(invalid(unsigned), ("undertakings", "not-signed"));
    let asked = submit(&ready, &[item(ItemState::Asked)], &undertakings());
    assert_eq!(invalid(asked), ("items", "not-answered"));
    let silent = submit(&ready, &[item(ItemState::Silent)], &undertakings());
    assert_eq!(invalid(silent), ("items", "not-answered"));
    let mut bare = ready.clone();
    bare.fields.remove("declare_true");
    assert_eq!(invalid(submit(&bare, &agreed(), &undertakings())), ("declare_true", "missing"));
    let mut foreign = undertakings();
    foreign[0].application = id(11);
    let foreign = submit(&ready, &agreed(), &foreign);
    assert_eq!(invalid(foreign), ("undertakings", "not-signed"));
}

#[test]
fn a_second_submission_keeps_its_number() {
    let mut file = application(S::Returned { reasons: vec![] });
    file.number = Some("2026-0007".to_owned());
    let complete = completeness(&file.fields, &agreed(), &[]);
    let lead = actor(LEAD, &[]);
    let permit = may_lead(&lead, &file).unwrap();
    let again =
        permit.submit(frozen(), &complete, &agreed(), |_| false, &undertakings(), at()).unwrap();
    assert_eq!((again.number.as_deref(), again.submissions.len()), (Some("2026-0007"), 2));
}

#[test]
fn refused_items_alone_are_not_enough_to_go_on() {
    let file = application(S::Consultation { since: at(), target: at() });
    let refused = item(ItemState::RefusedPrior { reason: "no".into() });
    let lead = actor(LEAD, &[]);
    let go =
        |items: &[Item], silence: bool| may_lead(&lead, &file).unwrap().go_on(items, |_| silence);
    assert_eq!(invalid(go(std::slice::from_ref(&refused), false)), ("items", "none-left"));
    assert_eq!(invalid(go(&[item(ItemState::Removed)], false)), ("items", "none-left"));
    assert!(go(&[refused, item(ItemState::Agreed)], false).is_ok());
    assert!(go(&[item(ItemState::Silent)], true).is_ok());
}

#[test]
fn an_incomplete_checklist_keeps_a_file_from_the_session() {
    let file = application(S::Admissibility { by: id(SECRETARY), judged: BTreeSet::new() });
    let permit = || office(&file).unwrap();
    let refused = permit().assign_session("2026-12-01", &checklist(false));
    assert_eq!(invalid(refused), ("checklist", "incomplete"));
    let refused = permit().assign_session("soon", &checklist(true));
    assert_eq!(invalid(refused), ("session", "not-a-date"));
    let routes = [Route::ProducerOnly, Route::Committee];
    let refused = permit().pass_committee(&routes, &checklist(true), at());
    assert_eq!(invalid(refused), ("items", "needs-committee"));
}

#[test]
fn decisions_wait_for_every_item() {
    let file = application(S::Decisions { opinion_at: at() });
    let items = [granted()[0].clone(), item(ItemState::OpinionOk)];
    assert!(file.by_the_centre().complete_decisions(&items).is_err());
}

#[test]
fn a_draft_does_not_lapse_a_day_early() {
    let file = application(S::Draft);
    let due = file.lapses_at();
    assert!(file.by_the_centre().lapse(later(due, (-1).days())).is_err());
    assert_eq!(file.by_the_centre().lapse(due).unwrap().state, S::Lapsed { at: due });
}
