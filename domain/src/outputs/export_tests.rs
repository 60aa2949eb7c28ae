//! Every act of an export through every state, every role through every act. The tables are
//! `docs/states/export.md`; write them anew with `UPDATE_DOCS=1`.

use std::fmt::Write as _;

use jiff::Timestamp;
use uuid::Uuid;

use super::export::{
    Choice, Comment, Export, ExportFile, ExportState, FileKind, FileVote, Group, Outcome, Summary,
    Vote, may_see, may_see_content, may_see_words,
};
use super::export_author::{Frozen, Rules, may_author, may_create};
use super::export_release::{PICK_UP, may_retry, may_revoke};
use super::export_review::{may_lead, may_review};
use super::export_route::{Mode, Weighing};
use super::quarantine::{Examined, Finding, may_examine};
use crate::{
    Actor, ApplicationId, BubbleId, Denied, ExportId, PersonId, ProducerId, Refusal, Role,
    RoleGrant, WrongState,
    settings::{Bubble, bubble::BubbleState},
};

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub(super) fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hour * 3600).expect("a timestamp")
}

const PROJECT: ApplicationId = ApplicationId(Uuid::from_u128(1));
const AUTHOR: u128 = 10;

fn actor(n: u128, roles: &[Role], member: bool) -> Actor {
    let grant = |role: &Role| RoleGrant { role: *role, producer: None };
    Actor {
        id: PersonId(id(n)),
        roles: roles.iter().map(grant).collect(),
        works_in: if member { vec![PROJECT] } else { vec![] },
        may_act: true,
        is_enrolled: true,
    }
}

const OWN_DATA: ProducerId = ProducerId(Uuid::from_u128(60));

fn agent_of(producer: ProducerId) -> Actor {
    let grant = RoleGrant { role: Role::ProducerAgent, producer: Some(producer) };
    Actor { roles: vec![grant], ..actor(43, &[], false) }
}

fn author() -> Actor {
    actor(AUTHOR, &[], true)
}

fn checker(n: u128) -> Actor {
    actor(n, &[Role::Checker], false)
}

fn file(path: &str) -> ExportFile {
    ExportFile {
        path: path.to_owned(),
        kind: FileKind::Output,
        sha256: format!("hash of {path}"),
        bytes: 3,
        report: Some(Summary {
            decision: "safe".to_owned(),
            kind: "text_table".to_owned(),
            checked: true,
            errors: 0,
            warnings: 0,
            rules: vec![],
            tables: 1,
        }),
        withdrawn: false,
        kept: vec![],
    }
}

pub(super) fn export(state: ExportState) -> Export {
    let group = Group {
        name: "Tables".to_owned(),
        context: "All adults".to_owned(),
        controls: "Counts of 10 at least".to_owned(),
        files: vec![file("a.csv"), file("b.csv")],
    };
    Export {
        id: ExportId(id(2)),
        version: 0,
        bubble: BubbleId(id(3)),
        application: PROJECT,
        author: PersonId(id(AUTHOR)),
        number: 1,
        title: "Table 1".to_owned(),
        groups: vec![group],
        turn: 1,
        rule_sets: vec![],
        producers: None,
        rules: serde_json::Value::Null,
        reviewers: 1,
        partial: true,
        comments: vec![],
        takings: vec![],
        routed: None,
        state,
    }
}

fn votes(first: Choice, second: Choice) -> Vec<FileVote> {
    let vote = |path: &str, choice| FileVote {
        path: path.to_owned(),
        choice,
        comment: "because".to_owned(),
    };
    vec![vote("a.csv", first), vote("b.csv", second)]
}

fn vote(n: u128, first: Choice, second: Choice) -> Vote {
    Vote { checker: PersonId(id(n)), files: votes(first, second), at: at(1) }
}

