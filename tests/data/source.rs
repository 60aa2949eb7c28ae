use centre_tests::TestCentre;
use reqwest::Method;

use super::{CODEBOOK, documented, go};

#[tokio::test]
async fn a_code_book_fills_its_source_in_both_languages() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    documented(&centre, &chloe).await;
    let source = centre.centre.store.source_by_slug("dsm").await.unwrap().unwrap();
    assert_eq!(source.title.fr, "Dépenses de santé des ménages");
    assert_eq!(source.title.en, "Health expenditure of households");
    assert_eq!((source.acronym.as_str(), source.state.name()), ("DSM", "documented"));
    assert!(chloe.get("/data").await.text.contains("Health expenditure of households"));
}

#[tokio::test]
async fn a_code_book_imported_again_shows_what_it_changes() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let next = CODEBOOK.replace("Revenu fiscal du foyer", "Revenu du foyer").replace(
        "<var ID=\"V3\" name=\"statut\">",
        "<var ID=\"V9\" name=\"age\"><strange/></var><var ID=\"V3\" name=\"emploi\">",
    );
    let path = format!("/api/v1/sources/{source}/codebook");
    let answer = chloe.send(Method::PUT, &path, |request| request.body(next)).await;
    let changes = &answer.json()["changes"];
    assert_eq!(changes["added"], serde_json::json!(["age", "emploi"]));
    assert_eq!(changes["removed"], serde_json::json!(["statut"]));
    assert_eq!(changes["changed"]["revenu"], serde_json::json!(["label"]));
    let problems = answer.json()["problems"].clone();
    let strange = problems.as_array().unwrap().iter().find(|one| one["code"] == "unknown_element");
    assert!(strange.is_some_and(|one| one["line"].as_u64() > Some(0)), "{problems}");
    let page = chloe.get(&format!("/data/sources/{source}/codebook")).await.text;
    assert!(page.contains("/codeBook/dataDscr/var[3]/strange"), "{page}");
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let producer = centre.centre.store.producer_by_slug("rand").await.unwrap().unwrap();
    let producer = producer.id.to_string();
    let fields = [
        ("producer", producer.as_str()),
        ("slug", "Not a slug"),
        ("title_en", "My title"),
        ("theme", "health"),
        ("theme", "work"),
    ];
    let refused = chloe.post("/data/sources/new", &fields).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("My title") && refused.text.contains("aria-invalid"));
    let fields = [("producer", producer.as_str()), ("slug", "good"), ("title_en", "My title")];
    assert_eq!(chloe.post("/data/sources/new", &fields).await.status, 303);
    assert_eq!(chloe.post("/data/sources/new", &fields).await.status, 422, "the name is taken");
}

#[tokio::test]
async fn a_draft_cannot_be_published_and_a_hidden_source_leaves_the_public() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let visitor = centre.visitor();
    assert_eq!(visitor.get("/catalogue/dsm").await.status, 404);
    assert_eq!(go(&chloe, &source, "retire").await.status, 409);
    assert_eq!(go(&chloe, &source, "publish").await.status, 303);
    assert_eq!(visitor.get("/catalogue/dsm").await.status, 200);
    assert_eq!(go(&chloe, &source, "hide").await.status, 303);
    assert_eq!(visitor.get("/catalogue/dsm").await.status, 404);
    assert_eq!(centre.person("ada").await.get("/catalogue/dsm").await.status, 200);
    let events = centre.events().await;
    assert!(events.ends_with(&["source.published".into(), "source.hidden".into()]), "{events:?}");
}

#[tokio::test]
async fn a_source_is_made_and_changed_by_the_api_as_by_the_form() {
    let centre = TestCentre::start().await;
    let (chloe, dario) = (centre.person("chloe").await, centre.person("dario").await);
    let producer = centre.centre.store.producer_by_slug("rand").await.unwrap().unwrap().id;
    let new = serde_json::json!({
        "producer": producer, "slug": "costs", "title_en": "Costs", "route": "committee",
        "themes": ["health"],
    });
    let made = chloe.api(Method::POST, "/api/v1/sources", new.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(dario.api(Method::POST, "/api/v1/sources", new).await.status, 404, "not theirs");
    let path = format!("/api/v1/sources/{id}");
    let change = serde_json::json!({ "slug": "costs", "title_en": "Costs of care", "route": "producer_only" });
    let changed = chloe.api(Method::PUT, &path, change.clone()).await;
    assert_eq!((changed.status, &changed.json()["title"]["en"]), (200, &"Costs of care".into()));
    assert_eq!(dario.api(Method::PUT, &path, change).await.status, 404);
    let odd = serde_json::json!({ "slug": "costs", "title_en": "C", "route": "nobody" });
    assert_eq!(chloe.api(Method::PUT, &path, odd).await.status, 422);
    let from = format!("/api/v1/sources/from-codebook?producer={producer}&theme=health");
    let document = |request: reqwest::RequestBuilder| request.body(CODEBOOK);
    let made = chloe.send(Method::POST, &from, document).await;
    assert_eq!((made.status, &made.json()["state"]), (201, &"documented".into()), "{}", made.text);
    assert_eq!(chloe.get(&path).await.json()["source"]["route"], "producer_only");
}
