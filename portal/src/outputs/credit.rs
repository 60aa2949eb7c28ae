//! Credits: a project's ledger with its orders, the orders that wait, and a checker's own time.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use domain::{
    Application, ApplicationId, CreditOrderId, ExportId,
    outputs::{
        credit::{CreditLine, CreditOrder, GRANT, MAX_PACKS, Moved, PACK},
        review_time::MAX_SAID,
    },
};
use serde::Deserialize;
use workflows::{
    Failure,
    outputs::{
        credit::{self, Account},
        review_time,
    },
};

use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    form::{self, Fault},
    ui::Ui,
};

/// The messages of these forms.
const WORDS: &str = "credit-error";

#[derive(Template, WebTemplate)]
#[template(path = "outputs/credit/show.html")]
pub(super) struct CreditsPage {
    ui: Ui,
    account: Account,
    problem: Fault,
    /// What was typed into the form at fault.
    typed: Typed,
}

/// The forms of the page; each sends what it has.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    packs: String,
    #[serde(default)]
    credits: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    action: String,
    /// The order that is decided on.
    #[serde(default)]
    order: String,
}

impl CreditsPage {
    fn badge(&self) -> &'static str {
        match self.account.left {
            ..=0 => "stop",
            1..=domain::outputs::credit::LOW => "wait",
            _ => "ok",
        }
    }

    fn signed(&self, line: &CreditLine) -> String {
        let credits = line.moved.signed();
        let sign = if credits < 0 { "\u{2212}" } else { "+" };
        format!("{sign}{}", self.ui.number(credits.abs()))
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates give references")]
    fn left(&self, credits: &i64) -> String {
        let sign = if *credits < 0 { "\u{2212}" } else { "" };
        format!("{sign}{}", self.ui.number(credits.abs()))
    }

    /// What a line is about, in words.
    fn about(&self, line: &CreditLine, number: Option<&u32>) -> String {
        let until = |key: &str, until| self.ui.t1(key, "date", self.ui.date(until));
        match &line.moved {
            Moved::Grant { until: end, .. } => until("credit-about-grant", end),
            Moved::Buy { until: end, .. } => until("credit-about-buy", end),
            Moved::Use { minutes, .. } => {
                let number = number.map(ToString::to_string).unwrap_or_default();
                self.ui.t2("credit-about-use", ("number", number), ("minutes", minutes))
            }
            Moved::Refund { reason, .. } => reason.clone(),
            Moved::Expire { .. } => self.ui.t("credit-about-expire"),
        }
    }

    fn order_badge(&self, order: &CreditOrder) -> &'static str {
        match order.state.name() {
            "accepted" => "ok",
            "refused" => "stop",
            _ => "wait",
        }
    }

    fn is_at_fault(&self, action: &str) -> bool {
        self.problem.is_any() && self.typed.action == action
    }

    /// Whether this is the order whose decision was refused.
    fn is_order_at_fault(&self, order: &CreditOrder) -> bool {
        self.problem.is_any() && self.typed.order == order.id.to_string()
    }
}

pub(super) async fn show_credits(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ApplicationId>,
) -> Result<CreditsPage, PageError> {
    page(ui, &app, &me, id, Fault::default(), Typed::default()).await
}

async fn page(
    ui: Ui,
    app: &App,
    me: &SignedIn,
    id: ApplicationId,
    problem: Fault,
    typed: Typed,
) -> Result<CreditsPage, PageError> {
    let account = credit::show_credits(&app.centre, &me.actor, id).await?;
    Ok(CreditsPage { ui, account, problem, typed })
}

/// Orders, decides on an order, or gives back: one address, so that whatever is refused shows the
/// same page again.
pub(super) async fn change_credits(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ApplicationId>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let done = act(&app, &me, id, &typed).await;
    let to = |done: &'static str| format!("/applications/{id}/credits?done={done}");
    let again = async |ui, fault| page(ui, &app, &me, id, fault, typed).await;
    form::answer_in(WORDS, ui, done, to, again).await
}

async fn act(
    app: &App,
    me: &SignedIn,
    id: ApplicationId,
    typed: &Typed,
) -> Result<&'static str, Failure> {
    let (centre, actor, reason) = (&app.centre, &me.actor, typed.reason.as_str());
    let number = |field: &str, text: &str| {
        text.trim().parse::<i64>().map_err(|_| Failure::invalid(field, "out-of-range"))
    };
    match typed.action.as_str() {
        "order" => {
            let packs = number("packs", &typed.packs)?;
            credit::order_credits(centre, actor, id, packs, reason).await?;
            Ok("credit-ordered")
        }
        "accept" | "refuse" => {
            let order = typed.order.parse::<CreditOrderId>();
            let order = order.map_err(|_| Failure::missing("credit_order", &typed.order))?;
            let accept = typed.action == "accept";
            credit::decide_order(centre, actor, order, accept, reason).await?;
            Ok(if accept { "credit-accepted" } else { "credit-refused" })
        }
        "refund" => {
            let credits = number("credits", &typed.credits)?;
            credit::give_credits_back(centre, actor, id, credits, reason).await?;
            Ok("credit-refunded")
        }
        _ => Err(Failure::invalid("action", "unknown")),
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "outputs/credit/list.html")]
pub(super) struct OrdersPage {
    ui: Ui,
    orders: Vec<(CreditOrder, Application)>,
}

pub(super) async fn list_orders(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
) -> Result<OrdersPage, PageError> {
    let orders = credit::list_orders(&app.centre, &me.actor).await?;
    Ok(OrdersPage { ui, orders })
}

#[derive(Template, WebTemplate)]
#[template(path = "outputs/credit/time.html")]
pub(super) struct TimePage {
    ui: Ui,
    id: ExportId,
    measured: i64,
    said: Option<i64>,
    minutes: String,
    reason: String,
    problem: Fault,
}

#[derive(Deserialize)]
pub(super) struct TimeForm {
    #[serde(default)]
    minutes: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn show_time(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
) -> Result<TimePage, PageError> {
    time_page(ui, &app, &me, id, Fault::default(), None).await
}

async fn time_page(
    ui: Ui,
    app: &App,
    me: &SignedIn,
    id: ExportId,
    problem: Fault,
    form: Option<TimeForm>,
) -> Result<TimePage, PageError> {
    let (measured, said) = review_time::my_time(&app.centre, &me.actor, id).await?;
    let minutes = form.as_ref().map(|form| form.minutes.clone());
    let minutes = minutes.unwrap_or_else(|| said.unwrap_or(measured).to_string());
    let reason = form.map(|form| form.reason).unwrap_or_default();
    Ok(TimePage { ui, id, measured, said, minutes, reason, problem })
}

pub(super) async fn say_time(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Form(form): Form<TimeForm>,
) -> Result<Response, PageError> {
    let said = match form.minutes.trim().parse::<i64>() {
        Ok(minutes) => {
            review_time::time_review(&app.centre, &me.actor, id, minutes, &form.reason).await
        }
        Err(_) => Err(Failure::invalid("minutes", "out-of-range")),
    };
    let to = |()| format!("/checks/{id}?done=review-timed");
    let again = async |ui, fault| time_page(ui, &app, &me, id, fault, Some(form)).await;
    form::answer_in(WORDS, ui, said, to, again).await
}
