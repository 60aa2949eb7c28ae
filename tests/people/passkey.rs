use centre_tests::{Client, TestCentre};
use domain::Person;
use serde_json::json;
use workflows::people::invitation;

use super::authenticator::{Authenticator, begin, register, send, sign_in};

/// Invites somebody through the page; returns the account and the link's path.
async fn invite(centre: &TestCentre, email: &str) -> (Person, String) {
    let omar = centre.person("omar").await;
    let form = [("name", "Vera Rubin"), ("email", email), ("lang", "en")];
    let id = omar.post("/people/invite", &form).await.id();
    let id: domain::PersonId = id.parse().unwrap();
    let person: Person = centre.centre.load("person", id).await.unwrap();
    let link = invitation::link(&centre.centre, &person).expect("a link");
    (person, link.replace("http://localhost:8470", ""))
}

/// A registered person with a passkey, and the browser where they accepted.
async fn registered(centre: &TestCentre, seed: u8) -> (Person, Authenticator, Client) {
    let (person, path) = invite(centre, &format!("p{seed}@example.org")).await;
    let (browser, mut passkey) = (centre.visitor(), Authenticator::new(seed));
    let accepted = register(&browser, &path, &mut passkey).await;
    assert_eq!(accepted.status, 200, "{}", accepted.text);
    (person, passkey, browser)
}

#[tokio::test]
async fn an_invited_person_registers_a_passkey_and_signs_in_with_it() {
    let centre = TestCentre::start().await;
    let (person, mut passkey, browser) = registered(&centre, 1).await;
    assert!(browser.get("/me").await.text.contains("Vera Rubin"));
    let another = centre.visitor();
    let answer = sign_in(&another, &mut passkey).await;
    assert_eq!(answer.json()["location"], "/me", "{}", answer.text);
    assert!(another.get("/me").await.text.contains("Vera Rubin"));
    let after: Person = centre.centre.load("person", person.id).await.unwrap();
    assert_eq!(after.state.name(), "registered");
    let outbox = std::fs::read_dir(centre.dir.path().join("outbox")).unwrap();
    let mails = outbox.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    assert!(mails.into_iter().any(|mail| mail.contains("p1@example.org")));
}

#[tokio::test]
async fn an_invitation_works_once_and_for_seven_days() {
    let centre = TestCentre::start().await;
    let (_, path) = invite(&centre, "late@example.org").await;
    assert_eq!(centre.visitor().get(&path).await.status, 200);
    assert_eq!(register(&centre.visitor(), &path, &mut Authenticator::new(1)).await.status, 200);
    assert_eq!(centre.visitor().get(&path).await.status, 404, "used twice");
    let (_, path) = invite(&centre, "later@example.org").await;
    centre.advance(7 * 86_400).await;
    assert_eq!(centre.visitor().get(&path).await.status, 404, "used late");
    let late = send(&centre.visitor(), &format!("{path}/options"), &json!({})).await;
    assert_eq!(late.status, 404);
}

#[tokio::test]
async fn a_centre_with_accounts_gets_no_first_manager() {
    let centre = TestCentre::start().await;
    let made = invitation::invite_first_manager(&centre.centre, "Eve", "eve@example.org").await;
    assert!(made.is_err());
}

#[tokio::test]
async fn a_registration_answers_once_in_its_browser_and_with_the_user_verified() {
    let centre = TestCentre::start().await;
    let (_, path) = invite(&centre, "vera@example.org").await;
    let browser = centre.visitor();
    let begun = begin(&browser, &path).await;
    let credential = Authenticator::new(1).register(&begun["options"]);
    let body = json!({ "id": begun["id"], "credential": credential });
    assert_eq!(send(&centre.visitor(), &path, &body).await.status, 422, "another browser");
    assert_eq!(send(&browser, &path, &body).await.status, 422, "its one answer is gone");
    let mut lazy = Authenticator::new(2);
    lazy.verifies_user = false;
    assert_eq!(register(&browser, &path, &mut lazy).await.status, 422, "user not verified");
    let mut foreign = Authenticator::new(3);
    foreign.origin = "https://evil.example.org".to_owned();
    assert_eq!(register(&browser, &path, &mut foreign).await.status, 422, "another origin");
    assert_eq!(register(&browser, &path, &mut Authenticator::new(4)).await.status, 200);
}

#[tokio::test]
async fn a_passkey_is_registered_for_one_person_only() {
    let centre = TestCentre::start().await;
    registered(&centre, 1).await;
    let (_, path) = invite(&centre, "thief@example.org").await;
    let answer = register(&centre.visitor(), &path, &mut Authenticator::new(1)).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.json()["code"], "invalid-passkey-known");
}

type Change = Box<dyn Fn(&mut Authenticator)>;

#[tokio::test]
async fn each_wrong_sign_in_is_refused_and_written_and_only_the_answer_itself_shows_why() {
    let centre = TestCentre::start().await;
    let (_, passkey, _) = registered(&centre, 1).await;
    let (other, ..) = registered(&centre, 2).await;
    let wrong: [(&str, Change); 5] = [
        ("user_not_verified", Box::new(|one| one.verifies_user = false)),
        ("counter", Box::new(|one| one.counter = 0)),
        ("origin", Box::new(|one| one.origin = "https://evil.example.org".to_owned())),
        ("person", Box::new(move |one| one.user = other.id.0.as_bytes().to_vec())),
        ("unknown", Box::new(|one| one.id = vec![9; 32])),
    ];
    for (reason, change) in wrong {
        let mut bad = passkey.clone();
        bad.counter = 10;
        change(&mut bad);
        let answer = sign_in(&centre.visitor(), &mut bad).await;
        assert_eq!(answer.status, 422, "{reason}");
        let unverified = reason == "user_not_verified";
        let code = if unverified { "sign-in-unverified" } else { "sign-in-failed" };
        assert_eq!(answer.json()["code"], format!("invalid-{code}"), "{reason}");
        let events = centre.centre.store.latest_events(None, 1).await.unwrap();
        assert_eq!(events[0].event.kind, "login.failed");
        assert_eq!(events[0].event.payload["reason"], reason);
    }
}

