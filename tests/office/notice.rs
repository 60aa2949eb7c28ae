use centre_tests::TestCentre;
use reqwest::Method;
use serde_json::json;

use super::kit::{both, export, happens, invited, item, project, told};

#[tokio::test]
async fn producers_are_asked_and_the_lead_hears_their_answer() {
    let centre = TestCentre::start().await;
    let project = project(&centre).await;
    let item = item(&centre, &project).await;
    happens(&centre, Some("ada"), "item.asked", "item", item.id, json!({})).await;
    happens(&centre, None, "item.due", "item", item.id, json!({ "days": 7 })).await;
    assert_eq!(told(&centre, "chloe").await, ["item-asked", "item-due"]);
    assert!(told(&centre, "dario").await.is_empty(), "another producer hears nothing");
    happens(&centre, Some("chloe"), "producer.asked", "item", item.id, json!({})).await;
    happens(&centre, Some("chloe"), "item.answered", "item", item.id, json!({})).await;
    assert_eq!(told(&centre, "ada").await, ["item-question", "item-answered"]);
    assert!(told(&centre, "ben").await.is_empty(), "a question is the lead's");
    let page = centre.person("chloe").await.get("/notices").await;
    assert!(page.text.contains("is due; days left: 7"), "{}", page.text);
    assert!(page.text.contains("Coverage and use"));
}

#[tokio::test]
async fn an_export_is_told_to_its_author_and_to_checkers_who_are_not_of_the_project() {
    let centre = TestCentre::start().await;
    let mut project = project(&centre).await;
    let export = export(&centre, &project).await;
    centre.centre.settle().await.unwrap();
    // hugo checks exports, and works in this project too.
    let before = project.clone();
    let hugo = centre.who("hugo").await.id;
    project.members.push(domain::projects::application::Member {
        person: hugo,
        bubble: false,
        edits: false,
    });
    let event = centre.centre.system_event("test.changed", "application", project.id);
    centre.centre.store.change(&event).replace(&before, &project).commit().await.unwrap();
    happens(&centre, Some("ben"), "export.sealed", "export", export.id, json!({})).await;
    assert_eq!(told(&centre, "ben").await, ["export-sealed"]);
    assert_eq!(told(&centre, "grace").await, ["export-to-check"]);
    assert!(told(&centre, "hugo").await.is_empty(), "nobody checks their own project");
    happens(&centre, Some("grace"), "export.returned", "export", export.id, json!({})).await;
    assert_eq!(told(&centre, "ben").await, ["export-sealed", "export-returned"]);
    assert_eq!(told(&centre, "ada").await, ["export-returned"]);
    happens(&centre, Some("iris"), "release.revoked", "export", export.id, json!({})).await;
    assert_eq!(told(&centre, "ines").await, ["release-revoked"]);
    assert_eq!(told(&centre, "chloe").await, ["release-revoked-for-producer"]);
    assert!(told(&centre, "iris").await.is_empty(), "who did it knows");
}

#[tokio::test]
async fn consequences_done_again_write_no_second_notice_and_no_second_mail() {
    let centre = TestCentre::start().await;
    let project = project(&centre).await;
    let event = happens(
        &centre,
        Some("farid"),
        "application.returned",
        "application",
        project.id,
        json!({}),
    )
    .await;
    for _ in 0..2 {
        // As after a crash between the notices and the note that they are written.
        super::kit::tamper(
            &centre,
            format!("update events set handled = 0 where id = '{}'", event.id),
        )
        .await;
        centre.centre.settle().await.unwrap();
    }
    assert_eq!(told(&centre, "ada").await, ["application-returned"]);
    assert_eq!(told(&centre, "ben").await, ["application-returned"]);
    assert_eq!(centre.centre.store.latest_mails(100).await.unwrap().len(), 2);
}

#[tokio::test]
async fn who_has_not_accepted_the_invitation_is_told_nothing() {
    let centre = TestCentre::start().await;
    let nadia = invited(&centre, &centre.who("omar").await).await;
    happens(&centre, Some("ines"), "person.suspended", "person", nadia.id, json!({})).await;
    assert!(centre.centre.store.notices_of(nadia.id).await.unwrap().is_empty());
    let mails = centre.centre.store.latest_mails(100).await.unwrap();
    let mut hers = mails.iter().filter(|mail| mail.address == "nadia@example.org");
    assert!(hers.all(|mail| mail.text.contains("/invitations/")), "only the invitation itself");
}

#[tokio::test]
async fn a_notice_is_opened_by_its_person_alone_and_counted_until_then() {
    let centre = TestCentre::start().await;
    let project = project(&centre).await;
    happens(&centre, Some("farid"), "application.returned", "application", project.id, json!({}))
        .await;
    let (ada, zoe) = (centre.person("ada").await, centre.person("zoe").await);
    let page = ada.get("/notices").await;
    assert!(page.text.contains("<span class=\"count\">1<"), "{}", page.text);
    let id = page.text.split("/notices/").find_map(|rest| {
        let id = rest.split('/').next()?;
        uuid::Uuid::parse_str(id).ok().map(|id| id.to_string())
    });
    let id = id.expect("a form");
    let (read, api) = (format!("/notices/{id}/read"), format!("/api/v1/notices/{id}/read"));
    assert_eq!(zoe.post(&read, &[]).await.status, 404);
    assert_eq!(zoe.api(Method::POST, &api, json!({})).await.status, 404);
    assert_eq!(centre.visitor().api(Method::POST, &api, json!({})).await.status, 401);
    let (page, list) = both(&zoe, "/notices", "/api/v1/notices").await;
    assert!(
        page.text.contains("Nothing to tell you") && list.json().as_array().unwrap().is_empty()
    );
    let answer = ada.post(&read, &[]).await;
    assert_eq!((answer.status, answer.location), (303, format!("/applications/{}", project.id)));
    assert_eq!(ada.post(&read, &[]).await.status, 303, "a form sent twice does it once");
    let page = ada.get("/notices").await;
    assert!(!page.text.contains("class=\"count\"") && page.text.contains("badge\">Read"));
    let ben = centre.person("ben").await;
    assert_eq!(ben.post("/notices/read-all", &[]).await.status, 303);
    let list = ben.get("/api/v1/notices").await.json();
    assert!(list[0]["read_at"].is_string());
}

#[tokio::test]
async fn a_notice_reads_in_the_page_s_language() {
    let centre = TestCentre::start().await;
    let project = project(&centre).await;
    happens(&centre, Some("farid"), "application.returned", "application", project.id, json!({}))
        .await;
    let ada = centre.person("ada").await;
    assert!(ada.get("/notices").await.text.contains("was returned with reasons"));
    ada.post("/language", &[("lang", "fr"), ("back", "/notices")]).await;
    assert!(ada.get("/notices").await.text.contains("est renvoyée, avec ses motifs"));
}
