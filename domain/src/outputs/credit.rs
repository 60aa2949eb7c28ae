//! Credits (JOURNEYS 1.10): what the checking of a project's exports is counted in.
//!
//! A project gets 20 credits for 3 years with its authorisation; one is 30 minutes of checking, the
//! reference service's values. The ledger is a list of lines that are never changed; what is left is
//! computed from them. Use is booked when a review ends, so the last review may take the ledger
//! below zero: what is added later pays that first.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use super::credit_order::{CreditOrder, MAX_PACKS, OrderPermit, OrderState, PACK, may_order};
use super::export::{Export, ExportState};
use super::export_review::written;
use crate::{
    Actor, Application, ApplicationId, CreditLineId, CreditOrderId, Denied, ExportId, PersonId,
    Refusal, Role, WrongState, projects::application::ApplicationState,
};

/// Credits of an authorisation.
pub const GRANT: i64 = 20;
/// Minutes of checking that one credit pays.
pub const MINUTES: i64 = 30;
/// So many left, and the lead is told.
pub const LOW: i64 = 3;
/// How long credits last.
pub const LASTS: SignedDuration = SignedDuration::from_hours(3 * 365 * 24);

/// A line of a project's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditLine {
    /// Which.
    pub id: CreditLineId,
    /// Always 0: a line is never changed.
    pub version: i64,
    /// Whose.
    pub application: ApplicationId,
    /// When.
    pub at: Timestamp,
    /// What moved.
    pub moved: Moved,
}

/// What a line moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Moved {
    /// Given with the authorisation.
    Grant {
        /// How many.
        credits: i64,
        /// When what is left of them ends.
        until: Timestamp,
    },
    /// Ordered by the lead and accepted.
    Buy {
        /// How many.
        credits: i64,
        /// When what is left of them ends.
        until: Timestamp,
        /// The order.
        order: CreditOrderId,
    },
    /// Used by the review of a request.
    Use {
        /// How many.
        credits: i64,
        /// The request.
        export: ExportId,
        /// In which turn its review ended.
        turn: u32,
        /// Minutes that checkers have spent on the request in all its turns so far.
        minutes: i64,
    },
    /// Given back by hand.
    Refund {
        /// How many.
        credits: i64,
        /// When what is left of them ends.
        until: Timestamp,
        /// Who.
        by: PersonId,
        /// Why.
        reason: String,
    },
    /// Ended unused.
    Expire {
        /// How many.
        credits: i64,
        /// Of which line.
        of: CreditLineId,
    },
}

impl Moved {
    /// The line's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Grant { .. } => "grant",
            Self::Buy { .. } => "buy",
            Self::Use { .. } => "use",
            Self::Refund { .. } => "refund",
            Self::Expire { .. } => "expire",
        }
    }

    /// What the line adds to what is left.
    pub fn signed(&self) -> i64 {
        match self {
            Self::Grant { credits, .. }
            | Self::Buy { credits, .. }
            | Self::Refund { credits, .. } => *credits,
            Self::Use { credits, .. } | Self::Expire { credits, .. } => -credits,
        }
    }
}

impl CreditLine {
    /// What this line may be written for once only: whoever writes it twice, after a crash or at
    /// the same moment, is refused by the database.
    pub fn once(&self) -> String {
        match &self.moved {
            Moved::Grant { .. } => "grant".to_owned(),
            Moved::Buy { order, .. } => format!("buy {order}"),
            Moved::Use { export, turn, minutes, .. } => format!("use {export} {turn} {minutes}"),
            Moved::Refund { .. } => format!("refund {}", self.id),
            Moved::Expire { of, .. } => format!("expire {of}"),
        }
    }
}

/// What is left; below zero where a review took more than there was.
pub fn left(lines: &[CreditLine]) -> i64 {
    lines.iter().map(|line| line.moved.signed()).sum()
}

struct Lot {
    line: CreditLineId,
    until: Timestamp,
    left: i64,
}

/// What has ended unused by `now`: the lines it came from, each with how much. Credits that end
/// first are used first.
pub fn ended(lines: &[CreditLine], now: Timestamp) -> Vec<(CreditLineId, i64)> {
    let (mut lots, mut debt) = (Vec::<Lot>::new(), 0);
    for line in lines {
        match &line.moved {
            Moved::Grant { credits, until }
            | Moved::Buy { credits, until, .. }
            | Moved::Refund { credits, until, .. } => {
                let paid = debt.min(*credits);
                debt -= paid;
                lots.push(Lot { line: line.id, until: *until, left: credits - paid });
                lots.sort_by_key(|lot| lot.until);
            }
            Moved::Use { credits, .. } => {
                let mut open = *credits;
                for lot in &mut lots {
                    let taken = open.min(lot.left);
                    lot.left -= taken;
                    open -= taken;
                }
                debt += open;
            }
            Moved::Expire { credits, of } => {
                if let Some(lot) = lots.iter_mut().find(|lot| lot.line == *of) {
                    lot.left -= credits;
                }
            }
        }
    }
    let over = lots.into_iter().filter(|lot| lot.until <= now && lot.left > 0);
    over.map(|lot| (lot.line, lot.left)).collect()
}

