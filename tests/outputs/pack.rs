//! The evidence pack of a release, by page and API, and what `bulle log verify-pack` says of it.

use ledger::{VerifierKey, verify_pack};
use reqwest::Method;
use serde_json::{Value, json};

use super::kit::{Lab, SAFE};

/// What a pack holds at `name`: members are stored as they are.
fn member(pack: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(pack);
    let end = format!("/{name}");
    // The member's own header comes before the directory's.
    let start = text.find(&end).unwrap_or_else(|| panic!("no {name}")) + end.len();
    let rest = &text[start..];
    rest[..rest.find("PK\u{3}\u{4}").unwrap_or(rest.len())].to_owned()
}

async fn key(lab: &Lab) -> VerifierKey {
    let told = lab.centre.visitor().get("/log/verifier.key").await;
    told.text.parse().expect("a verifier key")
}

#[tokio::test]
async fn the_pack_of_a_release_verifies_offline_and_outlives_the_files() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let id = lab.release(&["t.csv"]).await;
    let ada = lab.centre.person("ada").await;
    let page = ada.get(&format!("/exports/{id}")).await.text;
    assert!(page.contains(&format!("/exports/{id}/pack")), "{page}");
    let key = key(&lab).await;
    lab.centre.advance(16 * 86_400).await;
    assert_eq!(lab.state(&id).await, "expired");
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.get(&format!("/exports/{id}/files/0")).await.status, 409);
    for reader in ["ada", "ben", "grace", "iris", "nora"] {
        let reader = lab.centre.person(reader).await;
        for path in [format!("/exports/{id}/pack"), format!("/api/v1/exports/{id}/pack")] {
            let pack = reader.get(&path).await;
            assert_eq!(pack.status, 200, "{}", pack.text);
            let report = verify_pack(&pack.bytes[..], Some(&key)).unwrap();
            assert!(report.is_intact(), "{report}");
        }
    }
    let pack = ada.get(&format!("/exports/{id}/pack")).await.bytes;
    let described: Value =
        serde_json::from_str(&member(&pack, "data/ro-crate-metadata.json")).expect("JSON");
    let graph = described["@graph"].as_array().expect("a graph");
    let has = |what: &str| graph.iter().any(|entity| entity["additionalType"]["@id"] == what);
    for phase in ["CheckValue", "ValidationCheck", "SignOff", "DisclosureCheck"] {
        assert!(has(&format!("https://w3id.org/shp#{phase}")), "{phase}");
    }
    let evidence: Value = serde_json::from_str(&member(&pack, "data/evidence.json")).expect("JSON");
    assert_eq!(evidence["files"][0]["path"], "t.csv");
    assert!(!String::from_utf8_lossy(&pack).contains("Grace"), "reviewers are numbered");
    assert!(!String::from_utf8_lossy(&pack).contains("secret reason"));
    assert!(member(&pack, "data/request/request.txt").contains("Adults of the experiment"));
    // One byte of what was found, altered.
    let at = pack.windows(8).position(|bytes| bytes == b"evidence").unwrap() + 40;
    let mut altered = pack.clone();
    altered[at] ^= 1;
    let report = verify_pack(&altered[..], Some(&key)).unwrap();
    assert!(!report.is_intact());
}

#[tokio::test]
async fn only_the_project_and_those_who_check_may_have_the_pack() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let id = lab.seal(&["t.csv"]).await;
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.get(&format!("/exports/{id}/pack")).await.status, 404, "nothing is released");
    let grace = lab.centre.person("grace").await;
    lab.vote(&grace, &id, "approve").await;
    grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    // Who has no part in it, the operator, and the security officer, who knows of it only.
    for (who, status) in [("zoe", 404), ("marc", 404), ("jules", 403)] {
        let other = lab.centre.person(who).await;
        for path in [format!("/exports/{id}/pack"), format!("/exports/{id}/evidence")] {
            assert_eq!(other.get(&path).await.status, status, "{who} {path}");
        }
    }
    assert_eq!(lab.centre.visitor().get(&format!("/exports/{id}/pack")).await.status, 303);
    // What lies on the disk is given to nobody once it is not what the log sealed.
    let place = lab.centre.dir.path().join("packs").join(format!("{id}.zip"));
    let mut bytes = std::fs::read(&place).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&place, bytes).unwrap();
    assert_eq!(ada.get(&format!("/exports/{id}/pack")).await.status, 500);
}

