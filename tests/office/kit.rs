//! What several tests of the office need.

use std::collections::BTreeMap;

use centre_tests::{Answer, Client, TestCentre};
use domain::{
    Application, Event, Export, Item, Lang, Person, PersonId, Producer, Source, Text, Undertaking,
    outputs::export::ExportState,
    people::{
        person::PersonState,
        undertaking::{Signature, UndertakingState},
    },
    projects::{
        application::{ApplicationState, Member},
        item::{Conditions, ItemState},
    },
    settings::{Bubble, bubble::BubbleState},
};
use sqlx::AnyPool;

/// Writes straight into the database, behind the centre's back, as an attacker with its files does.
pub async fn tamper(centre: &TestCentre, statement: String) {
    let pool = AnyPool::connect(&centre.centre.config.database_url()).await.expect("a database");
    let done = sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&pool).await.expect("altered");
    assert_ne!(done.rows_affected(), 0, "nothing was altered");
}

/// A project of ada with ben, with an item of the first producer.
pub(super) async fn project(centre: &TestCentre) -> Application {
    let inner = &centre.centre;
    let (ada, ben) = (centre.who("ada").await, centre.who("ben").await);
    let producer: Producer = inner.store.producer_by_slug("rand").await.unwrap().unwrap();
    let source = Source {
        id: inner.id(),
        version: 0,
        producer: producer.id,
        slug: "hie".to_owned(),
        acronym: "HIE".to_owned(),
        title: Text::new("Expérience d’assurance santé", "Health Insurance Experiment"),
        summary: Text::default(),
        themes: Vec::new(),
        route: domain::data::source::Route::Committee,
        state: domain::data::source::SourceState::Published,
    };
    let application = Application {
        id: inner.id(),
        version: 0,
        number: None,
        lead: ada.id,
        members: vec![Member { person: ben.id, bubble: true, edits: false }],
        fields: BTreeMap::from([("title_en".to_owned(), "Coverage and use".to_owned())]),
        attachments: Vec::new(),
        submissions: Vec::new(),
        changed_at: inner.now(),
        state: ApplicationState::Draft,
    };
    let item = Item {
        id: inner.id(),
        version: 0,
        application: application.id,
        source: source.id,
        producer: producer.id,
        vintages: Vec::new(),
        justification: String::new(),
        thread: Vec::new(),
        conditions: Conditions::default(),
        state: ItemState::Listed,
    };
    let mut event = inner.system_event("application.created", "application", application.id);
    event.actor = Some(ada.id);
    let mut change = inner.store.change(&event);
    change.insert(&source).insert(&application).insert(&item);
    for person in [ada.id, ben.id] {
        change.insert(&signed(centre, &application, person));
    }
    change.commit().await.unwrap();
    application
}

/// A valid undertaking, so that nobody is told that theirs is missing.
fn signed(centre: &TestCentre, application: &Application, person: PersonId) -> Undertaking {
    let at = centre.centre.now();
    let signature = Signature {
        text_version: workflows::people::undertaking::VERSION.to_owned(),
        text_hash: "00".repeat(32),
        name: "Signed".to_owned(),
        at,
    };
    let state = UndertakingState::Valid { signature, checked_by: person, checked_at: at };
    Undertaking { id: centre.centre.id(), version: 0, person, application: application.id, state }
}

/// The project's item.
pub(super) async fn item(centre: &TestCentre, project: &Application) -> Item {
    centre.centre.store.items_of(project.id).await.unwrap().remove(0)
}

/// An export of ben out of the project's bubble.
pub(super) async fn export(centre: &TestCentre, project: &Application) -> Export {
    let inner = &centre.centre;
    let bubble = Bubble {
        id: inner.id(),
        version: 0,
        application: project.id,
        number: 1,
        profile: "small".to_owned(),
        image: None,
        checks: Vec::new(),
        state: BubbleState::Ready,
    };
    let export = Export {
        id: inner.id(),
        version: 0,
        number: 1,
        bubble: bubble.id,
        application: project.id,
        author: centre.who("ben").await.id,
        title: "Table 1".to_owned(),
        groups: Vec::new(),
        turn: 1,
        rule_sets: Vec::new(),
        producers: None,
        rules: serde_json::Value::Null,
        reviewers: 1,
        partial: false,
        comments: Vec::new(),
        takings: Vec::new(),
        routed: None,
        state: ExportState::Draft,
    };
    // A bubble of a project without any granted vintage would be suspended, and told so.
    let before = item(centre, project).await;
    let state = ItemState::Granted { until: inner.now() + jiff::SignedDuration::from_hours(9000) };
    let granted = Item { vintages: vec![inner.id()], state, ..before.clone() };
    let event = inner.system_event("export.created", "export", export.id);
    let mut change = inner.store.change(&event);
    change.replace(&before, &granted).insert(&bubble).insert(&export);
    change.commit().await.unwrap();
    export
}

/// Writes an event by a person and does what follows from it.
pub(super) async fn happens(
    centre: &TestCentre,
    by: Option<&str>,
    kind: &str,
    noun: &str,
    object: impl Into<uuid::Uuid>,
    payload: serde_json::Value,
) -> Event {
    let mut event = centre.centre.system_event(kind, noun, object);
    if let Some(by) = by {
        event.actor = Some(centre.who(by).await.id);
    }
    event.payload = payload;
    centre.centre.store.change(&event).commit().await.unwrap();
    centre.centre.settle().await.unwrap();
    event
}

/// The keys of the notices of a person, oldest first.
pub(super) async fn told(centre: &TestCentre, name: &str) -> Vec<String> {
    let person = centre.who(name).await;
    let notices = centre.centre.store.notices_of(person.id).await.unwrap();
    notices.into_iter().map(|notice| notice.key).collect()
}

/// The newest event of a kind.
pub(super) async fn newest(centre: &TestCentre, kind: &str) -> Event {
    let events = centre.centre.store.latest_events(None, 10_000).await.unwrap();
    events.into_iter().map(|sealed| sealed.event).find(|event| event.kind == kind).expect(kind)
}

/// An account that was invited and has not accepted.
pub(super) async fn invited(centre: &TestCentre, by: &Person) -> Person {
    let person = Person {
        id: centre.centre.id(),
        version: 0,
        name: "Nadia Invitée".to_owned(),
        email: "nadia@example.org".to_owned(),
        language: Lang::Fr,
        institution: String::new(),
        demo_name: None,
        demo_part: Text::default(),
        roles: Vec::new(),
        state: PersonState::Invited {
            by: by.id,
            until: centre.centre.now(),
            token_hash: "0".repeat(64),
        },
    };
    let event = centre.centre.system_event("person.invited", "person", person.id);
    centre.centre.store.change(&event).insert(&person).commit().await.unwrap();
    person
}

/// Asks page and API for the same thing.
pub(super) async fn both(client: &Client, page: &str, api: &str) -> (Answer, Answer) {
    (client.get(page).await, client.get(api).await)
}
