//! What the tests of this column share: a project with data, and a person at a terminal.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use centre_tests::TestCentre;
use domain::{
    Application, ApplicationId, Bubble, DepositId, Habilitation, HabilitationId, Item, ItemId,
    Person, PersonId, Session, Source, SourceId, Text, Timestamp, Vintage, VintageId,
    data::{
        source::{Route, SourceState},
        vintage::VintageState,
    },
    people::habilitation::{Grant, HabilitationState},
    projects::{
        application::{ApplicationState, Member},
        item::{Conditions, ItemState},
    },
};
use futures_util::{SinkExt, StreamExt};
use store::Entity;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

/// Longer than anything here takes on a busy machine; a test that hangs must fail.
const PATIENCE: Duration = Duration::from_mins(1);

/// A project: its ids, and what it was granted.
pub struct Project {
    pub application: ApplicationId,
    pub granted: SourceId,
    pub vintage: VintageId,
    pub item: ItemId,
}

pub async fn insert<E: Entity + Clone>(centre: &TestCentre, kind: &str, value: &E) {
    let event = centre.centre.system_event(kind, "test", value.id());
    centre.centre.store.change(&event).insert(value).commit().await.expect("inserted");
}

pub async fn replace<E: Entity + Clone>(centre: &TestCentre, kind: &str, before: &E, after: &E) {
    let event = centre.centre.system_event(kind, "test", after.id());
    centre.centre.store.change(&event).replace(before, after).commit().await.expect("replaced");
}

pub fn later(centre: &TestCentre, days: i64) -> Timestamp {
    let span = domain_seconds(days * 86_400);
    centre.centre.now().checked_add(span).expect("a date")
}

fn domain_seconds(seconds: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_secs(seconds)
}

/// An authorised application of `lead` with one granted source (one vintage, with data) and one
/// refused source (with data too). Nobody has a habilitation yet.
pub async fn project(centre: &TestCentre, lead: &str, slug: &str) -> Project {
    let lead = centre.who(lead).await.id;
    let producer = centre.centre.store.all::<domain::Producer>().await.expect("producers")[0].id;
    let application = Application {
        id: centre.centre.id(),
        version: 0,
        number: None,
        lead,
        members: vec![Member { person: lead, bubble: true, edits: true }],
        fields: BTreeMap::from([("title_en".to_owned(), format!("The secret title of {slug}"))]),
        attachments: vec![],
        submissions: vec![],
        changed_at: centre.centre.now(),
        state: ApplicationState::Authorised {
            since: centre.centre.now(),
            until: later(centre, 900),
        },
    };
    insert(centre, "test.made", &application).await;
    let mut made = Vec::new();
    for (name, state) in [
        (slug.to_owned(), ItemState::Granted { until: later(centre, 900) }),
        (format!("{slug}-refused"), ItemState::Refused { reason: "no".to_owned() }),
    ] {
        let (source, vintage) = source(centre, producer, &name).await;
        let item = Item {
            id: centre.centre.id(),
            version: 0,
            application: application.id,
            source,
            producer,
            vintages: vec![vintage],
            justification: String::new(),
            thread: vec![],
            conditions: Conditions::default(),
            state,
        };
        insert(centre, "test.made", &item).await;
        made.push((source, vintage, item.id));
    }
    let (granted, vintage, item) = made[0];
    Project { application: application.id, granted, vintage, item }
}

async fn source(
    centre: &TestCentre,
    producer: domain::ProducerId,
    slug: &str,
) -> (SourceId, VintageId) {
    let source = Source {
        id: centre.centre.id(),
        version: 0,
        producer,
        slug: slug.to_owned(),
        acronym: String::new(),
        title: Text::new(slug, slug),
        summary: Text::default(),
        themes: vec![],
        route: Route::Committee,
        state: SourceState::Published,
    };
    insert(centre, "test.made", &source).await;
    let deposit: DepositId = centre.centre.id();
    let vintage = Vintage {
        id: centre.centre.id(),
        version: 0,
        source: source.id,
        label: "1974".to_owned(),
        year: Some(1974),
        state: VintageState::Available { deposit },
    };
    insert(centre, "test.made", &vintage).await;
    let folder = centre.dir.path().join("deposits").join(deposit.to_string()).join("parquet");
    std::fs::create_dir_all(&folder).expect("a deposit's folder");
    std::fs::write(folder.join("visits.csv"), format!("plan,visits\n{slug},42\n")).expect("data");
    (source.id, vintage.id)
}

