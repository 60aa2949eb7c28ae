//! Credits: granted with the authorisation, used by reviews, ordered by leads.
//!
//! The time of a review (`review_time.rs`) is booked as a consequence of what ends it.

use std::collections::BTreeMap;

use disclosure::Mode;
use domain::{
    Actor, Application, ApplicationId, CreditOrderId, Event, Export, ExportId, PersonId,
    outputs::credit::{
        self, CreditLine, CreditOrder, LOW, Moved, OrderState, may_account, may_decide, may_order,
        may_see,
    },
    projects::application_team::may_read,
};
use serde_json::json;

use super::{
    export::{name_of, tell},
    review_time::{ENDS, spent},
};
use crate::{Centre, Failure, consequences::Round};

/// A project's credits, as those read them who may.
pub struct Account {
    /// The project.
    pub application: Application,
    /// How many are left.
    pub left: i64,
    /// How many of them requests under way hold.
    pub held: i64,
    /// The ledger, newest first, each line with what was left after it and the number of its export.
    pub lines: Vec<(CreditLine, i64, Option<u32>)>,
    /// The orders, newest first, each with who asked, and whether the reader may decide on it.
    pub orders: Vec<(CreditOrder, String, bool)>,
    /// Whether the reader may open the project's application; billing reads its credits alone.
    pub can_open: bool,
    /// Whether the reader may order.
    pub can_order: bool,
    /// Whether the reader gives back.
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
    let held = held(centre, id).await?;
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
        let can_decide = may_decide(actor, &order).is_ok() && order.state == OrderState::Asked;
        orders.push((order, name, can_decide));
    }
    Ok(Account {
        left,
        held,
        lines,
        orders,
        can_open: may_read(actor, &application).is_ok(),
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
        if may_decide(actor, &order).is_ok() {
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
    let permit = may_decide(actor, &before)?;
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

/// Refuses a new sealing where no credit is free and a checker may have to look. Called before
/// anything is copied, and again when it is written; what was typed is saved, and the same draft is
/// sealed later.
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
    let held = held(centre, application.id).await?;
    let lines = centre.store.credit_lines_of(application.id).await?;
    Ok(credit::enough(credit::left(&lines), held, rules.mode == Mode::Automatic)?)
}

/// How many credits of a project its requests hold: those under way, and those whose review has
/// ended and is not booked yet. To be asked before the ledger is read: what ends or is booked in
/// between then counts once or twice, and never not at all.
async fn held(centre: &Centre, id: ApplicationId) -> Result<i64, Failure> {
    let exports = centre.store.exports_of(id).await?;
    let open = centre.store.objects_of_open(&ENDS).await?;
    let lines = centre.store.credit_lines_of(id).await?;
    let mut held = 0;
    for export in exports {
        // An event may stay open for what has nothing to do with credits: it is booked all the same.
        let is_unbooked =
            open.contains(&export.id.0) && still_due(centre, export.id, &lines).await?.0 > 0;
        held += i64::from(credit::holds(&export) || is_unbooked);
    }
    Ok(held)
}

/// The credits that are still to be booked of an export, and the minutes that they are for.
async fn still_due(
    centre: &Centre,
    id: ExportId,
    lines: &[CreditLine],
) -> Result<(i64, Option<i64>), Failure> {
    let events = centre.store.events_of(id).await?;
    let events: Vec<Event> = events.into_iter().map(|sealed| sealed.event).collect();
    let minutes = spent(&events);
    let booked = lines.iter().map(|line| match &line.moved {
        Moved::Use { credits, export, .. } if *export == id => *credits,
        _ => 0,
    });
    Ok((credit::due(minutes, booked.sum()), minutes))
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
    let mut round = Round::default();
    let authorised = centre.store.each::<Application>("state", "authorised").await;
    for application in round.readable(authorised) {
        round.ran(settle(centre, &application).await);
    }
    round.end()
}

async fn settle(centre: &Centre, application: &Application) -> Result<(), Failure> {
    grant(centre, application).await?;
    let lines = centre.store.credit_lines_of(application.id).await?;
    let mut left = credit::left(&lines);
    for (of, credits) in credit::ended(&lines, centre.now()) {
        let moved = Moved::Expire { credits, of };
        let after = left + moved.signed();
        write(centre, application.id, "credit.expired", moved, left).await?;
        left = after;
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
    let lines = centre.store.credit_lines_of(export.application).await?;
    let (credits, minutes) = still_due(centre, id, &lines).await?;
    if credits == 0 {
        return Ok(());
    }
    let (turn, minutes) = (export.turn, minutes.unwrap_or(0));
    let moved = Moved::Use { credits, export: id, turn, minutes };
    write(centre, export.application, "credit.used", moved, credit::left(&lines)).await
}
