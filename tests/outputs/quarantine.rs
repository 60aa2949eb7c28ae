//! What a hard limit holds back.

use reqwest::Method;
use serde_json::json;

use super::kit::{Lab, SAFE};

async fn blocked(lab: &Lab) -> String {
    lab.write("d.dta", b"<stata_dta><header>");
    let id = lab.seal(&["d.dta"]).await;
    assert_eq!(lab.state(&id).await, "blocked");
    id
}

#[tokio::test]
async fn what_was_blocked_lies_apart_until_the_lead_has_said_what_it_was() {
    let lab = Lab::start().await;
    let id = blocked(&lab).await;
    let dir = lab.centre.dir.path();
    let (apart, place) = (dir.join("quarantine").join(&id), dir.join("exports").join(&id));
    assert!(apart.join("1/0").exists() && !place.exists(), "its copies are apart");
    let mode = std::fs::metadata(dir.join("quarantine")).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o700);
    for told in ["iris", "jules"] {
        let who = lab.centre.who(told).await.id;
        let notices = lab.centre.centre.store.notices_of(who).await.unwrap();
        assert!(notices.iter().any(|one| one.key == "export-in-quarantine"), "{told} is alerted");
    }
    let iris = lab.centre.person("iris").await;
    assert!(iris.get("/checks").await.text.contains("In quarantine"));
    assert!(iris.get(&format!("/checks/{id}")).await.text.contains("BINARY_DATASET"));
    let examine = format!("/checks/{id}/examine");
    // A checker who is no lead, the author, a member: none of them.
    for (who, status) in [("grace", 403), ("ada", 403), ("ben", 403), ("zoe", 403)] {
        let person = lab.centre.person(who).await;
        assert!(!person.get("/checks").await.text.contains("In quarantine"), "{who}");
        let said = json!({ "found": "false_alarm", "note": "mine" });
        let answer = person.api(Method::POST, &format!("/api/v1{examine}"), said).await;
        assert_eq!(answer.status, status, "{who}");
    }
    let without = iris.post(&examine, &[("found", "mistake"), ("note", "")]).await;
    assert_eq!(without.status, 422);
    assert_eq!(iris.post(&examine, &[("note", "a data file")]).await.status, 422);
    let held = iris.api(Method::GET, "/api/v1/quarantine", json!(null)).await;
    assert!(held.text.contains(&id), "{}", held.text);
    let said = [("found", "mistake"), ("note", "a data file of the survey")];
    assert_eq!(iris.post(&examine, &said).await.status, 303);
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "blocked", "it never leaves");
    assert!(!apart.exists(), "its copies are removed");
    assert!(!iris.get("/checks").await.text.contains("In quarantine"));
    assert_eq!(iris.post(&examine, &said).await.status, 409, "the same again");
    assert!(lab.centre.events().await.contains(&"quarantine.examined".to_owned()));
}

/// A researcher's contributions that speak for a table are data and never leave: they block nothing.
#[tokio::test]
async fn a_data_file_that_only_supports_a_table_blocks_nothing() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    lab.write("d.dta", b"<stata_dta><header>");
    let ada = lab.centre.person("ada").await;
    let id = lab.draft(&ada).await;
    let (table, data) = (super::kit::key("t.csv"), super::kit::key("d.dta"));
    let fields = [
        ("groups", "1"),
        ("title", "Table 1"),
        ("name-1", "Tables"),
        ("context-1", "Adults of the experiment"),
        ("controls-1", "Counts of 10 at least"),
        (&*format!("in-{table}"), "1"),
        (&*format!("in-{data}"), "1"),
        (&*format!("kind-{data}"), "supporting"),
        ("action", "seal"),
    ];
    assert_eq!(ada.post(&format!("/exports/{id}/edit"), &fields).await.status, 303);
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "queued");
}

/// What nobody can read is for a person, as the check in the bubble says before.
#[tokio::test]
async fn an_encrypted_file_goes_to_a_checker() {
    let lab = Lab::start().await;
    let mut zip = b"PK\x03\x04\x14\0\x01\0".to_vec(); // flag 1: encrypted
    zip.extend([0; 18]);
    zip.extend(b"\x05\0\0\0a.txt");
    lab.write("locked.zip", zip);
    let id = lab.seal(&["locked.zip"]).await;
    assert_eq!(lab.state(&id).await, "queued");
}
