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