#[tokio::test]
async fn an_assertion_is_not_taken_twice_nor_late_nor_in_another_browser() {
    let centre = TestCentre::start().await;
    let (_, mut passkey, _) = registered(&centre, 1).await;
    let browser = centre.visitor();
    let begun = begin(&browser, "/sign-in").await;
    let body = json!({ "id": begun["id"], "credential": passkey.sign_in(&begun["options"]) });
    assert_eq!(send(&browser, "/sign-in", &body).await.status, 200);
    assert_eq!(send(&browser, "/sign-in", &body).await.status, 422, "replayed");
    let begun = begin(&browser, "/sign-in").await;
    let body = json!({ "id": begun["id"], "credential": passkey.sign_in(&begun["options"]) });
    assert_eq!(send(&centre.visitor(), "/sign-in", &body).await.status, 422, "another browser");
    let begun = begin(&browser, "/sign-in").await;
    let body = json!({ "id": begun["id"], "credential": passkey.sign_in(&begun["options"]) });
    centre.centre.clock.advance(301);
    assert_eq!(send(&browser, "/sign-in", &body).await.status, 422, "late");
}

#[tokio::test]
async fn a_recovery_replaces_every_passkey_and_works_once_within_an_hour() {
    let centre = TestCentre::start().await;
    let (person, mut old, browser) = registered(&centre, 1).await;
    let lea = centre.person("lea").await;
    let seen = [("document", "passport"), ("meeting", "in_person")];
    let path = format!("/people/{}/recover", person.id);
    let link = |page: &str| {
        let after = page.split("/recovery/").nth(1).expect("a link");
        format!("/recovery/{}", &after[..64])
    };
    let first = link(&lea.post(&path, &seen).await.text);
    assert_ne!(browser.get("/me").await.status, 200, "signed in before the recovery");
    assert_eq!(sign_in(&centre.visitor(), &mut old).await.status, 422, "the old passkey");
    let second = link(&lea.post(&path, &seen).await.text);
    assert_eq!(centre.visitor().get(&first).await.status, 404, "replaced by the second");
    assert_eq!(register(&centre.visitor(), &second, &mut Authenticator::new(2)).await.status, 200);
    assert_eq!(centre.visitor().get(&second).await.status, 404, "used twice");
    let third = link(&lea.post(&path, &seen).await.text);
    centre.centre.clock.advance(3600);
    assert_eq!(centre.visitor().get(&third).await.status, 404, "used late");
    let ada = centre.person("ada").await;
    assert_eq!(ada.post(&path, &seen).await.status, 403);
}

#[tokio::test]
async fn passkeys_are_changed_after_a_fresh_sign_in_only_and_the_last_one_stays() {
    let centre = TestCentre::start().await;
    let (person, _, browser) = registered(&centre, 1).await;
    let held = centre.centre.store.credentials_of(person.id).await.unwrap();
    let revoke = format!("/me/passkeys/{}/revoke", held[0].id);
    assert_eq!(browser.post(&revoke, &[]).await.status, 422, "the last one");
    assert_eq!(register(&browser, "/me/passkeys", &mut Authenticator::new(2)).await.status, 200);
    centre.centre.clock.advance(601);
    let late = send(&browser, "/me/passkeys/options", &json!({})).await;
    assert_eq!(late.json()["code"], "invalid-sign-in-again");
    assert_eq!(browser.post(&revoke, &[]).await.status, 422);
    let ada = centre.person("ada").await;
    assert_eq!(ada.post(&revoke, &[]).await.status, 404, "another person's passkey");
}

#[tokio::test]
async fn a_token_opens_the_api_until_it_is_closed_and_makes_no_tokens() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let page = ada.post("/me/tokens", &[("label", "deposit")]).await;
    let at = page.text.find("bulle_").expect("a token");
    let token = page.text[at..at + 70].to_owned();
    let script = centre.visitor();
    let with = |r: reqwest::RequestBuilder| r.bearer_auth(&token);
    let me = script.send(reqwest::Method::GET, "/api/v1/me", with).await;
    assert_eq!(me.json()["name"], "Ada Lovelace");
    let more = |r: reqwest::RequestBuilder| r.bearer_auth(&token).json(&json!({ "label": "x" }));
    let answer = script.send(reqwest::Method::POST, "/api/v1/me/tokens", more).await;
    assert_eq!(answer.status, 422);
    let cookie = format!("bulle={token}; bulle-device=token");
    let page = script.send(reqwest::Method::GET, "/me", |r| r.header("cookie", cookie)).await;
    assert_ne!(page.status, 200, "a token is no session cookie");
    let id = centre.who("ada").await.id;
    let held = centre.centre.store.logins_of(id).await.unwrap();
    let row = held.iter().find(|one| one.via == "token").unwrap();
    ada.post(&format!("/me/logins/{}/close", row.id), &[]).await;
    assert_eq!(script.send(reqwest::Method::GET, "/api/v1/me", with).await.status, 401);
}
