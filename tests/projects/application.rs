//! From the basket to the project (JOURNEYS 1.5, acceptance scene 1).

use centre_tests::TestCentre;
use domain::{Source, projects::item::ItemState};
use sha2::{Digest, Sha256};

use super::kit::{
    application, authorised, done, examine, fill_in, item, put, ready, reload, sign, source, state,
    vintage,
};

async fn labels(centre: &TestCentre, id: &str, source: &Source) -> Vec<String> {
    let item = item(centre, id, source).await;
    let granted: Vec<_> = match item.granted_until() {
        Some(_) => item.granted_vintages().collect(),
        None => vec![],
    };
    let all = centre.centre.store.vintages_of(source.id).await.unwrap();
    let mut labels: Vec<String> =
        all.into_iter().filter(|v| granted.contains(&v.id)).map(|v| v.label).collect();
    labels.sort();
    labels
}

/// Scene 1: five sources of three producers; yes, yes without 2019, no.
#[tokio::test]
async fn three_producers_say_yes_yes_without_one_vintage_and_no() {
    let centre = TestCentre::start().await;
    let hie = source(&centre, "rand", "hie", &["2018", "2019"]).await;
    let costs = source(&centre, "rand", "costs", &["2019"]).await;
    let anes = source(&centre, "umich", "anes", &["2018", "2019", "2020"]).await;
    let panel = source(&centre, "umich", "panel", &["2019", "2020"]).await;
    let fair = source(&centre, "fair", "affairs", &["1978"]).await;
    let ada = centre.person("ada").await;
    put(&centre, &ada, &hie, &["2018", "2019"]).await;
    put(&centre, &ada, &costs, &["2019"]).await;
    put(&centre, &ada, &anes, &["2018", "2019", "2020"]).await;
    put(&centre, &ada, &panel, &["2019", "2020"]).await;
    put(&centre, &ada, &fair, &["1978"]).await;
    let id = ada.post("/applications", &[]).await.id();
    assert!(ada.get("/basket").await.text.contains("Your basket is empty"));
    fill_in(&centre, &ada, &id).await;
    done(&ada, &format!("/applications/{id}/consult"), &[]).await;
    assert_eq!(state(&centre, &id).await, "consultation");

    let (chloe, dario, emma) =
        (centre.person("chloe").await, centre.person("dario").await, centre.person("emma").await);
    for one in [&hie, &costs] {
        let asked = item(&centre, &id, one).await.id;
        done(&chloe, &format!("/producer/items/{asked}/agree"), &[]).await;
    }
    for one in [&anes, &panel] {
        let asked = item(&centre, &id, one).await.id;
        let out = vintage(&centre, one, "2019").await.to_string();
        done(&dario, &format!("/producer/items/{asked}/agree"), &[("without", &out)]).await;
    }
    let refused = item(&centre, &id, &fair).await.id;
    let early = ada.post(&format!("/applications/{id}/go-on"), &[]).await;
    assert_eq!(early.status, 422, "a producer has not answered yet");
    let why = [("reason", "not this year")];
    done(&emma, &format!("/producer/items/{refused}/refuse-prior"), &why).await;
    assert!(ada.get(&format!("/applications/{id}")).await.text.contains("not this year"));
    done(&ada, &format!("/applications/{id}/go-on"), &[]).await;

    let unsigned = ada.post(&format!("/applications/{id}/submit"), &[]).await;
    assert_eq!(unsigned.status, 422, "nobody has signed");
    sign(&centre, &id).await;
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    let frozen = application(&centre, &id).await;
    assert_eq!(frozen.number.as_deref(), Some("2026-0001"));
    let file = ada.get(&format!("/applications/{id}/submissions/1")).await;
    let hash = hex::encode(Sha256::digest(&file.bytes));
    assert_eq!(hash, frozen.submissions[0].sha256, "what is served is what was hashed");

    examine(&centre, &id, "favourable").await;
    assert_eq!(state(&centre, &id).await, "decisions");
    let until = ("until", "2029-11-02");
    for one in [&hie, &costs] {
        let due = item(&centre, &id, one).await.id;
        done(&chloe, &format!("/producer/items/{due}/grant"), &[until]).await;
    }
    for one in [&anes, &panel] {
        let due = item(&centre, &id, one).await.id;
        let out = vintage(&centre, one, "2019").await.to_string();
        done(&dario, &format!("/producer/items/{due}/grant"), &[until, ("without", &out)]).await;
    }
    assert_eq!(state(&centre, &id).await, "decisions", "one producer has not decided");
    done(&emma, &format!("/producer/items/{refused}/refuse"), &why).await;
    assert_eq!(state(&centre, &id).await, "formalities");
    let farid = centre.person("farid").await;
    let silent = farid.post(&format!("/secretary/{id}/formalities"), &[]).await;
    assert_eq!(silent.status, 422, "never without a reason");
    let why = [("reason", "contract signed on paper")];
    done(&farid, &format!("/secretary/{id}/formalities"), &why).await;
    assert_eq!(state(&centre, &id).await, "authorised");

    assert_eq!(labels(&centre, &id, &hie).await, ["2018", "2019"]);
    assert_eq!(labels(&centre, &id, &costs).await, ["2019"]);
    assert_eq!(labels(&centre, &id, &anes).await, ["2018", "2020"]);
    assert_eq!(labels(&centre, &id, &panel).await, ["2020"]);
    assert!(labels(&centre, &id, &fair).await.is_empty());
    // The register shows the project, with what was granted and not with what was refused.
    let register = centre.visitor().get("/register").await.text;
    for slug in ["hie", "costs", "anes", "panel"] {
        assert!(register.contains(&format!("/catalogue/{slug}\"")), "{slug}: {register}");
    }
    assert!(
        !register.contains("/catalogue/fair") && !register.contains("Source fair"),
        "{register}"
    );
    let events = centre.events().await;
    let once = |kind: &str| events.iter().filter(|other| *other == kind).count();
    assert_eq!(once("application.authorised"), 1);
    assert_eq!((once("item.decided"), once("decisions.complete")), (5, 1));
    assert!(!events.contains(&"policy.denied".to_owned()));

    // What was refused stays out of reach, and asking for it is in the log.
    let given = centre.centre.store.habilitations_in(id.parse().unwrap()).await.unwrap();
    let open: Vec<_> = given.iter().flat_map(|right| &right.grants).map(|g| g.vintage).collect();
    let fairs = vintage(&centre, &fair, "1978").await;
    assert!(!open.contains(&fairs) && open.contains(&vintage(&centre, &anes, "2018").await));
    let path = format!("/producer/items/{refused}");
    assert_eq!(ada.get(&path).await.status, 404);
    let denied = centre.centre.store.latest_events(None, 5).await.unwrap();
    let denied = denied.iter().find(|sealed| sealed.event.kind == "policy.denied").unwrap();
    assert_eq!(denied.event.actor, Some(centre.who("ada").await.id));
    assert!(denied.event.payload.to_string().contains(&path), "{}", denied.event.payload);
    centre.centre.settle().await.unwrap();
    let sealed = centre.centre.store.event(denied.event.id).await.unwrap().unwrap();
    assert!(sealed.sealed, "it is an entry of the log");
}

