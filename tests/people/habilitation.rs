use std::collections::BTreeMap;

use centre_tests::TestCentre;
use domain::{
    Application, ApplicationId, Bubble, Habilitation, Item, Source, Text, Timestamp, Undertaking,
    data::source::{Route, SourceState},
    people::undertaking::{Signature, UndertakingState},
    projects::{application::ApplicationState, item::ItemState},
    settings::bubble::BubbleState,
};
use workflows::people::undertaking::VERSION;

fn after(centre: &TestCentre, days: i64) -> Timestamp {
    let span = jiff::SignedDuration::from_hours(days * 24);
    centre.centre.now().checked_add(span).unwrap()
}

/// A draft of this person, with its event; the consequences are done.
pub async fn draft(centre: &TestCentre, lead: &str) -> Application {
    let application = Application {
        id: centre.centre.id(),
        version: 0,
        number: None,
        lead: centre.who(lead).await.id,
        members: vec![],
        fields: BTreeMap::new(),
        attachments: vec![],
        submissions: vec![],
        changed_at: centre.centre.now(),
        state: ApplicationState::Draft,
    };
    let event = centre.centre.system_event("application.created", "application", application.id);
    centre.centre.store.change(&event).insert(&application).commit().await.unwrap();
    centre.centre.settle().await.unwrap();
    application
}

pub async fn habilitation(centre: &TestCentre, id: ApplicationId, name: &str) -> Habilitation {
    let person = centre.who(name).await.id;
    let all = centre.centre.store.habilitations_in(id).await.unwrap();
    all.into_iter().rfind(|one| one.person == person).expect("a habilitation")
}

pub async fn state_of(centre: &TestCentre, id: ApplicationId, name: &str) -> &'static str {
    habilitation(centre, id, name).await.state.name()
}

async fn go_to(centre: &TestCentre, id: ApplicationId, kind: &str, state: ApplicationState) {
    let before: Application = centre.centre.load("application", id).await.unwrap();
    let event = centre.centre.system_event(kind, "application", id);
    let after = Application { state, ..before.clone() };
    centre.centre.store.change(&event).replace(&before, &after).commit().await.unwrap();
    centre.centre.settle().await.unwrap();
}

async fn item_to(centre: &TestCentre, id: domain::ItemId, kind: &str, state: ItemState) {
    let before: Item = centre.centre.load("item", id).await.unwrap();
    let event = centre.centre.system_event(kind, "item", id);
    let after = Item { state, ..before.clone() };
    centre.centre.store.change(&event).replace(&before, &after).commit().await.unwrap();
    centre.centre.settle().await.unwrap();
}

/// A source of the demonstration's first producer.
async fn source(centre: &TestCentre) -> Source {
    let source = Source {
        id: centre.centre.id(),
        version: 0,
        producer: centre.centre.store.all::<domain::Producer>().await.unwrap()[0].id,
        slug: "habilitated".to_owned(),
        acronym: "H".to_owned(),
        title: Text::default(),
        summary: Text::default(),
        themes: vec![],
        route: Route::Committee,
        state: SourceState::Published,
    };
    let event = centre.centre.system_event("source.published", "source", source.id);
    centre.centre.store.change(&event).insert(&source).commit().await.unwrap();
    source
}

/// A signed, submitted and authorised application of Ada with one item for `days`, and its bubble.
async fn authorised(centre: &TestCentre, days: i64) -> (ApplicationId, Item) {
    let application = draft(centre, "ada").await;
    let id = application.id;
    let store = &centre.centre.store;
    let before = store.undertakings_of(id).await.unwrap().remove(0);
    let at = centre.centre.now();
    let (text_version, name) = (VERSION.to_owned(), "Ada".to_owned());
    let signature = Signature { text_version, text_hash: String::new(), name, at };
    let signed = Undertaking { state: UndertakingState::Signed(signature), ..before.clone() };
    let event = centre.centre.system_event("undertaking.signed", "undertaking", before.id);
    store.change(&event).replace(&before, &signed).commit().await.unwrap();
    let source = source(centre).await;
    let item = Item {
        id: centre.centre.id(),
        version: 0,
        application: id,
        source: source.id,
        producer: source.producer,
        vintages: vec![centre.centre.id()],
        justification: String::new(),
        thread: vec![],
        conditions: domain::projects::item::Conditions::default(),
        state: ItemState::Granted { until: after(centre, days) },
    };
    let event = centre.centre.system_event("item.asked", "item", item.id);
    store.change(&event).insert(&item).commit().await.unwrap();
    go_to(centre, id, "application.submitted", ApplicationState::Submitted { at }).await;
    assert_eq!(state_of(centre, id, "ada").await, "under_examination");
    let until = after(centre, days);
    let project = ApplicationState::Authorised { since: at, until };
    // The projects column closes the application by its own rules; here the facts alone count.
    let before: Application = centre.centre.load("application", id).await.unwrap();
    let after = Application { state: project, ..before.clone() };
    let event = centre.centre.system_event("habilitation.test", "application", id);
    store.change(&event).replace(&before, &after).commit().await.unwrap();
    let bubble = Bubble {
        id: centre.centre.id(),
        version: 0,
        application: id,
        number: 77,
        profile: "standard".to_owned(),
        image: None,
        checks: vec![],
        state: BubbleState::Ready,
    };
    let mut event = centre.centre.system_event("bubble.ready", "bubble", bubble.id);
    event.payload = serde_json::json!({ "application": id });
    store.change(&event).insert(&bubble).commit().await.unwrap();
    centre.centre.settle().await.unwrap();
    (id, centre.centre.load("item", item.id).await.unwrap())
}

