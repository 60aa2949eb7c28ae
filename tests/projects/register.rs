//! The public register of projects.

use centre_tests::TestCentre;

use super::kit::{authorised, ready};

#[tokio::test]
async fn everybody_reads_of_a_project_what_the_register_says_and_nothing_else() {
    let centre = TestCentre::start().await;
    let visitor = centre.visitor();
    let before = visitor.get("/register").await;
    assert_eq!(before.headline(), "200 Register of projects");
    assert!(before.text.contains("0 projects"), "{}", before.text);
    let (id, _) = authorised(&centre).await;
    let page = visitor.get("/register").await.text;
    for shown in [
        "1 project",
        "About title_en",
        "About summary",
        "About institution_name",
        "Source hie",
        "RAND Corporation (health surveys)",
        "2018, 2019",
        "since 2 Nov 2026, until 2 Nov 2029",
        "/catalogue/hie",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    // Nothing else of the file: not who works in it, what for in detail, by which means.
    for hidden in ["Ada Lovelace", "About question", "About method", "About outputs", "Needed for"]
    {
        assert!(!page.contains(hidden), "{hidden}: {page}");
    }
    let found = visitor.get("/api/v1/register").await.json();
    assert_eq!((&found["found"], &found["projects"][0]["ended"]), (&1.into(), &false.into()));
    assert_eq!(found["projects"][0]["id"], id.as_str());
    assert_eq!(found["projects"][0]["sources"][0]["slug"], "hie");
    // From the catalogue, and back.
    let card = visitor.get("/catalogue").await.text;
    assert!(card.contains("href=\"/register?source=hie\""), "{card}");
    let own = visitor.get("/catalogue/hie").await.text;
    assert!(own.contains("<a href=\"/register?source=hie\">1 in the register</a>"), "{own}");
    for (query, count) in [
        ("?source=hie", "1 project"),
        ("?source=other", "0 projects"),
        ("?q=SUMMARY+rand", "1 project"),
        ("?q=sumary", "0 projects"),
        ("?page=7", "1 project"),
    ] {
        let page = visitor.get(&format!("/register{query}")).await;
        assert!(page.status == 200 && page.text.contains(count), "{query}: {}", page.text);
    }
    let french = centre.visitor();
    let language = [("lang", "fr"), ("back", "/register")];
    assert_eq!(french.post("/language", &language).await.location, "/register");
    let page = french.get("/register").await.text;
    assert!(page.contains("Registre des projets") && page.contains("About title_fr"), "{page}");
    // The end of the project is told, and it stays.
    centre.advance(3 * 366 * 24 * 3600).await;
    let ended = visitor.get("/register").await.text;
    assert!(ended.contains("Ended project") && ended.contains("from 2 Nov 2026 to"), "{ended}");
}

#[tokio::test]
async fn drafts_and_submitted_files_are_not_in_the_register() {
    let centre = TestCentre::start().await;
    let (id, _) = ready(&centre).await;
    let visitor = centre.visitor();
    assert!(!visitor.get("/register").await.text.contains("About title_en"));
    let ada = centre.person("ada").await;
    super::kit::done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    assert!(!visitor.get("/register").await.text.contains("About title_en"));
    assert_eq!(visitor.get("/api/v1/register").await.json()["found"], 0);
    let card = visitor.get("/catalogue/hie").await.text;
    assert!(card.contains("0 in the register"), "{card}");
}

/// A source that its producer hides is not told to the public by a project on it.
#[tokio::test]
async fn a_hidden_source_stays_without_its_title() {
    let centre = TestCentre::start().await;
    let (_, item) = authorised(&centre).await;
    let karim = centre.person("karim").await;
    let hide = format!("/data/sources/{}/state", item.source);
    assert_eq!(karim.post(&hide, &[("act", "hide")]).await.status, 303);
    let page = centre.visitor().get("/register").await.text;
    assert!(page.contains("A source that is not in the public catalogue"), "{page}");
    assert!(!page.contains("Source hie") && !page.contains("/catalogue/hie"), "{page}");
    let by_name = centre.visitor().get("/register?source=hie").await.text;
    assert!(by_name.contains("0 projects"), "{by_name}");
    assert!(centre.visitor().get("/register?q=hie").await.text.contains("0 projects"));
}
