//! A person at work in a real bubble, and everything that ends it.

use centre_tests::TestCentre;
use domain::{
    Application, Habilitation, Item, Session,
    people::habilitation::HabilitationState,
    people::person::PersonState,
    projects::{application::Submission, item::ItemState},
    settings::session::SessionState,
};

use crate::settings::kit::{
    Project, accept, at_work, authorise, bubble_is, cookies, grant_another, habilitate, insert,
    later, open, project, ready, recording, replace, session_is, set_person,
};

fn cause(session: &Session) -> &str {
    match &session.state {
        SessionState::Cut { cause, .. } => cause,
        other => panic!("not cut: {other:?}"),
    }
}

#[tokio::test]
async fn a_member_works_with_the_granted_data_and_nothing_else() {
    let centre = TestCentre::start_with_bubbles().await;
    let (_, bubble) = ready(&centre, "ada", "hie").await;
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    let granted = terminal.run("cat /data/hie/1974/visits.csv").await;
    assert!(granted.contains("hie,42"), "{granted}");
    let refused = terminal.run("cat /data/hie-refused/1974/visits.csv").await;
    assert!(refused.contains("No such file"), "{refused}");
    let written = terminal.run("echo x > /data/hie/1974/new").await;
    assert!(written.contains("Read-only"), "{written}");
    let tools = "python -c 'import pandas, duckdb, pyarrow; print(sum(pandas.Series([40, 2])))'";
    let tools = terminal.run(tools).await;
    assert!(tools.contains("42"), "{tools}");
    let out = terminal
        .run("python -c 'import socket; socket.create_connection((\"192.0.2.1\", 80), 2)'")
        .await;
    assert!(out.contains("unreachable"), "{out}");
    terminal.run("echo table > /exports/t.csv; ln -s /etc/passwd /exports/l.csv").await;
    let listed = centre.centre.host.list_exports(&bubble).await.unwrap();
    let found: Vec<_> = listed.iter().map(|e| (e.path.as_str(), e.problem.as_deref())).collect();
    assert_eq!(found, [("l.csv", Some("not_a_file")), ("t.csv", None)]);
    let to = centre.dir.path().join("taken");
    let taken = centre.centre.host.take_export(&bubble, "t.csv", &to, 100).await.unwrap();
    assert_eq!((taken.bytes, std::fs::read_to_string(&to).unwrap().as_str()), (6, "table\n"));
    let link = centre.centre.host.take_export(&bubble, "l.csv", &to.with_extension("l"), 100).await;
    assert!(link.is_err() && !to.with_extension("l").exists());
    terminal.types("exit\n").await;
    assert_eq!(terminal.over().await, "The session has ended.");
    let ended = session_is(&centre, centre.who("ada").await.id, "ended").await;
    let sealed = display::recording::digest(&recording(&centre, &ended)).unwrap();
    assert_eq!(ended.recording().unwrap().sha256, sealed.sha256);
    let text = std::fs::read_to_string(recording(&centre, &ended)).unwrap();
    assert!(text.contains("hie,42"));
    let events = centre.events().await;
    for kind in ["banner.accepted", "session.opened", "first.session", "session.ended"] {
        assert_eq!(events.iter().filter(|event| *event == kind).count(), 1, "{kind}: {events:?}");
    }
    bubble_is(&centre, bubble.application, "active").await;
}

#[tokio::test]
async fn what_could_act_on_the_person_s_machine_is_neither_shown_nor_kept_from_the_screen() {
    let centre = TestCentre::start_with_bubbles().await;
    let (_, bubble) = ready(&centre, "ada", "hie").await;
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    let shown = terminal.run(r"printf 'be\033]52;c;c2VjcmV0\007fore-\033[31mred\033[0m'").await;
    assert!(shown.contains("before-\u{1b}[31mred"), "{shown:?}");
    assert!(!shown.contains("\u{1b}]52"), "{shown:?}");
}

