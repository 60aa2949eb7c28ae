//! A code book that would take something from a published source: it waits for a yes.

use centre_tests::{Answer, Client, TestCentre};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::json;

use super::{CODEBOOK, documented, go};

/// Something else, uploaded by mistake: another namespace, one of three variables.
fn wrong() -> String {
    let one = "<var ID=\"V1\" name=\"commune\"/></dataDscr></codeBook>";
    let start = CODEBOOK.split("<var ").next().unwrap();
    start.replace("ddi:codebook:2_5", "http://example.org/other") + one
}

async fn published(centre: &TestCentre, chloe: &Client) -> String {
    let source = documented(centre, chloe).await;
    assert_eq!(go(chloe, &source, "publish").await.status, 303);
    source
}

async fn upload(agent: &Client, source: &str, document: &str) -> Answer {
    let form = Form::new().part("file", Part::text(document.to_owned()).file_name("b.xml"));
    let page = format!("/data/sources/{source}/codebook");
    agent.send(Method::POST, &page, |request| request.multipart(form)).await
}

/// How many variables of the source the public sees.
async fn variables(centre: &TestCentre) -> usize {
    let page = centre.visitor().get("/catalogue/dsm/variables").await.text;
    ["commune", "revenu", "statut"].iter().filter(|name| page.contains(*name)).count()
}

/// The hidden field of the form that says yes.
fn token(page: &str) -> String {
    let rest = page.split("name=\"token\" value=\"").nth(1).expect("a form that says yes");
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_strange_document_over_a_published_source_waits_until_somebody_says_yes() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = published(&centre, &chloe).await;
    let mut told = centre.events().await;
    told.push("codebook.waits".to_owned());
    let asked = upload(&chloe, &source, &wrong()).await;
    assert_eq!(asked.status, 409, "{}", asked.text);
    for word in ["nothing was changed", "2 variables", "revenu, statut", "neither that of"] {
        assert!(asked.text.contains(word), "no `{word}` in {}", asked.text);
    }
    assert_eq!((centre.events().await, variables(&centre).await), (told, 3));
    // It waits where others find it too, and nothing has to be uploaded again.
    let path = format!("/data/sources/{source}/codebook");
    let decision = format!("{path}/decision");
    let again = centre.person("karim").await.get(&path).await.text;
    let yes = token(&again);
    let without_a_tick = [("act", "import"), ("token", yes.as_str())];
    let refused = chloe.post(&decision, &without_a_tick).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("Tick the box") && token(&refused.text) == yes);
    let other = [("act", "import"), ("token", "0000"), ("sure", "yes")];
    assert_eq!(chloe.post(&decision, &other).await.status, 422);
    assert_eq!(variables(&centre).await, 3);
    // Neither somebody of another producer nor somebody without a role says yes for them.
    let said = [("act", "import"), ("token", yes.as_str()), ("sure", "yes")];
    for stranger in ["dario", "ada"] {
        let stranger = centre.person(stranger).await;
        assert!([403, 404].contains(&stranger.post(&decision, &said).await.status));
        assert!([403, 404].contains(
            &stranger.post(&decision, &[("act", "discard"), ("token", "")]).await.status
        ));
    }
    assert_eq!(chloe.post(&decision, &said).await.status, 303);
    assert_eq!(variables(&centre).await, 1);
    let event = centre.centre.store.latest_events(None, 50).await.unwrap();
    let imported = event.iter().find(|sealed| sealed.event.kind == "codebook.imported").unwrap();
    assert_eq!(imported.event.payload["removed"], json!(2));
    assert!(!chloe.get(&path).await.text.contains("name=\"token\""), "nothing waits any more");
    assert_eq!(chloe.post(&decision, &said).await.status, 422, "the same yes again");
}

#[tokio::test]
async fn a_document_that_waits_is_thrown_away_or_makes_room_for_the_next() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = published(&centre, &chloe).await;
    let path = format!("/data/sources/{source}/codebook");
    let first = token(&upload(&chloe, &source, &wrong()).await.text);
    let other = wrong().replace("http://example.org/other", "ddi:codebook:2_5");
    let asked = upload(&chloe, &source, &other).await;
    assert!(!asked.text.contains("neither that of"), "the version is one that is surely read");
    let said = [("act", "import"), ("token", first.as_str()), ("sure", "yes")];
    assert_eq!(chloe.post(&format!("{path}/decision"), &said).await.status, 422, "shown no more");
    let stale = [("act", "discard"), ("token", first.as_str())];
    let kept = chloe.post(&format!("{path}/decision"), &stale).await;
    assert_eq!(kept.status, 422, "somebody else's document is not thrown away unread");
    let second = token(&chloe.get(&path).await.text);
    let discard = [("act", "discard"), ("token", second.as_str())];
    assert_eq!(chloe.post(&format!("{path}/decision"), &discard).await.status, 303);
    assert!(!chloe.get(&path).await.text.contains("name=\"token\""));
    assert_eq!(variables(&centre).await, 3);
    // What takes nothing away is imported at once, and so is anything into a draft.
    let more = CODEBOOK.replace("<dataDscr>", "<dataDscr><var ID=\"V9\" name=\"age\"/>");
    assert_eq!(upload(&chloe, &source, &more).await.status, 303);
}

#[tokio::test]
async fn the_api_asks_too_and_a_yes_is_for_this_document_in_the_place_of_that_one() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = published(&centre, &chloe).await;
    let path = format!("/api/v1/sources/{source}/codebook");
    let put = async |query: &str, document: String| {
        chloe.send(Method::PUT, &format!("{path}{query}"), |it| it.body(document)).await
    };
    let asked = put("", wrong()).await;
    assert_eq!(asked.status, 409, "{}", asked.text);
    let told = asked.json();
    assert_eq!(told["changes"]["removed"], json!(["revenu", "statut"]));
    assert_eq!((&told["is_strange"], &told["code"]), (&json!(true), &json!("codebook-waits")));
    assert_eq!(told["problems"][0]["code"], "wrong_namespace");
    let yes = format!("?yes={}", told["token"].as_str().unwrap());
    // Meanwhile somebody imports another code book: what would go is no longer what was shown.
    let more = CODEBOOK.replace("<dataDscr>", "<dataDscr><var ID=\"V9\" name=\"age\"/>");
    assert_eq!(put("", more).await.status, 200);
    let asked = put(&yes, wrong()).await;
    assert_eq!(asked.status, 409);
    assert_eq!(asked.json()["changes"]["removed"], json!(["age", "revenu", "statut"]));
    let yes = format!("?yes={}", asked.json()["token"].as_str().unwrap());
    assert_eq!(put(&yes, CODEBOOK.to_owned()).await.status, 409, "a yes to another document");
    assert_eq!(variables(&centre).await, 3);
    assert_eq!(put(&yes, wrong()).await.status, 200);
    assert_eq!(variables(&centre).await, 1);
}
