//! Sources in the catalogue, signed undertakings, and a lead who fills in the whole form.

use centre_tests::{Client, TestCentre};
use domain::{
    ApplicationId, DepositId, Item, ItemId, Producer, Source, Text, Undertaking, Vintage,
    VintageId,
    data::{
        source::{Route, SourceState},
        vintage::VintageState,
    },
    people::undertaking::{Signature, UndertakingState},
    projects::{Application, form},
};

/// A source of the demonstration's producer `slug` with vintages, in the catalogue.
pub async fn source(centre: &TestCentre, producer: &str, slug: &str, labels: &[&str]) -> Source {
    let store = &centre.centre.store;
    let producers = store.all::<Producer>().await.unwrap();
    let producer = producers.into_iter().find(|one| one.slug == producer).unwrap();
    let source = Source {
        id: centre.centre.id(),
        version: 0,
        producer: producer.id,
        slug: slug.to_owned(),
        acronym: slug.to_uppercase(),
        title: Text::new(format!("Source {slug}"), format!("Source {slug}")),
        summary: Text::default(),
        themes: vec![],
        route: Route::Committee,
        state: SourceState::Published,
    };
    let event = centre.centre.system_event("source.published", "source", source.id);
    let mut change = store.change(&event);
    change.insert(&source);
    for label in labels {
        change.insert(&Vintage {
            id: centre.centre.id(),
            version: 0,
            source: source.id,
            label: (*label).to_owned(),
            year: label.parse().ok(),
            state: VintageState::Available { deposit: DepositId(source.id.0) },
        });
    }
    change.commit().await.unwrap();
    source
}

/// The id of a vintage by its label.
pub async fn vintage(centre: &TestCentre, source: &Source, label: &str) -> VintageId {
    let all = centre.centre.store.vintages_of(source.id).await.unwrap();
    all.into_iter().find(|vintage| vintage.label == label).unwrap().id
}

