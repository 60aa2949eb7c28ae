//! A deposit: what came, what the checks found, and who decided.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use domain::{
    Deposit, DepositId,
    data::deposit::{DepositFile, DepositState, ManifestFile},
};
use serde::Deserialize;
use workflows::{
    Failure,
    data::{
        deposit::{self, Seen},
        receipt,
    },
};

use super::{
    Marked, report,
    source::{Badge, badge},
};
use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    form::{self, Fault},
    ui::Ui,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/deposits/{id}", get(show).post(act))
        .route("/deposits/{id}/files/{place}", get(report::show))
        .route("/deposits/{id}/receipt", get(show_receipt))
        .route("/receipts.key", get(show_key))
        .route("/deposits/{id}/decision", post(decide))
}

/// The states of a deposit that goes well, in their order.
const STEPS: [&str; 8] = [
    "announced",
    "uploading",
    "received",
    "hash_checked",
    "scanned",
    "validated",
    "label_checked",
    "receipt_signed",
];

struct Step {
    class: &'static str,
    label: String,
    current: bool,
}

struct FileRow {
    name: String,
    about: String,
    sha256: String,
    rows: String,
    report: Option<String>,
}

struct DifferenceRow {
    file: String,
    variable: String,
    words: String,
}

struct Refused {
    title: String,
    file: String,
    /// A person's words, or what no language changes: hashes, numbers of rows.
    detail: String,
    /// What the check saw, in the reader's language.
    seen: Vec<String>,
    /// The engine's English words, where there are no others.
    technical: String,
    advice: String,
}

struct EventRow {
    at: String,
    words: String,
    reason: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "data/deposit/show.html")]
struct Show {
    ui: Ui,
    id: String,
    source: Marked,
    source_href: String,
    vintage: String,
    vintage_href: String,
    producer: String,
    state: Badge,
    steps: Vec<Step>,
    until: String,
    is_open: bool,
    is_closed: bool,
    grows: bool,
    runs: bool,
    may_send: bool,
    may_abandon: bool,
    may_decide: bool,
    own: bool,
    came: Vec<FileRow>,
    missing: Vec<FileRow>,
    differences: Option<Vec<DifferenceRow>>,
    refused: Option<Refused>,
    receipt: String,
    verifier: String,
    events: Vec<EventRow>,
    fault: Fault,
}

async fn page(
    ui: Ui,
    app: &App,
    me: &SignedIn,
    id: DepositId,
    fault: Fault,
) -> Result<Show, PageError> {
    let seen = deposit::see_deposit(&app.centre, &me.actor, id).await?;
    let deposit = &seen.deposit;
    let name = deposit.state.name();
    let receipt = match &deposit.state {
        DepositState::ReceiptSigned { receipt, .. } => receipt.clone(),
        _ => String::new(),
    };
    let verifier = match receipt.is_empty() {
        true => String::new(),
        false => receipt::verifier(&app.centre)?.to_string(),
    };
    let is_open = deposit.open_until().is_some_and(|until| app.centre.now() < until);
    Ok(Show {
        id: id.to_string(),
        source: Marked::new(&seen.source.title, ui.lang),
        source_href: format!("/data/sources/{}", seen.source.id),
        vintage: seen.vintage.label.clone(),
        vintage_href: format!("/data/vintages/{}", seen.vintage.id),
        producer: seen.producer.name.get(ui.lang).to_owned(),
        state: badge(&ui, "deposit", name),
        steps: steps(&ui, name),
        until: deposit.open_until().map_or_else(String::new, |until| ui.time(&until)),
        is_open,
        is_closed: name == "announced",
        grows: deposit.grows,
        runs: matches!(name, "received" | "hash_checked" | "scanned" | "validated" | "accepted"),
        may_send: seen.may_send,
        may_abandon: seen.may_send && !deposit.is_over() && name != "accepted",
        may_decide: seen.may_decide && name == "label_checked",
        own: deposit.by == me.actor.id && name == "label_checked" && ui.has("data_manager"),
        came: deposit.files.iter().enumerate().map(|(i, file)| came(&ui, id, i, file)).collect(),
        missing: missing(&ui, &seen),
        differences: differences(&ui, &deposit.state),
        refused: refused(&ui, deposit),
        receipt,
        verifier,
        events: seen.events.iter().map(|event| event_row(&ui, event)).collect(),
        fault,
        ui,
    })
}

fn steps(ui: &Ui, state: &str) -> Vec<Step> {
    let state = match state {
        "channel_open" => "uploading",
        "accepted" => "label_checked",
        other => other,
    };
    let now = STEPS.iter().position(|step| *step == state);
    let step = |(i, step): (usize, &&str)| Step {
        class: match now {
            Some(now) if i < now || state == "receipt_signed" => "done",
            _ => "todo",
        },
        label: ui.word("step-deposit", step),
        current: now == Some(i),
    };
    // A rejected deposit has left this road; its page says why instead.
    if now.is_some() { STEPS.iter().enumerate().map(step).collect() } else { Vec::new() }
}

fn came(ui: &Ui, id: DepositId, place: usize, file: &DepositFile) -> FileRow {
    FileRow {
        name: file.name.clone(),
        about: ui.bytes(&file.bytes),
        sha256: file.sha256.clone(),
        rows: file.rows.map_or_else(String::new, |rows| ui.number(rows)),
        report: file.report.is_some().then(|| format!("/deposits/{id}/files/{place}")),
    }
}

