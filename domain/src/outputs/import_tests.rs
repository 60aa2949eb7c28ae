use uuid::Uuid;

use super::*;
use crate::{RoleGrant, settings::bubble::BubbleState};

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
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

fn bubble(state: BubbleState) -> Bubble {
    Bubble { state, ..Bubble::requested(BubbleId(id(1)), ApplicationId(id(7)), 1, "small") }
}

fn told(name: &str) -> Told {
    Told {
        name: name.into(),
        kind: ImportKind::Code,
        origin: "my own".into(),
        reason: "to fit the model".into(),
        linkable: false,
    }
}

fn received(bytes: u64, today: usize) -> Received {
    Received { id: ImportId(id(3)), number: 1, sha256: "ab".into(), bytes, today }
}

fn sent() -> Import {
    let bubble = bubble(BubbleState::Ready);
    let permit = may_send(&actor(5, &[], &[7]), &bubble, true).unwrap();
    permit.send(told("fit.py"), false, received(10, 0), at(1)).unwrap()
}

fn in_state(state: &str) -> Import {
    let (import, checker) = (sent(), actor(6, &[Role::Checker], &[]));
    let decide = || may_decide(&checker, &import).unwrap();
    match state {
        "accepted" => decide().accept("ab", "", at(2)).unwrap(),
        "delivered" => decide().accept("ab", "", at(2)).unwrap().deliver(at(3)).unwrap(),
        "failed" => {
            let accepted = decide().accept("ab", "", at(2)).unwrap();
            accepted.fail(Undelivered::NoRoom, at(3)).unwrap()
        }
        "refused" => decide().refuse("no", at(2)).unwrap(),
        "withdrawn" => {
            may_withdraw(&actor(5, &[], &[7]), &import).unwrap().withdraw(at(2)).unwrap()
        }
        _ => import,
    }
}

#[test]
fn each_verb_works_in_the_states_of_its_table_and_nowhere_else() {
    let (author, checker) = (actor(5, &[], &[7]), actor(6, &[Role::Checker], &[]));
    let mut table = String::new();
    for state in ["in_review", "accepted", "delivered", "failed", "refused", "withdrawn"] {
        let import = in_state(state);
        let verbs = [
            ("accept", may_decide(&checker, &import).unwrap().accept("ab", "", at(9)).ok()),
            ("refuse", may_decide(&checker, &import).unwrap().refuse("no", at(9)).ok()),
            ("withdraw", may_withdraw(&author, &import).unwrap().withdraw(at(9)).ok()),
            ("deliver", import.deliver(at(9)).ok()),
            ("fail", import.fail(Undelivered::FileAltered, at(9)).ok()),
        ];
        let verbs = verbs.iter().filter_map(|(verb, to)| Some((verb, to.as_ref()?)));
        let verbs: Vec<String> =
            verbs.map(|(verb, to)| format!("{verb}>{}", to.state.name())).collect();
        table.push_str(&format!("{}: {}\n", import.state.name(), verbs.join(" ")));
    }
    let expected = "\
in_review: accept>accepted refuse>refused withdraw>withdrawn
accepted: deliver>delivered fail>failed
delivered: 
failed: 
refused: 
withdrawn: 
";
    assert_eq!(table, expected);
    crate::table::compact("import", expected);
}

#[test]
fn every_role_may_do_just_what_the_permission_table_says() {
    let import = sent();
    for role in Role::ALL {
        let outside = actor(9, &[role], &[]);
        assert_eq!(may_decide(&outside, &import).is_ok(), role == Role::Checker, "{role:?}");
        let sees = matches!(
            role,
            Role::Checker | Role::CheckerLead | Role::SecurityOfficer | Role::Auditor
        );
        assert_eq!(may_see(&outside, &import).is_ok(), sees, "{role:?}");
        let bubble = bubble(BubbleState::Ready);
        assert_eq!(may_send(&outside, &bubble, true).unwrap_err(), Denied::Hidden, "{role:?}");
        // A member who holds the role as well.
        let member = actor(8, &[role], &[7]);
        assert!(may_decide(&member, &import).is_err(), "{role:?}");
    }
}

