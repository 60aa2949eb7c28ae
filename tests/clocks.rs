//! The clocks of the columns do not wait for each other, nor the rows of a list.

use centre_tests::TestCentre;
use domain::{
    Application, Bubble, Deposit, Export, Habilitation, Item, LoginId, Notice, Session, Timestamp,
    Undertaking,
    data::{deposit::DepositState, vintage::VintageState},
    outputs::export::{ExportFile, ExportState, Group},
    people::{
        habilitation::HabilitationState,
        undertaking::{Signature, UndertakingState},
    },
    projects::{application::ApplicationState, item::ItemState},
    settings::{bubble::BubbleState, session::SessionState},
};
use store::Entity;

use crate::{
    office::kit::tamper,
    outputs::kit::{insert, project, replace},
    projects::kit::{authorised, reload, source, state, vintage},
};

/// Threat: rights that outlive their end, because something else on the way to them is broken.
#[tokio::test]
async fn a_right_ends_on_its_day_whatever_else_fails() {
    let centre = TestCentre::start().await;
    let (id, granted) = authorised(&centre).await;
    let mut event = centre.centre.system_event("bubble.ready", "bubble", uuid::Uuid::nil());
    event.payload = serde_json::json!({ "application": id });
    centre.centre.store.change(&event).commit().await.unwrap();
    centre.centre.settle().await.unwrap();
    assert_eq!(reload(&centre, granted.id).await.state.name(), "active");
    // Rows that cannot be read, of the first column and of the project's own, and stray files.
    let zoe = centre.who("zoe").await.id;
    for insert in [
        "habilitations (id, version, state, person, application, body) values ('a', 0, 'granted'",
        "applications (id, version, state, lead, number, body) values ('b', 0, 'consultation'",
        "applications (id, version, state, lead, number, body) values ('c', 0, 'draft'",
    ] {
        let number = insert.rsplit('(').next().unwrap().split('\'').nth(1).unwrap();
        tamper(&centre, format!("insert into {insert}, '{zoe}', 'none-{number}', '{{}}')")).await;
    }
    std::fs::create_dir_all(centre.dir.path().join(format!("attachments/{id}/stray"))).unwrap();
    let until = granted.granted_until().unwrap();
    centre.centre.clock.advance(until.duration_since(centre.centre.now()).as_secs());
    let told = told_of_the_first(&centre).await;
    assert!(told.contains("habilitations"), "{told}");
    assert_eq!(reload(&centre, granted.id).await.state.name(), "ended");
    assert_eq!(state(&centre, &id).await, "ended");
}

/// Runs the clocks; what the operator is told.
async fn told_of_the_first(centre: &TestCentre) -> String {
    let told = centre.centre.tick().await.expect_err("the operator is told of the first");
    let source = std::error::Error::source(&told).map(ToString::to_string);
    format!("{told} {source:?}")
}

/// Makes a row unreadable, as a disk or an older release can.
async fn spoil<E: Entity>(centre: &TestCentre, row: &E) {
    tamper(centre, format!("update {} set body = '{{}}' where id = '{}'", E::TABLE, row.id()))
        .await;
}

/// Inserts two rows of a kind: one that cannot be read, then one that can.
async fn both<E: Entity>(centre: &TestCentre, spoilt: &E, good: &E) {
    assert!(spoilt.id() < good.id(), "the clocks meet the spoilt one first");
    insert(centre, spoilt).await;
    insert(centre, good).await;
    spoil(centre, spoilt).await;
}

async fn stands<E: Entity>(centre: &TestCentre, row: &E) -> &'static str {
    centre.centre.store.get::<E>(row.id()).await.unwrap().unwrap().state()
}

fn ago(centre: &TestCentre, days: i64) -> Timestamp {
    centre.centre.now() - jiff::SignedDuration::from_hours(24 * days)
}

