//! The tables of the nouns whose tests stand beside their verbs: what each verb does in each state,
//! kept in `docs/states/`. Applications, items, exports, imports, bubbles and sessions write theirs
//! where they are tested.

mod outputs;
mod rights;

use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use crate::{
    Actor, Deposit, DepositId, Person, PersonId, Producer, ProducerId, Role, Source, Text,
    Undertaking, UndertakingId, Vintage, VintageId,
    data::{
        deposit::{
            DecidePermit, DepositState, SendPermit, checks_of, may_decide, may_send,
            tests::{at, deposit, every_state, rejection},
        },
        producer::{Described, may_edit, may_manage},
        source::{
            SourceState, may_describe,
            tests::{actor, source},
        },
        vintage::{VintageState, may_announce},
    },
    people::{
        person_enrolment::{EnrolPermit, Evidence, may_enrol},
        person_standing::{may_close, may_restore, may_suspend},
        person_tests::{person, states},
        undertaking::{Signature, UndertakingState},
        undertaking_acts::{ShownText, may_check, may_sign},
    },
    projects::later,
    table::{Verb, of},
};

fn by(role: Role) -> Actor {
    actor(50, &[(role, role.is_of_a_producer().then_some(1))])
}

#[test]
fn deposits() {
    let samples: Vec<(&str, Deposit)> =
        every_state().into_iter().map(|state| (state.name(), deposit(state))).collect();
    fn send(d: &Deposit) -> SendPermit<'_> {
        may_send(&by(Role::ProducerAgent), d).unwrap()
    }
    fn decide(d: &Deposit) -> DecidePermit<'_> {
        may_decide(&by(Role::DataManager), d).unwrap()
    }
    let day_after = later(at(), 2.days());
    let name = |after: Deposit| after.state.name().to_owned();
    let vintage = VintageId(Uuid::from_u128(3));
    let last = "0".repeat(64);
    let verbs: [Verb<'_, Deposit>; 13] = [
        ("open the channel", &|d| send(d).open(at()).ok().map(name)),
        ("begin a file", &|d| send(d).begin("a.csv", Some(3), at()).ok().map(name)),
        ("receive the last file", &|d| send(d).receive("a.csv", 3, &last, at()).ok().map(name)),
        ("take back", &|d| send(d).abandon(at()).ok().map(name)),
        ("clock: close the channel", &|d| checks_of(d).close_channel(day_after).ok().map(name)),
        ("check: hashes", &|d| checks_of(d).hash_checked(&[]).ok().map(name)),
        ("check: kinds", &|d| checks_of(d).scanned().ok().map(name)),
        ("check: structure", &|d| checks_of(d).validated(vec![]).ok().map(name)),
        ("check: code book", &|d| checks_of(d).label_checked(vec![]).ok().map(name)),
        ("check: refuse", &|d| checks_of(d).reject(rejection(), at()).ok().map(name)),
        ("accept", &|d| decide(d).accept(at()).ok().map(name)),
        ("reject", &|d| decide(d).reject("no", at()).ok().map(name)),
        ("sign the receipt", &|d| checks_of(d).sign(String::new(), vintage, at()).ok().map(name)),
    ];
    of("deposit", &samples, &verbs);
}

#[test]
fn sources() {
    use SourceState::{Documented, Draft, Hidden, Published, Retired};
    let all = [Draft, Documented, Published, Hidden, Retired];
    let samples = all.map(|state| (state.name(), source(state)));
    let agent = by(Role::ProducerAgent);
    let permit = |one: &Source| may_describe(&agent, one.producer).unwrap();
    let name = |after: Source| after.state.name().to_owned();
    let verbs: [Verb<'_, Source>; 4] = [
        ("import a code book", &|one| permit(one).document(one).ok().map(name)),
        ("publish", &|one| permit(one).publish(one).ok().map(name)),
        ("hide", &|one| permit(one).hide(one).ok().map(name)),
        ("retire", &|one| permit(one).retire(one).ok().map(name)),
    ];
    of("source", &samples, &verbs);
}

#[test]
fn vintages() {
    use VintageState as V;
    let (agent, published) = (by(Role::ProducerAgent), source(SourceState::Published));
    let permit = || may_announce(&agent, &published).unwrap();
    let first = permit().announce(VintageId(Uuid::from_u128(3)), "2019", Some(2019)).unwrap();
    let deposited = DepositId(Uuid::from_u128(6));
    let all = [
        V::Announced,
        V::Expected,
        V::Deposited { deposit: deposited },
        V::Checking { deposit: deposited },
        V::Accepted { deposit: deposited },
        V::Available { deposit: deposited },
        V::Replaced { deposit: deposited, by: VintageId(Uuid::from_u128(4)) },
        permit().withdraw(&first, "wrong universe").unwrap().state,
    ];
    let samples: Vec<(&str, Vintage)> = all
        .iter()
        .map(|state| (state.name(), Vintage { state: state.clone(), ..first.clone() }))
        .collect();
    let name = |after: Vintage| after.state.name().to_owned();
    let follow = |one: &Vintage, state| {
        let after = one.follow(&deposit(state)).ok()?;
        (after != *one).then(|| name(after))
    };
    let (by, at) = (PersonId(Uuid::from_u128(8)), at());
    let verbs: [Verb<'_, Vintage>; 8] = [
        ("deposit: channel open", &|v| follow(v, DepositState::ChannelOpen { until: at })),
        ("deposit: received", &|v| follow(v, DepositState::Received { at })),
        ("deposit: being checked", &|v| follow(v, DepositState::HashChecked)),
        ("deposit: rejected", &|v| follow(v, DepositState::Rejected { reason: rejection(), at })),
        ("deposit: accepted", &|v| follow(v, DepositState::Accepted { by, at })),
        ("deposit: receipt signed", &|v| {
            follow(v, DepositState::ReceiptSigned { by, at, receipt: String::new() })
        }),
        ("erratum accepted", &|v| {
            v.replace(VintageId(Uuid::from_u128(4)), deposited).ok().map(|(old, _)| name(old))
        }),
        ("withdraw", &|v| permit().withdraw(v, "wrong universe").ok().map(name)),
    ];
    of("vintage", &samples, &verbs);
}

