use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::kit::{Lab, SAFE, SMALL, key};

#[tokio::test]
async fn a_result_goes_from_the_bubble_to_its_author_and_every_step_is_an_event() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let ada = lab.centre.person("ada").await;
    assert!(ada.get("/exports").await.text.contains("New export"));
    let id = lab.draft(&ada).await;
    let checked = lab.form(&ada, &id, &["t.csv"], "check").await;
    assert_eq!(checked.status, 200);
    assert!(checked.text.contains("What the engine sees") && checked.text.contains("1204"));
    assert_eq!(lab.form(&ada, &id, &["t.csv"], "seal").await.status, 303);
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "queued");
    let grace = lab.centre.person("grace").await;
    assert!(grace.get("/checks").await.text.contains("Table 1"));
    assert!(grace.get(&format!("/checks/{id}")).await.text.contains("1204"));
    assert_eq!(lab.vote(&grace, &id, "approve").await.status, 303);
    let decided = grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    assert_eq!(decided.status, 303, "{}", decided.text);
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "available");
    let page = ada.get(&format!("/exports/{id}")).await;
    assert!(page.text.contains("data-countdown") && !page.text.contains("secret reason"));
    let taken = ada.get(&format!("/exports/{id}/files/0")).await;
    assert_eq!((taken.status, taken.text.as_str()), (200, SAFE));
    assert_eq!(taken.headers["x-content-type-options"], "nosniff");
    assert!(taken.headers["content-disposition"].starts_with("attachment; filename=\"t.csv\""));
    assert_eq!(taken.headers["content-type"], "application/octet-stream");
    let export = lab.export(&id).await;
    let taking = &export.takings[0];
    let hash = hex::encode(Sha256::digest(SAFE));
    assert_eq!((taking.path.as_str(), taking.address.as_str()), ("t.csv", "127.0.0.1"));
    assert_eq!(taking.sha256, hash);
    let events = lab.centre.events().await;
    let own: Vec<&str> = events
        .iter()
        .map(String::as_str)
        .filter(|kind| !kind.starts_with("test.") && *kind != "file.viewed")
        .filter(|kind| {
            ["export", "scan", "score", "route", "review", "release", "file", "group"]
                .contains(&kind.split('.').next().unwrap_or_default())
        })
        .collect();
    assert_eq!(
        own,
        [
            "export.created",
            "group.edited",
            "export.sealed",
            "scan.started",
            "score.done",
            "route.manual",
            "review.started",
            "review.submitted",
            "export.approved",
            "release.started",
            "release.available",
            "file.collected",
        ]
    );
    let evidence = ada.get(&format!("/exports/{id}/evidence")).await;
    let stored = lab.centre.centre.store.evidence_of(export.id).await.unwrap().unwrap();
    assert_eq!(hex::encode(Sha256::digest(&evidence.bytes)), stored.0);
    assert_eq!(evidence.json()["files"][0]["sha256"], hash);
    assert!(!evidence.text.contains("secret reason") && !evidence.text.contains("Grace"));
    let events = lab.centre.centre.store.events_of(export.id).await.unwrap();
    let sealed = events.iter().find(|event| event.event.kind == "release.available").unwrap();
    assert_eq!(sealed.event.payload["evidence_sha256"], stored.0);
}

/// Threat: who takes a release writes somebody else's address into the record, or all are recorded
/// under the proxy's.
#[tokio::test]
async fn behind_a_trusted_proxy_the_taker_s_own_address_is_recorded() {
    let Lab { centre, application, bubble } = Lab::start().await;
    let trusting = |config: &mut workflows::Config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    let lab = Lab { centre: centre.restart_with(trusting).await, application, bubble };
    lab.write("t.csv", SAFE);
    let id = lab.release(&["t.csv"]).await;
    let ada = lab.centre.person("ada").await;
    let path = format!("/exports/{id}/files/0");
    // The tests' own address is the proxy's; what stands before the last address is ada's word.
    let through = |request: reqwest::RequestBuilder| {
        request.header("x-forwarded-for", "192.0.2.66, 203.0.113.7")
    };
    assert_eq!(ada.send(Method::GET, &path, through).await.status, 200);
    let taken = |export: domain::Export| -> Vec<String> {
        export.takings.into_iter().map(|taking| taking.address).collect()
    };
    assert_eq!(taken(lab.export(&id).await), ["203.0.113.7"]);
    let page = lab.centre.person("ines").await.get(&format!("/exports/{id}")).await.text;
    assert!(page.contains("203.0.113.7") && !page.contains("192.0.2.66"), "{page}");
    // Where nobody is trusted, the address of the connection counts, whatever is claimed.
    let Lab { centre, application, bubble } = lab;
    let alone = centre.restart_with(|config| config.trusted_proxies.clear()).await;
    let lab = Lab { centre: alone, application, bubble };
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.send(Method::GET, &path, through).await.status, 200);
    assert_eq!(taken(lab.export(&id).await).last().unwrap(), "127.0.0.1");
}

