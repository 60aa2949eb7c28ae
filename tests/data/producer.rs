use centre_tests::{Client, TestCentre};
use domain::{Producer, Role};
use reqwest::Method;
use serde_json::json;

use super::{documented, go};

const FORM: [(&str, &str); 5] = [
    ("slug", "insee"),
    ("name_fr", "Institut national"),
    ("name_en", "National institute"),
    ("contact", "data@example.org"),
    ("consultation_days", "21"),
];

async fn stored(centre: &TestCentre, slug: &str) -> Producer {
    centre.centre.store.producer_by_slug(slug).await.unwrap().expect(slug)
}

/// Makes the producer of `FORM` by its page; gives its address.
async fn made(omar: &Client) -> String {
    format!("/producers/{}", omar.post("/producers", &FORM).await.id())
}

#[tokio::test]
async fn a_project_manager_opens_the_centre_to_a_producer_and_appoints_its_people() {
    let centre = TestCentre::start().await;
    let omar = centre.person("omar").await;
    assert_eq!(omar.get("/producers/new").await.status, 200);
    let path = made(&omar).await;
    let page = omar.get(&path).await.text;
    assert!(page.contains("National institute") && page.contains("Nobody yet"));
    let insee = stored(&centre, "insee").await;
    assert_eq!((insee.consultation_days, insee.silence_goes_on), (21, false));
    let appoint = [("email", "ZOE@example.org"), ("role", "producer_agent"), ("act", "give")];
    assert_eq!(omar.post(&format!("{path}/people"), &appoint).await.status, 303);
    let zoe = centre.person("zoe").await;
    assert!(zoe.get("/data").await.text.contains("National institute"));
    let id = insee.id.to_string();
    let source = [("producer", id.as_str()), ("slug", "own"), ("title_en", "Own")];
    assert_eq!(zoe.post("/data/sources/new", &source).await.status, 303);
    let who = centre.who("zoe").await.id.to_string();
    let take = [("person", who.as_str()), ("role", "producer_agent"), ("act", "take")];
    assert_eq!(omar.post(&format!("{path}/people"), &take).await.status, 303);
    assert_eq!(zoe.get("/data").await.status, 403, "at the next request");
    let kinds = ["producer.created", "person.role_given", "person.role_taken"];
    let events = centre.events().await;
    assert!(kinds.iter().all(|kind| events.iter().any(|event| event == kind)), "{events:?}");
    omar.post("/language", &[("lang", "fr"), ("back", "/")]).await;
    let french = omar.get(&path).await.text;
    assert!(french.contains("<h1>Institut national</h1>"), "{french}");
}

#[tokio::test]
async fn a_refused_form_keeps_every_word_and_names_the_field() {
    let centre = TestCentre::start().await;
    let omar = centre.person("omar").await;
    let wrong = [
        ("slug", "Not A Slug", "slug-error"),
        ("name_fr", "", "name_fr-error"),
        ("contact", " ", "contact-error"),
        ("consultation_days", "a fortnight", "days-error"),
        ("consultation_days", "13", "days-error"),
        ("slug", "rand", "Another producer has this short name"),
    ];
    for (field, value, says) in wrong {
        let mut form = FORM.to_vec();
        form.push(("silence_goes_on", "yes"));
        form.iter_mut().filter(|(name, _)| *name == field).for_each(|pair| pair.1 = value);
        let page = omar.post("/producers", &form).await;
        assert_eq!(page.status, 422, "{field}={value}");
        assert!(page.text.contains(says), "{field}={value}: {}", page.text);
        assert!(page.text.contains("value=\"yes\" aria-describedby=\"silence-hint\" checked"));
        for (name, typed) in form.iter().filter(|(name, _)| *name != "silence_goes_on") {
            let kept = format!("value=\"{typed}\"");
            assert!(page.text.contains(&kept), "{name}={typed} is lost: {}", page.text);
        }
    }
    let path = made(&omar).await;
    let unknown = [("email", "nobody@example.org"), ("role", "producer_decider"), ("act", "give")];
    let page = omar.post(&format!("{path}/people"), &unknown).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("nobody@example.org") && page.text.contains("invite the person"));
    assert!(page.text.contains("value=\"producer_decider\" selected"));
}