#[tokio::test]
async fn nothing_of_a_refused_file_is_quoted_in_the_pack() {
    let lab = Lab::start().await;
    lab.write("a.csv", SAFE);
    lab.write("b.csv", "plan,count\nfree care,73041\ncoinsurance 95,7\n");
    let id = lab.seal(&["a.csv", "b.csv"]).await;
    let grace = lab.centre.person("grace").await;
    grace.post(&format!("/checks/{id}/take"), &[]).await;
    let vote = json!({ "files": [
        { "path": "a.csv", "choice": "approve" },
        { "path": "b.csv", "choice": "refuse", "comment": "no" },
    ] });
    grace.api(Method::POST, &format!("/api/v1/checks/{id}/vote"), vote).await;
    let decide = format!("/checks/{id}/decide");
    assert_eq!(grace.post(&decide, &[("action", "partly")]).await.status, 303);
    lab.settled().await;
    let ada = lab.centre.person("ada").await;
    let pack = ada.get(&format!("/exports/{id}/pack")).await;
    assert_eq!(pack.status, 200, "{}", pack.text);
    let evidence: Value =
        serde_json::from_str(&member(&pack.bytes, "data/evidence.json")).expect("JSON");
    let file = |path: &str| {
        let files = evidence["files"].as_array().expect("files").iter();
        files.clone().find(|file| file["path"] == path).expect(path).clone()
    };
    assert_eq!(
        (&file("b.csv")["released"], &file("b.csv")["findings"]),
        (&json!(false), &Value::Null)
    );
    assert!(file("b.csv")["report"]["errors"].as_u64() > Some(0), "that a rule fired is told");
    let findings = file("a.csv")["findings"].as_array().expect("findings").clone();
    assert!(!findings.is_empty() && findings.iter().all(|f| f.get("message").is_none()));
    assert_eq!((&file("b.csv")["sha256"], &file("b.csv")["bytes"]), (&Value::Null, &Value::Null));
    let request = member(&pack.bytes, "request/request.txt");
    assert!(request.contains("stays  output  b.csv"), "{request}");
    assert!(!String::from_utf8_lossy(&pack.bytes).contains("73041"), "a value of what stays");
    let described = member(&pack.bytes, "data/ro-crate-metadata.json");
    assert!(described.contains("a.csv") && !described.contains("b.csv"), "{described}");
    assert!(described.contains("partly approved"));
}

async fn evidence(lab: &Lab, id: &str) -> (Value, Vec<Value>) {
    let nora = lab.centre.person("nora").await;
    let pack = nora.get(&format!("/exports/{id}/pack")).await;
    assert_eq!(pack.status, 200, "{}", pack.text);
    let described: Value =
        serde_json::from_str(&member(&pack.bytes, "data/ro-crate-metadata.json")).expect("JSON");
    let evidence = serde_json::from_str(&member(&pack.bytes, "data/evidence.json")).expect("JSON");
    (evidence, described["@graph"].as_array().expect("a graph").clone())
}

#[tokio::test]
async fn a_release_without_a_checker_is_not_told_as_an_approval() {
    let lab = super::risk::lab("automatic", "1").await;
    let (id, routed) = super::risk::passed(&lab).await;
    let (evidence, graph) = evidence(&lab, &id).await;
    assert_eq!(evidence["votes"], json!([]));
    let disclosure = graph.iter().find(|one| one["@id"] == "#disclosure").expect("a phase");
    let name = disclosure["name"].as_str().expect("a name");
    assert!(name.contains("without a checker") && !name.contains("approved"), "{name}");
    assert_eq!(disclosure["endTime"], json!(routed.at), "when it was routed, not when told");
}