#[tokio::test]
async fn on_the_sixteenth_day_the_files_are_gone_and_the_history_stays() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let id = lab.release(&["t.csv"]).await;
    let folder = lab.centre.dir.path().join("exports").join(&id);
    assert!(folder.exists());
    lab.centre.advance(12 * 86_400 + 3600).await;
    lab.centre.advance(60).await;
    let reminders =
        lab.centre.events().await.iter().filter(|kind| *kind == "release.ending").count();
    assert_eq!(reminders, 1);
    let ada = lab.centre.who("ada").await.id;
    let notices = lab.centre.centre.store.notices_of(ada).await.unwrap();
    let told = notices.iter().find(|one| one.key == "release-expiring").expect("a notice");
    assert_eq!(told.args["days"], "3");
    lab.centre.centre.clock.advance(3 * 86_400); // the clock of releases has not run yet
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.get(&format!("/exports/{id}/files/0")).await.status, 409);
    lab.centre.advance(1).await;
    assert_eq!(lab.state(&id).await, "expired");
    assert!(!folder.exists());
    assert_eq!(ada.get(&format!("/exports/{id}/files/0")).await.status, 409);
    assert!(ada.get(&format!("/exports/{id}")).await.text.contains("Pick-up closed"));
}

#[tokio::test]
async fn a_revoked_release_is_closed_and_says_who_took_what() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let id = lab.release(&["t.csv"]).await;
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.get(&format!("/exports/{id}/files/0")).await.status, 200);
    let revoke = format!("/exports/{id}/revoke");
    assert_eq!(ada.post(&revoke, &[("reason", "x")]).await.status, 403);
    let ines = lab.centre.person("ines").await;
    assert_eq!(ines.post(&revoke, &[("reason", " ")]).await.status, 422);
    assert_eq!(ines.post(&revoke, &[("reason", "wrong population")]).await.status, 303);
    assert_eq!(ada.get(&format!("/exports/{id}/files/0")).await.status, 409);
    let page = ines.get(&format!("/exports/{id}")).await.text;
    assert!(page.contains("Ada Lovelace") && page.contains("wrong population"));
    assert!(!page.contains("1204"), "the security officer sees no content");
}

#[tokio::test]
async fn a_returned_request_keeps_the_approvals_of_unchanged_files() {
    let lab = Lab::start().await;
    lab.write("a.csv", SAFE);
    lab.write("b.csv", SMALL);
    let id = lab.seal(&["a.csv", "b.csv"]).await;
    let grace = lab.centre.person("grace").await;
    let page = grace.get(&format!("/checks/{id}")).await.text;
    assert!(page.contains("finding-error") && page.contains("FREQ_MIN"), "{page}");
    grace.post(&format!("/checks/{id}/take"), &[]).await;
    let (a, b) = (key("a.csv"), key("b.csv"));
    let ballot = [
        (format!("vote-{a}"), "approve"),
        (format!("vote-{b}"), "change"),
        (format!("comment-{b}"), "a count of 2"),
    ];
    let ballot: Vec<(&str, &str)> = ballot.iter().map(|(k, v)| (k.as_str(), *v)).collect();
    assert_eq!(grace.post(&format!("/checks/{id}/vote"), &ballot).await.status, 303);
    let decide = format!("/checks/{id}/decide");
    let silent = grace.post(&decide, &[("action", "return"), ("public", " ")]).await;
    assert_eq!(silent.status, 422);
    assert!(silent.text.contains("Write a public comment"));
    let fields = [("action", "return"), ("phrase", "freq-min"), ("public", "Merge the plans")];
    assert_eq!(grace.post(&decide, &fields).await.status, 303);
    let ada = lab.centre.person("ada").await;
    let page = ada.get(&format!("/exports/{id}/edit")).await.text;
    assert!(page.contains("Merge the plans") && page.contains("(FREQ_MIN)"), "{page}");
    assert!(!page.contains("a count of 2"), "private comments stay with the checkers");
    lab.write("b.csv", SAFE);
    let kept = [(format!("in-{a}"), "1"), (format!("in-{b}"), "1")];
    let mut fields = vec![("groups", "1"), ("title", "Table 1"), ("name-1", "Tables")];
    fields.extend([("context-1", "Adults"), ("controls-1", "Merged"), ("action", "seal")]);
    fields.extend(kept.iter().map(|(k, v)| (k.as_str(), *v)));
    let sealed = ada.post(&format!("/exports/{id}/edit"), &fields).await;
    assert_eq!(sealed.status, 303, "{}", sealed.text);
    lab.settled().await;
    let export = lab.export(&id).await;
    assert_eq!((export.turn, export.state.name()), (2, "queued"));
    assert_eq!(export.files().map(|file| file.kept.len()).collect::<Vec<_>>(), [1, 0]);
    let hugo = lab.centre.person("hugo").await;
    hugo.post(&format!("/checks/{id}/take"), &[]).await;
    let vote = format!("vote-{b}");
    assert_eq!(hugo.post(&format!("/checks/{id}/vote"), &[(&vote, "approve")]).await.status, 303);
    assert_eq!(hugo.post(&decide, &[("action", "approve")]).await.status, 303);
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "available");
}