#[tokio::test]
async fn a_habilitation_that_ends_cuts_the_session_and_the_next_is_refused() {
    let centre = TestCentre::start_with_bubbles().await;
    let project = project(&centre, "ada", "hie").await;
    let end = centre.centre.now().checked_add(jiff::SignedDuration::from_secs(600)).unwrap();
    habilitate(&centre, &project, "ada", 1).await;
    authorise(&centre, &project).await;
    let bubble = bubble_is(&centre, project.application, "ready").await;
    let before = centre.centre.store.all::<Habilitation>().await.unwrap().remove(0);
    let state = HabilitationState::Active { start: centre.centre.now(), end };
    let after = Habilitation { state, ..before.clone() };
    replace(&centre, "habilitation.shortened", &before, &after).await;
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    terminal.run("true").await;
    centre.advance(601).await;
    assert_eq!(terminal.over().await, "Your habilitation is not in force any more.");
    let cut = session_is(&centre, centre.who("ada").await.id, "cut").await;
    assert_eq!(cause(&cut), "habilitation_over");
    let cookies = cookies(&centre, "ada").await;
    assert_eq!(open(&centre, &bubble, &cookies, &centre.url).await.err(), Some(403));
}

#[tokio::test]
async fn a_right_that_the_committee_takes_back_cuts_the_session_for_good() {
    let centre = TestCentre::start_with_bubbles().await;
    let (project, bubble) = ready(&centre, "ada", "hie").await;
    let before = centre.centre.load::<Application>("application", project.application).await;
    let before = before.unwrap();
    let submitted = Submission {
        at: centre.centre.now(),
        sha256: String::new(),
        fields: before.fields.clone(),
        snapshot: String::new(),
        attachments: vec![],
    };
    let after = Application { submissions: vec![submitted], ..before.clone() };
    replace(&centre, "test.made", &before, &after).await;
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    terminal.run("true").await;
    let right = centre.centre.store.all::<Habilitation>().await.unwrap().remove(0).id.to_string();
    let path = format!("/secretary/{}/revoke-right", project.application);
    let fields = [("habilitation", right.as_str()), ("reason", "data were shared outside")];
    assert_eq!(centre.person("farid").await.post(&path, &fields).await.status, 303);
    assert_eq!(terminal.over().await, "Your habilitation is not in force any more.");
    let cookies = cookies(&centre, "ada").await;
    assert_eq!(open(&centre, &bubble, &cookies, &centre.url).await.err(), Some(403));
}

#[tokio::test]
async fn a_suspended_person_is_cut() {
    let centre = TestCentre::start_with_bubbles().await;
    let (_, bubble) = ready(&centre, "ada", "hie").await;
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    terminal.run("true").await;
    let by = centre.who("ines").await.id;
    set_person(&centre, "ada", "person.suspended", |before| domain::Person {
        state: PersonState::Suspended {
            by,
            reason: "r".into(),
            since: centre.centre.now(),
            previous: Box::new(before.state.clone()),
            restore_asked_by: None,
        },
        ..before.clone()
    })
    .await;
    centre.centre.settle().await.unwrap();
    assert_eq!(terminal.over().await, "Your account is suspended.");
}

/// Threat: a session goes on without a right, because another's row cannot be read.
#[tokio::test]
async fn a_session_that_cannot_be_judged_keeps_no_other_open() {
    let centre = TestCentre::start_with_bubbles().await;
    let (_, first) = ready(&centre, "ada", "hie").await;
    let (_, second) = ready(&centre, "ben", "fair").await;
    let mut others = Vec::new();
    for _ in 0..3 {
        let mut terminal = at_work(&centre, &first, "ada").await;
        terminal.run("true").await;
        others.push(terminal);
    }
    let mut terminal = at_work(&centre, &second, "ben").await;
    terminal.run("true").await;
    let ada = centre.who("ada").await.id;
    let spoil = format!("update sessions set body = '{{}}' where person = '{ada}'");
    crate::office::kit::tamper(&centre, spoil).await;
    let before = centre.who("ben").await;
    let state = PersonState::Suspended {
        by: centre.who("ines").await.id,
        reason: "r".into(),
        since: centre.centre.now(),
        previous: Box::new(before.state.clone()),
        restore_asked_by: None,
    };
    let after = domain::Person { state, ..before.clone() };
    replace(&centre, "person.suspended", &before, &after).await;
    centre.centre.settle().await.expect("what is not about the event does not hold it up");
    assert_eq!(terminal.over().await, "Your account is suspended.");
    centre.centre.tick().await.expect_err("the operator is told of the rows");
}