/// One example of each state, in the order of JOURNEYS 1.17.
fn states() -> Vec<ExportState> {
    let approved = || vec![vote(20, Choice::Approve, Choice::Approve)];
    let files = || vec!["a.csv".to_owned(), "b.csv".to_owned()];
    vec![
        ExportState::Draft,
        ExportState::Sealed { at: at(0) },
        ExportState::Scanning { sealed_at: at(0) },
        ExportState::Blocked { reason: "binary_dataset".to_owned(), examined: None },
        ExportState::Scored { sealed_at: at(0) },
        ExportState::Queued { since: at(0) },
        ExportState::ReviewIndependent {
            since: at(0),
            needed: 1,
            assigned: vec![PersonId(id(20))],
            votes: vec![],
        },
        ExportState::ReviewConsolidation { since: at(0), votes: approved() },
        ExportState::Returned { votes: approved() },
        ExportState::Approved { votes: approved() },
        ExportState::PartlyApproved {
            votes: vec![vote(20, Choice::Approve, Choice::Refuse)],
            refused: vec!["b.csv".to_owned()],
        },
        ExportState::Refused { cause: "disclosive".to_owned(), reason: "ones".to_owned() },
        ExportState::Releasing { votes: approved(), files: files() },
        ExportState::Available { files: files(), until: at(360) },
        ExportState::Collected { files: files(), until: at(360) },
        ExportState::Expired,
        ExportState::Withdrawn,
        ExportState::Revoked { by: PersonId(id(30)), at: at(2), reason: "a fault".to_owned() },
        ExportState::Failed {
            step: "scanning".to_owned(),
            reason: "engine-failed".to_owned(),
            before: Box::new(ExportState::Scanning { sealed_at: at(0) }),
        },
    ]
}

fn rules() -> Rules {
    let (rule_sets, values) = (vec![], serde_json::Value::Null);
    Rules { rule_sets, producers: Some(vec![]), values, reviewers: 1, partial: true }
}

fn frozen() -> Vec<Option<Frozen>> {
    let copy = |path: &str| Some(Frozen { sha256: format!("hash of {path}"), bytes: 3 });
    vec![copy("a.csv"), copy("b.csv")]
}

fn weighing(mode: Mode) -> Weighing {
    let (sample_ppm, limit_ppm, draw_ppm) = (50_000, 50_000, 900_000);
    Weighing { mode, sample_ppm, limit_ppm, score: None, draw_ppm, producers: vec![], beside: None }
}

type Act = fn(&Export) -> Result<Export, Refusal>;

fn step(done: Result<Export, WrongState>) -> Result<Export, Refusal> {
    done.map_err(Refusal::from)
}

/// Every act with who does it, by those who may.
const ACTS: [(&str, &str, Act); 27] = [
    ("edit", "author", |e| may_author(&author(), e)?.edit(e.title.clone(), e.groups.clone())),
    ("seal", "author", |e| may_author(&author(), e)?.seal(&frozen(), rules(), at(1))),
    ("start_scan", "centre", |e| step(e.start_scan())),
    ("block", "centre", |e| step(e.block("binary_dataset".to_owned(), vec![None, None]))),
    ("score", "centre", |e| step(e.score(vec![None, None]))),
    ("route.manual", "centre", |e| step(e.route(weighing(Mode::Manual), at(1)))),
    ("route.automatic", "centre", |e| step(e.route(weighing(Mode::Automatic), at(1)))),
    ("route.sampled", "centre", |e| {
        step(e.route(Weighing { draw_ppm: 0, ..weighing(Mode::Automatic) }, at(1)))
    }),
    ("start", "checker", |e| may_review(&checker(20), e)?.start()),
    ("give_back", "checker", |e| may_review(&checker(20), e)?.give_back()),
    ("submit", "checker", |e| {
        may_review(&checker(20), e)?.submit(votes(Choice::Approve, Choice::Approve), at(2))
    }),
    ("revise", "checker", |e| {
        may_review(&checker(20), e)?.revise(votes(Choice::Approve, Choice::Refuse), at(2))
    }),
    ("return", "checker", |e| {
        may_review(&checker(20), e)?.send_back(vec![(None, "Recode".to_owned())], at(2))
    }),
    ("approve", "checker", |e| may_review(&checker(20), e)?.approve()),
    ("partly_approve", "checker", |e| {
        let refused =
            may_review(&checker(20), e)?.revise(votes(Choice::Approve, Choice::Refuse), at(2))?;
        may_review(&checker(20), &refused)?.partly_approve()
    }),
    ("refuse", "checker", |e| {
        let refused =
            may_review(&checker(20), e)?.revise(votes(Choice::Refuse, Choice::Refuse), at(2))?;
        may_review(&checker(20), &refused)?.refuse("disclosive", "ones".to_owned())
    }),
    ("return_early", "checker lead", |e| {
        may_lead(&actor(30, &[Role::CheckerLead], false), e)?
            .return_early(vec![(None, "Not yet".to_owned())], at(2))
    }),
    ("recall", "checker lead", |e| {
        may_lead(&actor(30, &[Role::CheckerLead], false), e)?.recall("a fault", at(2))
    }),
    ("start_release", "centre", |e| step(e.start_release())),
    ("examine", "checker lead", |e| {
        let lead = actor(30, &[Role::CheckerLead], false);
        may_examine(&lead, e)?.examine(Finding::Mistake, "a data file", at(2))
    }),
    ("reopen", "centre", |e| step(e.reopen(vec![None, None], at(3)))),
    ("finish_release", "centre", |e| step(e.finish_release(at(3)))),
    ("take", "author", |e| may_author(&author(), e)?.take(0, "::1".to_owned(), at(4))),
    ("expire", "centre", |e| step(e.expire(at(360)))),
    ("withdraw", "author", |e| may_author(&author(), e)?.withdraw()),
    ("revoke", "checker lead, security officer", |e| {
        may_revoke(&actor(30, &[Role::SecurityOfficer], false), e)?
            .revoke("a fault".to_owned(), at(5))
    }),
    ("retry", "operator", |e| step(may_retry(&actor(40, &[Role::Operator], false), e)?.retry())),
];

