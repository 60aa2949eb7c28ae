use std::{fs, os::unix::fs::symlink, process::Command};

use domain::outputs::export::ExportState;
use reqwest::Method;
use serde_json::json;

use super::kit::{Lab, SAFE, project, replace};

#[tokio::test]
async fn links_pipes_and_endless_files_do_not_leave() {
    let lab = Lab::start().await;
    let secret = lab.centre.dir.path().join("secret");
    fs::write(&secret, "the host's secret").unwrap();
    symlink(&secret, lab.exports().join("link.csv")).unwrap();
    fs::hard_link(&secret, lab.exports().join("hard.csv")).unwrap();
    assert!(Command::new("mkfifo").arg(lab.exports().join("pipe.csv")).status().unwrap().success());
    let sparse = fs::File::create(lab.exports().join("sparse.csv")).unwrap();
    sparse.set_len(8 << 30).unwrap();
    let ada = lab.centre.person("ada").await;
    let id = lab.draft(&ada).await;
    let page = ada.get(&format!("/exports/{id}/edit")).await.text;
    assert_eq!(page.matches("Cannot leave").count(), 3, "{page}");
    let group = |path: &str| json!({ "name": "g", "context": "c", "controls": "p", "files": [{ "path": path }] });
    let api = format!("/api/v1/exports/{id}");
    let paths = [
        "link.csv",
        "hard.csv",
        "pipe.csv",
        "sparse.csv",
        "../../../secret",
        "/etc/passwd",
        "gone.csv",
    ];
    for path in paths {
        let body = json!({ "title": "t", "groups": [group(path)] });
        assert_eq!(ada.api(Method::PUT, &api, body).await.status, 200);
        for act in ["seal", "self-check"] {
            let answer = ada.api(Method::POST, &format!("{api}/{act}"), json!({})).await;
            assert_eq!(answer.status, 422, "{act} {path}: {}", answer.text);
            assert!(!answer.text.contains("the host's secret"), "{}", answer.text);
        }
        assert_eq!(lab.state(&id).await, "draft");
    }
    let left: Vec<_> = fs::read_dir(lab.centre.dir.path().join("exports")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_file_that_becomes_a_link_between_listing_and_sealing_does_not_leave() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let ada = lab.centre.person("ada").await;
    let id = lab.draft(&ada).await;
    assert_eq!(lab.form(&ada, &id, &["t.csv"], "save").await.status, 303);
    fs::remove_file(lab.exports().join("t.csv")).unwrap();
    symlink("/etc/passwd", lab.exports().join("t.csv")).unwrap();
    let answer = ada.post(&format!("/exports/{id}/seal"), &[]).await;
    assert_eq!(answer.status, 422);
    assert!(!answer.text.contains("root:"));
    assert_eq!(lab.state(&id).await, "draft");
}

#[tokio::test]
async fn hostile_names_and_formulas_are_shown_and_taken_as_they_are() {
    let lab = Lab::start().await;
    let long = format!("{}.csv", "n".repeat(240));
    let names = ["two\nlines.csv", "<img src=x onerror=alert(1)>.csv", long.as_str()];
    let formula = "label,count\n\"=HYPERLINK(\"\"http://x\"\")\",1204\n";
    for name in names {
        lab.write(name, formula);
    }
    let id = lab.seal(&names).await;
    assert_eq!(lab.state(&id).await, "queued");
    let grace = lab.centre.person("grace").await;
    let page = grace.get(&format!("/checks/{id}")).await.text;
    assert!(!page.contains("<img src=x"), "names are escaped");
    assert!(page.contains("FORMULA"), "{page}");
    assert_eq!(lab.vote(&grace, &id, "approve").await.status, 303);
    grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    let ada = lab.centre.person("ada").await;
    let export = lab.export(&id).await;
    for number in 0..export.files().count() {
        let taken = ada.get(&format!("/exports/{id}/files/{number}")).await;
        assert_eq!((taken.status, taken.text.as_str()), (200, formula));
        assert!(taken.headers["content-disposition"].is_ascii());
    }
}

#[tokio::test]
async fn another_project_s_export_does_not_exist_for_strangers() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let id = lab.release(&["t.csv"]).await;
    project(&lab.centre, "zoe", &[], 2).await;
    for (who, found) in [("zoe", 404), ("omar", 404), ("ben", 200), ("visitor", 303)] {
        let person = match who {
            "visitor" => lab.centre.visitor(),
            who => lab.centre.person(who).await,
        };
        assert_eq!(person.get(&format!("/exports/{id}")).await.status, found, "{who}");
        for path in [format!("/exports/{id}/files/0"), format!("/api/v1/exports/{id}/files/0")] {
            let taken = person.get(&path).await;
            assert!(taken.status != 200 && !taken.text.contains("1204"), "{who} {path}");
        }
    }
    let zoe = lab.centre.person("zoe").await;
    assert_eq!(zoe.get(&format!("/exports/{id}/evidence")).await.status, 404);
    assert!(!zoe.get("/exports").await.text.contains("Table 1"));
    let bubble = json!({ "bubble": lab.bubble.id });
    assert_eq!(zoe.api(Method::POST, "/api/v1/exports", bubble).await.status, 404);
    assert!(lab.export(&id).await.takings.is_empty());
}