#[tokio::test]
async fn a_producer_who_stops_its_item_cuts_what_mounts_it_and_not_the_bubble() {
    let centre = TestCentre::start_with_bubbles().await;
    let (project, bubble) = ready(&centre, "ada", "hie").await;
    grant_another(&centre, &project, "fair", 900).await;
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    terminal.run("ls /data/hie").await;
    stop_item(&centre, &project).await;
    assert!(terminal.over().await.contains("A right to some data has ended"));
    assert_eq!(centre.centre.host.status().await.unwrap().sessions, 0, "its processes have ended");
    let mut again = at_work(&centre, &bubble, "ada").await;
    let gone = again.run("ls /data/hie").await;
    assert!(gone.contains("No such file"), "{gone}");
    assert!(again.run("ls /data/fair").await.contains("1974"));
}

/// The producer suspends the project's first item.
async fn stop_item(centre: &TestCentre, project: &Project) {
    let before = centre.centre.store.get::<Item>(project.item).await.unwrap().unwrap();
    let until = before.granted_until().unwrap();
    let state = ItemState::Suspended { until, reason: "audit".into() };
    replace(centre, "item.suspended", &before, &Item { state, ..before.clone() }).await;
    centre.centre.settle().await.unwrap();
}

#[tokio::test]
async fn the_end_of_one_item_cuts_the_session_at_that_tick_and_the_next_has_the_rest() {
    let centre = TestCentre::start_with_bubbles().await;
    let (project, bubble) = ready(&centre, "ada", "hie").await;
    grant_another(&centre, &project, "fair", 1).await;
    centre.advance(86_400 - 600).await;
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    assert!(terminal.run("ls /data/fair /data/hie").await.contains("1974"));
    centre.advance(599).await;
    assert!(terminal.run("ls /data/fair").await.contains("1974"));
    centre.advance(1).await;
    assert!(terminal.over().await.contains("A right to some data has ended"));
    let cut = session_is(&centre, centre.who("ada").await.id, "cut").await;
    assert_eq!(cause(&cut), "mount_over");
    assert_eq!(centre.centre.host.status().await.unwrap().sessions, 0);
    bubble_is(&centre, project.application, "active").await;
}

#[tokio::test]
async fn a_bubble_without_a_granted_vintage_is_suspended_until_one_is_granted_again() {
    let centre = TestCentre::start_with_bubbles().await;
    let (project, bubble) = ready(&centre, "ada", "hie").await;
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    terminal.run("true").await;
    stop_item(&centre, &project).await;
    let shown = terminal.over().await;
    assert!(shown.contains("suspended") || shown.contains("has ended"), "{shown}");
    let dry = bubble_is(&centre, project.application, "suspended").await;
    assert!(dry.is_dry());
    let ada = centre.person("ada").await;
    let page = ada.get(&format!("/bubbles/{}", bubble.id)).await;
    assert!(page.text.contains("no vintage is granted"), "{}", page.text);
    let cookies = cookies(&centre, "ada").await;
    let refused = open(&centre, &bubble, &cookies, &centre.url).await.err();
    assert!(matches!(refused, Some(403 | 409)), "{refused:?}");
    // Two officers do not restore what only a producer can fill.
    let restore = format!("/bubbles/{}/restore", bubble.id);
    assert_eq!(centre.person("ines").await.post(&restore, &[]).await.status, 409);
    let before = centre.centre.store.get::<Item>(project.item).await.unwrap().unwrap();
    let state = ItemState::Active { until: later(&centre, 900) };
    replace(&centre, "item.resumed", &before, &Item { state, ..before.clone() }).await;
    centre.centre.settle().await.unwrap();
    bubble_is(&centre, project.application, "active").await;
    let events = centre.events().await;
    for kind in ["bubble.suspended", "bubble.restored"] {
        assert_eq!(events.iter().filter(|event| *event == kind).count(), 1, "{kind}");
    }
}

