//! Before the submission: members, questions, changes, the target date (JOURNEYS 1.5, scene 2).

use centre_tests::TestCentre;
use domain::projects::item::ItemState;

use super::kit::{application, done, fill_in, item, put, ready, source, state, vintage};

const DAY: i64 = 24 * 60 * 60;

/// An application of Ada in consultation, on one source of `rand` and one of `umich`.
async fn consulting(centre: &TestCentre) -> (String, domain::Source, domain::Source) {
    let rand = source(centre, "rand", "hie", &["2018", "2019"]).await;
    let anes = source(centre, "umich", "anes", &["2018"]).await;
    let ada = centre.person("ada").await;
    put(centre, &ada, &rand, &["2018"]).await;
    put(centre, &ada, &anes, &["2018"]).await;
    let id = ada.post("/applications", &[]).await.id();
    fill_in(centre, &ada, &id).await;
    done(&ada, &format!("/applications/{id}/consult"), &[]).await;
    (id, rand, anes)
}

/// Scene 2: only items of producers with the rule "named persons" reopen.
#[tokio::test]
async fn a_new_member_reopens_only_what_was_agreed_for_named_persons() {
    let centre = TestCentre::start().await;
    let (id, rand, anes) = consulting(&centre).await;
    let (ada, chloe, dario) =
        (centre.person("ada").await, centre.person("chloe").await, centre.person("dario").await);
    let (first, second) = (item(&centre, &id, &rand).await.id, item(&centre, &id, &anes).await.id);
    let named = [("named_persons", "yes")];
    done(&chloe, &format!("/producer/items/{first}/agree"), &named).await;
    done(&dario, &format!("/producer/items/{second}/agree"), &[]).await;
    done(&ada, &format!("/applications/{id}/go-on"), &[]).await;
    let ben = [("email", "Ben@Example.org "), ("bubble", "yes")];
    done(&ada, &format!("/applications/{id}/add-member"), &ben).await;
    assert_eq!(item(&centre, &id, &rand).await.state, ItemState::Asked);
    assert_eq!(item(&centre, &id, &anes).await.state, ItemState::Agreed);
    assert_eq!(state(&centre, &id).await, "consultation", "a file that was ready is not any more");
    let page = centre.person("ben").await.get(&format!("/applications/{id}")).await;
    assert_eq!(page.status, 200, "a member reads the application");
    let member = centre.who("ben").await.id.to_string();
    done(&ada, &format!("/applications/{id}/remove-member"), &[("person", &member)]).await;
    let page = centre.person("ben").await.get(&format!("/applications/{id}")).await;
    assert_eq!(page.status, 404, "and no longer when taken out");
    let events = centre.events().await;
    assert!(
        events.contains(&"member.added".to_owned())
            && events.contains(&"member.removed".to_owned())
    );
}

#[tokio::test]
async fn other_vintages_or_reasons_ask_that_producer_again_and_no_other() {
    let centre = TestCentre::start().await;
    let (id, rand, anes) = consulting(&centre).await;
    let (ada, chloe, dario) =
        (centre.person("ada").await, centre.person("chloe").await, centre.person("dario").await);
    let (first, second) = (item(&centre, &id, &rand).await.id, item(&centre, &id, &anes).await.id);
    done(&chloe, &format!("/producer/items/{first}/agree"), &[]).await;
    done(&dario, &format!("/producer/items/{second}/agree"), &[]).await;
    let more = vintage(&centre, &rand, "2019").await.to_string();
    let old = vintage(&centre, &rand, "2018").await.to_string();
    let path = format!("/applications/{id}/items/{first}/change");
    let why = ("justification", "Two years are needed");
    done(&ada, &path, &[("vintages", &old), ("vintages", &more), why]).await;
    assert_eq!(item(&centre, &id, &rand).await.state, ItemState::Asked);
    assert_eq!(item(&centre, &id, &rand).await.vintages.len(), 2);
    assert_eq!(item(&centre, &id, &anes).await.state, ItemState::Agreed);
    let foreign = vintage(&centre, &anes, "2018").await.to_string();
    let wrong = ada.post(&path, &[("vintages", &foreign), why]).await;
    assert_eq!(wrong.status, 422, "a vintage of another source is not one of this");
}

#[tokio::test]
async fn a_producer_asks_and_the_lead_answers() {
    let centre = TestCentre::start().await;
    let (id, rand, _) = consulting(&centre).await;
    let (ada, chloe) = (centre.person("ada").await, centre.person("chloe").await);
    let asked = item(&centre, &id, &rand).await.id;
    let question = [("text", "Why the commune?")];
    done(&chloe, &format!("/producer/items/{asked}/ask"), &question).await;
    assert!(ada.get(&format!("/applications/{id}")).await.text.contains("Why the commune?"));
    let path = format!("/applications/{id}/items/{asked}/answer");
    assert_eq!(ada.post(&path, &[("text", "")]).await.status, 422);
    done(&ada, &path, &[("text", "For the distance to care")]).await;
    let page = chloe.get(&format!("/producer/items/{asked}")).await;
    assert!(page.text.contains("For the distance to care") && page.text.contains("Chloé Durand"));
    assert_eq!(item(&centre, &id, &rand).await.state, ItemState::Asked);
    assert_eq!(ada.post(&path, &[("text", "again")]).await.status, 409, "there is no question");
}