#[tokio::test]
async fn a_seal_form_sent_twice_seals_once() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let ada = lab.centre.person("ada").await;
    let id = lab.draft(&ada).await;
    assert_eq!(lab.form(&ada, &id, &["t.csv"], "save").await.status, 303);
    let path = format!("/exports/{id}/seal");
    let (one, two) = tokio::join!(ada.post(&path, &[]), ada.post(&path, &[]));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(ada.post(&path, &[]).await.status, 409);
    lab.settled().await;
    let sealed = lab.centre.events().await.iter().filter(|kind| *kind == "export.sealed").count();
    assert_eq!((sealed, lab.export(&id).await.turn), (1, 1));
}

#[tokio::test]
async fn a_disk_that_fails_leaves_the_draft_and_what_was_typed() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let ada = lab.centre.person("ada").await;
    let id = lab.draft(&ada).await;
    let place = lab.centre.dir.path().join("exports");
    let _ = fs::remove_dir_all(&place);
    fs::write(&place, "not a folder").unwrap();
    let answer = lab.form(&ada, &id, &["t.csv"], "seal").await;
    assert_eq!(answer.status, 503);
    assert!(
        answer.text.contains("Adults of the experiment") && answer.text.contains("disk or host")
    );
    assert_eq!(lab.state(&id).await, "draft");
    fs::remove_file(&place).unwrap();
    assert_eq!(lab.form(&ada, &id, &["t.csv"], "seal").await.status, 303);
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "queued");
}

#[tokio::test]
async fn a_server_killed_while_sealing_or_releasing_goes_on_after_its_start() {
    let mut lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let ada = lab.centre.person("ada").await;
    let id = lab.draft(&ada).await;
    lab.form(&ada, &id, &["t.csv"], "save").await;
    // Killed while it copied, and killed between the rename and the transaction.
    let root = lab.centre.dir.path().join("exports");
    fs::create_dir_all(root.join(".tmp-dead-1")).unwrap();
    fs::write(root.join(".tmp-dead-1/0"), "half").unwrap();
    fs::create_dir_all(root.join(&id).join("1")).unwrap();
    fs::write(root.join(&id).join("1/0"), "of a seal that never was").unwrap();
    lab.settled().await; // the first tick of this process has swept already or does it now
    lab.centre = lab.centre.restart().await;
    lab.settled().await;
    assert!(!root.join(".tmp-dead-1").exists());
    assert_eq!(lab.state(&id).await, "draft");
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.post(&format!("/exports/{id}/seal"), &[]).await.status, 303);
    lab.settled().await;
    assert_eq!(fs::read_to_string(root.join(&id).join("1/0")).unwrap(), SAFE);
    // Killed in the middle of a scan, then of a release.
    let grace = lab.centre.person("grace").await;
    lab.vote(&grace, &id, "approve").await;
    let before = lab.export(&id).await;
    let ExportState::ReviewConsolidation { votes, .. } = before.state.clone() else { panic!() };
    let mut after = before.clone();
    after.state = ExportState::Releasing { votes, files: vec!["t.csv".to_owned()] };
    replace(&lab.centre, &before, &after).await;
    lab.centre = lab.centre.restart().await;
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "available");
    assert!(lab.centre.centre.store.evidence_of(before.id).await.unwrap().is_some());
}

#[tokio::test]
async fn an_altered_copy_is_never_released_and_the_operator_retries() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let id = lab.seal(&["t.csv"]).await;
    let copy = lab.centre.dir.path().join("exports").join(&id).join("1/0");
    fs::remove_file(&copy).unwrap();
    fs::write(&copy, "something else").unwrap();
    let grace = lab.centre.person("grace").await;
    lab.vote(&grace, &id, "approve").await;
    grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "failed");
    let marc = lab.centre.person("marc").await;
    let page = marc.get("/exports/failed").await.text;
    assert!(page.contains("not what was sealed") && !page.contains("Table 1"), "{page}");
    assert_eq!(grace.post(&format!("/exports/{id}/retry"), &[]).await.status, 403);
    fs::write(&copy, SAFE).unwrap();
    assert_eq!(marc.post(&format!("/exports/{id}/retry"), &[]).await.status, 303);
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "available");
    fs::write(&copy, "altered after the release").unwrap();
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.get(&format!("/exports/{id}/files/0")).await.status, 500);
    assert!(lab.export(&id).await.takings.is_empty());
}

#[tokio::test]
async fn a_suspended_bubble_and_a_right_that_ended_stop_the_sealing() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let ada = lab.centre.person("ada").await;
    let id = lab.draft(&ada).await;
    lab.form(&ada, &id, &["t.csv"], "save").await;
    let mut suspended = lab.bubble.clone();
    suspended.state = domain::settings::bubble::BubbleState::Requested;
    replace(&lab.centre, &lab.bubble, &suspended).await;
    assert_eq!(ada.post(&format!("/exports/{id}/seal"), &[]).await.status, 409);
    lab.centre.centre.clock.advance(901 * 86_400);
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.post(&format!("/exports/{id}/seal"), &[]).await.status, 403);
}
