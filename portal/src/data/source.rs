//! The space of those who bring data: their sources, vintages and deposits.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::Redirect,
    routing::{get, post},
};
use domain::{Deposit, SourceId, Vintage};
use serde::Deserialize;
use workflows::{
    Failure,
    data::source::{self, Act, SourceLine},
};

use super::Marked;
use crate::{app::App, error::PageError, extract::SignedIn, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/data", get(overview))
        .route("/data/sources/{id}", get(show))
        .route("/data/sources/{id}/state", post(move_source))
}

/// A state with the class of its badge.
pub(super) struct Badge {
    pub(super) class: &'static str,
    pub(super) label: String,
}

pub(super) fn badge(ui: &Ui, noun: &str, state: &str) -> Badge {
    let class = match state {
        "published" | "available" | "receipt_signed" | "accepted" => "ok",
        "rejected" | "withdrawn" | "retired" => "stop",
        "label_checked" | "documented" | "deposited" | "channel_open" | "uploading" => "wait",
        "draft" | "announced" | "hidden" | "replaced" => "",
        _ => "info",
    };
    Badge { class, label: ui.word(&format!("state-{noun}"), state) }
}

pub(super) struct VintageRow {
    pub(super) href: String,
    pub(super) label: String,
    pub(super) year: String,
    pub(super) state: Badge,
}

pub(super) struct DepositRow {
    pub(super) href: String,
    pub(super) vintage: String,
    pub(super) files: String,
    pub(super) state: Badge,
}

struct SourceRow {
    href: String,
    title: Marked,
    acronym: String,
    state: Badge,
    vintages: String,
    waiting: Vec<DepositRow>,
}

struct SpaceView {
    id: String,
    name: String,
    may_work: bool,
    sources: Vec<SourceRow>,
}

#[derive(Template, WebTemplate)]
#[template(path = "data/source/overview.html")]
struct Overview {
    ui: Ui,
    spaces: Vec<SpaceView>,
}

async fn overview(ui: Ui, State(app): State<App>, me: SignedIn) -> Result<Overview, PageError> {
    let spaces = source::spaces(&app.centre, &me.actor).await?;
    let space = |space: source::Space| SpaceView {
        id: space.producer.id.to_string(),
        name: space.producer.name.get(ui.lang).to_owned(),
        may_work: space.may_work,
        sources: space.sources.iter().map(|line| row(&ui, line)).collect(),
    };
    Ok(Overview { spaces: spaces.into_iter().map(space).collect(), ui })
}

fn row(ui: &Ui, line: &SourceLine) -> SourceRow {
    let open = line.deposits.iter().filter(|deposit| !deposit.is_over());
    SourceRow {
        href: format!("/data/sources/{}", line.source.id),
        title: Marked::new(&line.source.title, ui.lang),
        acronym: line.source.acronym.clone(),
        state: badge(ui, "source", line.source.state.name()),
        vintages: ui.number(line.vintages.len()),
        waiting: open.map(|deposit| deposit_row(ui, deposit, &line.vintages)).collect(),
    }
}

pub(super) fn deposit_row(ui: &Ui, deposit: &Deposit, vintages: &[Vintage]) -> DepositRow {
    let vintage = vintages.iter().find(|vintage| vintage.id == deposit.vintage);
    DepositRow {
        href: format!("/deposits/{}", deposit.id),
        vintage: vintage.map_or_else(String::new, |vintage| vintage.label.clone()),
        files: ui.number(deposit.manifest.len()),
        state: badge(ui, "deposit", deposit.state.name()),
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "data/source/show.html")]
struct Show {
    ui: Ui,
    id: String,
    slug: String,
    title: Marked,
    acronym: String,
    producer: String,
    state: Badge,
    may_work: bool,
    acts: Vec<&'static str>,
    listed: bool,
    themes: String,
    route: String,
    vintages: Vec<VintageRow>,
    deposits: Vec<DepositRow>,
}

async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SourceId>,
) -> Result<Show, PageError> {
    let (producer, line) = source::see_source(&app.centre, &me.actor, id).await?;
    let source = &line.source;
    let vintage = |vintage: &Vintage| VintageRow {
        href: format!("/data/vintages/{}", vintage.id),
        label: vintage.label.clone(),
        year: vintage.year.map_or_else(String::new, |year| year.to_string()),
        state: badge(&ui, "vintage", vintage.state.name()),
    };
    let themes: Vec<_> = source.themes.iter().map(|one| ui.word_or("theme", one)).collect();
    Ok(Show {
        id: id.to_string(),
        slug: source.slug.clone(),
        title: Marked::new(&source.title, ui.lang),
        acronym: source.acronym.clone(),
        producer: producer.name.get(ui.lang).to_owned(),
        state: badge(&ui, "source", source.state.name()),
        may_work: domain::data::source::may_describe(&me.actor, source.producer).is_ok(),
        acts: acts(source.state.name()),
        listed: source.is_listed(true),
        themes: themes.join(", "),
        route: ui.word("route", super::source_form::route_name(source.route)),
        vintages: line.vintages.iter().map(vintage).collect(),
        deposits: line.deposits.iter().map(|one| deposit_row(&ui, one, &line.vintages)).collect(),
        ui,
    })
}

/// What can be done to a source in a state, as the forms name it.
fn acts(state: &str) -> Vec<&'static str> {
    match state {
        "documented" => vec!["publish", "hide"],
        "published" => vec!["hide", "retire"],
        "hidden" => vec!["publish", "retire"],
        _ => vec![],
    }
}

#[derive(Deserialize)]
struct ActForm {
    act: String,
}

async fn move_source(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SourceId>,
    Form(form): Form<ActForm>,
) -> Result<Redirect, PageError> {
    let act = Act::parse(&form.act).ok_or_else(|| Failure::invalid("act", "act"))?;
    source::move_source(&app.centre, &me.actor, id, act).await?;
    Ok(Redirect::to(&format!("/data/sources/{id}?done=source-{}", form.act)))
}