/// What is still to be booked for a request on which checkers have spent `minutes` in all, of which
/// `booked` credits are: begun half hours, at least one. Nothing where nobody looked at it.
pub fn due(minutes: Option<i64>, booked: i64) -> i64 {
    let Some(minutes) = minutes else { return 0 };
    let whole = minutes.max(0).div_euclid(MINUTES) + i64::from(minutes.max(0) % MINUTES > 0);
    (whole.max(1) - booked).max(0)
}

/// Whether a request holds a credit: a checker looks at it or may have to, and its review has not
/// ended. One that has left without a checker holds none.
pub fn holds(export: &Export) -> bool {
    match &export.state {
        ExportState::Sealed { .. }
        | ExportState::Scanning { .. }
        | ExportState::Scored { .. }
        | ExportState::Queued { .. }
        | ExportState::ReviewIndependent { .. }
        | ExportState::ReviewConsolidation { .. } => true,
        ExportState::Failed { before, .. } => matches!(**before, ExportState::Scanning { .. }),
        _ => false,
    }
}

/// Whether a new request may be sealed: of the credits that are left, one is not held by another
/// request. Where the producers' mode is automatic a rule may still send it to a checker, so that
/// one request at a time may be sealed without a credit, and none in debt.
///
/// # Errors
/// The refusal that says what to do.
pub fn enough(left: i64, held: i64, automatic: bool) -> Result<(), Refusal> {
    let free = left - held;
    match free > 0 || (automatic && free >= 0) {
        true => Ok(()),
        false if left > 0 => Err(Refusal::invalid("credits", "all-held")),
        false => Err(Refusal::invalid("credits", "none-left")),
    }
}

/// The grant of an authorised project; none before and after.
pub fn grant(application: &Application, id: CreditLineId, at: Timestamp) -> Option<CreditLine> {
    let ApplicationState::Authorised { since, .. } = application.state else { return None };
    let until = since.max(at).checked_add(LASTS).unwrap_or(Timestamp::MAX);
    let moved = Moved::Grant { credits: GRANT, until };
    Some(CreditLine { id, version: 0, application: application.id, at, moved })
}

/// The project, its billing, project managers and auditors read its ledger.
pub fn may_see(actor: &Actor, application: ApplicationId) -> Result<(), Denied> {
    let reads = [Role::BillingManager, Role::ProjectManager, Role::Auditor];
    match actor.works_in(application) || actor.needs(&reads).is_ok() {
        true => Ok(()),
        false => Err(Denied::Hidden),
    }
}

/// Leave to decide on a project's credits.
#[derive(Debug)]
pub struct AccountPermit {
    by: PersonId,
}

/// Billing and project managers decide, never on the credits of a project of their own, and never
/// who checks exports (JOURNEYS 3.1).
pub fn may_account(actor: &Actor, application: ApplicationId) -> Result<AccountPermit, Denied> {
    actor.needs(&[Role::BillingManager, Role::ProjectManager])?;
    if actor.works_in(application) || actor.has(Role::Checker) || actor.has(Role::CheckerLead) {
        return Err(Denied::OwnProject);
    }
    Ok(AccountPermit { by: actor.id })
}

/// Refuses who asked for the order, whatever they have become since: two persons stand behind
/// credits that were not there.
pub fn may_decide(actor: &Actor, order: &CreditOrder) -> Result<AccountPermit, Denied> {
    let permit = may_account(actor, order.application)?;
    if order.by == actor.id { Err(Denied::NeedsSecondPerson) } else { Ok(permit) }
}

impl AccountPermit {
    /// Accepts an order, or refuses it. An accepted one comes with its line.
    ///
    /// # Errors
    /// It is decided, the permit's person asked for it, or the reason is missing.
    pub fn decide(
        self,
        order: &CreditOrder,
        accept: Option<CreditLineId>,
        reason: &str,
        at: Timestamp,
    ) -> Result<(CreditOrder, Option<CreditLine>), Refusal> {
        if order.state != OrderState::Asked {
            let state = order.state.name();
            return Err(WrongState { verb: "decide", noun: "credit_order", state }.into());
        }
        if order.by == self.by {
            return Err(Denied::NeedsSecondPerson.into());
        }
        written("reason", reason)?;
        let (by, reason) = (self.by, reason.trim().to_owned());
        let until = at.checked_add(LASTS).unwrap_or(Timestamp::MAX);
        let line = accept.map(|id| {
            let moved = Moved::Buy { credits: order.credits, until, order: order.id };
            CreditLine { id, version: 0, application: order.application, at, moved }
        });
        let state = match line {
            Some(_) => OrderState::Accepted { by, at, reason },
            None => OrderState::Refused { by, at, reason },
        };
        Ok((CreditOrder { state, ..order.clone() }, line))
    }

