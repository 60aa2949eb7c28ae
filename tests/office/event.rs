use centre_tests::TestCentre;

use super::kit::{both, export, happens, item, newest, project, tamper};

#[tokio::test]
async fn every_event_is_sealed_and_its_page_follows_the_proof() {
    let centre = TestCentre::start().await;
    let project = project(&centre).await;
    centre.centre.settle().await.unwrap();
    let event = newest(&centre, "application.created").await;
    let nora = centre.person("nora").await;
    let (page, api) =
        both(&nora, &format!("/log/{}", event.id), &format!("/api/v1/events/{}", event.id)).await;
    assert_eq!(page.headline(), "200 Event application.created");
    assert!(page.text.contains("This event is as it was sealed"), "{}", page.text);
    assert!(page.text.contains("Ada Lovelace") && page.text.contains("localhost:8470/log"));
    let api = api.json();
    assert_eq!(api["verdict"], "intact");
    assert_eq!(api["event"]["object"], project.id.to_string());
    // As an outsider: the stored text has the sealed fingerprint, and the entry has it too.
    let text = format!("{}{}", api["salt"].as_str().unwrap(), api["body"].as_str().unwrap());
    let commitment = workflows::people::login::hash(&text);
    assert!(api["proof"]["entry"].as_str().unwrap().contains(&commitment));
}

#[tokio::test]
async fn an_altered_row_is_said_on_its_page() {
    let centre = TestCentre::start().await;
    project(&centre).await;
    centre.centre.settle().await.unwrap();
    let event = newest(&centre, "application.created").await;
    let ada = centre.who("ada").await.id;
    let zoe = centre.who("zoe").await.id;
    tamper(
        &centre,
        format!(
            "update events set body = replace(body, '{ada}', '{zoe}') where id = '{}'",
            event.id
        ),
    )
    .await;
    let nora = centre.person("nora").await;
    let page = nora.get(&format!("/log/{}", event.id)).await;
    assert!(page.text.contains("This event is not what was sealed"), "{}", page.text);
    // Whoever alters the fingerprint with the text is found by the entry.
    let stored = centre.centre.store.event(event.id).await.unwrap().unwrap();
    let forged = workflows::people::login::hash(&format!("{}{}", stored.salt, stored.body()));
    tamper(&centre, format!("update events set commitment = '{forged}' where id = '{}'", event.id))
        .await;
    let stored = centre.centre.store.event(event.id).await.unwrap().unwrap();
    assert!(stored.is_intact(), "the forger did well");
    let page = nora.get(&format!("/log/{}", event.id)).await;
    assert!(page.text.contains("This event is not what was sealed"), "{}", page.text);
    let api = nora.get(&format!("/api/v1/events/{}", event.id)).await.json();
    assert_eq!(api["verdict"], "row_altered");
}

#[tokio::test]
async fn the_list_is_for_auditors_security_and_in_part_for_operators() {
    let centre = TestCentre::start().await;
    let project = project(&centre).await;
    centre.centre.settle().await.unwrap();
    for name in ["nora", "ines"] {
        let (page, api) = both(&centre.person(name).await, "/log", "/api/v1/events").await;
        assert_eq!((page.status, api.status), (200, 200), "{name}");
        assert!(page.text.contains(&project.id.to_string()), "{name}");
        assert!(api.text.contains(&project.id.to_string()), "{name}");
    }
    let marc = centre.person("marc").await;
    let (page, api) = both(&marc, "/log", "/api/v1/events").await;
    assert!(page.text.contains("application.created"));
    assert!(!page.text.contains(&project.id.to_string()) && !page.text.contains("Ada Lovelace"));
    assert!(!api.text.contains(&project.id.to_string()));
    let line = &api.json()[0];
    assert!(line["object"].is_null() && line["actor"].is_null() && line["payload"].is_null());
    // A filter by object would tell the operator which events are about it.
    let filtered = marc.get(&format!("/api/v1/events?object={}", uuid::Uuid::nil())).await.json();
    assert!(!filtered.as_array().unwrap().is_empty());
    for name in ["ada", "grace", "chloe", "omar"] {
        let (page, api) = both(&centre.person(name).await, "/log", "/api/v1/events").await;
        assert_eq!((page.status, api.status), (403, 403), "{name}");
    }
    let (page, api) = both(&centre.visitor(), "/log", "/api/v1/events").await;
    assert_eq!((page.status, api.status), (303, 401));
}