#[tokio::test]
async fn each_bubble_and_each_session_is_looked_at_by_itself() {
    let centre = TestCentre::start().await;
    let rand = source(&centre, "rand", "hie", &["2018"]).await;
    let refused = |application: &Application| Item {
        id: centre.centre.id(),
        version: 0,
        application: application.id,
        source: rand.id,
        producer: rand.producer,
        vintages: vec![],
        justification: String::new(),
        thread: vec![],
        conditions: domain::projects::item::Conditions::default(),
        state: ItemState::Refused { reason: "no".to_owned() },
    };
    // A bubble that cannot be read, one whose items cannot be, and one that has run dry.
    let (_, unreadable) = project(&centre, "zoe", &[], 1).await;
    let (other, _) = project(&centre, "ben", &[], 2).await;
    let (dry, bubble) = project(&centre, "ada", &[], 3).await;
    let (spoilt, item) = (refused(&other), refused(&dry));
    both(&centre, &spoilt, &item).await;
    spoil(&centre, &unreadable).await;
    // The same of those that wait.
    let mut waiting = Vec::new();
    for (name, number) in [("zoe", 4), ("ada", 5)] {
        let (_, before) = project(&centre, name, &[], number).await;
        let after = Bubble { state: BubbleState::Requested, ..before.clone() };
        replace(&centre, &before, &after).await;
        waiting.push(before);
    }
    spoil(&centre, &waiting[0]).await;
    // Sessions that a server left: nobody is in them.
    let ada = centre.who("ada").await.id;
    let session = || Session {
        id: centre.centre.id(),
        version: 0,
        bubble: bubble.id,
        application: dry.id,
        person: ada,
        opened_at: centre.centre.now(),
        login: None::<LoginId>,
        mounts: vec![],
        state: SessionState::Open,
    };
    let (first, second) = (session(), session());
    both(&centre, &first, &second).await;
    let told = told_of_the_first(&centre).await;
    assert!(told.contains("bubbles") || told.contains("items"), "{told}");
    assert_eq!(stands(&centre, &bubble).await, "suspended");
    assert_eq!(stands(&centre, &waiting[1]).await, "waiting_prerequisites");
    assert_eq!(stands(&centre, &second).await, "cut");
}

#[tokio::test]
async fn each_channel_closes_by_itself() {
    let centre = TestCentre::start().await;
    let rand = source(&centre, "rand", "hie", &["2018", "2019"]).await;
    let chloe = centre.who("chloe").await.id;
    let mut deposits = Vec::new();
    for label in ["2018", "2019"] {
        let id = vintage(&centre, &rand, label).await;
        let before: domain::Vintage = centre.centre.load("vintage", id).await.unwrap();
        let after = domain::Vintage { state: VintageState::Expected, ..before.clone() };
        replace(&centre, &before, &after).await;
        deposits.push(Deposit {
            id: centre.centre.id(),
            version: 0,
            vintage: id,
            producer: rand.producer,
            by: chloe,
            manifest: vec![],
            grows: true,
            files: vec![],
            state: DepositState::ChannelOpen { until: ago(&centre, 1) },
        });
    }
    both(&centre, &deposits[0], &deposits[1]).await;
    let told = told_of_the_first(&centre).await;
    assert!(told.contains("deposits"), "{told}");
    assert_eq!(stands(&centre, &deposits[1]).await, "announced");
}

#[tokio::test]
async fn each_file_and_each_item_comes_to_its_date_by_itself() {
    let centre = TestCentre::start().await;
    let rand = source(&centre, "rand", "hie", &["2018"]).await;
    let other = source(&centre, "rand", "fair", &["2018"]).await;
    let (base, _) = project(&centre, "ada", &[], 1).await;
    let changed_at = ago(&centre, 900);
    let file = |state: &ApplicationState| Application {
        id: centre.centre.id(),
        number: None,
        changed_at,
        state: state.clone(),
        ..base.clone()
    };
    let target = ago(&centre, 1);
    let asked = ApplicationState::Consultation { since: changed_at, target };
    let (unreadable, consulted) = (file(&asked), file(&asked));
    both(&centre, &unreadable, &consulted).await;
    let item = |source: &domain::Source| Item {
        id: centre.centre.id(),
        version: 0,
        application: consulted.id,
        source: source.id,
        producer: source.producer,
        vintages: vec![],
        justification: String::new(),
        thread: vec![],
        conditions: domain::projects::item::Conditions::default(),
        state: ItemState::Asked,
    };
    let (first, second) = (item(&rand), item(&other));
    both(&centre, &first, &second).await;
    let (left, draft) = (file(&ApplicationState::Draft), file(&ApplicationState::Draft));
    both(&centre, &left, &draft).await;
    told_of_the_first(&centre).await;
    assert_eq!(stands(&centre, &second).await, "silent");
    assert_eq!(stands(&centre, &draft).await, "lapsed");
}

