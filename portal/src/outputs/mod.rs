//! Pages and API of this column: exports, checks, releases, rule sets and imports.

mod answers;
mod answers_check;
mod api;
mod api_check;
mod api_credit;
mod api_import;
mod api_risk;
mod check;
mod check_file;
mod check_list;
mod credit;
mod export;
mod export_edit;
mod import;
mod judgement;
mod pack;
mod phrase;
mod quarantine;
mod report;
mod risk;
mod rule_set;

pub(crate) use export::disposition;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use sha2::{Digest, Sha256};
use utoipa_axum::router::OpenApiRouter;
use workflows::outputs::stop::Stopped;

use crate::{app::App, ui::Ui};

/// The body of a form with a text for each group, file or finding of a request: twenty groups of two
/// full texts, or a word on each of ten thousand findings, percent-encoded.
const LARGE_FORM_BYTES: usize = 8 * 1024 * 1024;

/// The pages of this column.
pub(crate) fn routes() -> Router<App> {
    let large = DefaultBodyLimit::max(LARGE_FORM_BYTES);
    Router::new()
        .route("/exports", get(export::list_exports).post(export::create_export))
        .route("/exports/new", get(export::new_export))
        .route("/exports/failed", get(export::list_failed))
        .route("/bubbles/{id}/exports/new", get(export::new_export_of_bubble))
        .route("/exports/{id}", get(export::show_export))
        .route(
            "/exports/{id}/edit",
            get(export_edit::edit_page).post(export_edit::edit_export).layer(large),
        )
        .route("/exports/{id}/seal", post(export::seal_export))
        .route("/exports/{id}/withdraw", post(export::withdraw_export))
        .route("/exports/{id}/files/{number}", get(export::take_file))
        .route("/exports/{id}/evidence", get(export::show_evidence))
        .route("/exports/{id}/pack", get(pack::show_pack))
        .route("/exports/{id}/revoke", post(export::revoke_release))
        .route("/exports/{id}/retry", post(export::retry_step))
        .route("/checks", get(check_list::list_checks))
        .route("/checks/{id}", get(check::show_check))
        .route("/checks/{id}/take", post(check::take_review))
        .route("/checks/{id}/give-back", post(check::give_back))
        .route("/checks/{id}/vote", post(check::vote).layer(large))
        .route("/checks/{id}/decide", post(check::decide).layer(large))
        .route("/checks/{id}/findings", post(judgement::judge_on_page).layer(large))
        .route("/checks/{id}/return-early", post(check::return_early))
        .route("/checks/{id}/recall", post(check::recall))
        .route("/checks/{id}/examine", post(quarantine::examine_on_page))
        .route("/checks/{id}/unassign", post(check::unassign))
        .route("/checks/{id}/time", get(credit::show_time).post(credit::say_time))
        .route("/applications/{id}/credits", get(credit::show_credits).post(credit::change_credits))
        .route("/credits", get(credit::list_orders))
        .route("/imports", get(import::list_imports))
        .route("/imports/{id}", get(import::show_import))
        .route("/imports/{id}/withdraw", post(import::withdraw_import))
        .route("/imports/{id}/decide", post(import::decide_import))
        .route(
            "/bubbles/{id}/imports",
            get(import::show_door)
                .post(import::send_import)
                .layer(DefaultBodyLimit::max(crate::parts::READ_MAX)),
        )
        .route("/risk", get(risk::show_risk))
        .route("/risk/train", post(risk::train))
        .route("/risk/models/{id}/serve", post(risk::serve))
        .route("/risk/models/{id}/stop", post(risk::stop))
        .route("/risk/missed", get(risk::show_missed))
        .route("/producer/rules", get(rule_set::show_rules).post(rule_set::publish_rules))
}

/// The acts of this column under `/api/v1`, each with its description.
pub(crate) fn api() -> OpenApiRouter<App> {
    api::routes()
}

/// A word for a file in a form: its path may hold any sign, and forms change some of them.
fn file_key(path: &str) -> String {
    let digest = Sha256::digest(path.as_bytes());
    hex::encode(digest.get(..8).unwrap_or_default())
}

/// What producers have stopped of a project: whether it freezes the request, and in words.
fn told_stopped(ui: &Ui, stopped: &[Stopped]) -> Vec<(bool, String)> {
    let told = |one: &Stopped| {
        let source = ("source", ui.text(&one.source).to_owned());
        let producer = ("producer", ui.text(&one.producer).to_owned());
        (one.freezes, ui.t2(one.words(), source, producer))
    };
    stopped.iter().map(told).collect()
}

/// The messages of this column's forms.
const WORDS: &str = "export-error";

/// How a state looks as a badge.
fn badge(state: &str) -> &'static str {
    match state {
        "approved" | "partly_approved" | "available" | "collected" => "ok",
        "blocked" | "refused" | "revoked" | "failed" => "stop",
        "returned" | "queued" | "review_independent" | "review_consolidation" => "wait",
        "sealed" | "scanning" | "scored" | "releasing" => "info",
        _ => "",
    }
}