#[tokio::test]
async fn silence_blocks_unless_the_producer_lets_it_go_on() {
    let centre = TestCentre::start().await;
    let (id, rand, anes) = consulting(&centre).await;
    let (ada, chloe) = (centre.person("ada").await, centre.person("chloe").await);
    let asked = item(&centre, &id, &rand).await.id;
    done(&chloe, &format!("/producer/items/{asked}/agree"), &[]).await;
    centre.advance(8 * DAY).await;
    centre.advance(4 * DAY).await;
    centre.advance(2 * DAY - 60).await;
    let due = |events: Vec<String>| events.iter().filter(|kind| *kind == "item.due").count();
    assert_eq!(due(centre.events().await), 3, "7, 2 and 0 days before");
    assert_eq!(item(&centre, &id, &anes).await.state, ItemState::Asked);
    centre.advance(60).await;
    centre.advance(60).await;
    assert_eq!(item(&centre, &id, &anes).await.state, ItemState::Silent);
    let ada = {
        drop(ada);
        centre.person("ada").await
    };
    assert_eq!(ada.post(&format!("/applications/{id}/go-on"), &[]).await.status, 422);
    let producers = centre.centre.store.all::<domain::Producer>().await.unwrap();
    let before = producers.into_iter().find(|one| one.slug == "umich").unwrap();
    let after = domain::Producer { silence_goes_on: true, ..before.clone() };
    let event = centre.centre.system_event("producer.changed", "producer", before.id);
    centre.centre.store.change(&event).replace(&before, &after).commit().await.unwrap();
    done(&ada, &format!("/applications/{id}/go-on"), &[]).await;
    assert!(centre.events().await.contains(&"lead.goes_on".to_owned()));
}

/// A file waits for the slowest of its producers, and a producer who is asked again has its own
/// delay anew.
#[tokio::test]
async fn a_producer_s_own_delay_moves_the_date_of_the_files_that_ask_it() {
    let centre = TestCentre::start().await;
    let omar = centre.person("omar").await;
    let producers = centre.centre.store.all::<domain::Producer>().await.unwrap();
    let anes_id = producers.iter().find(|one| one.slug == "umich").unwrap().id;
    let terms = [
        ("name_fr", "ANES"),
        ("name_en", "ANES"),
        ("contact", "anes@example.org"),
        ("consultation_days", "30"),
    ];
    done(&omar, &format!("/producers/{anes_id}"), &terms).await;
    let (id, rand, anes) = consulting(&centre).await;
    let target = async || match application(&centre, &id).await.state {
        domain::projects::application::ApplicationState::Consultation { target, .. } => {
            target.duration_since(centre.centre.now()).as_secs() / DAY
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(target().await, 30);
    let (chloe, dario) = (centre.person("chloe").await, centre.person("dario").await);
    for (who, source) in [(&chloe, &rand), (&dario, &anes)] {
        let asked = item(&centre, &id, source).await.id;
        done(who, &format!("/producer/items/{asked}/agree"), &[]).await;
    }
    let ada = centre.person("ada").await;
    done(&ada, &format!("/applications/{id}/go-on"), &[]).await;
    let (asked, other) =
        (item(&centre, &id, &rand).await.id, vintage(&centre, &rand, "2019").await.to_string());
    let change = [("vintages", other.as_str()), ("justification", "Another year after all")];
    done(&ada, &format!("/applications/{id}/items/{asked}/change"), &change).await;
    assert_eq!(target().await, 14, "only the producer with the usual delay is asked again");
}

#[tokio::test]
async fn somebody_without_an_account_is_invited_and_joins_with_it() {
    let centre = TestCentre::start().await;
    let (id, _) = ready(&centre).await;
    let ada = centre.person("ada").await;
    let path = format!("/applications/{id}/add-member");
    let nameless = ada.post(&path, &[("email", "new@example.org")]).await;
    assert_eq!(nameless.status, 422);
    assert!(nameless.text.contains("new@example.org"), "what was typed stays");
    done(&ada, &path, &[("email", "new@example.org"), ("name", "Nora New"), ("bubble", "yes")])
        .await;
    let page = ada.get(&format!("/applications/{id}/edit/persons")).await;
    assert!(page.text.contains("Nora New"));
    let person = centre.centre.store.person_by_email("new@example.org").await.unwrap().unwrap();
    assert_eq!(person.state.name(), "invited");
    let members = application(&centre, &id).await.members;
    assert_eq!(members.iter().map(|member| member.person).collect::<Vec<_>>(), [person.id]);
    let events = centre.events().await;
    assert!(
        events.contains(&"member.invited".to_owned())
            && events.contains(&"member.added".to_owned())
    );
}

#[tokio::test]
async fn a_member_who_may_edit_writes_in_the_draft_and_leads_nothing() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = ada.post("/applications", &[]).await.id();
    let ben = [("email", "ben@example.org"), ("edits", "yes")];
    done(&ada, &format!("/applications/{id}/add-member"), &ben).await;
    let zoe = [("email", "zoe@example.org")];
    done(&ada, &format!("/applications/{id}/add-member"), &zoe).await;
    let (ben, zoe) = (centre.person("ben").await, centre.person("zoe").await);
    let version = application(&centre, &id).await.version.to_string();
    let field = [("acronym", "BEN"), ("version", version.as_str())];
    let path = format!("/applications/{id}/fields");
    assert_eq!(zoe.post(&path, &field).await.status, 403, "she reads only");
    assert_eq!(ben.post(&path, &field).await.status, 200);
    let withdraw = [("reason", "mine now")];
    assert_eq!(ben.post(&format!("/applications/{id}/withdraw"), &withdraw).await.status, 403);
    assert_eq!(centre.events().await.iter().filter(|k| *k == "policy.denied").count(), 2);
}
