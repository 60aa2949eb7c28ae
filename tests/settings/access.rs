//! Who is kept out of a bubble, and how it looks to them.

use centre_tests::TestCentre;
use reqwest::Method;

use crate::settings::kit::{accept, cookies, habilitate, open, ready};

#[tokio::test]
async fn another_project_s_member_finds_nothing_by_page_api_and_socket() {
    let centre = TestCentre::start_with_bubbles().await;
    let (_, hers) = ready(&centre, "ada", "hie").await;
    ready(&centre, "zoe", "anes").await;
    let zoe = centre.person("zoe").await;
    for path in ["", "/terminal"] {
        let path = format!("/bubbles/{}{path}", hers.id);
        assert_eq!(zoe.get(&path).await.status, 404, "{path}");
    }
    assert!(!zoe.get("/bubbles").await.text.contains("secret title of hie"));
    assert!(zoe.get("/bubbles").await.text.contains("secret title of anes"));
    for act in ["banner", "suspend", "restore", "close"] {
        let page = format!("/bubbles/{}/{act}", hers.id);
        assert_eq!(zoe.post(&page, &[("reason", "x")]).await.status, 404, "{act}");
        let body = serde_json::json!({ "reason": "x" });
        let api = zoe.api(Method::POST, &format!("/api/v1{page}"), body).await;
        assert_eq!(api.status, 404, "{act}");
    }
    assert_eq!(zoe.get(&format!("/api/v1/bubbles/{}", hers.id)).await.status, 404);
    let cookies = cookies(&centre, "zoe").await;
    assert_eq!(open(&centre, &hers, &cookies, &centre.url).await.err(), Some(404));
}

#[tokio::test]
async fn a_page_of_another_site_and_a_visitor_open_no_terminal() {
    let centre = TestCentre::start_with_bubbles().await;
    let (_, bubble) = ready(&centre, "ada", "hie").await;
    accept(&centre, &bubble, "ada").await;
    let ada = cookies(&centre, "ada").await;
    for origin in ["https://evil.example", "null", "http://localhost:1"] {
        assert_eq!(open(&centre, &bubble, &ada, origin).await.err(), Some(403), "{origin}");
    }
    assert_eq!(open(&centre, &bubble, "bulle=x", &centre.url).await.err(), Some(303));
    assert!(open(&centre, &bubble, &ada, "http://localhost:8470").await.is_ok()); // public_url
    let visitor = centre.visitor();
    assert_eq!(visitor.get(&format!("/bubbles/{}", bubble.id)).await.status, 303);
    assert_eq!(visitor.get("/api/v1/bubbles").await.status, 401);
}

#[tokio::test]
async fn the_rules_are_accepted_each_day_and_four_sessions_are_enough() {
    let centre = TestCentre::start_with_bubbles().await;
    let (_, bubble) = ready(&centre, "ada", "hie").await;
    let ada = centre.person("ada").await;
    let page = ada.get(&format!("/bubbles/{}/terminal", bubble.id)).await;
    assert!(
        page.text.contains("I accept, open the terminal") && !page.text.contains("data-terminal")
    );
    let hers = cookies(&centre, "ada").await;
    assert_eq!(open(&centre, &bubble, &hers, &centre.url).await.err(), Some(422));
    accept(&centre, &bubble, "ada").await;
    let page = ada.get(&format!("/bubbles/{}/terminal", bubble.id)).await;
    assert!(page.text.contains("data-terminal"));
    let mut terminals = Vec::new();
    for _ in 0..4 {
        terminals.push(open(&centre, &bubble, &hers, &centre.url).await.expect("a terminal"));
    }
    assert_eq!(open(&centre, &bubble, &hers, &centre.url).await.err(), Some(422));
    drop(terminals);
    centre.advance(24 * 3600).await;
    let tomorrow = cookies(&centre, "ada").await;
    assert_eq!(open(&centre, &bubble, &tomorrow, &centre.url).await.err(), Some(422));
}

#[tokio::test]
async fn a_member_without_a_habilitation_is_refused() {
    let centre = TestCentre::start_with_bubbles().await;
    let (project, bubble) = ready(&centre, "ada", "hie").await;
    let before = centre.centre.store.get::<domain::Application>(project.application).await;
    let before = before.unwrap().unwrap();
    let mut after = before.clone();
    let ben = centre.who("ben").await.id;
    after.members.push(domain::projects::application::Member {
        person: ben,
        bubble: true,
        edits: false,
    });
    crate::settings::kit::replace(&centre, "member.added", &before, &after).await;
    let client = centre.person("ben").await;
    assert_eq!(client.get(&format!("/bubbles/{}", bubble.id)).await.status, 200);
    let banner = client.post(&format!("/bubbles/{}/banner", bubble.id), &[]).await;
    assert_eq!(banner.status, 403);
    let his = cookies(&centre, "ben").await;
    assert_eq!(open(&centre, &bubble, &his, &centre.url).await.err(), Some(403));
    habilitate(&centre, &project, "ben", 10).await;
    accept(&centre, &bubble, "ben").await;
    let mut terminal = open(&centre, &bubble, &his, &centre.url).await.expect("a terminal");
    // Each member has a home of their own, and sees no other.
    assert!(terminal.run("ls -A /home").await.contains("researcher"));
}
