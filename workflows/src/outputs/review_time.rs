//! The time of reviews: what credits are booked by, and what a checker says of their own.
//!
//! It is read from the events: from `review.started` to `review.submitted` of the same checker in
//! the same turn, bounded; `review.timed` says it otherwise, and both stay in the log.

use std::collections::BTreeMap;

use domain::{
    Actor, Event, Export, ExportId, PersonId, Timestamp,
    outputs::review_time::{MAX_MEASURED, check_time, may_time},
};

use super::export::{event, tell};
use crate::{Centre, Failure};

/// Events that end a review.
pub(super) const ENDS: [&str; 6] = [
    "export.returned",
    "export.returned_early",
    "export.approved",
    "export.partly_approved",
    "export.refused",
    "export.withdrawn",
];

/// Minutes by turn and checker.
type Minutes = BTreeMap<(u64, PersonId), i64>;

/// The checkers' minutes that an export's events tell, in all turns; nothing where none started.
pub(super) fn spent(events: &[Event]) -> Option<i64> {
    let (mut minutes, said) = times(events);
    minutes.extend(said);
    (!minutes.is_empty()).then(|| minutes.values().sum())
}

/// What was measured, and what checkers have said of it.
fn times(events: &[Event]) -> (Minutes, Minutes) {
    let mut open: BTreeMap<PersonId, Timestamp> = BTreeMap::new();
    let (mut measured, mut said) = (Minutes::new(), Minutes::new());
    for event in events {
        let turn = event.payload["turn"].as_u64().unwrap_or(0);
        let ended: Vec<PersonId> = match (event.kind.as_str(), event.actor) {
            ("review.started", Some(who)) => {
                open.insert(who, event.at);
                continue;
            }
            ("review.timed", Some(who)) => {
                said.insert((turn, who), event.payload["minutes"].as_i64().unwrap_or(0));
                continue;
            }
            ("review.submitted" | "review.given_back", Some(who)) => vec![who],
            ("review.unassigned", _) => unassigned(event, &open),
            // What checkers have begun and nobody will vote on any more.
            (kind, _) if ENDS.contains(&kind) => open.keys().copied().collect(),
            _ => continue,
        };
        for who in ended {
            let Some(started) = open.remove(&who) else { continue };
            let minutes = minutes_between(started, event.at);
            let sum = measured.entry((turn, who)).or_default();
            *sum = (*sum + minutes).min(MAX_MEASURED);
        }
    }
    (measured, said)
}

/// Whose time a taken review ends. Events of before named nobody, and ended what was open.
fn unassigned(event: &Event, open: &BTreeMap<PersonId, Timestamp>) -> Vec<PersonId> {
    taken_from(event).unwrap_or_else(|| open.keys().copied().collect())
}

/// From whom an event `review.unassigned` took the review, where it names them.
pub(super) fn taken_from(event: &Event) -> Option<Vec<PersonId>> {
    serde_json::from_value(event.payload.get("checkers")?.clone()).ok()
}

/// Begun minutes.
fn minutes_between(from: Timestamp, to: Timestamp) -> i64 {
    (to.duration_since(from).as_secs().max(0) + 59) / 60
}

/// The minutes of the actor's own review in this turn: as measured so far, and as said.
pub async fn my_time(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
) -> Result<(i64, Option<i64>), Failure> {
    let export: Export = centre.load("export", id).await?;
    may_time(actor, &export)?;
    let events = centre.store.events_of(id).await?.into_iter().map(|sealed| sealed.event);
    let mut events: Vec<Event> = events.collect();
    let mut now = event(centre, Some(actor), "review.submitted", &export);
    now.at = centre.now();
    events.push(now);
    let (measured, said) = times(&events);
    let mine = (u64::from(export.turn), actor.id);
    Ok((measured.get(&mine).copied().unwrap_or(0), said.get(&mine).copied()))
}

