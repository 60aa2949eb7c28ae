use centre_tests::TestCentre;
use domain::Person;
use reqwest::Method;
use serde_json::json;
use workflows::people::invitation;

use super::authenticator::{Authenticator, begin, register, send};

/// Takes a demonstration person's institution away; gives the person's page.
async fn without(centre: &TestCentre, name: &str) -> String {
    let before = centre.who(name).await;
    let after = Person { institution: String::new(), ..before.clone() };
    let event = centre.centre.system_event("person.edited", "person", before.id);
    centre.centre.store.change(&event).replace(&before, &after).commit().await.unwrap();
    format!("/people/{}/institution", before.id)
}

#[tokio::test]
async fn a_person_writes_their_own_institution_once_and_others_change_it() {
    let centre = TestCentre::start().await;
    let path = without(&centre, "zoe").await;
    let zoe = centre.person("zoe").await;
    assert!(zoe.get("/me").await.text.contains("Where do you work?"));
    let long = "é".repeat(201);
    let refused = zoe.post("/me/institution", &[("institution", &long)]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains(&long) && refused.text.contains("institution-error"));
    assert_eq!(zoe.post("/me/institution", &[("institution", " ")]).await.status, 422);
    let lyon = [("institution", "Université de Lyon")];
    assert_eq!(zoe.post("/me/institution", &lyon).await.status, 303);
    assert!(!zoe.get("/me").await.text.contains("Where do you work?"));
    let again = [("institution", "Elsewhere")];
    assert_eq!(zoe.post("/me/institution", &again).await.status, 403, "what stands is another's");
    let body = json!({ "institution": "Elsewhere" });
    let by_api = zoe.api(Method::PUT, &format!("/api/v1{path}"), body.clone()).await;
    assert_eq!(by_api.status, 403);
    let ben = centre.person("ben").await;
    assert_eq!(ben.post(&path, &again).await.status, 404, "not even that it is");
    for name in ["lea", "ines", "nora"] {
        let reader = centre.person(name).await;
        assert_eq!(reader.post(&path, &again).await.status, 403, "{name} reads alone");
    }
    let farid = centre.person("farid").await;
    assert!(farid.get(path.trim_end_matches("/institution")).await.text.contains(&path));
    let empty = farid.post(&path, &[("institution", "")]).await;
    assert_eq!(empty.status, 422);
    assert_eq!(farid.post(&path, &again).await.status, 303);
    assert_eq!(centre.who("zoe").await.institution, "Elsewhere");
    let omar = centre.person("omar").await;
    assert_eq!(omar.api(Method::PUT, &format!("/api/v1{path}"), body).await.status, 204);
    let own = format!("/people/{}/institution", centre.who("omar").await.id);
    assert_eq!(omar.post(&own, &again).await.status, 403, "a second person does it");
    assert!(centre.events().await.contains(&"person.institution_written".to_owned()));
}

#[tokio::test]
async fn who_opens_an_account_says_where_they_work_unless_the_invitation_did() {
    let centre = TestCentre::start().await;
    let omar = centre.person("omar").await;
    for (seed, invited, expected) in [(1, "", "Typed by them"), (2, "Invited from", "Invited from")]
    {
        let email = format!("p{seed}@example.org");
        let form = [("name", "Vera Rubin"), ("email", email.as_str()), ("institution", invited)];
        let id: domain::PersonId = omar.post("/people/invite", &form).await.id().parse().unwrap();
        let person: Person = centre.centre.load("person", id).await.unwrap();
        let link = invitation::link(&centre.centre, &person).expect("a link");
        let path = link.replace("http://localhost:8470", "");
        let browser = centre.visitor();
        let page = browser.get(&path).await.text;
        assert_eq!(page.contains("name=\"institution\""), invited.is_empty());
        let begun = begin(&browser, &path).await;
        let credential = Authenticator::new(seed).register(&begun["options"]);
        let mut body = json!({
            "id": begun["id"], "credential": credential, "label": "laptop",
            "institution": "x".repeat(201),
        });
        assert_eq!(send(&browser, &path, &body).await.status, 422, "too long");
        body["institution"] = json!("Typed by them");
        let accepted = send(&browser, &path, &body).await;
        assert_eq!(accepted.status, 200, "the answer is not used up: {}", accepted.text);
        let after: Person = centre.centre.load("person", id).await.unwrap();
        assert_eq!(after.institution, expected);
    }
}

#[tokio::test]
async fn whom_a_lead_invites_has_the_institution_that_the_lead_wrote() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = ada.post("/applications", &[]).await.id();
    let path = format!("/applications/{id}/add-member");
    let long = "x".repeat(201);
    let form = [("email", "new@example.org"), ("name", "Nora New"), ("institution", &long)];
    let refused = ada.post(&path, &form).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains(&long) && refused.text.contains("Nora New"));
    let form = [("email", "new@example.org"), ("name", "Nora New"), ("institution", "CNRS")];
    assert_eq!(ada.post(&path, &form).await.status, 303);
    let new = centre.centre.store.person_by_email("new@example.org").await.unwrap().unwrap();
    assert_eq!((new.institution.as_str(), new.state.name()), ("CNRS", "invited"));
    let link = invitation::link(&centre.centre, &new).expect("a link");
    let browser = centre.visitor();
    let path = link.replace("http://localhost:8470", "");
    assert_eq!(register(&browser, &path, &mut Authenticator::new(7)).await.status, 200);
}