    /// Gives credits back by hand.
    pub fn refund(
        self,
        id: CreditLineId,
        application: ApplicationId,
        credits: i64,
        reason: &str,
        at: Timestamp,
    ) -> Result<CreditLine, Refusal> {
        if !(1..=GRANT).contains(&credits) {
            return Err(Refusal::invalid("credits", "out-of-range"));
        }
        written("reason", reason)?;
        let (by, reason) = (self.by, reason.trim().to_owned());
        let until = at.checked_add(LASTS).unwrap_or(Timestamp::MAX);
        let moved = Moved::Refund { credits, until, by, reason };
        Ok(CreditLine { id, version: 0, application, at, moved })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + day * 86_400).expect("a timestamp")
    }

    fn line(number: u128, day: i64, moved: Moved) -> CreditLine {
        let id = CreditLineId(uuid::Uuid::from_u128(number));
        let application = ApplicationId(uuid::Uuid::from_u128(1));
        CreditLine { id, version: 0, application, at: at(day), moved }
    }

    fn used(number: u128, day: i64, credits: i64) -> CreditLine {
        let export = ExportId(uuid::Uuid::from_u128(number));
        line(number, day, Moved::Use { credits, export, turn: 1, minutes: credits * MINUTES })
    }

    #[test]
    fn begun_half_hours_count_and_one_at_least() {
        let booked = [(1, 1), (29, 1), (30, 1), (31, 2), (60, 2), (61, 3), (0, 1)];
        for (minutes, credits) in booked {
            assert_eq!(due(Some(minutes), 0), credits, "{minutes}");
        }
        assert_eq!(due(None, 0), 0, "nobody looked");
        assert_eq!(due(Some(45), 1), 1, "the second turn pays what the first has not");
        assert_eq!(due(Some(45), 2), 0);
        assert_eq!(due(Some(10), 5), 0, "never less than nothing");
    }

    #[test]
    fn what_ends_first_is_used_first_and_only_the_rest_ends() {
        let mut lines = vec![
            line(1, 0, Moved::Grant { credits: 20, until: at(100) }),
            line(
                2,
                1,
                Moved::Buy { credits: 10, until: at(50), order: CreditOrderId(uuid::Uuid::nil()) },
            ),
            used(3, 2, 4),
        ];
        assert_eq!((left(&lines), ended(&lines, at(49))), (26, vec![]));
        let over = ended(&lines, at(50));
        assert_eq!(over, [(lines[1].id, 6)]);
        lines.push(line(4, 50, Moved::Expire { credits: 6, of: over[0].0 }));
        assert_eq!((left(&lines), ended(&lines, at(50))), (20, vec![]));
        assert_eq!(ended(&lines, at(100)), [(lines[0].id, 20)]);
    }

    #[test]
    fn a_debt_is_paid_by_what_comes_next_and_never_ends_twice() {
        let lines = vec![
            line(1, 0, Moved::Grant { credits: 2, until: at(10) }),
            used(2, 1, 5),
            line(3, 2, Moved::Grant { credits: 10, until: at(20) }),
        ];
        assert_eq!(left(&lines), 7);
        assert_eq!(ended(&lines, at(30)), [(lines[2].id, 7)], "what is left is what ends");
    }

    #[test]
    fn who_ordered_credits_never_decides_on_them() {
        use crate::RoleGrant;
        let actor = |n: u128| Actor {
            id: PersonId(uuid::Uuid::from_u128(n)),
            roles: vec![RoleGrant { role: Role::BillingManager, producer: None }],
            works_in: vec![], // handed the project over after the order
            may_act: true,
            is_enrolled: true,
        };
        let order = CreditOrder {
            id: CreditOrderId(uuid::Uuid::from_u128(3)),
            version: 0,
            application: ApplicationId(uuid::Uuid::from_u128(1)),
            by: actor(1).id,
            at: at(0),
            credits: 10,
            reason: "PO 1".to_owned(),
            state: OrderState::Asked,
        };
        assert_eq!(may_decide(&actor(1), &order).err(), Some(Denied::NeedsSecondPerson));
        let own = may_account(&actor(1), order.application).expect("billing");
        let decided = own.decide(&order, None, "no", at(1));
        assert_eq!(decided.err(), Some(Denied::NeedsSecondPerson.into()));
        let other = may_decide(&actor(2), &order).expect("another person");
        assert!(other.decide(&order, None, "no", at(1)).is_ok());
    }

    #[test]
    fn what_is_held_by_other_requests_is_not_free() {
        let none_left = Err(Refusal::invalid("credits", "none-left"));
        let all_held = Err(Refusal::invalid("credits", "all-held"));
        for (left, held, manual, automatic) in [
            (1, 0, Ok(()), Ok(())),
            (1, 1, all_held.clone(), Ok(())),
            (1, 2, all_held.clone(), all_held.clone()),
            (3, 2, Ok(()), Ok(())),
            (0, 0, none_left.clone(), Ok(())),
            (0, 1, none_left.clone(), none_left.clone()),
            (-1, 0, none_left.clone(), none_left.clone()),
        ] {
            assert_eq!(enough(left, held, false), manual, "{left} {held}");
            assert_eq!(enough(left, held, true), automatic, "{left} {held} automatic");
        }
    }
}