#[tokio::test]
async fn a_data_file_is_blocked_and_a_picture_is_never_called_checked() {
    let lab = Lab::start().await;
    lab.write("d.dta", b"<stata_dta><header>");
    lab.write("p.png", b"\x89PNG\r\n\x1a\n\0\0\0\0");
    let id = lab.seal(&["d.dta"]).await;
    assert_eq!(lab.state(&id).await, "blocked");
    let ada = lab.centre.person("ada").await;
    assert!(ada.get(&format!("/exports/{id}")).await.text.contains("it never leaves"));
    let id = lab.seal(&["p.png"]).await;
    let grace = lab.centre.person("grace").await;
    let page = grace.get(&format!("/checks/{id}")).await.text;
    assert!(page.contains("Not checked by the engine") && page.contains("No preview"));
    grace.post(&format!("/checks/{id}/take"), &[]).await;
    let vote = format!("vote-{}", key("p.png"));
    let silent = grace.post(&format!("/checks/{id}/vote"), &[(&vote, "approve")]).await;
    assert_eq!(silent.status, 422);
    assert!(silent.text.contains("Say why you approve"));
}

#[tokio::test]
async fn what_was_typed_is_kept_when_something_is_missing() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let ada = lab.centre.person("ada").await;
    let id = lab.draft(&ada).await;
    let file = format!("in-{}", key("t.csv"));
    let fields = [
        ("groups", "1"),
        ("title", "My title"),
        ("name-1", "Tables"),
        ("context-1", "What I typed"),
        ("controls-1", ""),
        ("action", "seal"),
        (&file, "1"),
    ];
    let answer = ada.post(&format!("/exports/{id}/edit"), &fields).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("What I typed") && answer.text.contains("aria-invalid"));
    assert_eq!(lab.state(&id).await, "draft");
    let mut none = fields;
    none[4].1 = "Rounded";
    none[6].1 = "0";
    let none = ada.post(&format!("/exports/{id}/edit"), &none).await;
    assert_eq!(none.status, 422);
    assert!(none.text.contains("at least one result file"));
}

#[tokio::test]
async fn the_api_does_what_the_pages_do() {
    let lab = Lab::start().await;
    lab.write("t.csv", SMALL);
    let ada = lab.centre.person("ada").await;
    let new = ada.api(Method::POST, "/api/v1/exports", json!({ "bubble": lab.bubble.id })).await;
    assert_eq!(new.status, 201, "{}", new.text);
    let id = new.json()["id"].as_str().unwrap().to_owned();
    let group = json!({
        "name": "Tables", "context": "All", "controls": "None", "files": [{ "path": "t.csv" }],
    });
    let body = json!({ "title": "By API", "groups": [group] });
    let path = format!("/api/v1/exports/{id}");
    assert_eq!(ada.api(Method::PUT, &path, body).await.status, 200);
    let checked = ada.api(Method::POST, &format!("{path}/self-check"), json!({})).await.json();
    let findings = checked["reports"][0]["findings"].as_array().unwrap();
    assert!(findings.iter().any(|found| found["rule"] == "FREQ_MIN"), "{checked}");
    assert_eq!(ada.api(Method::POST, &format!("{path}/seal"), json!({})).await.status, 200);
    lab.settled().await;
    let grace = lab.centre.person("grace").await;
    let check = format!("/api/v1/checks/{id}");
    assert_eq!(grace.api(Method::POST, &format!("{check}/take"), json!({})).await.status, 200);
    let vote = json!({ "files": [{ "path": "t.csv", "choice": "refuse", "comment": "ones" }] });
    assert_eq!(grace.api(Method::POST, &format!("{check}/vote"), vote).await.status, 200);
    let refuse = json!({ "decision": "refuse", "cause": "disclosive", "reason": "ones" });
    let decided = grace.api(Method::POST, &format!("{check}/decide"), refuse).await;
    assert_eq!(decided.json()["state"], "refused");
    let seen = ada.api(Method::GET, &path, json!({})).await.json();
    assert_eq!((&seen["state"], &seen["reason"]), (&json!("refused"), &json!("ones")));
    let described = ada.get("/api/v1/openapi.json").await.json();
    assert!(described["paths"]["/api/v1/checks/{id}/vote"]["post"].is_object());
}