fn missing(ui: &Ui, seen: &Seen) -> Vec<FileRow> {
    let about = |file: &ManifestFile| {
        let begun = seen.uploads.iter().find(|upload| upload.name == file.name);
        match begun {
            Some(begun) => ui.t1("deposit-begun", "bytes", ui.bytes(&begun.received)),
            None => ui.t("deposit-not-begun"),
        }
    };
    let row = |file: &ManifestFile| FileRow {
        name: file.name.clone(),
        about: about(file),
        sha256: file.sha256.clone(),
        rows: String::new(),
        report: None,
    };
    seen.deposit.missing().map(row).collect()
}

fn differences(ui: &Ui, state: &DepositState) -> Option<Vec<DifferenceRow>> {
    let DepositState::LabelChecked { differences } = state else { return None };
    let row = |one: &domain::data::deposit::Difference| DifferenceRow {
        file: one.file.clone(),
        variable: one.variable.clone(),
        words: ui.word("deposit-difference", &one.key),
    };
    Some(differences.iter().map(row).collect())
}

fn refused(ui: &Ui, deposit: &Deposit) -> Option<Refused> {
    let DepositState::Rejected { reason, .. } = &deposit.state else { return None };
    let plain = matches!(reason.key.as_str(), "hash" | "rows" | "person");
    let technical = !plain && reason.seen.is_empty() && reason.key != "empty";
    let words = |wanted: bool| if wanted { reason.detail.clone() } else { String::new() };
    Some(Refused {
        title: ui.word("deposit-rejection", &reason.key),
        advice: ui.word("deposit-advice", &reason.key),
        file: reason.file.clone(),
        detail: words(plain),
        seen: reason.seen.iter().map(|one| seen(ui, one)).collect(),
        technical: words(technical),
    })
}

fn seen(ui: &Ui, one: &domain::data::deposit::Seen) -> String {
    let what = match one.key.as_str() {
        "looks-like" => ui.word("deposit-kind", &one.what),
        _ => one.what.parse::<i64>().map_or_else(|_| one.what.clone(), |count| ui.number(count)),
    };
    let key = match (one.key.as_str(), one.line) {
        ("encoding", 0) => "deposit-seen-encoding-somewhere".to_owned(),
        (key, _) => format!("deposit-seen-{key}"),
    };
    ui.t2(&key, ("line", ui.number(one.line)), ("what", what))
}

fn event_row(ui: &Ui, event: &domain::Event) -> EventRow {
    EventRow {
        at: ui.time(&event.at),
        words: ui.word_or("deposit-event", event.kind.trim_start_matches("deposit.")),
        reason: event.reason.clone().unwrap_or_default(),
    }
}

async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<DepositId>,
) -> Result<Show, PageError> {
    page(ui, &app, &me, id, Fault::default()).await
}

#[derive(Deserialize)]
struct ActForm {
    act: String,
}

async fn act(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<DepositId>,
    Form(form): Form<ActForm>,
) -> Result<Response, PageError> {
    let (centre, actor) = (&app.centre, &me.actor);
    let (done, key) = match form.act.as_str() {
        "open" => (deposit::open_channel(centre, actor, id).await, "deposit-opened"),
        "complete" => (deposit::complete_deposit(centre, actor, id).await, "deposit-received"),
        "abandon" => (deposit::abandon_deposit(centre, actor, id).await, "deposit-abandoned"),
        _ => return Err(Failure::invalid("act", "act").into()),
    };
    answer(ui, &app, &me, id, done, key).await
}

#[derive(Deserialize)]
struct DecisionForm {
    decision: String,
    #[serde(default)]
    reason: String,
}

async fn decide(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<DepositId>,
    Form(form): Form<DecisionForm>,
) -> Result<Response, PageError> {
    let (centre, actor) = (&app.centre, &me.actor);
    let (done, key) = match form.decision.as_str() {
        "accept" => (deposit::accept_deposit(centre, actor, id).await, "deposit-accepted"),
        "reject" => {
            let done = deposit::reject_deposit(centre, actor, id, &form.reason).await;
            (done, "deposit-rejected")
        }
        _ => return Err(Failure::invalid("decision", "act").into()),
    };
    answer(ui, &app, &me, id, done, key).await
}

/// Back to the deposit's page, which shows what was done or what is wrong with the form.
async fn answer(
    ui: Ui,
    app: &App,
    me: &SignedIn,
    id: DepositId,
    done: Result<Deposit, Failure>,
    key: &str,
) -> Result<Response, PageError> {
    let to = |_| format!("/deposits/{id}?done={key}");
    form::answer(ui, done, to, async |ui, fault| page(ui, app, me, id, fault).await).await
}

async fn show_receipt(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<DepositId>,
) -> Result<Response, PageError> {
    let receipt = receipt::see_receipt(&app.centre, &me.actor, id).await?;
    let name = format!("attachment; filename=\"receipt-{id}.txt\"");
    let kind = "text/plain; charset=utf-8".to_owned();
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, receipt).into_response())
}

/// The public half of the receipts' key: whoever has a receipt can verify it.
async fn show_key(State(app): State<App>) -> Result<String, PageError> {
    Ok(format!("{}\n", receipt::verifier(&app.centre)?))
}