#[tokio::test]
async fn fifteen_idle_minutes_end_a_session_and_typing_keeps_it_and_its_login() {
    let centre = TestCentre::start_with_bubbles().await;
    let (_, bubble) = ready(&centre, "ada", "hie").await;
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    for _ in 0..3 {
        centre.advance(14 * 60).await;
        terminal.run("true").await;
    }
    centre.advance(15 * 60).await;
    assert_eq!(terminal.over().await, "Nothing was typed for 15 minutes.");
}

#[tokio::test]
async fn signing_out_ends_the_session_that_came_through_the_login() {
    let centre = TestCentre::start_with_bubbles().await;
    let (_, bubble) = ready(&centre, "ada", "hie").await;
    accept(&centre, &bubble, "ada").await;
    let cookies = cookies(&centre, "ada").await;
    let mut terminal = open(&centre, &bubble, &cookies, &centre.url).await.expect("a terminal");
    terminal.run("true").await;
    let out = centre
        .visitor()
        .send(reqwest::Method::POST, "/sign-out", |r| r.header("cookie", cookies))
        .await;
    assert_eq!(out.status, 303);
    assert!(terminal.over().await.contains("signed out"));
}

#[tokio::test]
async fn a_security_officer_cuts_a_session_from_the_page() {
    let centre = TestCentre::start_with_bubbles().await;
    let (_, bubble) = ready(&centre, "ada", "hie").await;
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    terminal.run("true").await;
    let session = session_is(&centre, centre.who("ada").await.id, "open").await;
    let ines = centre.person("ines").await;
    assert!(ines.get("/security").await.text.contains("Cut the session of Ada Lovelace"));
    let cut = format!("/security/sessions/{}/cut", session.id);
    for person in ["ada", "marc", "nora", "grace"] {
        assert_eq!(centre.person(person).await.post(&cut, &[]).await.status, 403, "{person}");
    }
    assert_eq!(ines.post(&cut, &[("reason", "incident 3")]).await.status, 303);
    assert_eq!(terminal.over().await, "A security officer cut the session.");
    assert_eq!(ines.post(&cut, &[]).await.status, 409);
    assert!(centre.events().await.contains(&"session.cut".to_owned()));
}

#[tokio::test]
async fn a_server_that_stops_ends_sessions_and_one_that_was_killed_leaves_them_to_the_next() {
    let centre = TestCentre::start_with_bubbles().await;
    let (project, bubble) = ready(&centre, "ada", "hie").await;
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    terminal.run("true").await;
    // What a killed server leaves: an open row, and a recording without its last line's end.
    let lost = Session {
        id: centre.centre.id(),
        version: 0,
        bubble: bubble.id,
        application: project.application,
        person: centre.who("ben").await.id,
        opened_at: centre.centre.now(),
        login: None,
        mounts: vec![],
        state: SessionState::Open,
    };
    insert(&centre, "session.opened", &lost).await;
    let tape = b"{\"version\":2,\"width\":80,\"height\":24}\n[1.5, \"o\", \"half\"]\n[1.6, \"o";
    std::fs::write(recording(&centre, &lost), tape).unwrap();
    let centre = centre.restart().await;
    let stopped = session_is(&centre, centre.who("ada").await.id, "cut").await;
    assert_eq!(cause(&stopped), "server_stopped");
    let killed = session_is(&centre, centre.who("ben").await.id, "cut").await;
    assert_eq!(cause(&killed), "server_restarted");
    let sealed = killed.recording().unwrap();
    assert_eq!((sealed.bytes, sealed.duration_ms), (tape.len() as u64, 1500));
    let file = display::recording::digest(&recording(&centre, &killed)).unwrap();
    assert_eq!(sealed.sha256, file.sha256);
}