#[tokio::test]
async fn what_left_after_the_scan_was_compared_with_before_the_release() {
    let lab = Lab::start().await;
    lab.write("a.csv", SAFE);
    lab.write("b.csv", "plan,visits\nfree care,500\ncoinsurance 95,600\n");
    let first = lab.seal(&["a.csv"]).await; // its scan is over before the other leaves
    lab.centre.centre.clock.advance(60);
    let second = lab.release(&["b.csv"]).await;
    lab.centre.centre.clock.advance(60);
    let grace = lab.centre.person("grace").await;
    lab.vote(&grace, &first, "approve").await;
    grace.post(&format!("/checks/{first}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    let told = evidence(&lab, &first).await.0["earlier_releases"].clone();
    assert_eq!(told[0]["export"], json!(second), "{told}");
    assert_eq!(evidence(&lab, &second).await.0["earlier_releases"], json!([]));
    lab.write("c.csv", "plan,visits\nfree care,700\ncoinsurance 95,800\n");
    let third = lab.release(&["c.csv"]).await;
    let told = evidence(&lab, &third).await.0["earlier_releases"].clone();
    let numbers: Vec<&Value> =
        told.as_array().expect("a list").iter().map(|o| &o["export"]).collect();
    assert!(numbers.contains(&&json!(first)) && numbers.contains(&&json!(second)), "{told}");
}

#[tokio::test]
async fn sessions_are_named_by_their_recording_and_not_by_their_hours() {
    use domain::settings::session::{Recording, Session, SessionState};
    let lab = Lab::start().await;
    let (ada, at) = (lab.centre.who("ada").await.id, lab.centre.centre.now());
    let session = |state| Session {
        id: lab.centre.centre.id(),
        version: 0,
        bubble: lab.bubble.id,
        person: ada,
        application: lab.application.id,
        opened_at: at,
        login: None,
        mounts: vec![],
        state,
    };
    let recording = Recording { sha256: "b".repeat(64), bytes: 1, duration_ms: 1 };
    let (ended, open) =
        (session(SessionState::Ended { at, recording }), session(SessionState::Open));
    super::kit::insert(&lab.centre, &ended).await;
    super::kit::insert(&lab.centre, &open).await;
    lab.centre.centre.clock.advance(60);
    lab.write("t.csv", SAFE);
    let id = lab.release(&["t.csv"]).await;
    let told = evidence(&lab, &id).await.0["recordings"].clone();
    let one = |id, hash: Value| json!({ "session": id, "recording_sha256": hash });
    let expected = json!([one(ended.id, json!("b".repeat(64))), one(open.id, Value::Null)]);
    assert_eq!(told, expected);
}

/// Threat: a fault that does not go away is tried at every tick, for ever, and nobody is told.
#[tokio::test]
async fn a_pack_that_cannot_be_made_stops_the_release_for_an_operator() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let id = lab.seal(&["t.csv"]).await;
    let grace = lab.centre.person("grace").await;
    lab.vote(&grace, &id, "approve").await;
    let place = lab.centre.dir.path().join("packs").join(format!("{id}.zip"));
    std::fs::create_dir_all(place.join("in the way")).unwrap();
    grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "failed");
    lab.settled().await;
    let stopped = lab.centre.events().await.iter().filter(|kind| *kind == "step.failed").count();
    assert_eq!(stopped, 1, "once, and not at every tick");
    let jules = lab.centre.who("jules").await.id;
    let notices = lab.centre.centre.store.notices_of(jules).await.unwrap();
    assert!(!notices.is_empty(), "the security officer is told");
    let ada = lab.centre.person("ada").await;
    let page = ada.get(&format!("/exports/{id}")).await.text;
    assert!(!page.contains(&format!("/exports/{id}/pack")), "what lies there is no pack");
    assert_eq!(ada.get(&format!("/exports/{id}/files/0")).await.status, 409);
    let marc = lab.centre.person("marc").await;
    assert!(marc.get("/exports/failed").await.text.contains("evidence pack could not be made"));
    std::fs::remove_dir_all(&place).unwrap();
    assert_eq!(marc.post(&format!("/exports/{id}/retry"), &[]).await.status, 303);
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "available");
    assert_eq!(ada.get(&format!("/exports/{id}/pack")).await.status, 200);
}