#[test]
fn producers() {
    let manager = by(Role::ProjectManager);
    let described = || Described {
        name: Text::new("Institut", "Institute"),
        contact: "data@example.org".into(),
        silence_goes_on: false,
        consultation_days: 14,
        questions: Vec::new(),
    };
    let permit = || may_manage(&manager).unwrap();
    let id = ProducerId(Uuid::from_u128(1));
    let listed = permit().create(id, "inst", described()).unwrap();
    let ended = permit().end(&listed, 0, Timestamp::UNIX_EPOCH).unwrap();
    let name = |after: Producer| after.state().to_owned();
    let verbs: [Verb<'_, Producer>; 3] = [
        ("edit", &|one| may_edit(&manager, one).unwrap().edit(described()).ok().map(name)),
        ("end", &|one| permit().end(one, 0, Timestamp::UNIX_EPOCH).ok().map(name)),
        ("reopen", &|one| permit().reopen(one).ok().map(name)),
    ];
    of("producer", &[("listed", listed), ("ended", ended)], &verbs);
}

#[test]
fn undertakings() {
    use UndertakingState as U;
    let signature = |version: &str| Signature {
        text_version: version.to_owned(),
        text_hash: "ab".into(),
        name: "Ada".into(),
        at: at(),
    };
    let (checked_by, checked_at) = (PersonId(Uuid::from_u128(2)), at());
    let samples = [
        U::ToSign { returned: None },
        U::Signed(signature("2")),
        U::Valid { signature: signature("2"), checked_by, checked_at },
        U::Superseded { signature: signature("1") },
    ];
    let of_ada = |state| Undertaking {
        state,
        ..Undertaking::to_sign(
            UndertakingId(Uuid::nil()),
            PersonId(Uuid::from_u128(1)),
            Uuid::nil().into(),
        )
    };
    let samples = samples.map(|state| (state.name(), of_ada(state)));
    let (ada, farid) = (actor(1, &[]), by(Role::Secretary));
    let text = || ShownText { version: "2", sha256: "ab" };
    let name = |after: Undertaking| after.state.name().to_owned();
    let verbs: [Verb<'_, Undertaking>; 4] = [
        ("sign", &|u| {
            may_sign(&ada, u).unwrap().sign(text(), "Ada", "Ada", true, at()).ok().map(name)
        }),
        ("accept", &|u| may_check(&farid, u).unwrap().accept("2", at()).ok().map(name)),
        ("return", &|u| may_check(&farid, u).unwrap().send_back("no date").ok().map(name)),
        ("new version of the text", &|u| u.superseded_by("3").map(name)),
    ];
    of("undertaking", &samples, &verbs);
}

#[test]
fn accounts() {
    let samples = states().map(|state| (state.name(), person(state)));
    fn enrol(p: &Person) -> EnrolPermit<'_> {
        may_enrol(&by(Role::EnrolmentAgent), p).unwrap()
    }
    let manager = by(Role::ProjectManager);
    let (one, two) = (actor(51, &[(Role::SecurityOfficer, None)]), by(Role::SecurityOfficer));
    let seen = || Evidence { document: "passport", meeting: "in_person", note: "" };
    let start = Timestamp::UNIX_EPOCH;
    let name = |after: Person| after.state.name().to_owned();
    let verbs: [Verb<'_, Person>; 8] = [
        ("accept the invitation", &|p| p.accept("hash", start).ok().map(name)),
        ("check the identity", &|p| enrol(p).check_identity(&seen(), true, start).ok().map(name)),
        ("enrol", &|p| enrol(p).enrol(1, true, start).ok().map(name)),
        ("first live right", &|p| p.follow_access(true, start).map(|(after, _)| name(after))),
        ("last right gone", &|p| p.follow_access(false, start).map(|(after, _)| name(after))),
        ("suspend", &|p| may_suspend(&one, p).unwrap().suspend("lost", start).ok().map(name)),
        ("restore, by two", &|p| {
            let asked = may_restore(&one, p).unwrap().restore().ok()?;
            may_restore(&two, &asked).unwrap().restore().ok().map(name)
        }),
        ("close", &|p| may_close(&manager, p).unwrap().close(false, start).ok().map(name)),
    ];
    of("account", &samples, &verbs);
}
