use centre_tests::TestCentre;
use domain::Person;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn two_roles_that_exclude_each_other_are_refused_by_page_and_by_api() {
    let centre = TestCentre::start().await;
    let omar = centre.person("omar").await;
    let (marc, own) = (centre.who("marc").await.id, centre.who("omar").await.id);
    let form = [("role", "security_officer"), ("act", "give")];
    for id in [marc, own] {
        let page = omar.post(&format!("/people/{id}/roles"), &form).await;
        assert_eq!(page.headline(), "403 These roles exclude each other");
        let path = format!("/api/v1/people/{id}/roles");
        let body = json!({ "role": "security_officer" });
        let answer = omar.api(Method::POST, &path, body).await;
        assert_eq!(answer.json()["code"], "denied-incompatible-roles");
    }
    let ada = centre.who("ada").await.id;
    let give = [("role", "checker"), ("act", "give")];
    assert_eq!(omar.post(&format!("/people/{ada}/roles"), &give).await.status, 303);
    let checker = centre.person("ada").await;
    assert_eq!(checker.post(&format!("/people/{marc}/roles"), &give).await.status, 403);
    assert_eq!(checker.get("/people").await.status, 403);
    assert_eq!(checker.get(&format!("/people/{marc}")).await.status, 404, "not even that it is");
    assert_eq!(centre.visitor().get("/people").await.status, 303);
}

#[tokio::test]
async fn a_suspended_person_s_cookie_is_dead_and_restoring_needs_two() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = centre.who("ada").await.id;
    let (ines, jules) = (centre.person("ines").await, centre.person("jules").await);
    let suspend = format!("/people/{id}/suspend");
    assert_eq!(ines.post(&suspend, &[("reason", "")]).await.status, 422);
    assert_eq!(ines.post(&suspend, &[("reason", "lost card")]).await.status, 303);
    assert_ne!(ada.get("/me").await.status, 200, "the next request");
    assert!(centre.centre.store.logins_of(id).await.unwrap().is_empty());
    let restore = format!("/people/{id}/restore");
    assert_eq!(ines.post(&restore, &[("reason", "found")]).await.status, 303);
    assert_eq!(ines.post(&restore, &[("reason", "found")]).await.status, 403, "the same person");
    assert_eq!(centre.who("ada").await.state.name(), "suspended");
    assert_eq!(jules.post(&restore, &[("reason", "found")]).await.status, 303);
    assert_eq!(centre.who("ada").await.state.name(), "enrolled");
    assert_ne!(ada.get("/me").await.status, 200, "the old cookie stays dead");
    let kinds = ["person.suspended", "person.restore_asked", "person.restored"];
    let events = centre.events().await;
    assert!(kinds.iter().all(|kind| events.iter().any(|event| event == kind)), "{events:?}");
}

#[tokio::test]
async fn enrolment_needs_an_agent_a_document_a_passkey_and_the_quiz() {
    let centre = TestCentre::start().await;
    let before = centre.who("zoe").await;
    let after = Person { state: domain::people::person::PersonState::Registered, ..before.clone() };
    let event = centre.centre.system_event("person.registered", "person", before.id);
    centre.centre.store.change(&event).replace(&before, &after).commit().await.unwrap();
    let (lea, omar) = (centre.person("lea").await, centre.person("omar").await);
    let identity = format!("/people/{}/identity", before.id);
    let seen = [("document", "passport"), ("meeting", "in_person"), ("name_matches", "yes")];
    assert_eq!(omar.post(&identity, &seen).await.status, 403);
    assert_eq!(lea.post(&identity, &seen[1..]).await.status, 422);
    assert_eq!(lea.post(&identity, &seen).await.status, 303);
    let enrol = format!("/people/{}/enrol", before.id);
    let none = lea.post(&enrol, &[("quiz", "yes")]).await;
    assert_eq!(none.status, 422);
    assert!(none.text.contains("has not registered a passkey"));
    let own = format!("/people/{}/identity", centre.who("lea").await.id);
    assert_eq!(lea.post(&own, &seen).await.status, 403, "an agent does not enrol themselves");
}

#[tokio::test]
async fn an_address_is_invited_once_and_what_was_typed_stays() {
    let centre = TestCentre::start().await;
    let omar = centre.person("omar").await;
    let form = [("name", "Ada Again"), ("email", "ADA@example.org")];
    let page = omar.post("/people/invite", &form).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("Ada Again") && page.text.contains("aria-invalid"));
    assert_eq!(centre.person("ada").await.post("/people/invite", &form).await.status, 403);
}

#[tokio::test]
async fn closing_all_other_browsers_leaves_this_one() {
    let centre = TestCentre::start().await;
    let (here, there) = (centre.person("ada").await, centre.person("ada").await);
    assert_eq!(here.post("/me/logins/close-others", &[]).await.status, 303);
    assert_eq!(here.get("/me").await.status, 200);
    assert_ne!(there.get("/me").await.status, 200);
}