#[tokio::test]
async fn every_item_refused_ends_the_application_without_a_project() {
    let centre = TestCentre::start().await;
    let (id, rand) = ready(&centre).await;
    let ada = centre.person("ada").await;
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    examine(&centre, &id, "favourable_with_conditions").await;
    let due = item(&centre, &id, &rand).await.id;
    let chloe = centre.person("chloe").await;
    done(&chloe, &format!("/producer/items/{due}/refuse"), &[("reason", "no")]).await;
    assert_eq!(state(&centre, &id).await, "unfavourable");
    assert!(!centre.events().await.contains(&"application.authorised".to_owned()));
}

#[tokio::test]
async fn an_unfavourable_opinion_ends_it_and_a_deferred_one_waits() {
    let centre = TestCentre::start().await;
    let (id, rand) = ready(&centre).await;
    let ada = centre.person("ada").await;
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    examine(&centre, &id, "deferred").await;
    assert_eq!(state(&centre, &id).await, "opinion");
    let farid = centre.person("farid").await;
    let again = [("session", "2027-01-05"), ("reason", "deferred once")];
    done(&farid, &format!("/secretary/{id}/assign"), &again).await;
    done(&farid, &format!("/secretary/{id}/open"), &[("reason", "quorum")]).await;
    let paul = centre.person("paul").await;
    let no = [("opinion", "unfavourable"), ("text", "Out of proportion"), ("reason", "minutes")];
    done(&paul, &format!("/secretary/{id}/opinion"), &no).await;
    assert_eq!(state(&centre, &id).await, "unfavourable");
    assert_eq!(item(&centre, &id, &rand).await.state, ItemState::OpinionKo);
    assert!(ada.get(&format!("/applications/{id}")).await.text.contains("Out of proportion"));
}