#[tokio::test]
async fn each_person_s_right_is_followed_by_itself() {
    let centre = TestCentre::start().await;
    let (application, _) = project(&centre, "ada", &[], 1).await;
    // What cannot be read is of another project: what is told of one's own would be a guess.
    let (other, _) = project(&centre, "zoe", &[], 2).await;
    let (ben, ada) = (centre.who("ben").await.id, centre.who("ada").await.id);
    let mut rights = centre.centre.store.habilitations_in(application.id).await.unwrap();
    let before = rights.remove(0);
    let state = HabilitationState::Active { start: ago(&centre, 30), end: ago(&centre, 1) };
    let id = uuid::Uuid::nil().into();
    let unreadable = Habilitation { id, person: ben, application: other.id, ..before.clone() };
    insert(&centre, &unreadable).await;
    spoil(&centre, &unreadable).await;
    replace(&centre, &before, &Habilitation { state, ..before.clone() }).await;
    // Rights that ended two days ago.
    let expired = |application: &Application| Habilitation {
        id: centre.centre.id(),
        version: 0,
        person: ben,
        application: application.id,
        state: HabilitationState::Expired { at: ago(&centre, 2) },
        ..before.clone()
    };
    let (gone, ended) = (expired(&other), expired(&application));
    for row in [&gone, &ended] {
        insert(&centre, row).await;
        let mut event = centre.centre.system_event("habilitation.expired", "habilitation", row.id);
        event.reason = Some("end".to_owned());
        centre.centre.store.change(&event).commit().await.unwrap();
    }
    spoil(&centre, &gone).await;
    // Signatures of an older text.
    let signed = |application: &Application| Undertaking {
        id: centre.centre.id(),
        version: 0,
        person: ada,
        application: application.id,
        state: UndertakingState::Signed(Signature {
            text_version: "old".to_owned(),
            text_hash: "00".repeat(32),
            name: "Signed".to_owned(),
            at: centre.centre.now(),
        }),
    };
    let (lost, old) = (signed(&other), signed(&application));
    both(&centre, &lost, &old).await;
    centre.centre.store.set_fact("undertaking_text", "old").await.unwrap();
    let told = told_of_the_first(&centre).await;
    assert!(told.contains("habilitations"), "{told}");
    assert_eq!(stands(&centre, &before).await, "expired");
    assert_eq!(stands(&centre, &old).await, "superseded");
    let reminded = centre.centre.store.events_of(ended.id).await.unwrap();
    assert!(reminded.iter().any(|sealed| sealed.event.kind == "habilitation.after_end"));
    let looked = centre.centre.store.fact("undertaking_text").await.unwrap();
    assert_eq!(looked.as_deref(), Some("old"), "the one that cannot be read is looked at again");
}

#[tokio::test]
async fn each_request_is_gone_on_with_by_itself() {
    let centre = TestCentre::start().await;
    let (application, bubble) = project(&centre, "ada", &["grace"], 1).await;
    let (ada, grace) = (centre.who("ada").await.id, centre.who("grace").await.id);
    let request = |state: &ExportState| Export {
        id: centre.centre.id(),
        version: 0,
        number: 1,
        bubble: bubble.id,
        application: application.id,
        author: ada,
        title: "Table 1".to_owned(),
        groups: vec![Group {
            files: vec![ExportFile {
                path: "t.csv".to_owned(),
                kind: domain::outputs::export::FileKind::Output,
                sha256: "0".repeat(64),
                bytes: 1,
                report: None,
                withdrawn: false,
                kept: vec![grace],
            }],
            ..Group::default()
        }],
        turn: 1,
        rule_sets: vec![],
        producers: None,
        rules: serde_json::Value::Null,
        reviewers: 1,
        partial: false,
        comments: vec![],
        takings: vec![],
        routed: None,
        state: state.clone(),
    };
    let released = ExportState::Available { files: vec![], until: ago(&centre, 1) };
    let (lost, over) = (request(&released), request(&released));
    both(&centre, &lost, &over).await;
    let queued = ExportState::Queued { since: ago(&centre, 1) };
    let (unread, asked) = (request(&queued), request(&queued));
    both(&centre, &unread, &asked).await;
    let told = told_of_the_first(&centre).await;
    assert!(told.contains("exports"), "{told}");
    assert_eq!(stands(&centre, &over).await, "expired");
    let asked: Export = centre.centre.load("export", asked.id).await.unwrap();
    assert!(asked.files().all(|file| file.kept.is_empty()), "grace is a member now");
}

