//! Who reads of an export, a bubble, rules and votes without working on them (JOURNEYS 3.1).

use domain::{Application, Bubble, projects::application::Submission};
use reqwest::Method;
use serde_json::json;

use super::{
    kit::{Lab, SAFE, replace},
    review::two_reviewers_of,
    rule_set::grant,
};

#[tokio::test]
async fn a_producer_knows_of_exports_of_its_data_without_a_word_of_them() {
    let lab = Lab::start().await;
    grant(&lab, "rand").await;
    lab.write("secret-name.csv", SAFE);
    let id = lab.release(&["secret-name.csv"]).await;
    let (chloe, dario) = (lab.centre.person("chloe").await, lab.centre.person("dario").await);
    let page = chloe.get(&format!("/exports/{id}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    for hidden in
        ["secret-name", "Table 1", "Adults of the experiment", "Counts of 10", "SHA-256 <"]
    {
        assert!(!page.text.contains(hidden), "{hidden}: {}", page.text);
    }
    assert!(page.text.contains("File 1") && page.text.contains("Export 1"), "{}", page.text);
    assert!(chloe.get("/exports").await.text.contains(&format!("/exports/{id}")));
    let seen = chloe.get(&format!("/api/v1/exports/{id}")).await.json();
    assert_eq!((&seen["title"], &seen["state"]), (&json!(""), &json!("available")));
    assert_eq!((&seen["released"], &seen["reports"]), (&json!([]), &json!([null])));
    for part in ["files/0", "evidence", "pack"] {
        let file = chloe.get(&format!("/exports/{id}/{part}")).await;
        assert_eq!(file.status, 403, "{part}: {}", file.text);
    }
    assert_eq!(chloe.get(&format!("/checks/{id}")).await.status, 403);
    // Another producer's people do not learn that it exists.
    assert_eq!(dario.get(&format!("/exports/{id}")).await.status, 404);
    assert!(!dario.get("/exports").await.text.contains(&id));
    // A draft is the author's alone.
    let ada = lab.centre.person("ada").await;
    let draft = lab.draft(&ada).await;
    assert_eq!(chloe.get(&format!("/exports/{draft}")).await.status, 404);
}

#[tokio::test]
async fn a_producer_sees_of_a_bubble_what_is_its_own_in_it() {
    let lab = Lab::start().await;
    let bubble = format!("/bubbles/{}", lab.bubble.id);
    let (chloe, dario) = (lab.centre.person("chloe").await, lab.centre.person("dario").await);
    assert_eq!(chloe.get(&bubble).await.status, 404, "before anything was granted");
    grant(&lab, "rand").await;
    let before: Bubble = lab.centre.centre.store.get(lab.bubble.id).await.unwrap().unwrap();
    let mut after = before.clone();
    let detail = "found /data/umich-source/1996".to_owned();
    after.checks = vec![domain::settings::bubble::SelfTest {
        name: "data_exact".to_owned(),
        passed: true,
        detail,
    }];
    replace(&lab.centre, &before, &after).await;
    let page = chloe.get(&bubble).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("Your producer’s data in it"), "{}", page.text);
    for hidden in ["umich-source", "/project", "/imports", "Ada Lovelace", "Open a terminal"] {
        assert!(!page.text.contains(hidden), "{hidden}: {}", page.text);
    }
    let seen = chloe.get(&format!("/api/v1{bubble}")).await.json();
    assert_eq!((&seen["sessions"], &seen["checks"]), (&json!([]), &json!([])));
    assert_eq!(seen["can_open"], false);
    assert!(chloe.get("/bubbles").await.text.contains(&bubble));
    assert_eq!(dario.get(&bubble).await.status, 404);
    for act in ["suspend", "restore", "close"] {
        let path = format!("{bubble}/{act}");
        assert_eq!(chloe.post(&path, &[("reason", "r")]).await.status, 404, "{act}");
    }
    let ada = lab.centre.person("ada").await.get(&bubble).await.text;
    assert!(ada.contains("Exactly the granted vintages"), "words for self-tests: {ada}");
}

#[tokio::test]
async fn rules_are_read_by_those_whom_the_table_names() {
    let lab = Lab::start().await;
    let all = ["ada", "ben", "chloe", "farid", "paul", "grace", "iris", "karim", "ines", "nora"];
    for who in all {
        let person = lab.centre.person(who).await;
        let page = person.get("/producer/rules").await;
        assert_eq!(page.status, 200, "{who}: {}", page.text);
        let form = page.text.contains("<textarea id=\"toml\"");
        assert_eq!(form, who == "chloe", "{who} publishes");
        assert!(page.text.contains("min_count"), "{who} reads the thresholds");
        let others = page.text.contains("Redbook");
        assert_eq!(others, who != "chloe", "{who} reads those of all producers");
        assert_eq!(person.get("/api/v1/rule-sets").await.status, 200, "{who}");
    }
    for who in ["zoe", "lea", "omar", "rose", "marc"] {
        let person = lab.centre.person(who).await;
        assert_eq!(person.get("/producer/rules").await.status, 403, "{who}");
        assert_eq!(person.get("/api/v1/rule-sets").await.status, 403, "{who}");
    }
}

#[tokio::test]
async fn checkers_read_what_the_project_is_for() {
    let lab = Lab::start().await;
    let store = &lab.centre.centre.store;
    let before: Application = store.get(lab.application.id).await.unwrap().unwrap();
    let mut after = before.clone();
    let fields = [
        ("institution_name", "Université de Paris"),
        ("summary", "How insurance changes visits"),
        ("method", "Nothing that a checker needs"),
    ];
    let fields = fields.map(|(name, text)| (name.to_owned(), text.to_owned()));
    after.submissions.push(Submission {
        at: lab.centre.centre.now(),
        sha256: String::new(),
        fields: fields.into(),
        snapshot: String::new(),
        attachments: vec![],
    });
    replace(&lab.centre, &before, &after).await;
    lab.write("t.csv", SAFE);
    let id = lab.seal(&["t.csv"]).await;
    let grace = lab.centre.person("grace").await;
    let page = grace.get(&format!("/checks/{id}")).await.text;
    assert!(page.contains("How insurance changes visits"), "{page}");
    assert!(page.contains("Université de Paris") && !page.contains("Nothing that a checker"));
    let link = format!("href=\"/applications/{}\"", lab.application.id);
    assert!(!page.contains(&link), "a checker does not open the file");
    assert_eq!(grace.get(&format!("/applications/{}", lab.application.id)).await.status, 404);
    let nora = lab.centre.person("nora").await;
    assert!(nora.get(&format!("/checks/{id}")).await.text.contains(&link), "an auditor does");
    let seen = grace.get(&format!("/api/v1/checks/{id}")).await.json();
    assert_eq!(seen["purpose"]["fields"]["summary"], "How insurance changes visits");
}

/// What a checker wrote stays out of the log's pages until all votes are in.
#[tokio::test]
async fn the_log_does_not_tell_a_vote_before_all_are_in() {
    let lab = Lab::start().await;
    let id = two_reviewers_of(&lab, SAFE).await;
    let (grace, hugo) = (lab.centre.person("grace").await, lab.centre.person("hugo").await);
    assert_eq!(lab.vote(&grace, &id, "refuse").await.status, 303);
    let sealed = lab.centre.centre.store.latest_events(None, 100).await.unwrap();
    let vote = sealed.iter().find(|one| one.event.kind == "review.submitted").expect("a vote");
    let event = vote.event.id;
    for who in ["nora", "ines"] {
        let reader = lab.centre.person(who).await;
        let listed = reader.get("/api/v1/events?family=review").await;
        assert!(!listed.text.contains("secret reason"), "{who}: {}", listed.text);
        let lines = listed.json();
        let own = lines.as_array().unwrap().iter().find(|one| one["id"] == event.to_string());
        let own = own.expect("the vote is listed");
        assert_eq!((&own["payload"], &own["blind"]), (&json!(null), &json!(true)), "{who}");
        assert!(own["actor"].is_string(), "{who}: that there was a vote, and whose, is no secret");
        let one = reader.get(&format!("/api/v1/events/{event}")).await.json();
        assert_eq!((&one["body"], &one["salt"]), (&json!(null), &json!(null)), "{who}");
        let page = reader.get(&format!("/log/{event}")).await.text;
        assert!(!page.contains("secret reason"), "{who}: {page}");
        assert!(page.contains("shown once all votes are in"), "{who}: {page}");
    }
    let own = grace.get(&format!("/log/{event}")).await.text;
    assert!(own.contains("secret reason"), "one's own vote: {own}");
    assert_eq!(lab.vote(&hugo, &id, "approve").await.status, 303);
    let nora = lab.centre.person("nora").await;
    let after = nora.get(&format!("/api/v1/events/{event}")).await;
    assert!(after.text.contains("secret reason"), "all are in: {}", after.text);
}

#[tokio::test]
async fn the_lead_of_the_checkers_unassigns_by_the_api_too() {
    let lab = Lab::start().await;
    let id = two_reviewers_of(&lab, SAFE).await;
    let (grace, iris) = (lab.centre.person("grace").await, lab.centre.person("iris").await);
    assert_eq!(grace.post(&format!("/checks/{id}/take"), &[]).await.status, 303);
    let who = lab.centre.who("grace").await.id;
    let path = format!("/api/v1/checks/{id}/unassign");
    let refused = grace.api(Method::POST, &path, json!({ "checker": who })).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    let done = iris.api(Method::POST, &path, json!({ "checker": who })).await;
    assert_eq!((done.status, &done.json()["id"]), (200, &json!(id)));
    let queue = iris.get("/api/v1/checks").await.json();
    assert_eq!(queue["queue"][0]["taken"], 0);
}