/// One more source granted to the project for so many days, and to everybody's habilitation in it.
pub async fn grant_another(centre: &TestCentre, project: &Project, slug: &str, days: i64) {
    let first = centre.centre.store.get::<Item>(project.item).await.expect("a database");
    let first = first.expect("the project's item");
    let (source, vintage) = source(centre, first.producer, slug).await;
    let until = later(centre, days);
    let item = Item {
        id: centre.centre.id(),
        version: 0,
        source,
        vintages: vec![vintage],
        state: ItemState::Granted { until },
        ..first
    };
    insert(centre, "test.made", &item).await;
    for before in centre.centre.store.habilitations_in(project.application).await.expect("rows") {
        let mut after = before.clone();
        after.grants = vec![
            Grant { source: project.granted, vintage: project.vintage, until: later(centre, 900) },
            Grant { source, vintage, until },
        ];
        replace(centre, "test.granted", &before, &after).await;
    }
}

/// A habilitation in force until in so many days.
pub async fn habilitate(centre: &TestCentre, project: &Project, person: &str, days: i64) {
    let end = later(centre, days);
    let grant = Grant { source: project.granted, vintage: project.vintage, until: end };
    let habilitation = Habilitation {
        id: centre.centre.id::<HabilitationId>(),
        version: 0,
        person: centre.who(person).await.id,
        application: project.application,
        grants: vec![grant],
        state: HabilitationState::Active { start: centre.centre.now(), end },
    };
    // The people column may have made one already, when the person joined the team.
    let made = centre.centre.store.habilitations_in(project.application).await.expect("rows");
    match made.into_iter().find(|one| one.person == habilitation.person) {
        Some(before) => {
            let after = Habilitation { id: before.id, ..habilitation };
            replace(centre, "habilitation.activated", &before, &after).await;
        }
        None => insert(centre, "habilitation.activated", &habilitation).await,
    }
}

/// Says that the application was authorised, and does what follows.
pub async fn authorise(centre: &TestCentre, project: &Project) {
    let event =
        centre.centre.system_event("application.authorised", "application", project.application);
    centre.centre.store.change(&event).commit().await.expect("an event");
    centre.centre.settle().await.expect("settled");
}

/// Waits until the project's bubble is in this state.
pub async fn bubble_is(centre: &TestCentre, application: ApplicationId, state: &str) -> Bubble {
    let wait = async {
        loop {
            let bubble = centre.centre.store.bubble_of(application).await.expect("a database");
            let bubble = bubble.expect("a bubble");
            if bubble.state.name() == state {
                return bubble;
            }
            let failed = bubble.state.name() == "provision_failed" && state == "ready";
            // Only a job that has not begun again yet may show an older failure.
            assert!(!failed || !bubble.checks.iter().any(|check| !check.passed), "{bubble:#?}");
            let poll = Duration::from_millis(200);
            let _ = timeout(poll, centre.centre.store.changed()).await;
        }
    };
    let found = timeout(PATIENCE, wait).await;
    match found {
        Ok(bubble) => bubble,
        Err(_) => {
            let bubble = centre.centre.store.bubble_of(application).await.unwrap().unwrap();
            panic!("the bubble is not {state}: {:#?}", (bubble.state, bubble.checks));
        }
    }
}

/// A project of `lead` with a habilitation of theirs and a bubble that is ready.
pub async fn ready(centre: &TestCentre, lead: &str, slug: &str) -> (Project, Bubble) {
    let project = project(centre, lead, slug).await;
    habilitate(centre, &project, lead, 300).await;
    authorise(centre, &project).await;
    let bubble = bubble_is(centre, project.application, "ready").await;
    (project, bubble)
}

/// The cookies of a browser where `person` is signed in.
pub async fn cookies(centre: &TestCentre, person: &str) -> String {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let url = format!("{}/demo/step-in", centre.url);
    let request = http.build().expect("a client").post(url).form(&[("person", person)]);
    let answer = request.send().await.expect("an answer");
    let set = answer.headers().get_all("set-cookie").iter();
    let pairs = set.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
    pairs.collect::<Vec<_>>().join("; ")
}