#[tokio::test]
async fn members_see_their_own_objects_events_without_who_and_how() {
    let centre = TestCentre::start().await;
    let project = project(&centre).await;
    let export = export(&centre, &project).await;
    let vote = serde_json::json!({ "choice": "changes_requested" });
    let event =
        happens(&centre, Some("grace"), "review.submitted", "export", export.id, vote).await;
    let (page, api) = (format!("/log/{}", event.id), format!("/api/v1/events/{}", event.id));
    for name in ["ada", "ben"] {
        let (page, api) = both(&centre.person(name).await, &page, &api).await;
        assert!(page.text.contains("This event is as it was sealed"), "{name}");
        for text in [&page.text, &api.text] {
            assert!(!text.contains("Grace") && !text.contains("changes_requested"), "{name}");
        }
        let api = api.json();
        assert!(api["event"]["actor"].is_null() && api["salt"].is_null() && api["body"].is_null());
    }
    // Who acted sees all of their own act; others see that there is nothing.
    assert!(centre.person("grace").await.get(&page).await.text.contains("changes_requested"));
    for name in ["zoe", "hugo", "chloe", "farid"] {
        let (page, api) = both(&centre.person(name).await, &page, &api).await;
        assert_eq!((page.status, api.status), (404, 404), "{name}");
    }
    let (page, api) = both(&centre.visitor(), &page, &api).await;
    assert_eq!((page.status, api.status), (303, 401));
}

#[tokio::test]
async fn producers_see_their_items_and_nobody_sees_that_security_looks() {
    let centre = TestCentre::start().await;
    let project = project(&centre).await;
    let item = item(&centre, &project).await;
    let asked =
        happens(&centre, Some("ada"), "item.asked", "item", item.id, serde_json::json!({})).await;
    let page = format!("/log/{}", asked.id);
    assert_eq!(centre.person("chloe").await.get(&page).await.status, 200);
    assert_eq!(centre.person("dario").await.get(&page).await.status, 404);
    let ben = centre.who("ben").await.id;
    let looked =
        happens(&centre, Some("ines"), "replay.asked", "person", ben, serde_json::json!({})).await;
    let page = format!("/log/{}", looked.id);
    assert_eq!(centre.person("ben").await.get(&page).await.status, 404);
    assert_eq!(centre.person("jules").await.get(&page).await.status, 200);
}

#[tokio::test]
async fn the_list_is_filtered_and_paged() {
    let centre = TestCentre::start().await;
    let project = project(&centre).await;
    let export = export(&centre, &project).await;
    for _ in 0..130 {
        let event = centre.centre.system_event("export.viewed", "export", export.id);
        centre.centre.store.change(&event).commit().await.unwrap();
    }
    centre.centre.settle().await.unwrap();
    let nora = centre.person("nora").await;
    let page = nora.get("/log?family=export&object=&before=").await;
    assert!(page.text.contains("export.viewed") && !page.text.contains("application.created"));
    let older = page.text.split("&amp;before=").nth(1).unwrap().split('"').next().unwrap();
    let page = nora.get(&format!("/log?family=export&object=&before={older}")).await;
    assert!(page.text.contains("export.created") && !page.text.contains("Older events"));
    let page = nora.get(&format!("/log?object={}", project.id)).await;
    assert!(page.text.contains("application.created") && !page.text.contains("export.created"));
    // A family is a whole word, and no pattern.
    assert!(nora.get("/log?family=exp").await.text.contains("No event is like that"));
    assert!(nora.get("/log?family=%25").await.text.contains("No event is like that"));
    let page = nora.get("/log?object=no%20id").await;
    assert!(page.text.contains("This is not an id") && page.text.contains("value=\"no id\""));
}

#[tokio::test]
async fn a_flood_of_denied_commands_is_counted_and_security_is_told_once() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    for _ in 0..60 {
        assert_eq!(ada.get("/api/v1/events").await.status, 403);
    }
    let denied =
        |events: Vec<String>| events.iter().filter(|kind| *kind == "policy.denied").count();
    assert_eq!(denied(centre.events().await), 10);
    centre.advance(61).await;
    assert_eq!(denied(centre.events().await), 11);
    let event = newest(&centre, "policy.denied").await;
    assert_eq!(event.payload["more"], 50);
    assert_eq!(event.payload["rule"], "needs-role");
    assert_eq!(super::kit::told(&centre, "ines").await, ["denied-pattern"]);
    centre.advance(61).await;
    assert_eq!(denied(centre.events().await), 11, "a count is written once");
}
