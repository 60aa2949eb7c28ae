//! What checkers say of single findings: who may, who reads it, and what it is counted for.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    kit::{Lab, SMALL, key},
    review::two_reviewers_of,
};

/// The place of the finding of `rule` in the first report.
fn place(seen: &Value, rule: &str) -> usize {
    let findings = seen["reports"][0]["findings"].as_array().expect("findings");
    findings.iter().position(|found| found["rule"] == rule).expect("it fired")
}

#[tokio::test]
async fn a_checker_accepts_and_contests_findings_and_the_others_read_it_with_the_votes() {
    let lab = Lab::start().await;
    let id = two_reviewers_of(&lab, SMALL).await;
    let (grace, hugo) = (lab.centre.person("grace").await, lab.centre.person("hugo").await);
    let (api, page) = (format!("/api/v1/checks/{id}"), format!("/checks/{id}"));
    let at = place(&grace.api(Method::GET, &api, json!({})).await.json(), "FREQ_MIN");
    let say = |judgement: &str, word: &str| json!({ "path": "t.csv", "finding": at, "judgement": judgement, "word": word });
    let judge = format!("{api}/findings");
    let early = grace.api(Method::POST, &judge, say("accepted", "")).await;
    assert_eq!(early.status, 409, "nobody has taken it");
    for checker in [&grace, &hugo] {
        checker.post(&format!("{page}/take"), &[]).await;
    }
    assert!(grace.get(&page).await.text.contains("Contest: the rule is wrong here"));
    assert_eq!(grace.api(Method::POST, &judge, say("contested", " ")).await.status, 422);
    assert_eq!(grace.api(Method::POST, &judge, say("perhaps", "x")).await.status, 422);
    let nowhere = json!({ "path": "t.csv", "finding": 999, "judgement": "accepted" });
    assert_eq!(grace.api(Method::POST, &judge, nowhere).await.status, 404);
    for who in ["ada", "zoe", "iris", "nora"] {
        let other = lab.centre.person(who).await;
        let status = other.api(Method::POST, &judge, say("accepted", "")).await.status;
        assert_eq!(status, 403, "{who}");
    }
    // By the page: what is typed into the votes stays.
    let file = key("t.csv");
    let (button, word) = (format!("contested-{file}-{at}"), format!("word-{file}-{at}"));
    let comment = format!("comment-{file}");
    let typed = [("judge", button.as_str()), (&word, ""), (&comment, "typed before")];
    let refused = grace.post(&format!("{page}/findings"), &typed).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.text.contains("Write why you contest") && refused.text.contains("typed before")
    );
    let typed =
        [("judge", button.as_str()), (&word, "a year, no count"), (&comment, "typed before")];
    let done = grace.post(&format!("{page}/findings"), &typed).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert!(done.text.contains("a year, no count") && done.text.contains("typed before"));
    // Blind: nobody else reads it before all votes are in.
    assert_eq!(hugo.api(Method::POST, &judge, say("accepted", "")).await.status, 200);
    for who in ["hugo", "iris", "nora", "ada"] {
        let other = lab.centre.person(who).await;
        assert!(!other.get(&page).await.text.contains("a year, no count"), "{who}");
    }
    let iris = lab.centre.person("iris").await;
    let labels = async || iris.api(Method::GET, "/api/v1/risk/findings", json!({})).await.json();
    assert_eq!(labels().await["rules"], json!([]), "nothing is counted while they vote");
    for checker in [&grace, &hugo] {
        assert_eq!(lab.vote(checker, &id, "refuse").await.status, 303);
    }
    let seen = hugo.api(Method::GET, &api, json!({})).await.json();
    let said: Vec<&Value> = seen["judged"].as_array().expect("a list").iter().collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(hugo.get(&page).await.text.contains("a year, no count"));
    // The last word counts, and both stay in the log.
    assert_eq!(grace.api(Method::POST, &judge, say("accepted", "")).await.status, 200);
    let refuse = json!({ "decision": "refuse", "cause": "disclosive", "reason": "ones" });
    grace.api(Method::POST, &format!("{api}/decide"), refuse).await;
    assert_eq!(grace.api(Method::POST, &judge, say("accepted", "")).await.status, 409, "decided");
    let told = labels().await;
    assert_eq!(told["rules"], json!([{ "rule": "FREQ_MIN", "accepted": 2, "contested": 0 }]));
    // The decisions leave in the form of `bulle risk train`.
    let csv = iris.get("/api/v1/risk/decisions").await;
    let decisions = disclosure::risk::Decisions::from_csv(&csv.text).expect("decisions");
    assert_eq!(decisions.rows.len(), 1);
    assert!(decisions.rows[0].is_unsafe, "{}", csv.text);
    assert_eq!(grace.get("/api/v1/risk/decisions").await.status, 403);
    let kinds = lab.centre.events().await;
    let of = |kind: &str| kinds.iter().filter(|own| *own == kind).count();
    assert_eq!((of("finding.accepted"), of("finding.contested")), (2, 1));
    // The project never reads of it, nor those who do not answer for the model.
    let ada = lab.centre.person("ada").await;
    let own = ada.get(&format!("/exports/{id}")).await.text;
    assert!(!own.contains("a year, no count"), "{own}");
    assert_eq!(ada.api(Method::GET, "/api/v1/risk/findings", json!({})).await.status, 403);
    assert_eq!(grace.api(Method::GET, "/api/v1/risk/findings", json!({})).await.status, 403);
}