/// A person at a terminal.
pub struct Terminal {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub seen: String,
}

/// Opens a terminal with these cookies from a page at `origin`; the status where it is refused.
pub async fn open(
    centre: &TestCentre,
    bubble: &Bubble,
    cookies: &str,
    origin: &str,
) -> Result<Terminal, u16> {
    let url = format!("{}/bubbles/{}/terminal/socket", centre.url, bubble.id);
    let mut request = url.replace("http:", "ws:").into_client_request().expect("a request");
    let headers = request.headers_mut();
    headers.insert("cookie", cookies.parse().expect("cookies"));
    headers.insert("origin", origin.parse().expect("an origin"));
    headers.insert("sec-websocket-protocol", "bulle.terminal.v1".parse().expect("a protocol"));
    match timeout(PATIENCE, connect_async(request)).await.expect("an answer") {
        Ok((socket, _)) => Ok(Terminal { socket, seen: String::new() }),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("neither a terminal nor an answer: {error}"),
    }
}

/// A terminal of `person`, who has accepted the rules.
pub async fn at_work(centre: &TestCentre, bubble: &Bubble, person: &str) -> Terminal {
    accept(centre, bubble, person).await;
    let cookies = cookies(centre, person).await;
    open(centre, bubble, &cookies, &centre.url).await.expect("a terminal")
}

pub async fn accept(centre: &TestCentre, bubble: &Bubble, person: &str) {
    let client = centre.person(person).await;
    let answer = client.post(&format!("/bubbles/{}/banner", bubble.id), &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
}

impl Terminal {
    pub async fn types(&mut self, text: &str) {
        let message = Message::Binary(text.as_bytes().to_vec().into());
        self.socket.send(message).await.expect("typed");
    }

    /// Runs a command and gives all that was shown until its end.
    pub async fn run(&mut self, command: &str) -> String {
        let before = self.seen.len();
        // The mark is put together inside, so that its echo is not taken for it.
        self.types(&format!("{command}; echo do''ne-$?\n")).await;
        self.until("done-").await;
        self.seen[before..].to_owned()
    }

    /// Reads until `text` was shown.
    pub async fn until(&mut self, text: &str) {
        let from = self.seen.len();
        while !self.seen[from..].contains(text) {
            match timeout(PATIENCE, self.socket.next()).await {
                Ok(Some(Ok(Message::Binary(bytes)))) => {
                    self.seen.push_str(&String::from_utf8_lossy(&bytes));
                }
                Ok(Some(Ok(_))) => {}
                other => panic!("`{text}` was not shown: {other:?}\n{}", self.seen),
            }
        }
    }

    /// Reads until the session is over and gives the reason that is shown.
    pub async fn over(&mut self) -> String {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("the end of the session") {
                Some(Ok(Message::Close(Some(frame)))) => return frame.reason.to_string(),
                Some(Ok(Message::Binary(bytes))) => {
                    self.seen.push_str(&String::from_utf8_lossy(&bytes));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return String::new(),
            }
        }
    }

    pub async fn leave(mut self) {
        self.socket.close(None).await.expect("closed");
    }
}

/// The only session of a person, once it is in this state.
pub async fn session_is(centre: &TestCentre, person: PersonId, state: &str) -> Session {
    let wait = async {
        loop {
            let sessions = centre.centre.store.sessions_of(person).await.expect("a database");
            let last = sessions.last().cloned();
            if let Some(last) = last.filter(|session| session.state.name() == state) {
                return last;
            }
            let poll = Duration::from_millis(200);
            let _ = timeout(poll, centre.centre.store.changed()).await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("no session is {state}"))
}

/// The file of a session's recording.
pub fn recording(centre: &TestCentre, session: &Session) -> PathBuf {
    centre.centre.host.recording(session.id)
}

/// Puts a person's account in another state.
pub async fn set_person(
    centre: &TestCentre,
    name: &str,
    kind: &str,
    change: impl FnOnce(&Person) -> Person,
) {
    let before = centre.who(name).await;
    let after = change(&before);
    replace(centre, kind, &before, &after).await;
}