#[test]
fn nobody_lets_in_a_file_of_their_own_project() {
    let import = sent();
    let author = actor(5, &[Role::Checker], &[7]);
    assert_eq!(may_decide(&author, &import).unwrap_err(), Denied::OwnProject);
    let who_left = actor(5, &[Role::Checker], &[]);
    assert_eq!(may_decide(&who_left, &import).unwrap_err(), Denied::OwnProject);
    let member = actor(8, &[Role::Checker], &[7]);
    assert_eq!(may_decide(&member, &import).unwrap_err(), Denied::OwnProject);
    assert_eq!(may_withdraw(&member, &import).unwrap_err(), Denied::NotTheAuthor);
}

#[test]
fn a_file_that_was_not_looked_at_is_not_accepted() {
    let import = sent();
    let checker = actor(6, &[Role::Checker], &[]);
    let other = may_decide(&checker, &import).unwrap().accept("cd", "", at(2));
    assert_eq!(other, Err(Refusal::invalid("sha256", "import-other-file")));
    let silent = may_decide(&checker, &import).unwrap().refuse("  ", at(2));
    assert_eq!(silent, Err(Refusal::invalid("comment", "import-no-comment")));
}

#[test]
fn what_is_empty_too_long_personal_or_one_too_many_is_not_sent() {
    let open = bubble(BubbleState::Active { since: at(0) });
    let author = actor(5, &[], &[7]);
    let send = |told: Told, personal, bytes, today| {
        may_send(&author, &open, true).unwrap().send(told, personal, received(bytes, today), at(1))
    };
    assert!(send(told("a.py"), false, MAX_BYTES, A_DAY - 1).is_ok());
    for (personal, bytes, today, key) in [
        (false, 0, 0, "import-empty"),
        (false, MAX_BYTES + 1, 0, "import-too-long"),
        (true, 1, 0, "import-personal"),
        (false, 1, A_DAY, "import-too-many"),
    ] {
        let refused = send(told("a.py"), personal, bytes, today).unwrap_err();
        assert!(matches!(refused, Refusal::Invalid { key: k, .. } if k == key), "{refused:?}");
    }
    let no_reason = Told { reason: " ".into(), ..told("a.py") };
    assert_eq!(send(no_reason, false, 1, 0), Err(Refusal::invalid("reason", "import-no-reason")));
    for state in [BubbleState::Closing { until: at(9) }, BubbleState::Provisioning] {
        let bubble = bubble(state);
        let permit = may_send(&author, &bubble, true).unwrap();
        assert!(permit.send(told("a.py"), false, received(1, 0), at(1)).is_err());
    }
    assert_eq!(may_send(&author, &open, false).unwrap_err(), Denied::NoHabilitation);
}

#[test]
fn a_name_is_one_plain_name() {
    for name in
        ["fit.py", "table 2.csv", "données-2019.R", "Œuvre ÿ.csv", "Łódź.csv", "_init.py", "7.txt"]
    {
        assert!(is_plain_name(name), "{name}");
    }
    let long = "a".repeat(NAME_CHARS + 1);
    let hostile = [
        "",
        ".",
        "..",
        ".bashrc",
        "../fit.py",
        "a/b.py",
        "a\\b",
        "-rf",
        "a\0b",
        "a\nb",
        "a;b",
        "$(x)",
        "a\u{202e}yp.exe",
        "a.",
        "a ",
        " a",
        "\u{feff}a",
        "a\u{200b}b",
        "<b>",
        "a\u{3164}b",    // a filler of Hangul: a letter that is drawn as nothing
        "a\u{ffa0}b",    // another
        "a\u{115f}b",    // another
        "fit\u{5d0}.py", // Hebrew, written from right to left
        "fit\u{639}.py", // Arabic
        "\u{430}bc.py",  // a Cyrillic letter that looks like an `a`
        "a\u{d7}b",      // a sign between the letters of its block
        "a\u{ff11}",     // a wide digit
        &long,
    ];
    for name in hostile {
        assert!(!is_plain_name(name), "{name:?}");
    }
}