/// Fails too: a step that failed is the centre's, with a reason.
fn fail(export: &Export) -> Result<Export, Refusal> {
    step(export.fail("engine-failed".to_owned()))
}

fn state_table() -> String {
    let mut text = "| state | act | who | becomes |\n|---|---|---|---|\n".to_owned();
    for state in states() {
        let before = export(state);
        let all = ACTS.iter().copied().chain([("fail", "centre", fail as Act)]);
        for (verb, who, act) in all {
            match act(&before) {
                Ok(after) => {
                    let (from, to) = (before.state.name(), after.state.name());
                    writeln!(text, "| {from} | {verb} | {who} | {to} |").expect("a string");
                }
                Err(Refusal::WrongState(_) | Refusal::Denied(Denied::Hidden)) => {}
                Err(other) => panic!("{verb} in {}: {other}", before.state.name()),
            }
        }
    }
    text
}

/// Whether an act is permitted to somebody, whatever the state says.
type Permitted = fn(&Actor, &Export) -> bool;

const PERMITS: [(&str, Permitted); 9] = [
    ("see a draft", |a, _| may_see(a, &export(ExportState::Draft)).is_ok()),
    ("see a sealed request", |a, e| may_see(a, e).is_ok()),
    ("read its words and takers", |a, e| may_see(a, e).and(may_see_words(a, e)).is_ok()),
    ("see findings and content", |a, e| may_see_content(a, e).is_ok()),
    ("edit, seal, withdraw, take", |a, e| may_author(a, e).is_ok()),
    ("take, vote, decide", |a, e| may_review(a, e).is_ok()),
    ("return early, recall, unassign", |a, e| may_lead(a, e).is_ok()),
    ("revoke", |a, e| may_revoke(a, e).is_ok()),
    ("retry a failed step", |a, e| may_retry(a, e).is_ok()),
];

fn permission_table() -> String {
    let who = [
        ("visitor or researcher of another project", actor(50, &[], false)),
        ("author", author()),
        ("member of the project", actor(11, &[], true)),
        ("checker", checker(20)),
        ("checker who is a member", actor(21, &[Role::Checker], true)),
        ("checker lead", actor(30, &[Role::CheckerLead], false)),
        ("checker lead who is a member", actor(31, &[Role::CheckerLead], true)),
        ("security officer", actor(32, &[Role::SecurityOfficer], false)),
        ("operator", actor(40, &[Role::Operator], false)),
        ("auditor", actor(41, &[Role::Auditor], false)),
        ("agent of a producer whose data it uses", agent_of(OWN_DATA)),
        ("agent of another producer", agent_of(ProducerId(id(61)))),
        (
            "producer agent, secretary, data manager",
            actor(42, &[Role::ProducerAgent, Role::Secretary, Role::DataManager], false),
        ),
    ];
    let sealed =
        Export { producers: Some(vec![OWN_DATA]), ..export(ExportState::Queued { since: at(0) }) };
    let heads: Vec<&str> = PERMITS.iter().map(|(head, _)| *head).collect();
    let mut text =
        format!("| who | {} |\n|---{}|\n", heads.join(" | "), "|---".repeat(heads.len()));
    for (name, actor) in who {
        let cells = PERMITS.iter().map(|(_, may)| if may(&actor, &sealed) { "yes" } else { "–" });
        let cells: Vec<&str> = cells.collect();
        writeln!(text, "| {name} | {} |", cells.join(" | ")).expect("a string");
    }
    text
}

