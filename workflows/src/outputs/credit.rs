//! Credits: granted with the authorisation, used by reviews, ordered by leads.
//!
//! The time of a review is read from its events: from `review.started` to `review.submitted` of the
//! same checker in the same turn, bounded; `review.timed` says it otherwise, and both stay in the
//! log. It is booked as a consequence of what ends the review.

use std::collections::BTreeMap;

use disclosure::Mode;
use domain::{
    Actor, Application, ApplicationId, CreditOrderId, Event, Export, ExportId, PersonId, Timestamp,
    outputs::credit::{
        self, CreditLine, CreditOrder, LOW, MAX_MEASURED, Moved, check_time, may_account,
        may_order, may_see, may_time,
    },
    projects::application::ApplicationState,
};
use serde_json::json;

use super::export::{event, name_of, tell};
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

/// A project's credits, as those read them who may.
pub struct Account {
    /// The project.
    pub application: Application,
    /// How many are left.
    pub left: i64,
    /// The ledger, newest first, each line with what was left after it and the number of its export.
    pub lines: Vec<(CreditLine, i64, Option<u32>)>,
    /// The orders, newest first, each with who asked.
    pub orders: Vec<(CreditOrder, String)>,
    /// Whether the reader may order.
    pub can_order: bool,
    /// Whether the reader decides on orders and gives back.
    pub can_account: bool,
}

/// Shows a project's credits.
pub async fn show_credits(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
) -> Result<Account, Failure> {
    may_see(actor, id)?;
    let application: Application = centre.load("application", id).await?;
    let mut numbers = BTreeMap::new();
    for export in centre.store.exports_of(id).await? {
        numbers.insert(export.id, export.number);
    }
    let (mut left, mut lines) = (0, Vec::new());
    for line in centre.store.credit_lines_of(id).await? {
        left += line.moved.signed();
        let number = match &line.moved {
            Moved::Use { export, .. } => numbers.get(export).copied(),
            _ => None,
        };
        lines.push((line, left, number));
    }
    lines.reverse();
    let mut orders = Vec::new();
    for order in centre.store.credit_orders_of(id).await?.into_iter().rev() {
        let name = name_of(centre, order.by).await?;
        orders.push((order, name));
    }
    Ok(Account {
        left,
        lines,
        orders,
        can_order: may_order(actor, &application).is_ok(),
        can_account: may_account(actor, id).is_ok(),
        application,
    })
}

/// How many credits are left of a project, for pages that only tell that; nothing before the grant.
pub async fn left(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
) -> Result<Option<i64>, Failure> {
    if may_see(actor, id).is_err() {
        return Ok(None);
    }
    let lines = centre.store.credit_lines_of(id).await?;
    Ok((!lines.is_empty()).then(|| credit::left(&lines)))
}

/// The orders that wait, with their projects, for those who may decide on one.
pub async fn list_orders(
    centre: &Centre,
    actor: &Actor,
) -> Result<Vec<(CreditOrder, Application)>, Failure> {
    use domain::Role::{BillingManager, ProjectManager};
    actor.needs(&[BillingManager, ProjectManager])?;
    let mut listed = Vec::new();
    for order in centre.store.open_credit_orders().await? {
        if may_account(actor, order.application).is_ok() {
            let application = centre.load("application", order.application).await?;
            listed.push((order, application));
        }
    }
    Ok(listed)
}

/// An event about a project's credits.
fn told(centre: &Centre, by: Option<PersonId>, kind: &str, id: ApplicationId) -> Event {
    let mut event = centre.system_event(kind, "application", id);
    event.actor = by;
    event.payload = json!({ "application": id });
    event
}

/// Orders packs of credits: the lead's act.
#[tracing::instrument(name = "workflow.order_credits", skip_all, fields(application.id = %id), err)]
pub async fn order_credits(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    packs: i64,
    reason: &str,
) -> Result<CreditOrder, Failure> {
    let application: Application = centre.load("application", id).await?;
    let order = may_order(actor, &application)?.order(centre.id(), packs, reason, centre.now())?;
    let mut event = told(centre, Some(actor.id), "credit.ordered", id);
    event.reason = Some(order.reason.clone());
    tell(&mut event, "order", order.id);
    tell(&mut event, "credits", order.credits);
    centre.store.change(&event).insert(&order).commit().await?;
    Ok(order)
}