/// Threat: one event whose consequence fails stops the log, every mail, and every right that an event
/// behind it takes away; and the centre does not start again.
#[tokio::test]
async fn an_event_whose_consequence_fails_holds_up_only_its_own_object() {
    let centre = TestCentre::start().await;
    let (application, bubble) = project(&centre, "ada", &[], 1).await;
    let happens = async |kind: &str, noun: &str, object: uuid::Uuid| {
        let event = centre.centre.system_event(kind, noun, object);
        centre.centre.store.change(&event).commit().await.unwrap();
        event.id
    };
    let (missing, waits) = (uuid::Uuid::now_v7(), "application.withdrawn");
    let first = happens("opinion.recorded", "application", missing).await; // it cannot be loaded
    let second = happens(waits, "application", missing).await;
    happens("application.ended", "application", application.id.0).await;
    let ben = centre.who("ben").await;
    let notice = |event| Notice {
        id: centre.centre.id(),
        version: 0,
        person: ben.id,
        event,
        key: "draft-lapses".to_owned(),
        args: std::collections::BTreeMap::new(),
        link: "/".to_owned(),
        at: centre.centre.now(),
        read_at: None,
        mailed_at: None,
    };
    let (spoilt, good) = (notice(first), notice(second));
    centre.centre.store.add_notices(&[spoilt.clone(), good.clone()]).await.unwrap();
    tamper(&centre, format!("update notices set body = '{{}}' where id = '{}'", spoilt.id)).await;
    let told = centre.centre.settle().await.expect_err("the operator is told");
    assert!(told.to_string().contains("application"), "{told}");
    assert_eq!(stands(&centre, &bubble).await, "closing", "the next object's are done");
    assert_eq!(centre.centre.store.log_extent().await.unwrap().waiting, 0, "all is sealed");
    let open = centre.centre.store.open_events(None, 10).await.unwrap();
    let open: Vec<&str> = open.iter().map(|sealed| sealed.event.kind.as_str()).collect();
    assert_eq!(open, ["opinion.recorded", waits], "in their order, once it can be done");
    let mails = centre.centre.store.latest_mails(100).await.unwrap();
    assert!(mails.iter().any(|mail| mail.notice == Some(good.id)), "the next is mailed");
    let centre = centre.restart().await;
    assert_eq!(centre.visitor().get("/sign-in").await.status, 200, "and the centre starts again");
}

/// Threat: a row of somebody's that nobody can read keeps the bubble of an ended project open, and
/// holds up what happens to the project later.
#[tokio::test]
async fn a_row_that_cannot_be_read_keeps_no_ended_project_s_bubble_open() {
    let centre = TestCentre::start().await;
    let (application, bubble) = project(&centre, "ada", &["ben"], 1).await;
    let rights = centre.centre.store.habilitations_in(application.id).await.unwrap();
    spoil(&centre, &rights[0]).await;
    let happens = async |kind: &str| {
        let event = centre.centre.system_event(kind, "application", application.id);
        centre.centre.store.change(&event).commit().await.unwrap();
    };
    happens("opinion.recorded").await;
    happens("application.ended").await;
    let told = centre.centre.settle().await.expect_err("the operator is told");
    assert!(std::error::Error::source(&told).unwrap().to_string().contains("habilitations"));
    assert_eq!(stands(&centre, &bubble).await, "closing");
    let open = centre.centre.store.open_events(None, 10).await.unwrap();
    let open: Vec<&str> = open.iter().map(|sealed| sealed.event.kind.as_str()).collect();
    let again = ["opinion.recorded", "application.ended", "bubble.closing"];
    assert_eq!(open, again, "they are done again once the row is repaired");
    let body = serde_json::to_string(&rights[0]).unwrap().replace('\'', "''");
    let id = rights[0].id;
    tamper(&centre, format!("update habilitations set body = '{body}' where id = '{id}'")).await;
    centre.centre.settle().await.unwrap();
    assert!(centre.centre.store.open_events(None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn each_project_s_credits_are_looked_at_by_themselves() {
    let centre = TestCentre::start().await;
    let (unreadable, _) = project(&centre, "zoe", &[], 1).await;
    let (application, _) = project(&centre, "ada", &[], 2).await;
    spoil(&centre, &unreadable).await;
    told_of_the_first(&centre).await;
    let lines = centre.centre.store.credit_lines_of(application.id).await.unwrap();
    assert_eq!(lines.len(), 1, "granted");
}

/// Threat: a hundred notices that cannot be mailed, which is what one round takes, stop every mail.
#[tokio::test]
async fn notices_that_cannot_be_mailed_stand_in_the_way_of_none() {
    let centre = TestCentre::start().await;
    let ben = centre.who("ben").await;
    let event = centre.centre.system_event("bubble.ready", "bubble", uuid::Uuid::nil());
    centre.centre.store.change(&event).commit().await.unwrap();
    centre.centre.settle().await.unwrap();
    let notice = |key: &str| Notice {
        id: centre.centre.id(),
        version: 0,
        person: ben.id,
        event: event.id,
        key: key.to_owned(),
        args: std::collections::BTreeMap::new(),
        link: "/".to_owned(),
        at: centre.centre.now(),
        read_at: None,
        mailed_at: None,
    };
    let lost: Vec<Notice> = (0..250).map(|_| notice("export-sealed")).collect();
    let good = notice("draft-lapses");
    centre.centre.store.add_notices(&lost).await.unwrap();
    centre.centre.store.add_notices(std::slice::from_ref(&good)).await.unwrap();
    tamper(&centre, "update notices set body = '{}' where body like '%export-sealed%'".to_owned())
        .await;
    told_of_the_first(&centre).await;
    let mails = centre.centre.store.latest_mails(10).await.unwrap();
    assert!(mails.iter().any(|mail| mail.notice == Some(good.id)), "{mails:?}");
}