/// Threat: the vote on a large request is refused for its size, and lost.
#[tokio::test]
async fn a_vote_carries_a_word_for_each_of_ten_thousand_findings() {
    let lab = Lab::start().await;
    let id = two_reviewers_of(&lab, SMALL).await;
    let grace = lab.centre.person("grace").await;
    grace.post(&format!("/checks/{id}/take"), &[]).await;
    let mut fields = lab.ballot(&id, "approve").await;
    let file = key("t.csv");
    let word = "é".repeat(100);
    fields.extend((0..10_000).map(|at| (format!("word-{file}-{at}"), word.clone())));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let voted = grace.post(&format!("/checks/{id}/vote"), &fields).await;
    assert_eq!(voted.status, 303, "{}", voted.headline());
}

/// Threat: somebody of the project now still has a word on its findings.
#[tokio::test]
async fn who_is_taken_out_of_a_review_has_no_word_on_its_findings() {
    let lab = Lab::start().await;
    let id = two_reviewers_of(&lab, SMALL).await;
    let (grace, hugo) = (lab.centre.person("grace").await, lab.centre.person("hugo").await);
    let (api, page) = (format!("/api/v1/checks/{id}"), format!("/checks/{id}"));
    let at = place(&grace.api(Method::GET, &api, json!({})).await.json(), "FREQ_MIN");
    for (checker, judgement) in [(&grace, "accepted"), (&hugo, "contested")] {
        checker.post(&format!("{page}/take"), &[]).await;
        let said = json!({ "path": "t.csv", "finding": at, "judgement": judgement, "word": "w" });
        let judged = checker.api(Method::POST, &format!("{api}/findings"), said).await;
        assert_eq!(judged.status, 200);
    }
    let kinds = lab.centre.events().await;
    let viewed = kinds.iter().filter(|kind| *kind == "file.viewed").count();
    assert_eq!(viewed, 1, "judging by the API opens nothing");
    lab.join("hugo").await;
    lab.settled().await;
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.post(&format!("/exports/{id}/withdraw"), &[]).await.status, 303);
    let iris = lab.centre.person("iris").await;
    let told = iris.api(Method::GET, "/api/v1/risk/findings", json!({})).await.json();
    assert_eq!(told["rules"], json!([{ "rule": "FREQ_MIN", "accepted": 1, "contested": 0 }]));
    let seen = iris.api(Method::GET, &api, json!({})).await.json();
    let said = seen["judged"].as_array().expect("a list");
    assert_eq!(said.len(), 1, "{said:?}");
}
