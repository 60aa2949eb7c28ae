use centre_tests::{Client, TestCentre};

use super::{announced, documented, go};

async fn published(centre: &TestCentre) -> (Client, String) {
    let chloe = centre.person("chloe").await;
    let source = documented(centre, &chloe).await;
    announced(&chloe, &source, "2019").await;
    assert_eq!(go(&chloe, &source, "publish").await.status, 303);
    (chloe, source)
}

async fn sources(visitor: &Client, query: &str) -> u64 {
    let answer = visitor.get(&format!("/api/v1/catalogue?{query}")).await;
    answer.json()["sources"].as_u64().unwrap_or_else(|| panic!("{}", answer.text))
}

#[tokio::test]
async fn words_are_found_without_accents_in_the_plural_and_with_a_slip() {
    let centre = TestCentre::start().await;
    published(&centre).await;
    let visitor = centre.visitor();
    for query in [
        "q=depenses+sante",
        "q=D%C3%A9pense",
        "q=revenus+fiscaux+foyers",
        "q=resience",
        "q=salarie",
        "q=statut",
        "q=menagse",
        "q=expenditure",
    ] {
        assert_eq!(sources(&visitor, query).await, 1, "{query}");
    }
    assert_eq!(sources(&visitor, "q=volcan").await, 0);
    assert_eq!(sources(&visitor, "q=sante+volcan").await, 0);
    let found = visitor.get("/api/v1/catalogue?q=commune").await.json();
    assert_eq!(found["found"][0]["matches"][0]["name"], "commune");
    assert_eq!(found["variables"], 1);
}

#[tokio::test]
async fn facets_count_and_filter_and_the_range_says_what_it_leaves_out() {
    let centre = TestCentre::start().await;
    published(&centre).await;
    let visitor = centre.visitor();
    let all = visitor.get("/api/v1/catalogue").await.json();
    assert_eq!(all["themes"][0], serde_json::json!({ "value": "health", "count": 1 }));
    assert_eq!(all["producers"][0], serde_json::json!({ "value": "rand", "count": 1 }));
    assert_eq!(all["decades"][0], serde_json::json!({ "value": "2010", "count": 1 }));
    assert_eq!(sources(&visitor, "theme=work").await, 0);
    assert_eq!(sources(&visitor, "theme=work&theme=health").await, 1);
    assert_eq!(sources(&visitor, "from=2000&to=2010").await, 0);
    assert_eq!(sources(&visitor, "from=2019").await, 1);
    let page = visitor.get("/catalogue?q=sante&theme=health&from=2019").await.text;
    assert!(page.contains("Number of results <strong>1</strong>"), "{page}");
    assert!(page.contains("Theme: Health") && page.contains("From 2019"));
    assert!(page.contains("<dt>Publications</dt><dd>1</dd>"));
    assert!(page.contains("leaves out no source"));
}

#[tokio::test]
async fn a_source_that_is_not_published_is_not_in_the_catalogue() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let visitor = centre.visitor();
    assert_eq!(sources(&visitor, "q=sante").await, 0);
    go(&chloe, &source, "publish").await;
    assert_eq!(sources(&visitor, "q=sante").await, 1);
    go(&chloe, &source, "hide").await;
    assert_eq!(sources(&visitor, "q=sante").await, 0);
    assert_eq!(sources(&centre.person("ada").await, "q=sante").await, 1);
    go(&chloe, &source, "retire").await;
    assert_eq!(sources(&centre.person("ada").await, "q=sante").await, 0);
}

#[tokio::test]
async fn the_index_is_made_again_when_it_is_missing_or_broken() {
    let centre = TestCentre::start().await;
    published(&centre).await;
    let folder = centre.dir.path().join("catalogue");
    let centre = centre.restart().await;
    assert_eq!(sources(&centre.visitor(), "q=sante").await, 1, "kept");
    std::fs::remove_dir_all(&folder).unwrap();
    let centre = centre.restart().await;
    assert_eq!(sources(&centre.visitor(), "q=sante").await, 1, "missing");
    std::fs::write(folder.join("meta.json"), "{").unwrap();
    let centre = centre.restart().await;
    assert_eq!(sources(&centre.visitor(), "q=sante").await, 1, "broken");
}

#[tokio::test]
async fn a_source_is_read_down_to_its_categories_in_the_reader_s_language() {
    let centre = TestCentre::start().await;
    published(&centre).await;
    let visitor = centre.visitor();
    let page = visitor.get("/catalogue/dsm").await.text;
    assert!(page.contains("Health expenditure of households"));
    assert!(page.contains("lang=\"fr\">Une enquête auprès des ménages."), "{page}");
    assert!(page.contains("https://example.org/durand"));
    let page = visitor.get("/catalogue/dsm/variables?q=revenus").await.text;
    assert!(page.contains("Taxable income") && !page.contains("Place of residence"), "{page}");
    let page = visitor.get("/catalogue/dsm/variables/statut").await.text;
    assert!(page.contains("Êtes-vous salarié") && page.contains("Indépendant"));
    assert_eq!(visitor.get("/catalogue/dsm/variables/nothing").await.status, 404);
    let page = visitor.get("/catalogue/dsm/vintages").await.text;
    assert!(page.contains("2019") && page.contains("Add to the basket"));
}

#[tokio::test]
async fn the_demonstration_s_sources_are_on_the_shelf_and_a_second_start_adds_nothing() {
    let centre = TestCentre::start().await;
    let folder = std::env::var("BULLE_DEMO_DATA").unwrap_or_default();
    let folder = std::path::Path::new(&folder);
    let has_data = folder.join("manifest.json").exists();
    if !has_data {
        println!("BULLE_DEMO_DATA names no folder made by demo/data.py: vintages are not tested");
    }
    bulle::demo::seed_sources(&centre.centre, folder).await.unwrap();
    let events = centre.events().await.len();
    bulle::demo::seed_sources(&centre.centre, folder).await.unwrap();
    assert_eq!(centre.events().await.len(), events);
    let visitor = centre.visitor();
    assert_eq!(sources(&visitor, "").await, 3);
    let hie = visitor.get("/api/v1/catalogue?q=coinsurance").await.json();
    assert_eq!(hie["found"][0]["slug"], "hie");
    let vintages = hie["found"][0]["vintages"].as_array().unwrap();
    assert_eq!(vintages.len(), if has_data { 5 } else { 0 });
    assert!(vintages.iter().all(|vintage| vintage["available"] == true), "{vintages:?}");
}
