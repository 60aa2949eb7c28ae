//! Files that come into a bubble: the path of an import, and who tries to come by another one.

use std::path::PathBuf;

use centre_tests::{Answer, Client};
use domain::{
    Application, Import, Role, RoleGrant, people::habilitation::HabilitationState,
    projects::application::Member, settings::bubble::BubbleState,
};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::json;

use super::kit::{Lab, project, replace};

pub const CODE: &str = "import pandas\nprint(pandas.__version__)\n";

/// Sends a file by the page's form.
pub async fn send(lab: &Lab, who: &Client, name: &str, bytes: Vec<u8>) -> Answer {
    send_as(lab, who, name, bytes, &[]).await
}

/// Sends a file by the page's form; `more` replaces or adds fields.
async fn send_as(
    lab: &Lab,
    who: &Client,
    name: &str,
    bytes: Vec<u8>,
    more: &[(&'static str, &'static str)],
) -> Answer {
    let mut fields = vec![("kind", "code"), ("origin", "my own"), ("reason", "to fit the model")];
    fields.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    fields.extend(more);
    let mut form = Form::new().part("file", Part::bytes(bytes).file_name(name.to_owned()));
    for (name, value) in fields {
        form = form.text(name, value);
    }
    let path = format!("/bubbles/{}/imports", lab.bubble.id);
    who.send(Method::POST, &path, |request| request.multipart(form)).await
}

pub async fn import(lab: &Lab, id: &str) -> Import {
    lab.centre.centre.store.get(id.parse::<domain::ImportId>().unwrap()).await.unwrap().unwrap()
}

/// Where the bytes of imports wait.
fn waiting(lab: &Lab) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(lab.centre.dir.path().join("imports")).unwrap();
    folder.map(|entry| entry.unwrap().path()).collect()
}

pub fn in_bubble(lab: &Lab, path: &str) -> PathBuf {
    lab.centre.centre.host.folder(&lab.bubble).join("imports").join(path)
}

async fn decide(who: &Client, id: &str, fields: &[(&str, &str)]) -> Answer {
    who.post(&format!("/imports/{id}/decide"), fields).await
}

#[tokio::test]
async fn an_accepted_file_lies_read_only_in_the_bubble_with_its_provenance() {
    let lab = Lab::start().await;
    let (ada, grace) = (lab.centre.person("ada").await, lab.centre.person("grace").await);
    assert!(ada.get(&format!("/bubbles/{}", lab.bubble.id)).await.text.contains("/imports\""));
    let id = send(&lab, &ada, "fit.py", CODE.into()).await.id();
    assert!(!in_bubble(&lab, "1/fit.py").exists(), "nothing comes in before a decision");
    let queue = grace.get("/imports").await.text;
    assert!(queue.contains(&format!("/imports/{id}")) && queue.contains("Ada Lovelace"), "{queue}");
    let page = grace.get(&format!("/imports/{id}")).await.text;
    assert!(page.contains("print(pandas.__version__)") && page.contains("to fit the model"));
    let sha256 = import(&lab, &id).await.sha256;
    assert!(page.contains(&sha256));
    let fields = [("action", "accept"), ("sha256", sha256.as_str()), ("comment", "fine")];
    assert_eq!(decide(&grace, &id, &fields).await.status, 303);
    assert_eq!(import(&lab, &id).await.state.name(), "delivered");
    let file = in_bubble(&lab, "1/fit.py");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), CODE);
    assert!(std::fs::metadata(&file).unwrap().permissions().readonly());
    let note = std::fs::read_to_string(in_bubble(&lab, "1.json")).unwrap();
    assert!(note.contains(&sha256) && note.contains("to fit the model"), "{note}");
    assert!(ada.get(&format!("/imports/{id}")).await.text.contains("/imports/1/fit.py"));
    assert_eq!(decide(&grace, &id, &fields).await.status, 409, "a replayed form");
    let events = lab.centre.events().await;
    for kind in ["import.sent", "import.accepted", "import.delivered"] {
        assert_eq!(events.iter().filter(|event| *event == kind).count(), 1, "{kind}");
    }
    assert!(ada.get("/notices").await.text.contains("was let into the bubble"));
    assert!(grace.get("/notices").await.text.contains("A file asks to come into a bubble"));
}