#[test]
fn the_tables_of_the_documentation_are_what_the_code_does() {
    let text = format!(
        "# States and permissions of an export\n\nGenerated by `domain/src/outputs/export_tests.rs`; \
         a test compares. Every act that is not listed in a state is refused there.\n\n\
         ## States\n\n{}\n## Permissions\n\n{}",
        state_table(),
        permission_table()
    );
    crate::table::check("export", &text);
}

/// A producer is told that something made of its data asks to leave, never what it says.
#[test]
fn a_producer_sees_exports_of_its_data_without_a_word_of_them() {
    let vote = Vote { checker: PersonId(id(20)), files: vec![], at: at(1) };
    let votes = vec![Vote {
        files: vec![FileVote {
            path: "secret-a.csv".to_owned(),
            choice: Choice::Change,
            comment: "secret".to_owned(),
        }],
        ..vote
    }];
    let secret = || "secret".to_owned();
    let files = vec!["secret-a.csv".to_owned()];
    let until = at(9);
    let states = [
        ExportState::Queued { since: at(0) },
        ExportState::Blocked {
            reason: secret(),
            examined: Some(Examined {
                by: PersonId(id(30)),
                at: at(2),
                found: Finding::Attempt,
                note: secret(),
            }),
        },
        ExportState::ReviewIndependent {
            since: at(0),
            needed: 2,
            assigned: vec![],
            votes: votes.clone(),
        },
        ExportState::ReviewConsolidation { since: at(0), votes: votes.clone() },
        ExportState::Returned { votes: votes.clone() },
        ExportState::Approved { votes: votes.clone() },
        ExportState::PartlyApproved { votes: votes.clone(), refused: files.clone() },
        ExportState::Refused { cause: "microdata".to_owned(), reason: secret() },
        ExportState::Releasing { votes, files: files.clone() },
        ExportState::Available { files: files.clone(), until },
        ExportState::Collected { files, until },
        ExportState::Revoked { by: PersonId(id(32)), at: at(2), reason: secret() },
    ];
    for state in states {
        let mut whole = Export { producers: Some(vec![OWN_DATA]), ..export(state.clone()) };
        whole.title = "secret title".to_owned();
        whole.groups[0].name = "secret group".to_owned();
        whole.groups[0].context = secret();
        whole.groups[0].controls = secret();
        whole.files_mut().for_each(|file| file.path = format!("secret-{}", file.path));
        whole.files_mut().for_each(|file| file.sha256 = secret());
        whole.comments.push(Comment {
            by: PersonId(id(20)),
            at: at(1),
            turn: 1,
            path: None,
            text: secret(),
        });
        let agent = agent_of(OWN_DATA);
        assert_eq!(may_see(&agent, &whole), Ok(()), "{}", state.name());
        assert!(may_see_content(&agent, &whole).is_err(), "{}", state.name());
        let shown = whole.shown_to(&agent);
        let text = serde_json::to_string(&shown).expect("JSON");
        assert!(!text.contains("secret"), "{}: {text}", state.name());
        assert_eq!((shown.number, shown.files().count()), (whole.number, 2));
        assert_eq!(shown.state.name(), state.name());
        let auditor = actor(41, &[Role::Auditor], false);
        assert_eq!(whole.shown_to(&auditor), whole, "{}", state.name());
        let stranger = agent_of(ProducerId(id(61)));
        assert_eq!(may_see(&stranger, &whole), Err(Denied::Hidden));
    }
    let draft = Export { producers: Some(vec![OWN_DATA]), ..export(ExportState::Draft) };
    assert_eq!(may_see(&agent_of(OWN_DATA), &draft), Err(Denied::Hidden));
}