#[tokio::test]
async fn a_returned_file_shows_its_reasons_and_then_what_changed() {
    let centre = TestCentre::start().await;
    let (id, _) = ready(&centre).await;
    let (ada, farid) = (centre.person("ada").await, centre.person("farid").await);
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    let frozen = [("version", "0"), ("field", "question"), ("value", "late")];
    let late = ada.post(&format!("/applications/{id}/fields"), &frozen).await;
    assert_eq!(late.status, 409, "a submitted file is frozen");
    done(&farid, &format!("/secretary/{id}/start"), &[]).await;
    let bare = farid.post(&format!("/secretary/{id}/return"), &[]).await;
    assert_eq!(bare.status, 422, "a reason is needed");
    done(&farid, &format!("/secretary/{id}/return"), &[("purpose", "Say it simply")]).await;
    let page = ada.get(&format!("/applications/{id}/edit/purpose")).await;
    assert!(page.text.contains("Say it simply"));
    let version = application(&centre, &id).await.version.to_string();
    let change = [("version", version.as_str()), ("field", "summary"), ("value", "Simple now")];
    let saved = ada.post(&format!("/applications/{id}/fields"), &change).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    let file = application(&centre, &id).await;
    assert_eq!((file.number.as_deref(), file.submissions.len()), (Some("2026-0001"), 2));
    let page = farid.get(&format!("/secretary/{id}")).await;
    assert!(
        page.text.contains("<del>About summary</del>")
            && page.text.contains("<ins>Simple now</ins>")
    );
    assert!(centre.events().await.contains(&"application.resubmitted".to_owned()));
}

#[tokio::test]
async fn two_files_never_share_a_number() {
    let centre = TestCentre::start().await;
    let (first, rand) = ready(&centre).await;
    let zoe = centre.person("zoe").await;
    put(&centre, &zoe, &rand, &["2018"]).await;
    let second = zoe.post("/applications", &[]).await.id();
    fill_in(&centre, &zoe, &second).await;
    done(&zoe, &format!("/applications/{second}/consult"), &[]).await;
    let asked = item(&centre, &second, &rand).await.id;
    let chloe = centre.person("chloe").await;
    done(&chloe, &format!("/producer/items/{asked}/agree"), &[]).await;
    done(&zoe, &format!("/applications/{second}/go-on"), &[]).await;
    sign(&centre, &second).await;
    let ada = centre.person("ada").await;
    let (a, z) =
        (format!("/applications/{first}/submit"), format!("/applications/{second}/submit"));
    let (a, z) = tokio::join!(ada.post(&a, &[]), zoe.post(&z, &[]));
    assert_eq!((a.status, z.status), (303, 303), "{} {}", a.text, z.text);
    let mut numbers =
        [application(&centre, &first).await.number, application(&centre, &second).await.number];
    numbers.sort();
    assert_eq!(numbers.map(Option::unwrap), ["2026-0001", "2026-0002"]);
}

#[tokio::test]
async fn an_incomplete_draft_is_not_sent_and_what_was_typed_stays() {
    let centre = TestCentre::start().await;
    let rand = source(&centre, "rand", "hie", &["2018"]).await;
    let ada = centre.person("ada").await;
    put(&centre, &ada, &rand, &["2018"]).await;
    let id = ada.post("/applications", &[]).await.id();
    let early = ada.post(&format!("/applications/{id}/consult"), &[]).await;
    assert_eq!(early.status, 422);
    assert!(early.text.contains("Title in French: is missing"), "{}", early.text);
    let long = "é".repeat(201);
    let fields =
        [("version", "0"), ("title_fr", long.as_str()), ("title_en", "Kept <b>as typed</b>")];
    let page = ada.post(&format!("/applications/{id}/edit/identity"), &fields).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("Kept &#60;b&#62;as typed"), "typed text stays, escaped");
    assert!(page.text.contains("aria-invalid=\"true\""));
    assert_eq!(application(&centre, &id).await.fields.len(), 0, "nothing was saved");
}

