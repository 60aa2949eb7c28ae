//! Recordings: who may replay them, how each view is told, and how a change is seen.

use centre_tests::TestCentre;
use domain::Session;
use reqwest::Method;

use crate::settings::kit::{at_work, ready, recording, session_is};

async fn recorded(centre: &TestCentre) -> Session {
    let (_, bubble) = ready(centre, "ada", "hie").await;
    let mut terminal = at_work(centre, &bubble, "ada").await;
    terminal.run("echo seen-by-ada").await;
    terminal.types("exit\n").await;
    terminal.over().await;
    session_is(centre, centre.who("ada").await.id, "ended").await
}

#[tokio::test]
async fn a_replay_takes_a_reason_and_each_view_is_an_event() {
    let centre = TestCentre::start_with_bubbles().await;
    let session = recorded(&centre).await;
    let ines = centre.person("ines").await;
    let ask = format!("/security/sessions/{}/replays", session.id);
    let empty = ines.post(&ask, &[("reason", "")]).await;
    assert_eq!(empty.status, 422);
    let asked = ines.post(&ask, &[("reason", "monthly sample")]).await;
    let replay = asked.id();
    let page = ines.get(&format!("/security/replays/{replay}")).await;
    assert!(page.text.contains("exactly what was sealed"), "{}", page.text);
    let cast = format!("/security/replays/{replay}/cast");
    assert!(ines.get(&cast).await.text.contains("seen-by-ada"));
    ines.get(&cast).await;
    let events = centre.events().await;
    let count = |kind: &str| events.iter().filter(|event| *event == kind).count();
    assert_eq!((count("replay.asked"), count("replay.viewed")), (1, 2));
    // The request is hers alone, and for seven days.
    assert_eq!(centre.person("jules").await.get(&cast).await.status, 403);
    centre.advance(7 * 86_400).await;
    assert_eq!(centre.person("ines").await.get(&cast).await.status, 409);
}

#[tokio::test]
async fn nobody_but_a_security_officer_comes_to_a_recording() {
    let centre = TestCentre::start_with_bubbles().await;
    let session = recorded(&centre).await;
    let ines = centre.person("ines").await;
    let ask = format!("/security/sessions/{}/replays", session.id);
    let replay = ines.post(&ask, &[("reason", "incident 12")]).await.id();
    let body = serde_json::json!({ "reason": "curious" });
    for person in [
        "ada", "ben", "zoe", "chloe", "farid", "paul", "grace", "iris", "karim", "lea", "omar",
        "marc", "nora",
    ] {
        let client = centre.person(person).await;
        assert_eq!(client.post(&ask, &[("reason", "curious")]).await.status, 403, "{person}");
        for path in [
            format!("/security/replays/{replay}"),
            format!("/security/replays/{replay}/cast"),
            format!("/api/v1/replays/{replay}"),
        ] {
            assert_eq!(client.get(&path).await.status, 403, "{person} {path}");
        }
        let api = format!("/api/v1/sessions/{}/replays", session.id);
        assert_eq!(client.api(Method::POST, &api, body.clone()).await.status, 403, "{person}");
        let watches = if person == "nora" { 200 } else { 403 };
        assert_eq!(client.get("/security").await.status, watches, "{person}");
    }
    let visitor = centre.visitor();
    let cast = format!("/security/replays/{replay}/cast");
    assert_eq!(visitor.get(&cast).await.status, 303);
    assert!(!centre.events().await.contains(&"replay.viewed".to_owned()));
}

#[tokio::test]
async fn a_recording_that_was_changed_is_said_to_be() {
    let centre = TestCentre::start_with_bubbles().await;
    let session = recorded(&centre).await;
    let path = recording(&centre, &session);
    let changed = std::fs::read_to_string(&path).unwrap().replace("seen-by-ada", "seen-by-eve");
    std::fs::write(&path, changed).unwrap();
    let ines = centre.person("ines").await;
    let ask = format!("/security/sessions/{}/replays", session.id);
    let replay = ines.post(&ask, &[("reason", "incident 12")]).await.id();
    let page = ines.get(&format!("/security/replays/{replay}")).await;
    assert!(page.text.contains("This recording was altered"), "{}", page.text);
    let api = ines.get(&format!("/api/v1/replays/{replay}")).await;
    assert_eq!(api.json()["intact"], false);
}
