//! Who is told of what happens around an application (JOURNEYS 3.3).

use centre_tests::TestCentre;

use super::kit::{authorised, done, examine, item, ready, told, vintage};

fn count(told: &[String], key: &str) -> usize {
    told.iter().filter(|other| *other == key).count()
}

#[tokio::test]
async fn a_withdrawn_vintage_is_told_to_who_has_it_and_to_who_asks_for_it() {
    let centre = TestCentre::start().await;
    let (_, granted) = authorised(&centre).await;
    let zoe = centre.person("zoe").await;
    let source: domain::Source = centre.centre.load("source", granted.source).await.unwrap();
    super::kit::put(&centre, &zoe, &source, &["2018"]).await;
    zoe.post("/applications", &[]).await;
    let gone = vintage(&centre, &source, "2018").await;
    let chloe = centre.person("chloe").await;
    let why = [("reason", "wrong universe")];
    done(&chloe, &format!("/data/vintages/{gone}/withdraw"), &why).await;
    assert_eq!(count(&told(&centre, "ada").await, "vintage-withdrawn"), 1);
    assert_eq!(count(&told(&centre, "zoe").await, "vintage-withdrawn-asked"), 1);
    assert_eq!(count(&told(&centre, "ben").await, "vintage-withdrawn"), 0, "it is not his project");
    let person = centre.who("ada").await.id;
    let notices = centre.centre.store.notices_of(person).await.unwrap();
    let notice = notices.iter().find(|one| one.key == "vintage-withdrawn").unwrap();
    assert_eq!(notice.link, format!("/catalogue/{}/vintages", source.slug));
    assert_eq!(notice.args["vintage"], "2018");
}

#[tokio::test]
async fn an_erratum_is_told_to_the_projects_that_hold_the_vintage() {
    let centre = TestCentre::start().await;
    let (_, granted) = authorised(&centre).await;
    let source: domain::Source = centre.centre.load("source", granted.source).await.unwrap();
    let old = vintage(&centre, &source, "2019").await;
    let event = centre.centre.system_event("vintage.replaced", "vintage", old);
    centre.centre.store.change(&event).commit().await.unwrap();
    centre.centre.settle().await.unwrap();
    assert_eq!(count(&told(&centre, "ada").await, "vintage-replaced"), 1);
    assert_eq!(count(&told(&centre, "zoe").await, "vintage-replaced"), 0);
}

#[tokio::test]
async fn the_end_of_a_right_and_the_last_decision_are_told() {
    let centre = TestCentre::start().await;
    let (_, granted) = authorised(&centre).await;
    assert_eq!(count(&told(&centre, "ada").await, "decisions-complete"), 1);
    assert_eq!(count(&told(&centre, "farid").await, "decisions-complete"), 1);
    let left = granted.granted_until().unwrap().duration_since(centre.centre.now()).as_secs();
    centre.advance(left).await;
    assert_eq!(count(&told(&centre, "ada").await, "item-ended"), 1);
    assert_eq!(count(&told(&centre, "ada").await, "application-ended"), 1);
}

#[tokio::test]
async fn producers_hear_of_what_is_taken_back_only_if_they_were_asked() {
    let centre = TestCentre::start().await;
    let (id, rand) = ready(&centre).await;
    let ada = centre.person("ada").await;
    let why = [("reason", "no money")];
    done(&ada, &format!("/applications/{id}/withdraw"), &why).await;
    assert_eq!(count(&told(&centre, "chloe").await, "item-removed"), 1);
    assert_eq!(count(&told(&centre, "farid").await, "application-withdrawn"), 0, "never submitted");
    super::kit::put(&centre, &ada, &rand, &["2018"]).await;
    let draft = ada.post("/applications", &[]).await.id();
    let listed = item(&centre, &draft, &rand).await.id;
    done(&ada, &format!("/applications/{draft}/items/{listed}/remove"), &[]).await;
    assert_eq!(count(&told(&centre, "chloe").await, "item-removed"), 1, "it was never asked");
}

#[tokio::test]
async fn the_secretary_hears_of_a_submitted_file_that_is_withdrawn() {
    let centre = TestCentre::start().await;
    let (id, _) = ready(&centre).await;
    let ada = centre.person("ada").await;
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    done(&ada, &format!("/applications/{id}/withdraw"), &[("reason", "no money")]).await;
    assert_eq!(count(&told(&centre, "farid").await, "application-withdrawn"), 1);
    assert_eq!(count(&told(&centre, "ada").await, "application-withdrawn"), 0, "she did it");
}

#[tokio::test]
async fn a_lead_hears_that_the_draft_has_lapsed() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    ada.post("/applications", &[]).await;
    centre.advance(366 * 24 * 60 * 60).await;
    assert_eq!(count(&told(&centre, "ada").await, "application-lapsed"), 1);
}

#[tokio::test]
async fn a_refusal_of_every_item_is_told_as_a_decision() {
    let centre = TestCentre::start().await;
    let (id, rand) = ready(&centre).await;
    done(&centre.person("ada").await, &format!("/applications/{id}/submit"), &[]).await;
    examine(&centre, &id, "favourable").await;
    let due = item(&centre, &id, &rand).await.id;
    let chloe = centre.person("chloe").await;
    done(&chloe, &format!("/producer/items/{due}/refuse"), &[("reason", "no")]).await;
    let ada = told(&centre, "ada").await;
    assert_eq!((count(&ada, "item-decided"), count(&ada, "decisions-complete")), (1, 1));
}