#[test]
fn nobody_of_the_project_reviews_whatever_their_role() {
    let sealed = export(ExportState::Queued { since: at(0) });
    let roles = [Role::Checker, Role::CheckerLead, Role::SecurityOfficer];
    for insider in [actor(AUTHOR, &roles, false), actor(11, &roles, true)] {
        assert_eq!(may_review(&insider, &sealed).err(), Some(Denied::OwnProject));
        assert_eq!(may_lead(&insider, &sealed).err(), Some(Denied::OwnProject));
        assert_eq!(may_revoke(&insider, &sealed).err(), Some(Denied::OwnProject));
    }
}

#[test]
fn votes_are_blind_until_all_are_in() {
    let mut two = export(ExportState::Queued { since: at(0) });
    two.reviewers = 2;
    let (grace, hugo) = (checker(20), checker(21));
    let taken = may_review(&grace, &two).expect("grace").start().expect("taken");
    let taken = may_review(&hugo, &taken).expect("hugo").start().expect("taken");
    let third = may_review(&checker(22), &taken).expect("a checker").start();
    assert_eq!(third, Err(Refusal::invalid("review", "review-taken")));
    let cast = |who: &Actor, on: &Export, second| {
        may_review(who, on).expect("a checker").submit(votes(Choice::Approve, second), at(2))
    };
    let one = cast(&grace, &taken, Choice::Approve).expect("a vote");
    assert_eq!(one.votes_shown_to(&grace).len(), 1);
    assert!(one.votes_shown_to(&hugo).is_empty());
    assert!(one.votes_shown_to(&actor(30, &[Role::CheckerLead], false)).is_empty());
    assert_eq!(cast(&grace, &one, Choice::Approve), Err(Denied::AlreadyVoted.into()));
    let both = cast(&hugo, &one, Choice::Change).expect("a vote");
    assert_eq!(both.state.name(), "review_consolidation");
    assert_eq!(both.votes_shown_to(&hugo).len(), 2);
    assert!(both.votes_shown_to(&author()).is_empty());
    let outcomes: Vec<Outcome> = both.outcomes().into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes, [Outcome::Approved, Outcome::Conflicted]);
    let approved = may_review(&grace, &both).expect("grace").approve();
    assert_eq!(approved, Err(Refusal::invalid("votes", "not-all-approved")));
}

#[test]
fn a_vote_says_why_wherever_it_is_not_a_plain_approval() {
    let independent = states().remove(6);
    let submit = |export: &Export, choice: Choice, comment: &str| {
        let vote =
            |path: &str| FileVote { path: path.to_owned(), choice, comment: comment.to_owned() };
        may_review(&checker(20), export)
            .expect("a checker")
            .submit(vec![vote("a.csv"), vote("b.csv")], at(2))
    };
    let plain = export(independent);
    assert!(submit(&plain, Choice::Approve, "").is_ok());
    for choice in [Choice::Change, Choice::Refuse] {
        assert_eq!(submit(&plain, choice, " "), Err(Refusal::invalid("comment", "missing")));
    }
    let mut refused = plain.clone();
    for file in &mut refused.groups[0].files {
        file.report.as_mut().expect("a report").errors = 1;
    }
    let silent = submit(&refused, Choice::Approve, "");
    assert_eq!(silent, Err(Refusal::invalid("comment", "override")));
    assert!(submit(&refused, Choice::Approve, "public figures").is_ok());
}