/// Accepts or refuses an order: an act of billing or of the project manager.
#[tracing::instrument(name = "workflow.decide_credit_order", skip_all, fields(order.id = %id), err)]
pub async fn decide_order(
    centre: &Centre,
    actor: &Actor,
    id: CreditOrderId,
    accept: bool,
    reason: &str,
) -> Result<CreditOrder, Failure> {
    let before: CreditOrder = centre.load("credit_order", id).await?;
    let permit = may_account(actor, before.application)?;
    let (after, line) =
        permit.decide(&before, accept.then(|| centre.id()), reason, centre.now())?;
    let kind = if accept { "credit.bought" } else { "credit.order_refused" };
    let mut event = told(centre, Some(actor.id), kind, before.application);
    event.reason = Some(reason.trim().to_owned());
    tell(&mut event, "order", id);
    tell(&mut event, "credits", before.credits);
    let mut change = centre.store.change(&event);
    change.replace(&before, &after);
    if let Some(line) = &line {
        change.insert(line);
    }
    change.commit().await?;
    Ok(after)
}

/// Gives credits back by hand, with a reason: an act of billing or of the project manager.
pub async fn give_credits_back(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    credits: i64,
    reason: &str,
) -> Result<CreditLine, Failure> {
    let permit = may_account(actor, id)?;
    let application: Application = centre.load("application", id).await?;
    let line = permit.refund(centre.id(), application.id, credits, reason, centre.now())?;
    let mut event = told(centre, Some(actor.id), "credit.refunded", id);
    event.reason = Some(reason.trim().to_owned());
    tell(&mut event, "credits", credits);
    centre.store.change(&event).insert(&line).commit().await?;
    Ok(line)
}

/// Refuses a new sealing where no credit is left and a checker would have to look. Called before
/// anything is copied; what was typed is saved, and the same draft is sealed later.
pub(super) async fn may_seal(
    centre: &Centre,
    export: &Export,
    rules: &disclosure::RuleSet,
) -> Result<(), Failure> {
    if export.turn > 0 {
        return Ok(()); // its review goes on, and is booked to its end
    }
    let application: Application = centre.load("application", export.application).await?;
    grant(centre, &application).await?;
    let lines = centre.store.credit_lines_of(application.id).await?;
    Ok(credit::enough(credit::left(&lines), rules.mode == Mode::Automatic)?)
}

/// Grants the credits of an authorised project that has none yet.
async fn grant(centre: &Centre, application: &Application) -> Result<(), Failure> {
    let lines = centre.store.credit_lines_of(application.id).await?;
    if lines.iter().any(|line| matches!(line.moved, Moved::Grant { .. })) {
        return Ok(());
    }
    let Some(line) = credit::grant(application, centre.id(), centre.now()) else { return Ok(()) };
    let mut event = told(centre, None, "credit.granted", application.id);
    tell(&mut event, "credits", line.moved.signed());
    let written = centre.store.change(&event).insert(&line).commit().await;
    let lines = centre.store.credit_lines_of(application.id).await?;
    match written {
        // Another task wrote it at the same moment: the database lets one grant stand.
        Err(_) if lines.iter().any(|line| matches!(line.moved, Moved::Grant { .. })) => Ok(()),
        written => Ok(written?),
    }
}

/// What events cause here; doing it twice does it once.
pub(super) async fn apply(centre: &Centre, event: &Event) -> Result<(), Failure> {
    match event.kind.as_str() {
        "application.authorised" => {
            let application = centre.load("application", event.object).await?;
            grant(centre, &application).await
        }
        kind if ENDS.contains(&kind) => book(centre, ExportId(event.object)).await,
        _ => Ok(()),
    }
}

/// Grants what is missing and ends what is over.
pub(super) async fn run(centre: &Centre) -> Result<(), Failure> {
    for application in centre.store.all::<Application>().await? {
        if !matches!(application.state, ApplicationState::Authorised { .. }) {
            continue;
        }
        grant(centre, &application).await?;
        let lines = centre.store.credit_lines_of(application.id).await?;
        let mut left = credit::left(&lines);
        for (of, credits) in credit::ended(&lines, centre.now()) {
            let moved = Moved::Expire { credits, of };
            let after = left + moved.signed();
            write(centre, application.id, "credit.expired", moved, left).await?;
            left = after;
        }
    }
    Ok(())
}

