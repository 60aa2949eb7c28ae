use domain::outputs::export::ExportState;
use reqwest::Method;
use serde_json::json;

use super::kit::{Lab, SAFE, replace};

/// A sealed request that needs two checkers.
pub async fn two_reviewers(lab: &Lab) -> String {
    two_reviewers_of(lab, SAFE).await
}

/// A sealed request of this table that two checkers must see.
pub async fn two_reviewers_of(lab: &Lab, text: &str) -> String {
    lab.write("t.csv", text);
    let id = lab.seal(&["t.csv"]).await;
    let before = lab.export(&id).await;
    let mut after = before.clone();
    after.reviewers = 2;
    replace(&lab.centre, &before, &after).await;
    id
}

#[tokio::test]
async fn the_second_checker_sees_nothing_of_the_first_vote() {
    let lab = Lab::start().await;
    let id = two_reviewers(&lab).await;
    let (grace, hugo) = (lab.centre.person("grace").await, lab.centre.person("hugo").await);
    assert_eq!(lab.vote(&grace, &id, "refuse").await.status, 303);
    assert_eq!(lab.state(&id).await, "review_independent");
    let api = format!("/api/v1/checks/{id}");
    for reader in ["hugo", "iris", "nora"] {
        let reader = lab.centre.person(reader).await;
        let page = reader.get(&format!("/checks/{id}")).await.text;
        assert!(!page.contains("secret reason"), "{page}");
        let seen = reader.api(Method::GET, &api, json!({})).await.json();
        assert_eq!((&seen["votes"], &seen["votes_in"]), (&json!([]), &json!(1)));
        assert_eq!(seen["outcomes"], json!([]));
    }
    assert!(grace.get(&format!("/checks/{id}")).await.text.contains("secret reason"));
    assert_eq!(lab.vote(&hugo, &id, "approve").await.status, 303);
    assert_eq!(lab.state(&id).await, "review_consolidation");
    let page = hugo.get(&format!("/checks/{id}")).await.text;
    assert!(page.contains("Grace Hopper") && page.contains("votes differ"));
    let decide = format!("/checks/{id}/decide");
    assert_eq!(hugo.post(&decide, &[("action", "approve")]).await.status, 422);
    let ada = lab.centre.person("ada").await;
    assert!(!ada.get(&format!("/exports/{id}")).await.text.contains("secret reason"));
}

#[tokio::test]
async fn one_person_is_never_both_reviewers() {
    let lab = Lab::start().await;
    let id = two_reviewers(&lab).await;
    let grace = lab.centre.person("grace").await;
    assert_eq!(lab.vote(&grace, &id, "approve").await.status, 303);
    assert_eq!(lab.vote(&grace, &id, "approve").await.headline(), "403 You have voted already");
    assert_eq!(lab.state(&id).await, "review_independent");
    let early = grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    assert_eq!(early.status, 409);
}

#[tokio::test]
async fn author_and_members_never_review_by_page_or_api() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let id = lab.seal(&["t.csv"]).await;
    lab.join("hugo").await;
    let hugo = lab.centre.person("hugo").await;
    for (who, status) in [("ada", 403), ("ben", 403), ("zoe", 403), ("hugo", 403)] {
        let person = lab.centre.person(who).await;
        for path in [format!("/checks/{id}/take"), format!("/api/v1/checks/{id}/take")] {
            let answer = person.api(Method::POST, &path, json!({})).await;
            assert_eq!(answer.status, status, "{who} {path}");
        }
        assert_eq!(person.get(&format!("/checks/{id}")).await.status, 403, "{who}");
        let vote = json!({ "files": [{ "path": "t.csv", "choice": "approve" }] });
        let voted = person.api(Method::POST, &format!("/api/v1/checks/{id}/vote"), vote).await;
        assert_eq!(voted.status, 403, "{who}");
    }
    assert!(!hugo.get("/checks").await.text.contains("Table 1"));
    assert_eq!(lab.centre.visitor().get("/checks").await.status, 303);
    let visitor = lab.centre.visitor();
    let api = visitor.api(Method::POST, &format!("/api/v1/checks/{id}/take"), json!({})).await;
    assert_eq!(api.status, 401);
    assert_eq!(lab.state(&id).await, "queued");
    let denied = lab.centre.events().await.iter().filter(|kind| *kind == "policy.denied").count();
    assert!(denied >= 12, "{denied} denials are events");
}