#[tokio::test]
async fn a_recorder_that_fails_closes_the_session() {
    let centre = TestCentre::start_with_bubbles().await;
    let (_, bubble) = ready(&centre, "ada", "hie").await;
    accept(&centre, &bubble, "ada").await;
    // It cannot start: the folder of recordings has become a file.
    let folder = centre.dir.path().join("recordings");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "").unwrap();
    let cookies = cookies(&centre, "ada").await;
    assert_eq!(open(&centre, &bubble, &cookies, &centre.url).await.err(), Some(500));
    assert!(centre.centre.store.all::<Session>().await.unwrap().is_empty());
}

/// Threat: a right that nobody can read is taken for one that stands.
#[tokio::test]
async fn a_session_whose_right_cannot_be_read_is_cut() {
    let centre = TestCentre::start_with_bubbles().await;
    let (_, bubble) = ready(&centre, "ada", "hie").await;
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    terminal.run("true").await;
    let ada = centre.who("ada").await.id;
    let spoil = format!("update habilitations set body = '{{}}' where person = '{ada}'");
    crate::office::kit::tamper(&centre, spoil).await;
    centre.centre.tick().await.expect_err("the operator is told");
    terminal.over().await;
    assert_eq!(cause(&session_is(&centre, ada, "cut").await), "rights_unknown");
}

/// What a researcher learns in the bubble is what the checker will see: the project's rules, and what
/// it took out before.
#[tokio::test]
async fn files_are_checked_in_the_bubble_by_the_project_s_rules_and_against_what_left() {
    let centre = TestCentre::start_with_bubbles().await;
    let (project, bubble) = ready(&centre, "ada", "hie").await;
    let before = b"plan,count\nfree care,1204\ncoinsurance 95,894\n";
    let kept = disclosure::Released::of(&disclosure::Input { name: "all.csv", bytes: before });
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    let rules = terminal.run("cat /tools/rules.json").await;
    assert!(rules.contains("\"min_count\":10"), "{rules}");
    terminal
        .run("printf 'plan,count\\nfree care,1204\\ncoinsurance 95,2\\n' > /exports/t.csv")
        .await;
    let told = terminal.run("bulle-check /exports/t.csv").await;
    assert!(told.contains("t.csv: refuse") && told.contains("FREQ_MIN"), "{told}");
    assert!(told.contains("done-1") && !told.contains("are not here"), "{told}");
    terminal
        .run("printf 'plan,count\\nfree care,1201\\ncoinsurance 95,894\\n' > /exports/t.csv")
        .await;
    let alone = terminal.run("bulle-check").await;
    assert!(alone.contains("t.csv: safe") && alone.contains("done-0"), "{alone}");
    // Something leaves: the open session sees it.
    let folder = centre.dir.path().join("released").join(project.application.to_string());
    let name = format!("{}-0.json", uuid::Uuid::now_v7());
    std::fs::write(folder.join(name), serde_json::to_vec(&kept).unwrap()).unwrap();
    let differs = terminal.run("bulle-check --json").await;
    assert!(differs.contains("DIFFERENCING") && differs.contains("done-1"), "{differs}");
    // What is refused is mended where the data are.
    let unit = "for i in $(seq 40); do echo \"a,x\"; echo \"b,x\"; echo \"b,y\"; done";
    terminal.run(&format!("(echo area,sex; {unit}; echo a,y) > /scratch/m.csv")).await;
    let spec = "dimensions = [\"area\", \"sex\"]\n[rules]\nfrequency = 10\n";
    terminal.run(&format!("printf '{}' > /scratch/s.toml", spec.replace('\n', "\\n"))).await;
    let mended = terminal
        .run("bulle-protect /scratch/m.csv --spec /scratch/s.toml --out /exports/p.csv; cat /exports/p.csv")
        .await;
    assert!(mended.contains("done-0") && mended.contains(",D"), "{mended}");
    let closed =
        terminal.run("touch /tools/x /tools/released/x; echo x >> /tools/rules.json").await;
    let refused = ["Read-only", "Permission denied"].map(|why| closed.matches(why).count());
    assert_eq!(refused, [2, 1], "the folders are mounts, the rules another's file: {closed}");
}