/// Writes a line that takes credits, and tells where few or none are left after it.
async fn write(
    centre: &Centre,
    id: ApplicationId,
    kind: &str,
    moved: Moved,
    before: i64,
) -> Result<(), Failure> {
    let after = before + moved.signed();
    let line = CreditLine { id: centre.id(), version: 0, application: id, at: centre.now(), moved };
    let mut event = told(centre, None, kind, id);
    tell(&mut event, "moved", &line.moved);
    tell(&mut event, "left", after);
    let mut change = centre.store.change(&event);
    change.insert(&line);
    let warning = match () {
        () if after <= 0 && before > 0 => Some("credit.none"),
        () if after <= LOW && before > LOW => Some("credit.low"),
        () => None,
    };
    if let Some(kind) = warning {
        let mut warning = told(centre, None, kind, id);
        tell(&mut warning, "left", after);
        change.event(&warning);
    }
    Ok(change.commit().await?)
}

/// Books the time of a review that has ended.
async fn book(centre: &Centre, id: ExportId) -> Result<(), Failure> {
    let export: Export = centre.load("export", id).await?;
    let events = centre.store.events_of(id).await?;
    let events: Vec<Event> = events.into_iter().map(|sealed| sealed.event).collect();
    let minutes = spent(&events);
    let lines = centre.store.credit_lines_of(export.application).await?;
    let booked = lines.iter().map(|line| match &line.moved {
        Moved::Use { credits, export, .. } if *export == id => *credits,
        _ => 0,
    });
    let credits = credit::due(minutes, booked.sum());
    if credits == 0 {
        return Ok(());
    }
    let (turn, minutes) = (export.turn, minutes.unwrap_or(0));
    let moved = Moved::Use { credits, export: id, turn, minutes };
    write(centre, export.application, "credit.used", moved, credit::left(&lines)).await
}

/// The checkers' minutes that an export's events tell, in all turns; nothing where none started.
fn spent(events: &[Event]) -> Option<i64> {
    let mut open: BTreeMap<PersonId, Timestamp> = BTreeMap::new();
    let mut measured: BTreeMap<(u64, PersonId), i64> = BTreeMap::new();
    let mut said: BTreeMap<(u64, PersonId), i64> = BTreeMap::new();
    for event in events {
        let turn = event.payload["turn"].as_u64().unwrap_or(0);
        let mut close = |who: PersonId, started: Timestamp| {
            let minutes = minutes_between(started, event.at).min(MAX_MEASURED);
            let sum = measured.entry((turn, who)).or_default();
            *sum = (*sum + minutes).min(MAX_MEASURED);
        };
        match (event.kind.as_str(), event.actor) {
            ("review.started", Some(who)) => {
                open.insert(who, event.at);
            }
            ("review.submitted" | "review.given_back", Some(who)) => {
                if let Some(started) = open.remove(&who) {
                    close(who, started);
                }
            }
            ("review.timed", Some(who)) => {
                let minutes = event.payload["minutes"].as_i64().unwrap_or(0);
                said.insert((turn, who), minutes);
            }
            // What checkers have begun and nobody will vote on any more.
            (kind, _) if ENDS.contains(&kind) || kind == "review.unassigned" => {
                for (who, started) in std::mem::take(&mut open) {
                    close(who, started);
                }
            }
            _ => {}
        }
    }
    measured.extend(said);
    (!measured.is_empty()).then(|| measured.values().sum())
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
    let mine = events.filter(|event| {
        event.actor == Some(actor.id) && event.payload["turn"].as_u64() == Some(export.turn.into())
    });
    let mut mine: Vec<Event> = mine.collect();
    let said = mine.iter().rev().find(|event| event.kind == "review.timed");
    let said = said.and_then(|event| event.payload["minutes"].as_i64());
    mine.retain(|event| event.kind != "review.timed");
    let mut now = event(centre, Some(actor), "review.submitted", &export);
    now.at = centre.now();
    mine.push(now);
    Ok((spent(&mine).unwrap_or(0), said))
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
