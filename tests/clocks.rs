//! The clocks of the columns do not wait for each other.

use centre_tests::TestCentre;

use crate::{
    office::kit::tamper,
    projects::kit::{authorised, reload, state},
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
    let told = centre.centre.tick().await.expect_err("the operator is told of the first");
    let source = std::error::Error::source(&told).map(ToString::to_string);
    let told = format!("{told} {source:?}");
    assert!(told.contains("habilitations"), "{told}");
    assert_eq!(reload(&centre, granted.id).await.state.name(), "ended");
    assert_eq!(state(&centre, &id).await, "ended");
}