#[tokio::test]
async fn only_the_project_manager_makes_and_ends_producers_by_page_and_by_api() {
    let centre = TestCentre::start().await;
    let rand = stored(&centre, "rand").await.id;
    let body = json!({
        "slug": "other", "name_fr": "Autre", "name_en": "Other", "contact": "a@example.org",
    });
    for name in ["ada", "chloe", "karim", "farid", "ines", "nora", "lea", "marc"] {
        let person = centre.person(name).await;
        assert_eq!(person.post("/producers", &FORM).await.status, 403, "{name}");
        assert_eq!(person.get("/producers/new").await.status, 403, "{name}");
        let answer = person.api(Method::POST, "/api/v1/producers", body.clone()).await;
        assert_eq!(answer.status, 403, "{name}");
        let end = person.post(&format!("/producers/{rand}/end"), &[("reason", "x")]).await;
        assert_eq!(end.status, 403, "{name}");
        let reason = json!({ "reason": "x" });
        let end = person.api(Method::POST, &format!("/api/v1/producers/{rand}/end"), reason).await;
        assert_eq!(end.status, 403, "{name}");
        let give = [("email", "ben@example.org"), ("role", "producer_agent"), ("act", "give")];
        let appointed = person.post(&format!("/producers/{rand}/people"), &give).await;
        assert_eq!(appointed.status, 403, "{name}");
    }
    assert_eq!(centre.visitor().post("/producers", &FORM).await.status, 303, "to the sign-in");
    assert_eq!(centre.centre.store.all::<Producer>().await.unwrap().len(), 3);
    assert!(centre.events().await.contains(&"policy.denied".to_owned()));
}

#[tokio::test]
async fn a_producer_s_page_is_for_its_people_and_the_back_office() {
    let centre = TestCentre::start().await;
    let rand = stored(&centre, "rand").await.id;
    let path = format!("/producers/{rand}");
    for (name, status) in [
        ("chloe", 200),
        ("karim", 200),
        ("farid", 200),
        ("ines", 200),
        ("nora", 200),
        ("omar", 200),
        ("dario", 404),
        ("ada", 404),
        ("grace", 404),
    ] {
        let person = centre.person(name).await;
        assert_eq!(person.get(&path).await.status, status, "{name}");
        assert_eq!(person.get(&format!("/api/v1{path}")).await.status, status, "{name}");
    }
    let dario = centre.person("dario").await.get("/producers").await.text;
    assert!(dario.contains("ANES") && !dario.contains("RAND Corporation"), "its own alone");
}

#[tokio::test]
async fn an_agent_sets_the_terms_of_the_own_producer_and_never_its_name() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let (rand, anes) = (stored(&centre, "rand").await, stored(&centre, "umich").await);
    let path = format!("/producers/{}", rand.id);
    let terms = [
        ("contact", "new@example.org"),
        ("consultation_days", "30"),
        ("silence_goes_on", "yes"),
        ("name_fr", "Usurpé"),
        ("name_en", "Usurped"),
    ];
    assert_eq!(chloe.post(&path, &terms).await.status, 303);
    let after = stored(&centre, "rand").await;
    assert_eq!((after.consultation_days, after.silence_goes_on), (30, true));
    assert_eq!((&after.name, after.contact.as_str()), (&rand.name, "new@example.org"));
    let body = json!({
        "name_fr": "Usurpé", "name_en": "Usurped", "contact": "x", "consultation_days": 14,
    });
    let renamed = chloe.api(Method::PUT, &format!("/api/v1{path}"), body).await;
    assert_eq!(renamed.status, 403);
    let other = format!("/producers/{}", anes.id);
    assert_eq!(chloe.post(&other, &terms).await.status, 404, "another producer's");
    let decider = centre.person("omar").await;
    let chloe_id = centre.who("chloe").await.id.to_string();
    let take = [("person", chloe_id.as_str()), ("role", "producer_agent"), ("act", "take")];
    assert_eq!(decider.post(&format!("{path}/people"), &take).await.status, 303);
    assert_eq!(chloe.get(&path).await.status, 200, "a decider reads");
    assert_eq!(chloe.post(&path, &terms).await.status, 403);
    assert!(centre.events().await.contains(&"producer.edited".to_owned()));
}

