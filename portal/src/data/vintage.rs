//! A vintage: announced, deposited for, withdrawn.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::{Redirect, Response},
    routing::{get, post},
};
use domain::{SourceId, VintageId, data::vintage::VintageState};
use serde::Deserialize;
use workflows::{
    Failure,
    data::{deposit, source, vintage},
};

use super::{
    Marked,
    source::{Badge, DepositRow, badge, deposit_row},
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
        .route("/data/sources/{id}/vintages", post(announce))
        .route("/data/vintages/{id}", get(show))
        .route("/data/vintages/{id}/deposits", post(announce_deposit))
        .route("/data/vintages/{id}/withdraw", post(withdraw))
}

#[derive(Deserialize)]
struct VintageForm {
    label: String,
    #[serde(default)]
    year: String,
}

async fn announce(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SourceId>,
    Form(form): Form<VintageForm>,
) -> Result<Redirect, PageError> {
    let year = match form.year.trim() {
        "" => None,
        year => Some(year.parse().map_err(|_| Failure::invalid("year", "vintage-year"))?),
    };
    let made = vintage::announce_vintage(&app.centre, &me.actor, id, &form.label, year).await?;
    Ok(Redirect::to(&format!("/data/vintages/{}?done=vintage-announced", made.id)))
}

#[derive(Template, WebTemplate)]
#[template(path = "data/vintage/show.html")]
struct Show {
    ui: Ui,
    id: String,
    source: Marked,
    source_href: String,
    label: String,
    state: Badge,
    reason: String,
    may_receive: bool,
    is_erratum: bool,
    may_withdraw: bool,
    deposits: Vec<DepositRow>,
    manifest: String,
    fault: Fault,
}

async fn page(
    ui: Ui,
    app: &App,
    me: &SignedIn,
    id: VintageId,
    (manifest, fault): (String, Fault),
) -> Result<Show, PageError> {
    let (source, one) = vintage::see_vintage(&app.centre, &me.actor, id).await?;
    let (_, line) = source::see_source(&app.centre, &me.actor, source.id).await?;
    let deposits = line.deposits.iter().filter(|deposit| deposit.vintage == id);
    let is_open = deposits.clone().any(|deposit| !deposit.is_over());
    let may_work = domain::data::source::may_describe(&me.actor, source.producer).is_ok();
    let is_final =
        matches!(one.state, VintageState::Withdrawn { .. } | VintageState::Replaced { .. });
    let reason = match &one.state {
        VintageState::Withdrawn { reason } => reason.clone(),
        _ => String::new(),
    };
    Ok(Show {
        id: id.to_string(),
        source: Marked::new(&source.title, ui.lang),
        source_href: format!("/data/sources/{}", source.id),
        label: one.label.clone(),
        state: badge(&ui, "vintage", one.state.name()),
        reason,
        may_receive: may_work && one.may_receive() && !is_open,
        is_erratum: one.mounted_deposit().is_some(),
        may_withdraw: may_work && !is_final,
        deposits: deposits.map(|deposit| deposit_row(&ui, deposit, &line.vintages)).collect(),
        manifest,
        fault,
        ui,
    })
}

async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<VintageId>,
) -> Result<Show, PageError> {
    page(ui, &app, &me, id, Default::default()).await
}

#[derive(Deserialize)]
struct ManifestForm {
    #[serde(default)]
    manifest: String,
}

async fn announce_deposit(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<VintageId>,
    Form(form): Form<ManifestForm>,
) -> Result<Response, PageError> {
    let made = match deposit::read_manifest(&form.manifest) {
        Ok(files) => deposit::announce_deposit(&app.centre, &me.actor, id, files).await,
        Err(failure) => Err(failure),
    };
    let to = |made: domain::Deposit| format!("/deposits/{}", made.id);
    let again = async |ui, fault| page(ui, &app, &me, id, (form.manifest, fault)).await;
    form::answer(ui, made, to, again).await
}

#[derive(Deserialize)]
struct ReasonForm {
    #[serde(default)]
    reason: String,
}

async fn withdraw(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<VintageId>,
    Form(form): Form<ReasonForm>,
) -> Result<Response, PageError> {
    let withdrawn = vintage::withdraw_vintage(&app.centre, &me.actor, id, &form.reason).await;
    let to = |_| format!("/data/vintages/{id}?done=vintage-withdrawn");
    let again = async |ui, fault| page(ui, &app, &me, id, (String::new(), fault)).await;
    form::answer(ui, withdrawn, to, again).await
}