#[test]
fn an_unchanged_approved_file_keeps_its_approval_and_a_changed_one_loses_it() {
    let returned =
        export(ExportState::Returned { votes: vec![vote(20, Choice::Approve, Choice::Approve)] });
    let mut copies = frozen();
    copies[1] = Some(Frozen { sha256: "other bytes".to_owned(), bytes: 4 });
    let sealed = may_author(&author(), &returned)
        .expect("author")
        .seal(&copies, rules(), at(3))
        .expect("sealed");
    assert_eq!(sealed.state.name(), "scanning");
    assert_eq!(sealed.turn, 2);
    let kept: Vec<usize> = sealed.files().map(|file| file.kept.len()).collect();
    assert_eq!(kept, [1, 0]);
    let asked =
        export(ExportState::Returned { votes: vec![vote(20, Choice::Change, Choice::Approve)] });
    let sealed = may_author(&author(), &asked)
        .expect("author")
        .seal(&frozen(), rules(), at(3))
        .expect("sealed");
    assert_eq!(sealed.files().map(|file| file.kept.len()).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn a_checker_who_joins_the_project_loses_review_votes_and_kept_approvals() {
    let mut two = export(ExportState::ReviewConsolidation {
        since: at(0),
        votes: vec![
            vote(20, Choice::Approve, Choice::Approve),
            vote(21, Choice::Approve, Choice::Approve),
        ],
    });
    two.reviewers = 2;
    two.groups[0].files[0].kept = vec![PersonId(id(21))];
    let after = two.unassign_members(&[PersonId(id(21))]).expect("changed");
    assert_eq!(after.state.name(), "review_independent");
    assert_eq!(after.votes().len(), 1);
    assert!(after.files().all(|file| file.kept.is_empty()));
    assert_eq!(two.unassign_members(&[PersonId(id(AUTHOR))]), None);
    let approved =
        export(ExportState::Approved { votes: vec![vote(20, Choice::Approve, Choice::Approve)] });
    let after = approved.unassign_members(&[PersonId(id(20))]).expect("changed");
    assert_eq!(after.state.name(), "queued");
}

#[test]
fn a_late_clock_lengthens_no_release() {
    let files = vec!["a.csv".to_owned()];
    let available = export(ExportState::Available { files, until: at(0) + PICK_UP });
    let take = |number, hour| {
        may_author(&author(), &available).expect("author").take(number, String::new(), at(hour))
    };
    assert!(take(0, 15 * 24 - 1).is_ok());
    assert!(matches!(take(0, 15 * 24), Err(Refusal::WrongState(_))));
    assert_eq!(take(1, 1), Err(Denied::Hidden.into()), "not among the approved files");
    assert_eq!(take(9, 1), Err(Denied::Hidden.into()));
    assert_eq!(
        available.expire(at(15 * 24 - 1)).map(|_| ()).map_err(|wrong| wrong.verb),
        Err("expire")
    );
}

#[test]
fn nothing_is_sealed_without_texts_and_a_result() {
    let complete = |export: &Export| may_author(&author(), export).expect("author").complete();
    let draft = export(ExportState::Draft);
    assert_eq!(complete(&draft), Ok(()));
    let mut silent = draft.clone();
    silent.groups[0].controls = " ".to_owned();
    assert_eq!(complete(&silent), Err(Refusal::invalid("controls", "missing")));
    let mut empty = draft.clone();
    empty.groups[0].files.iter_mut().for_each(|file| file.kind = FileKind::Code);
    assert_eq!(complete(&empty), Err(Refusal::invalid("files", "no-output")));
    let mut twice = draft.groups.clone();
    twice[0].files.push(file("a.csv"));
    let edited = may_author(&author(), &draft).expect("author").edit("t".to_owned(), twice);
    assert_eq!(edited, Err(Refusal::invalid("files", "twice")));
}

#[test]
fn an_export_starts_in_an_open_bubble_with_a_live_habilitation() {
    let bubble = |state| Bubble {
        id: BubbleId(id(3)),
        version: 0,
        application: PROJECT,
        number: 1,
        profile: "small".to_owned(),
        image: None,
        checks: vec![],
        state,
    };
    let open = bubble(BubbleState::Ready);
    assert!(may_create(&author(), &open, true).expect("leave").create(ExportId(id(2)), 1).is_ok());
    assert_eq!(may_create(&author(), &open, false).err(), Some(Denied::NoHabilitation));
    assert_eq!(may_create(&actor(50, &[], false), &open, true).err(), Some(Denied::Hidden));
    let closed = bubble(BubbleState::Requested);
    let refused = may_create(&author(), &closed, true).expect("leave").create(ExportId(id(2)), 1);
    assert!(matches!(refused, Err(Refusal::WrongState(_))));
}