/// Puts vintages into the person's basket through the page.
pub async fn put(centre: &TestCentre, person: &Client, source: &Source, labels: &[&str]) {
    for label in labels {
        let id = vintage(centre, source, label).await.to_string();
        let answer = person.post("/basket", &[("vintage", &id)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
    }
}

/// The application as it stands.
pub async fn application(centre: &TestCentre, id: &str) -> Application {
    let id: ApplicationId = id.parse().unwrap();
    centre.centre.load("application", id).await.unwrap()
}

/// The name of its state.
pub async fn state(centre: &TestCentre, id: &str) -> &'static str {
    application(centre, id).await.state.name()
}

/// The item on a source.
pub async fn item(centre: &TestCentre, id: &str, source: &Source) -> Item {
    let items = centre.centre.store.items_of(id.parse().unwrap()).await.unwrap();
    items.into_iter().find(|item| item.source == source.id).unwrap()
}

/// An item by its id.
pub async fn reload(centre: &TestCentre, id: ItemId) -> Item {
    centre.centre.load("item", id).await.unwrap()
}

/// Fills in every field that is needed, page by page, and says why each item is needed.
pub async fn fill_in(centre: &TestCentre, lead: &Client, id: &str) {
    for page in form::PAGES {
        let version = application(centre, id).await.version.to_string();
        let mut fields = vec![("version".to_owned(), version), ("go".to_owned(), page.to_owned())];
        for field in form::fields_of(page).filter(|field| field.need != form::Need::Optional) {
            let value = match field.kind {
                form::Kind::Choice(words) => words[0].to_owned(),
                form::Kind::Number(_, _) => "36".to_owned(),
                form::Kind::Declaration => "yes".to_owned(),
                form::Kind::YesNo => "no".to_owned(),
                _ => format!("About {}", field.name),
            };
            fields.push((field.name.to_owned(), value));
        }
        let pairs: Vec<(&str, &str)> =
            fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let answer = lead.post(&format!("/applications/{id}/edit/{page}"), &pairs).await;
        assert_eq!(answer.status, 303, "{page}: {}", answer.text);
    }
    for item in centre.centre.store.items_of(id.parse().unwrap()).await.unwrap() {
        let vintages: Vec<String> = item.vintages.iter().map(ToString::to_string).collect();
        let mut fields = vec![("justification", "Needed for the comparison")];
        fields.extend(vintages.iter().map(|vintage| ("vintages", vintage.as_str())));
        let path = format!("/applications/{id}/items/{}/change", item.id);
        assert_eq!(lead.post(&path, &fields).await.status, 303);
    }
}

/// Signed and checked undertakings of the whole team, as the people column makes them.
pub async fn sign(centre: &TestCentre, id: &str) {
    let application = application(centre, id).await;
    let store = &centre.centre.store;
    for person in application.people() {
        let signature = Signature {
            text_version: workflows::people::undertaking::VERSION.to_owned(),
            text_hash: "00".repeat(32),
            name: "Signed".to_owned(),
            at: centre.centre.now(),
        };
        let (by, at) = (person, centre.centre.now());
        let state = UndertakingState::Valid { signature, checked_by: by, checked_at: at };
        let all = store.undertakings_of(application.id).await.unwrap();
        let event = centre.centre.system_event("undertaking.checked", "person", person);
        match all.into_iter().find(|one| one.person == person) {
            Some(before) => {
                let after = Undertaking { state, ..before.clone() };
                store.change(&event).replace(&before, &after).commit().await.unwrap();
            }
            None => {
                let made = Undertaking {
                    id: centre.centre.id(),
                    version: 0,
                    person,
                    application: application.id,
                    state,
                };
                store.change(&event).insert(&made).commit().await.unwrap();
            }
        }
    }
}

/// Posts and expects to be sent on.
pub async fn done(person: &Client, path: &str, fields: &[(&str, &str)]) {
    let answer = person.post(path, fields).await;
    assert_eq!(answer.status, 303, "{path}: {} {}", answer.status, answer.text);
}

/// The secretary's way from a submitted file to the opinion.
pub async fn examine(centre: &TestCentre, id: &str, opinion: &str) {
    let farid = centre.person("farid").await;
    let at = |act: &str| format!("/secretary/{id}/{act}");
    done(&farid, &at("start"), &[]).await;
    let judged = [
        ("judged", "summary_readable"),
        ("judged", "institution_known"),
        ("judged", "legal_numbers"),
    ];
    done(&farid, &at("judge"), &judged).await;
    let session = [("session", "2026-12-01"), ("reason", "next session")];
    done(&farid, &at("assign"), &session).await;
    done(&farid, &at("open"), &[("reason", "quorum is there")]).await;
    let said = [("opinion", opinion), ("text", "Well argued"), ("reason", "minutes 4")];
    done(&farid, &at("opinion"), &said).await;
}

/// An application of Ada on one source of `rand`, agreed to and ready.
pub async fn ready(centre: &TestCentre) -> (String, Source) {
    let rand = source(centre, "rand", "hie", &["2018", "2019"]).await;
    let ada = centre.person("ada").await;
    put(centre, &ada, &rand, &["2018", "2019"]).await;
    let id = ada.post("/applications", &[]).await.id();
    fill_in(centre, &ada, &id).await;
    done(&ada, &format!("/applications/{id}/consult"), &[]).await;
    let asked = item(centre, &id, &rand).await.id;
    let chloe = centre.person("chloe").await;
    done(&chloe, &format!("/producer/items/{asked}/agree"), &[]).await;
    done(&ada, &format!("/applications/{id}/go-on"), &[]).await;
    sign(centre, &id).await;
    (id, rand)
}

/// The same, authorised: its item is granted for three years.
pub async fn authorised(centre: &TestCentre) -> (String, Item) {
    let (id, source) = ready(centre).await;
    let ada = centre.person("ada").await;
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    examine(centre, &id, "favourable").await;
    let granted = item(centre, &id, &source).await.id;
    let chloe = centre.person("chloe").await;
    done(&chloe, &format!("/producer/items/{granted}/grant"), &[("until", "2029-11-02")]).await;
    let farid = centre.person("farid").await;
    let why = [("reason", "contract signed on paper")];
    done(&farid, &format!("/secretary/{id}/formalities"), &why).await;
    (id, reload(centre, granted).await)
}

/// The keys of the notices of a person, oldest first.
pub async fn told(centre: &TestCentre, name: &str) -> Vec<String> {
    let person = centre.who(name).await;
    let notices = centre.centre.store.notices_of(person.id).await.unwrap();
    notices.into_iter().map(|notice| notice.key).collect()
}

/// Saves one field of the form.
pub async fn say(centre: &TestCentre, lead: &Client, id: &str, field: &str, value: &str) {
    let version = application(centre, id).await.version.to_string();
    let fields = [(field, value), ("version", version.as_str())];
    let saved = lead.post(&format!("/applications/{id}/fields"), &fields).await;
    assert_eq!(saved.status, 200, "{field}: {}", saved.text);
}

/// The text of each page of a PDF file: its lines one after the other, blanks once.
pub fn pages(file: &[u8]) -> Vec<String> {
    let read = lopdf::Document::load_mem(file).expect("a PDF file");
    let page = |number: u32| {
        let text = read.extract_text(&[number]).expect("text");
        // The reader adds a blank of its own after each line.
        let words = text.split(['\n', ' ']).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    };
    read.get_pages().into_keys().map(page).collect()
}