#[tokio::test]
async fn a_checker_who_joins_the_project_is_unassigned_and_the_vote_is_gone() {
    let lab = Lab::start().await;
    let id = two_reviewers(&lab).await;
    let (grace, hugo) = (lab.centre.person("grace").await, lab.centre.person("hugo").await);
    lab.vote(&hugo, &id, "approve").await;
    lab.vote(&grace, &id, "approve").await;
    assert_eq!(lab.state(&id).await, "review_consolidation");
    lab.join("hugo").await;
    let late = grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    assert_eq!(late.status, 409, "one vote is missing again");
    let ExportState::ReviewIndependent { votes, assigned, .. } = lab.export(&id).await.state else {
        panic!("not reopened");
    };
    let grace_id = lab.centre.who("grace").await.id;
    assert_eq!((votes.len(), assigned), (1, vec![grace_id]));
    assert_eq!(lab.vote(&hugo, &id, "approve").await.status, 403);
    assert!(lab.centre.events().await.iter().any(|kind| kind == "review.unassigned"));
}

#[tokio::test]
async fn the_lead_returns_early_and_takes_a_review_away() {
    let lab = Lab::start().await;
    let id = two_reviewers(&lab).await;
    let grace = lab.centre.person("grace").await;
    grace.post(&format!("/checks/{id}/take"), &[]).await;
    let iris = lab.centre.person("iris").await;
    let checker = lab.centre.who("grace").await.id.to_string();
    let unassign = format!("/checks/{id}/unassign");
    assert_eq!(grace.post(&unassign, &[("checker", &checker)]).await.status, 403);
    assert_eq!(iris.post(&unassign, &[("checker", &checker)]).await.status, 303);
    assert_eq!(lab.state(&id).await, "queued");
    lab.vote(&grace, &id, "approve").await;
    let early = format!("/checks/{id}/return-early");
    assert_eq!(iris.post(&early, &[("public", "")]).await.status, 422);
    assert_eq!(iris.post(&early, &[("public", "Describe the filter")]).await.status, 303);
    let ExportState::Returned { votes } = lab.export(&id).await.state else {
        panic!("not returned")
    };
    assert!(votes.is_empty(), "the votes of the turn are wiped");
}

#[tokio::test]
async fn a_partial_release_gives_the_approved_files_only() {
    let lab = Lab::start().await;
    lab.write("a.csv", SAFE);
    lab.write("b.csv", "plan,visits\nfree care,500\ncoinsurance 95,600\n");
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
    assert_eq!(ada.get(&format!("/exports/{id}/files/0")).await.status, 200);
    assert_eq!(ada.get(&format!("/exports/{id}/files/1")).await.status, 404);
}

/// Threat: words beside a table, or rows below the first two hundred, that nobody sees and that leave.
#[tokio::test]
async fn a_checker_sees_the_words_beside_a_table_and_every_row() {
    let lab = Lab::start().await;
    let mut long = "A word before the table\n\nplan,visits\n".to_owned();
    for row in 0..230 {
        long += &format!("plan {row},{}\n", 1000 + row);
    }
    lab.write("t.csv", &long);
    let source = ["# Résultats", "Un mot du carnet"].map(|line| format!("{line}\n"));
    let cell = json!({ "cell_type": "markdown", "metadata": {}, "source": source });
    let book = json!({ "cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5 });
    lab.write("n.ipynb", book.to_string());
    let id = lab.seal(&["t.csv", "n.ipynb"]).await;
    let grace = lab.centre.person("grace").await;
    let page = grace.get(&format!("/checks/{id}")).await.text;
    assert!(page.contains("A word before the table"), "{page}");
    assert!(page.contains("What was read outside the tables of n.ipynb"), "{page}");
    assert!(page.contains("Un mot du carnet"));
    let number = lab.export(&id).await.files().position(|file| file.path == "t.csv").unwrap();
    let whole = format!("/checks/{id}?whole={number}");
    assert!(page.contains(&format!("{whole}#file-{number}")), "{page}");
    let row = ">plan 229</td>";
    assert!(!page.contains(row));
    assert!(grace.get(&whole).await.text.contains(row));
}