#[tokio::test]
async fn a_pack_that_no_event_names_is_not_offered() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let id = lab.seal(&["t.csv"]).await;
    let folder = lab.centre.dir.path().join("packs");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{id}.zip")), "of a release that failed").unwrap();
    let ada = lab.centre.person("ada").await;
    let page = ada.get(&format!("/exports/{id}")).await.text;
    assert!(!page.contains(&format!("/exports/{id}/pack")), "{page}");
}

/// Threat: a release under way that meets an unreadable row is tried at every tick, and nobody is
/// told.
#[tokio::test]
async fn a_row_that_cannot_be_read_stops_the_release_for_an_operator() {
    use domain::settings::session::{Recording, Session, SessionState};
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let id = lab.seal(&["t.csv"]).await;
    let grace = lab.centre.person("grace").await;
    lab.vote(&grace, &id, "approve").await;
    // A session of the author's, which the evidence names.
    let at = lab.centre.centre.now();
    let recording = Recording { sha256: "b".repeat(64), bytes: 1, duration_ms: 1 };
    let session = Session {
        id: lab.centre.centre.id(),
        version: 0,
        bubble: lab.bubble.id,
        person: lab.centre.who("ada").await.id,
        application: lab.application.id,
        opened_at: at,
        login: None,
        mounts: vec![],
        state: SessionState::Ended { at, recording },
    };
    super::kit::insert(&lab.centre, &session).await;
    let spoil = format!("update sessions set body = '{{}}' where id = '{}'", session.id);
    crate::office::kit::tamper(&lab.centre, spoil).await;
    grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "failed");
    let marc = lab.centre.person("marc").await.get("/exports/failed").await.text;
    assert!(marc.contains("A row of the database cannot be read"), "{marc}");
}

/// A scan that failed and was done again was compared with what had left meanwhile.
#[tokio::test]
async fn what_left_before_a_scan_was_tried_again_was_compared_with() {
    let lab = Lab::start().await;
    lab.write("b.csv", "plan,visits\nfree care,500\ncoinsurance 95,600\n");
    lab.write("a.csv", SAFE);
    let second = lab.seal(&["b.csv"]).await;
    let first = lab.seal(&["a.csv"]).await;
    // As a scan leaves it that an operator must try again.
    let before = lab.export(&first).await;
    let state = domain::outputs::export::ExportState::Failed {
        step: "scanning".to_owned(),
        before: Box::new(domain::outputs::export::ExportState::Scanning {
            sealed_at: lab.centre.centre.now(),
        }),
        reason: "engine-failed".to_owned(),
    };
    super::kit::replace(&lab.centre, &before, &domain::Export { state, ..before.clone() }).await;
    let grace = lab.centre.person("grace").await;
    lab.vote(&grace, &second, "approve").await;
    grace.post(&format!("/checks/{second}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    assert_eq!(lab.state(&second).await, "available");
    let marc = lab.centre.person("marc").await;
    assert_eq!(marc.post(&format!("/exports/{first}/retry"), &[]).await.status, 303);
    lab.settled().await;
    lab.vote(&grace, &first, "approve").await;
    grace.post(&format!("/checks/{first}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    let told = evidence(&lab, &first).await.0["earlier_releases"].clone();
    assert_eq!(told[0]["export"], json!(second), "{told}");
}
