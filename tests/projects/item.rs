//! The producer's side after the opinion: ends, suspension, revocation (JOURNEYS 1.6, scene 7).

use centre_tests::TestCentre;
use domain::projects::item::ItemState;

use super::kit::{authorised, done, examine, item, ready, reload};

async fn bubble_ready(centre: &TestCentre, id: &str) {
    let mut event = centre.centre.system_event("bubble.ready", "bubble", uuid::Uuid::nil());
    event.payload = serde_json::json!({ "application": id });
    centre.centre.store.change(&event).commit().await.unwrap();
    centre.centre.settle().await.unwrap();
}

#[tokio::test]
async fn a_producer_suspends_resumes_and_revokes_with_a_reason() {
    let centre = TestCentre::start().await;
    let (id, granted) = authorised(&centre).await;
    let chloe = centre.person("chloe").await;
    let at = |act: &str| format!("/producer/items/{}/{act}", granted.id);
    let early = chloe.post(&at("suspend"), &[("reason", "leak")]).await;
    assert_eq!(early.status, 409, "nothing is mounted yet");
    bubble_ready(&centre, &id).await;
    assert_eq!(chloe.post(&at("suspend"), &[("reason", "")]).await.status, 422);
    done(&chloe, &at("suspend"), &[("reason", "possible leak")]).await;
    assert_eq!(reload(&centre, granted.id).await.granted_until(), None, "nothing may be read");
    let page = centre.person("ada").await.get(&format!("/applications/{id}")).await;
    assert!(page.text.contains("possible leak"));
    done(&chloe, &at("resume"), &[]).await;
    assert_eq!(reload(&centre, granted.id).await.state.name(), "active");
    done(&chloe, &at("revoke"), &[("reason", "confirmed leak")]).await;
    assert_eq!(chloe.post(&at("resume"), &[]).await.status, 409, "for good");
    let kinds = ["item.suspended", "item.resumed", "item.revoked"];
    for sealed in centre.centre.store.events_of(granted.id).await.unwrap() {
        if kinds.contains(&sealed.event.kind.as_str()) {
            assert_eq!(sealed.event.payload["application"], id.as_str());
        }
    }
    let events = centre.events().await;
    assert!(kinds.iter().all(|kind| events.contains(&(*kind).to_owned())));
}

#[tokio::test]
async fn a_decision_keeps_to_six_years_and_to_the_vintages_that_were_asked() {
    let centre = TestCentre::start().await;
    let (id, rand) = ready(&centre).await;
    let ada = centre.person("ada").await;
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    examine(&centre, &id, "favourable").await;
    let due = item(&centre, &id, &rand).await;
    let chloe = centre.person("chloe").await;
    let path = format!("/producer/items/{}/grant", due.id);
    let late = chloe.post(&path, &[("until", "2032-11-03"), ("text", "kept")]).await;
    assert_eq!(late.status, 422);
    assert!(late.text.contains("six years") && late.text.contains("kept"), "{}", late.text);
    let all: Vec<String> = due.vintages.iter().map(ToString::to_string).collect();
    let mut fields = vec![("until", "2029-11-02")];
    fields.extend(all.iter().map(|vintage| ("without", vintage.as_str())));
    assert_eq!(chloe.post(&path, &fields).await.status, 422, "something must be left");
    assert_eq!(chloe.post(&path, &[("until", "2026-11-01")]).await.status, 422);
    assert_eq!(chloe.post(&path, &[("until", "tomorrow")]).await.status, 422);
    assert_eq!(reload(&centre, due.id).await.state, ItemState::OpinionOk);
    done(&chloe, &path, &[("until", "2032-11-02")]).await;
    let replay = chloe.post(&path, &[("until", "2032-11-02")]).await;
    assert_eq!(replay.status, 409, "a form sent twice decides once");
}

#[tokio::test]
async fn the_inbox_shows_what_waits_with_its_date_and_only_what_concerns_the_producer() {
    let centre = TestCentre::start().await;
    let (id, rand) = ready(&centre).await;
    let inbox = centre.person("chloe").await.get("/producer").await;
    assert!(inbox.text.contains("About title_en") && inbox.text.contains("Source hie"));
    assert!(!centre.person("dario").await.get("/producer").await.text.contains("About title_en"));
    let asked = item(&centre, &id, &rand).await.id;
    let page = centre.person("chloe").await.get(&format!("/producer/items/{asked}")).await;
    assert!(page.text.contains("About summary") && page.text.contains("Ada Lovelace"));
    assert_eq!(centre.person("ada").await.get("/producer").await.status, 403);
}