#[tokio::test]
async fn a_refused_or_withdrawn_file_is_gone_and_its_author_knows_why() {
    let lab = Lab::start().await;
    let (ada, grace) = (lab.centre.person("ada").await, lab.centre.person("grace").await);
    let id = send(&lab, &ada, "rates.csv", b"a;b\n1;2\n".to_vec()).await.id();
    let silent = decide(&grace, &id, &[("action", "refuse"), ("comment", " ")]).await;
    assert_eq!(silent.status, 422);
    assert!(silent.text.contains("Say why you refuse it"), "{}", silent.text);
    let no = [("action", "refuse"), ("comment", "ask the data manager")];
    assert_eq!(decide(&grace, &id, &no).await.status, 303);
    assert!(waiting(&lab).is_empty());
    let page = ada.get(&format!("/imports/{id}")).await.text;
    assert!(page.contains("ask the data manager") && page.contains("not kept"), "{page}");
    let other = send(&lab, &ada, "rates.csv", b"a\n".to_vec()).await.id();
    let ben = lab.centre.person("ben").await;
    assert_eq!(ben.post(&format!("/imports/{other}/withdraw"), &[]).await.status, 403);
    assert_eq!(ada.post(&format!("/imports/{other}/withdraw"), &[]).await.status, 303);
    assert!(waiting(&lab).is_empty());
    let yes = [("action", "accept"), ("sha256", "x")];
    assert_eq!(decide(&grace, &other, &yes).await.status, 409);
    assert!(!in_bubble(&lab, "1").exists() && !in_bubble(&lab, "2").exists());
}

#[tokio::test]
async fn nobody_of_the_project_lets_a_file_in() {
    let lab = Lab::start().await;
    let (ada, ben) = (lab.centre.person("ada").await, lab.centre.person("ben").await);
    let id = send(&lab, &ada, "fit.py", CODE.into()).await.id();
    let sha256 = import(&lab, &id).await.sha256;
    let fields = [("action", "accept"), ("sha256", sha256.as_str())];
    let body = json!({ "action": "accept", "sha256": sha256 });
    let api = format!("/api/v1/imports/{id}/decide");
    for who in [&ada, &ben] {
        assert_eq!(decide(who, &id, &fields).await.status, 403);
        assert_eq!(who.api(Method::POST, &api, body.clone()).await.status, 403);
    }
    // Author and member who are checkers as well; and a checker who joins the project afterwards.
    for name in ["ada", "ben"] {
        let before = lab.centre.who(name).await;
        let mut after = before.clone();
        after.roles.push(RoleGrant { role: Role::Checker, producer: None });
        replace(&lab.centre, &before, &after).await;
    }
    let before: Application =
        lab.centre.centre.store.get(lab.application.id.0).await.unwrap().unwrap();
    let grace_id = lab.centre.who("grace").await.id;
    let mut after = before.clone();
    after.members.push(Member { person: grace_id, bubble: false, edits: false });
    replace(&lab.centre, &before, &after).await;
    for name in ["ada", "ben", "grace"] {
        let who = lab.centre.person(name).await;
        assert_eq!(decide(&who, &id, &fields).await.status, 403, "{name}");
        assert_eq!(who.api(Method::POST, &api, body.clone()).await.status, 403, "{name}");
        assert!(!who.get(&format!("/imports/{id}")).await.text.contains("Let it in"), "{name}");
        let list = who.api(Method::GET, "/api/v1/imports", json!({})).await.json();
        assert_eq!(list["waiting"], json!([]), "{name}");
    }
    for name in ["iris", "ines"] {
        assert_eq!(
            decide(&lab.centre.person(name).await, &id, &fields).await.status,
            403,
            "{name}"
        );
    }
    assert_eq!(import(&lab, &id).await.state.name(), "in_review");
    let denied = lab.centre.events().await;
    assert!(denied.contains(&"policy.denied".to_owned()));
}