/// Says how long the actor's own review took, with a reason; what was measured stays in the log.
#[tracing::instrument(name = "workflow.time_review", skip_all, fields(export.id = %id), err)]
pub async fn time_review(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
    minutes: i64,
    reason: &str,
) -> Result<(), Failure> {
    let export: Export = centre.load("export", id).await?;
    may_time(actor, &export)?;
    check_time(minutes, reason)?;
    let (measured, _) = my_time(centre, actor, id).await?;
    let mut event = event(centre, Some(actor), "review.timed", &export);
    event.reason = Some(reason.trim().to_owned());
    tell(&mut event, "minutes", minutes);
    tell(&mut event, "measured", measured);
    // The row is rewritten as it is: a decision of the same moment makes one of the two lose.
    Ok(centre.store.change(&event).replace(&export, &export).commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn happened(kind: &str, who: u128, minute: i64, payload: serde_json::Value) -> Event {
        Event {
            id: uuid::Uuid::from_u128(1).into(),
            at: Timestamp::from_second(minute * 60).expect("a timestamp"),
            kind: kind.to_owned(),
            actor: (who > 0).then(|| PersonId(uuid::Uuid::from_u128(who))),
            noun: "export".to_owned(),
            object: uuid::Uuid::from_u128(2),
            reason: None,
            payload,
        }
    }

    #[test]
    fn the_time_of_every_checker_and_turn_is_added_up() {
        let one = json!({ "turn": 1 });
        let mut events = vec![happened("export.sealed", 9, 0, one.clone())];
        assert_eq!(spent(&events), None, "nobody looked");
        events.push(happened("review.started", 1, 10, one.clone()));
        events.push(happened("review.started", 2, 12, one.clone()));
        events.push(happened("review.submitted", 1, 30, one.clone()));
        events.push(happened("review.submitted", 2, 22, one.clone()));
        assert_eq!(spent(&events), Some(30));
        events.push(happened("export.returned", 1, 40, one.clone()));
        let two = json!({ "turn": 2 });
        events.push(happened("review.started", 1, 100, two.clone()));
        events.push(happened("export.withdrawn", 9, 105, two.clone()));
        assert_eq!(spent(&events), Some(35), "withdrawn while a checker reads");
        events.push(happened("review.started", 1, 200, json!({ "turn": 3 })));
        events.push(happened("review.submitted", 1, 2000, json!({ "turn": 3 })));
        assert_eq!(spent(&events), Some(35 + MAX_MEASURED), "a page left open");
        events.push(happened("review.started", 1, 2001, json!({ "turn": 3 })));
        events.push(happened("review.given_back", 1, 2100, json!({ "turn": 3 })));
        assert_eq!(spent(&events), Some(35 + MAX_MEASURED), "the same turn, begun twice");
    }

    #[test]
    fn who_is_taken_out_ends_no_other_checker_s_time() {
        let one = json!({ "turn": 1 });
        let named = |who: u128| json!({ "turn": 1, "checkers": [uuid::Uuid::from_u128(who)] });
        let events = |taken_out| {
            vec![
                happened("review.started", 1, 0, one.clone()),
                happened("review.started", 2, 0, one.clone()),
                happened("review.unassigned", 9, 10, taken_out),
                happened("review.submitted", 2, 40, one.clone()),
            ]
        };
        assert_eq!(spent(&events(named(1))), Some(10 + 40));
        assert_eq!(spent(&events(named(2))), Some(10), "the first one still reads");
        assert_eq!(spent(&events(named(3))), Some(40), "who had voted");
        assert_eq!(spent(&events(one.clone())), Some(10 + 10), "an event of before names nobody");
    }

    #[test]
    fn what_a_checker_says_replaces_what_was_measured_of_them_in_that_turn() {
        let one = json!({ "turn": 1 });
        let events = [
            happened("review.started", 1, 0, one.clone()),
            happened("review.submitted", 1, 90, one.clone()),
            happened("review.timed", 1, 91, json!({ "turn": 1, "minutes": 25 })),
            happened("review.started", 2, 0, one.clone()),
            happened("review.submitted", 2, 10, one),
        ];
        assert_eq!(spent(&events), Some(35));
    }
}