#[tokio::test]
async fn the_author_withdraws_and_the_copies_go() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let id = lab.seal(&["t.csv"]).await;
    let ben = lab.centre.person("ben").await;
    assert_eq!(ben.post(&format!("/exports/{id}/withdraw"), &[]).await.status, 403);
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.post(&format!("/exports/{id}/withdraw"), &[]).await.status, 303);
    assert_eq!(lab.state(&id).await, "withdrawn");
    assert!(!lab.centre.dir.path().join("exports").join(&id).exists());
    assert_eq!(ada.post(&format!("/exports/{id}/withdraw"), &[]).await.status, 409);
}

/// A reader that holds on until the file `go` is there, then reads as the real one.
fn slow_reader(lab: &Lab) -> (std::path::PathBuf, std::path::PathBuf, std::path::PathBuf) {
    let file = |name: &str| lab.centre.dir.path().join(name);
    let (script, began, go) = (file("slow-reader"), file("began"), file("go"));
    let text = format!(
        "#!/bin/sh\necho >> {}\nuntil [ -e {} ]; do sleep 0.02; done\nexec {} \"$@\"\n",
        began.display(),
        go.display(),
        centre_tests::bulle_program().display(),
    );
    std::fs::write(&script, text).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, mode).unwrap();
    (script, began, go)
}

/// Readers take memory and processor time: who asks again and again starts one, and not many.
#[tokio::test]
async fn one_self_check_of_an_export_runs_at_a_time() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let ada = lab.centre.person("ada").await;
    let id = lab.draft(&ada).await;
    let (script, began, go) = slow_reader(&lab);
    lab.centre.read_by(Some(&script));
    let first = lab.form(&ada, &id, &["t.csv"], "check");
    let second = async {
        while !began.exists() {
            tokio::task::yield_now().await;
        }
        let again = lab.form(&ada, &id, &["t.csv"], "check").await;
        std::fs::write(&go, "").unwrap();
        again
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(second.status, 422, "{}", second.text);
    assert!(second.text.contains("is under way"), "{}", second.text);
    assert_eq!(first.status, 200, "{}", first.text);
    assert!(first.text.contains("1204"));
    assert_eq!(std::fs::read_to_string(&began).unwrap().lines().count(), 1, "readers begun");
    assert_eq!(lab.form(&ada, &id, &["t.csv"], "check").await.status, 200, "and later again");
}

/// Threat: whoever finds an open browser, or a script's token, carries the results away.
#[tokio::test]
async fn a_release_is_picked_up_only_shortly_after_a_sign_in() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let id = lab.release(&["t.csv"]).await;
    let (ada, person) = (lab.centre.person("ada").await, lab.centre.who("ada").await.id);
    let made = ada.api(Method::POST, "/api/v1/me/tokens", json!({ "label": "script" })).await;
    let token = made.json()["token"].as_str().expect("a token").to_owned();
    // As if she had come by her passkey; a demonstration's click is not asked again.
    let spoken =
        format!("update logins set via = 'passkey' where via = 'demo' and person = '{person}'");
    crate::office::kit::tamper(&lab.centre, spoken).await;
    let file = format!("/exports/{id}/files/0");
    assert_eq!(ada.get(&file).await.status, 200);
    lab.centre.centre.clock.advance(601);
    let asked = ada.get(&file).await;
    let sign_in = format!("/sign-in?why=pick-up&next=/exports/{id}");
    assert_eq!((asked.status, asked.location.as_str()), (303, sign_in.as_str()));
    assert!(ada.get(&sign_in).await.text.contains("show once more that it is you"));
    assert_eq!(ada.get(&format!("/api/v1{file}")).await.status, 422);
    let visitor = lab.centre.visitor();
    for path in [file.clone(), format!("/api/v1{file}")] {
        let with = visitor.send(Method::GET, &path, |request| request.bearer_auth(&token)).await;
        assert_eq!(with.status, 422, "{path}");
    }
    let taken = lab.centre.events().await.iter().filter(|kind| *kind == "file.collected").count();
    assert_eq!(taken, 1, "what was refused is nobody's taking");
}