#[tokio::test]
async fn a_ready_bubble_makes_the_granted_right_and_the_account_active() {
    let centre = TestCentre::start().await;
    let (id, _) = authorised(&centre, 365).await;
    assert_eq!(state_of(&centre, id, "ada").await, "active");
    assert_eq!(centre.who("ada").await.state.name(), "active");
    let right = habilitation(&centre, id, "ada").await;
    assert_eq!(right.live_grants(centre.centre.now()).count(), 1);
    let events = centre.centre.store.events_of(right.id).await.unwrap();
    let kinds: Vec<String> = events.into_iter().map(|sealed| sealed.event.kind).collect();
    let steps = ["asked", "undertaking_missing", "under_examination"];
    let steps = steps.iter().chain(&["granted", "active"]);
    assert_eq!(kinds, steps.map(|step| format!("habilitation.{step}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_right_is_told_to_expire_once_for_each_date_and_ends_by_the_clock() {
    let centre = TestCentre::start().await;
    let (id, _) = authorised(&centre, 100).await;
    let right = habilitation(&centre, id, "ada").await.id;
    for _ in 0..101 {
        centre.advance(86_400).await;
    }
    assert_eq!(state_of(&centre, id, "ada").await, "expired");
    assert_eq!(centre.who("ada").await.state.name(), "enrolled", "no access is left");
    let events = centre.centre.store.events_of(right).await.unwrap();
    let expiring = events.iter().filter(|one| one.event.kind == "habilitation.expiring");
    let days: Vec<i64> = expiring.filter_map(|one| one.event.payload["days"].as_i64()).collect();
    assert_eq!(days, [60, 30, 21, 14, 7, 1]);
    for _ in 0..10 {
        centre.advance(86_400).await;
    }
    let events = centre.centre.store.events_of(right).await.unwrap();
    let told = events.iter().filter(|one| one.event.kind == "habilitation.after_end");
    let days: Vec<i64> = told.filter_map(|one| one.event.payload["days"].as_i64()).collect();
    assert_eq!(days, [1, 2, 3, 4, 5, 6, 7], "each day for a week, then no more");
    let store = &centre.centre.store;
    let ended = async |days| store.habilitations_expired_since(after(&centre, days)).await.unwrap();
    assert_eq!(ended(-30).await.len(), 1);
    assert!(ended(-8).await.is_empty(), "a tick does not even read it any more");
}

#[tokio::test]
async fn a_suspended_item_and_a_suspended_person_stop_the_right_and_give_it_back() {
    let centre = TestCentre::start().await;
    let (id, item) = authorised(&centre, 365).await;
    let until = after(&centre, 365);
    let stopped = ItemState::Suspended { until, reason: "error".to_owned() };
    item_to(&centre, item.id, "item.suspended", stopped).await;
    assert_eq!(state_of(&centre, id, "ada").await, "suspended");
    item_to(&centre, item.id, "item.resumed", ItemState::Active { until }).await;
    assert_eq!(state_of(&centre, id, "ada").await, "active");
    let ines = centre.person("ines").await;
    let ada = centre.who("ada").await.id;
    ines.post(&format!("/people/{ada}/suspend"), &[("reason", "lost card")]).await;
    assert_eq!(state_of(&centre, id, "ada").await, "suspended");
    for name in ["ines", "jules"] {
        let officer = centre.person(name).await;
        officer.post(&format!("/people/{ada}/restore"), &[("reason", "found")]).await;
    }
    assert_eq!(state_of(&centre, id, "ada").await, "active");
    let revoked = ItemState::Revoked { reason: "breach".to_owned() };
    item_to(&centre, item.id, "item.revoked", revoked).await;
    assert_eq!(state_of(&centre, id, "ada").await, "revoked");
}

#[tokio::test]
async fn consequences_that_are_done_twice_are_done_once() {
    let centre = TestCentre::start().await;
    let application = draft(&centre, "ada").await;
    for _ in 0..2 {
        let again =
            centre.centre.system_event("application.created", "application", application.id);
        centre.centre.store.change(&again).commit().await.unwrap();
        centre.centre.settle().await.unwrap();
    }
    assert_eq!(centre.centre.store.habilitations_in(application.id).await.unwrap().len(), 1);
    assert_eq!(centre.centre.store.undertakings_of(application.id).await.unwrap().len(), 1);
}