#[tokio::test]
async fn fields_are_saved_one_by_one_and_two_writers_do_not_overwrite_each_other() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = ada.post("/applications", &[]).await.id();
    let path = format!("/applications/{id}/fields");
    let saved = ada.post(&path, &[("acronym", "AB"), ("version", "0")]).await;
    assert_eq!((saved.status, saved.json()["version"].as_i64()), (200, Some(1)));
    let stale = ada.post(&path, &[("acronym", "XY"), ("version", "0")]).await;
    assert_eq!((stale.status, stale.json()["version"].as_i64()), (409, Some(1)));
    assert!(stale.json()["error"].as_str().unwrap().contains("meanwhile"));
    let wrong = ada.post(&path, &[("months", "0"), ("version", "1")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.json()["error"].as_str().unwrap().contains("Months"));
    assert_eq!(ada.post(&path, &[("colour", "red"), ("version", "1")]).await.status, 422);
    let plain = |r: reqwest::RequestBuilder| {
        r.header("accept", "text/html").form(&[("acronym", "CD"), ("version", "1")])
    };
    let sent = ada.send(reqwest::Method::POST, &path, plain).await;
    assert_eq!(sent.status, 303, "without script the form is a plain form");
    assert_eq!(application(&centre, &id).await.fields["acronym"], "CD");
}

#[tokio::test]
async fn a_copy_takes_words_and_sources_but_neither_people_nor_declarations() {
    let centre = TestCentre::start().await;
    let (id, rand) = ready(&centre).await;
    let ada = centre.person("ada").await;
    let copy = ada.post(&format!("/applications/{id}/copy"), &[]).await.id();
    let made = application(&centre, &copy).await;
    assert_eq!(made.fields["title_fr"], "About title_fr");
    assert!(!made.fields.contains_key("declare_true") && made.members.is_empty());
    assert_eq!(item(&centre, &copy, &rand).await.state, ItemState::Listed);
    assert_eq!(item(&centre, &copy, &rand).await.vintages.len(), 2);
}

#[tokio::test]
async fn a_withdrawn_application_waits_for_nobody() {
    let centre = TestCentre::start().await;
    let (id, rand) = ready(&centre).await;
    let ada = centre.person("ada").await;
    let path = format!("/applications/{id}/withdraw");
    assert_eq!(ada.post(&path, &[("reason", " ")]).await.status, 422);
    done(&ada, &path, &[("reason", "no money")]).await;
    assert_eq!(state(&centre, &id).await, "withdrawn");
    assert_eq!(item(&centre, &id, &rand).await.state, ItemState::Removed);
    assert!(!centre.person("chloe").await.get("/producer").await.text.contains("About title"));
}

#[tokio::test]
async fn a_draft_lapses_after_twelve_months_and_says_so_before() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = ada.post("/applications", &[]).await.id();
    let day = 24 * 60 * 60;
    centre.advance(340 * day).await;
    centre.advance(day).await;
    let events = centre.events().await;
    let warned = |events: &[String]| events.iter().filter(|k| *k == "draft.lapses_soon").count();
    assert_eq!((warned(&events), state(&centre, &id).await), (1, "draft"));
    centre.advance(20 * day).await;
    assert_eq!(warned(&centre.events().await), 2);
    centre.advance(10 * day).await;
    assert_eq!(state(&centre, &id).await, "lapsed");
}

#[tokio::test]
async fn rights_end_on_their_day_and_with_the_last_of_them_the_project() {
    let centre = TestCentre::start().await;
    let (id, granted) = authorised(&centre).await;
    let event = {
        let mut event = centre.centre.system_event("bubble.ready", "bubble", uuid::Uuid::nil());
        event.payload = serde_json::json!({ "application": id });
        event
    };
    centre.centre.store.change(&event).commit().await.unwrap();
    centre.centre.settle().await.unwrap();
    assert_eq!(reload(&centre, granted.id).await.state.name(), "active");
    centre
        .centre
        .store
        .change(&domain::Event { id: centre.centre.id(), ..event })
        .commit()
        .await
        .unwrap();
    centre.centre.settle().await.unwrap();
    let mounted = |events: Vec<String>| events.iter().filter(|k| *k == "data.mounted").count();
    assert_eq!(mounted(centre.events().await), 1, "twice is once");
    let until = granted.granted_until().unwrap();
    let left = until.duration_since(centre.centre.now()).as_secs();
    centre.advance(left - 1).await;
    assert_eq!(state(&centre, &id).await, "authorised");
    centre.advance(1).await;
    assert_eq!(reload(&centre, granted.id).await.state, ItemState::Ended);
    assert_eq!(state(&centre, &id).await, "ended");
    let events = centre.events().await;
    assert!(events.contains(&"item.ended".to_owned()));
    assert!(events.contains(&"application.ended".to_owned()));
}