#[tokio::test]
async fn a_producer_ends_when_its_sources_are_retired_and_can_be_reopened() {
    let centre = TestCentre::start().await;
    let (omar, chloe) = (centre.person("omar").await, centre.person("chloe").await);
    let source = documented(&centre, &chloe).await;
    assert_eq!(go(&chloe, &source, "publish").await.status, 303);
    let rand = stored(&centre, "rand").await.id;
    let path = format!("/producers/{rand}");
    let why = [("reason", "the survey is over")];
    let early = omar.post(&format!("{path}/end"), &why).await;
    assert_eq!(early.status, 422);
    assert!(early.text.contains("Retire its published") && early.text.contains(why[0].1));
    assert_eq!(go(&chloe, &source, "retire").await.status, 303);
    assert_eq!(omar.post(&format!("{path}/end"), &[("reason", " ")]).await.status, 422);
    assert_eq!(omar.post(&format!("{path}/end"), &why).await.status, 303);
    assert_eq!(omar.post(&format!("{path}/end"), &why).await.status, 409, "once");
    let id = rand.to_string();
    let form = [("producer", id.as_str()), ("slug", "late"), ("title_en", "Late")];
    assert_eq!(chloe.post("/data/sources/new", &form).await.status, 409, "nothing new");
    assert_eq!(omar.post(&path, &FORM).await.status, 409);
    let role = json!({ "role": Role::ProducerAgent.name(), "producer": rand });
    let zoe = centre.who("zoe").await.id;
    let given = omar.api(Method::POST, &format!("/api/v1/people/{zoe}/roles"), role).await;
    assert_eq!(given.status, 409, "nobody is appointed");
    assert_eq!(chloe.get("/producer").await.status, 200, "its people go on deciding");
    assert_eq!(omar.post(&format!("{path}/reopen"), &why).await.status, 303);
    assert_eq!(chloe.post("/data/sources/new", &form).await.status, 303);
    let events = centre.events().await;
    for kind in ["producer.ended", "producer.reopened"] {
        assert!(events.iter().any(|event| event == kind), "{kind}: {events:?}");
    }
}

/// Threat: a producer that ends at the very moment when it gets a source, a publication or somebody.
#[tokio::test]
async fn whoever_ends_a_producer_has_seen_all_that_it_has() {
    let centre = TestCentre::start().await;
    let (omar, chloe) = (centre.person("omar").await, centre.person("chloe").await);
    let id = stored(&centre, "rand").await.id.to_string();
    let by_hand = [("producer", id.as_str()), ("slug", "late"), ("title_en", "Late")];
    let people = format!("/producers/{id}/people");
    let give = [("email", "zoe@example.org"), ("role", "producer_agent"), ("act", "give")];
    let mut source = String::new();
    for brought in ["a source by hand", "a source from a code book", "a publication", "somebody"] {
        let seen = stored(&centre, "rand").await;
        match brought {
            "a source by hand" => {
                assert_eq!(chloe.post("/data/sources/new", &by_hand).await.status, 303);
            }
            "a source from a code book" => source = documented(&centre, &chloe).await,
            "a publication" => assert_eq!(go(&chloe, &source, "publish").await.status, 303),
            _ => assert_eq!(omar.post(&people, &give).await.status, 303),
        }
        let ended = Producer { ended_at: Some(centre.centre.now()), ..seen.clone() };
        let event = centre.centre.system_event("producer.ended", "producer", seen.id);
        let late = centre.centre.store.change(&event).replace(&seen, &ended).commit().await;
        assert!(matches!(late, Err(store::StoreError::Conflict { .. })), "{brought}: {late:?}");
    }
}

#[tokio::test]
async fn the_api_does_what_the_pages_do() {
    let centre = TestCentre::start().await;
    let omar = centre.person("omar").await;
    let body = json!({
        "slug": "cnrs", "name_fr": "Centre", "name_en": "Centre", "contact": "a@example.org",
    });
    let made = omar.api(Method::POST, "/api/v1/producers", body.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json()["consultation_days"], 14, "the usual delay");
    let path = format!("/api/v1/producers/{}", made.json()["id"].as_str().unwrap());
    let again = omar.api(Method::POST, "/api/v1/producers", body.clone()).await;
    assert_eq!(again.json()["code"], "invalid-producer-slug-taken");
    let mut terms = body;
    terms["silence_goes_on"] = json!(true);
    assert_eq!(omar.api(Method::PUT, &path, terms).await.status, 204);
    assert_eq!(omar.get(&path).await.json()["silence_goes_on"], true);
    let reason = json!({ "reason": "a mistake" });
    let end = omar.api(Method::POST, &format!("{path}/end"), reason.clone()).await;
    assert_eq!(end.status, 204);
    assert_eq!(omar.get(&path).await.json()["state"], "ended");
    assert_eq!(omar.api(Method::POST, &format!("{path}/reopen"), reason).await.status, 204);
    assert_eq!(omar.get("/api/v1/producers").await.json().as_array().unwrap().len(), 4);
}