#[tokio::test]
async fn another_project_neither_sends_nor_sees() {
    let lab = Lab::start().await;
    let ada = lab.centre.person("ada").await;
    let id = send(&lab, &ada, "fit.py", CODE.into()).await.id();
    let (_, foreign) = project(&lab.centre, "zoe", &[], 2).await;
    let zoe = lab.centre.person("zoe").await;
    assert_eq!(send(&lab, &zoe, "fit.py", CODE.into()).await.status, 404);
    for path in [format!("/imports/{id}"), format!("/bubbles/{}/imports", lab.bubble.id)] {
        assert_eq!(zoe.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(zoe.get(&format!("/api/v1/imports/{id}")).await.status, 404);
    assert_eq!(zoe.post(&format!("/imports/{id}/withdraw"), &[]).await.status, 404);
    assert!(!zoe.get("/imports").await.text.contains("fit.py"));
    assert_eq!(ada.get(&format!("/bubbles/{}/imports", foreign.id)).await.status, 404);
    let visitor = lab.centre.visitor();
    assert_eq!(visitor.get(&format!("/api/v1/imports/{id}")).await.status, 401);
    assert!(send(&lab, &visitor, "fit.py", CODE.into()).await.location.starts_with("/sign-in"));
}

#[tokio::test]
async fn names_that_lead_elsewhere_and_files_that_are_too_long_do_not_come_in() {
    let lab = Lab::start().await;
    let ada = lab.centre.person("ada").await;
    let api = |name: &str| {
        let name: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let bubble = lab.bubble.id;
        format!("/api/v1/bubbles/{bubble}/imports?name={name}&kind=code&origin=o&reason=r")
    };
    for name in [
        "../fit.py",
        "/etc/passwd",
        "a/b.py",
        ".bashrc",
        "-rf",
        "a\nb",
        "a\u{202e}yp.exe",
        "",
        "..",
    ] {
        let sent = ada.send(Method::POST, &api(name), |r| r.body("x")).await;
        assert_eq!(sent.status, 422, "{name:?}: {}", sent.text);
    }
    let longest = send(&lab, &ada, "most.bin", vec![b'x'; 1 << 20]).await;
    assert_eq!(longest.status, 303, "{}", longest.text);
    for bytes in [(1 << 20) + 1, 3 << 20] {
        let refused = send(&lab, &ada, "more.bin", vec![b'x'; bytes]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains("longer than 1 MiB"), "{}", refused.text);
        assert!(refused.text.contains("to fit the model"), "what was typed is kept");
    }
    assert_eq!(send(&lab, &ada, "none.txt", vec![]).await.status, 422);
    let personal = send_as(&lab, &ada, "p.csv", b"x".to_vec(), &[("personal", "yes")]).await;
    assert!(personal.text.contains("Personal data do not come in"), "{}", personal.text);
    for field in ["reason", "origin", "kind"] {
        let more: &[(&'static str, &'static str)] = match field {
            "reason" => &[("reason", " ")],
            "origin" => &[("origin", "")],
            _ => &[("kind", "virus")],
        };
        assert_eq!(send_as(&lab, &ada, "a.py", b"x".to_vec(), more).await.status, 422, "{field}");
    }
    assert_eq!(waiting(&lab).len(), 1);
    for _ in 1..20 {
        assert_eq!(send(&lab, &ada, "a.py", b"x".to_vec()).await.status, 303);
    }
    assert_eq!(send(&lab, &ada, "a.py", b"x".to_vec()).await.status, 422, "the twenty-first");
}

#[tokio::test]
async fn an_archive_is_a_file_and_what_hides_in_a_text_is_shown() {
    let lab = Lab::start().await;
    let (ada, grace) = (lab.centre.person("ada").await, lab.centre.person("grace").await);
    // The head of a ZIP whose directory claims 4 GiB: nobody opens it, so nothing grows.
    let mut bomb = b"PK\x03\x04\x14\0\0\0\x08\0".to_vec();
    bomb.extend([0xff; 64]);
    let id = send(&lab, &ada, "bomb.zip", bomb.clone()).await.id();
    let page = grace.get(&format!("/imports/{id}")).await.text;
    assert!(page.contains("000000  50 4b 03 04") && page.contains("is no text"), "{page}");
    let sha256 = import(&lab, &id).await.sha256;
    decide(&grace, &id, &[("action", "accept"), ("sha256", &sha256)]).await;
    assert_eq!(std::fs::read(in_bubble(&lab, "1/bomb.zip")).unwrap(), bomb);
    let found: Vec<_> = std::fs::read_dir(in_bubble(&lab, "1")).unwrap().collect();
    assert_eq!(found.len(), 1, "nothing was unpacked");
    let hostile = "<script>alert(1)</script>\n# \u{202e}dne\u{200b}\n";
    let id = send(&lab, &ada, "a.html", hostile.into()).await.id();
    let page = grace.get(&format!("/imports/{id}")).await.text;
    assert!(!page.contains("<script>alert") && !page.contains('\u{202e}'), "{page}");
    assert!(page.contains("change the direction of writing are shown as \u{fffd}: 2"), "{page}");
}

#[tokio::test]
async fn what_was_swapped_on_the_disk_is_neither_shown_nor_delivered() {
    let lab = Lab::start().await;
    let (ada, grace) = (lab.centre.person("ada").await, lab.centre.person("grace").await);
    let id = send(&lab, &ada, "fit.py", CODE.into()).await.id();
    let sha256 = import(&lab, &id).await.sha256;
    let other = decide(&grace, &id, &[("action", "accept"), ("sha256", &"0".repeat(64))]).await;
    assert_eq!(other.status, 422);
    std::fs::write(&waiting(&lab)[0], "evil").unwrap();
    assert!(!grace.get(&format!("/imports/{id}")).await.text.contains("evil"));
    decide(&grace, &id, &[("action", "accept"), ("sha256", &sha256)]).await;
    told_that_it_failed(&lab, &id, "is not what was accepted").await;
    assert!(!in_bubble(&lab, "1").exists());
}

/// The import failed once, and its author and the checkers know it and why.
async fn told_that_it_failed(lab: &Lab, id: &str, why: &str) {
    lab.centre.advance(20).await;
    assert_eq!(import(lab, id).await.state.name(), "failed");
    let events = lab.centre.events().await;
    assert_eq!(events.iter().filter(|event| *event == "import.failed").count(), 1);
    assert!(!events.contains(&"import.delivered".to_owned()));
    for name in ["ada", "grace"] {
        let who = lab.centre.person(name).await;
        let page = who.get(&format!("/imports/{id}")).await.text;
        assert!(page.contains(why) && page.contains("did not get into the bubble"), "{page}");
        assert!(who.get("/notices").await.text.contains("did not get into the bubble"), "{name}");
    }
}

#[tokio::test]
async fn an_accepted_file_that_cannot_come_in_is_told() {
    let lab = Lab::start().await;
    let (ada, grace) = (lab.centre.person("ada").await, lab.centre.person("grace").await);
    let id = send(&lab, &ada, "fit.py", CODE.into()).await.id();
    let sha256 = import(&lab, &id).await.sha256;
    let before: domain::Bubble =
        lab.centre.centre.store.get(lab.bubble.id.0).await.unwrap().unwrap();
    let until = lab.centre.centre.now() + jiff::SignedDuration::from_hours(24);
    let after = domain::Bubble { state: BubbleState::Closing { until }, ..before.clone() };
    replace(&lab.centre, &before, &after).await;
    decide(&grace, &id, &[("action", "accept"), ("sha256", &sha256)]).await;
    told_that_it_failed(&lab, &id, "nothing comes in any more").await;
}

#[tokio::test]
async fn nothing_is_sent_into_a_closing_bubble_or_without_a_habilitation() {
    let lab = Lab::start().await;
    let ada = lab.centre.person("ada").await;
    let before: domain::Bubble =
        lab.centre.centre.store.get(lab.bubble.id.0).await.unwrap().unwrap();
    let until = lab.centre.centre.now();
    let after = domain::Bubble { state: BubbleState::Closing { until }, ..before.clone() };
    replace(&lab.centre, &before, &after).await;
    assert_eq!(send(&lab, &ada, "fit.py", CODE.into()).await.status, 409);
    let page = ada.get(&format!("/bubbles/{}/imports", lab.bubble.id)).await.text;
    assert!(!page.contains("type=\"file\"") && page.contains("live habilitation"), "{page}");
    // Open again, but whoever lost the habilitation sends nothing; the other member may.
    let closing: domain::Bubble =
        lab.centre.centre.store.get(lab.bubble.id.0).await.unwrap().unwrap();
    let open = domain::Bubble { state: BubbleState::Ready, ..closing.clone() };
    replace(&lab.centre, &closing, &open).await;
    let (own, now) = (lab.centre.who("ada").await.id, lab.centre.centre.now());
    let held = lab.centre.centre.store.habilitations_of(own).await.unwrap().remove(0);
    let state = HabilitationState::Active { start: now, end: now };
    replace(&lab.centre, &held, &domain::Habilitation { state, ..held.clone() }).await;
    assert_eq!(send(&lab, &ada, "fit.py", CODE.into()).await.status, 403);
    assert!(waiting(&lab).is_empty());
    let ben = lab.centre.person("ben").await;
    assert_eq!(send(&lab, &ben, "fit.py", CODE.into()).await.status, 303);
}
