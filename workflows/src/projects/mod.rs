//! Safe projects: baskets, applications and their items, from the draft to the end of the project.
//!
//! `file.rs` puts together what pages show of an application; `application.rs` writes the draft,
//! `team.rs` the members, `consultation.rs` asks the producers, `item.rs` is their side,
//! `submission.rs` freezes the file, `frozen.rs` reads it again, `attachment.rs` keeps the files that
//! come with it, `office.rs` is the secretary's side, `register.rs` what everybody may read.

pub mod application;
pub mod attachment;
pub mod basket;
pub(crate) mod clocks;
pub(crate) mod consequences;
pub mod consultation;
pub mod file;
pub mod frozen;
pub mod inbox;
pub mod item;
pub mod office;
pub mod register;
pub mod submission;
pub mod team;

use domain::{Actor, Application, Event, Item, Producer, ProducerId};
use serde_json::Value;
use uuid::Uuid;

use crate::{Centre, Failure};

/// An event by a person on an application, with what matters about it.
fn on_application(
    centre: &Centre,
    actor: &Actor,
    kind: &str,
    application: &Application,
    payload: Value,
) -> Event {
    Event { payload, ..centre.event(actor, kind, "application", application.id) }
}

/// An event by a person on an item; every one says of which application, for those who follow it.
fn on_item(centre: &Centre, actor: &Actor, kind: &str, item: &Item, more: Value) -> Event {
    Event { payload: of_item(item, more), ..centre.event(actor, kind, "item", item.id) }
}

/// An event by the centre itself on an item.
fn on_item_by_centre(centre: &Centre, kind: &str, item: &Item, more: Value) -> Event {
    Event { payload: of_item(item, more), ..centre.system_event(kind, "item", item.id) }
}

fn of_item(item: &Item, more: Value) -> Value {
    let mut payload = match more {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    };
    payload.insert("application".to_owned(), item.application.to_string().into());
    Value::Object(payload)
}

/// How many days a producer has to answer a consultation.
async fn days_of(centre: &Centre, producer: ProducerId) -> Result<u16, Failure> {
    Ok(centre.load::<Producer>("producer", producer).await?.consultation_days)
}

/// The application that an event is about: its object, or the one that its payload names.
fn application_of(event: &Event) -> Option<Uuid> {
    match event.noun.as_str() {
        "application" => Some(event.object),
        _ => event.payload.get("application")?.as_str()?.parse().ok(),
    }
}
