//! Pages and API of this column: exports, checks, releases and rule sets.

mod api;
mod api_check;
mod check;
mod export;
mod export_edit;
mod phrase;
mod report;
mod rule_set;

pub(crate) use export::disposition;

use axum::{
    Router,
    routing::{get, post},
};
use domain::Lang;
use sha2::{Digest, Sha256};
use utoipa_axum::router::OpenApiRouter;
use workflows::Failure;

use crate::{app::App, i18n, ui::Ui};

/// The pages of this column.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/exports", get(export::list_exports).post(export::create_export))
        .route("/exports/new", get(export::new_export))
        .route("/exports/failed", get(export::list_failed))
        .route("/bubbles/{id}/exports/new", get(export::new_export_of_bubble))
        .route("/exports/{id}", get(export::show_export))
        .route("/exports/{id}/edit", get(export_edit::edit_page).post(export_edit::edit_export))
        .route("/exports/{id}/seal", post(export::seal_export))
        .route("/exports/{id}/withdraw", post(export::withdraw_export))
        .route("/exports/{id}/files/{number}", get(export::take_file))
        .route("/exports/{id}/evidence", get(export::show_evidence))
        .route("/exports/{id}/revoke", post(export::revoke_release))
        .route("/exports/{id}/retry", post(export::retry_step))
        .route("/checks", get(check::list_checks))
        .route("/checks/{id}", get(check::show_check))
        .route("/checks/{id}/take", post(check::take_review))
        .route("/checks/{id}/give-back", post(check::give_back))
        .route("/checks/{id}/vote", post(check::vote))
        .route("/checks/{id}/decide", post(check::decide))
        .route("/checks/{id}/return-early", post(check::return_early))
        .route("/checks/{id}/recall", post(check::recall))
        .route("/checks/{id}/unassign", post(check::unassign))
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

/// The fields of a form that has as many as there are files and groups.
struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of a field; empty where it is missing.
    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Every value of a field.
    fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A message on a form, and the field that it is about.
#[derive(Clone)]
struct Problem {
    field: String,
    key: String,
    message: String,
}

impl Problem {
    /// What a failure says on the form that caused it; other failures are pages of their own.
    fn of(ui: &Ui, failure: Failure) -> Result<Self, Failure> {
        match failure {
            Failure::Invalid { field, key, detail } => {
                let message = words(ui, &field, &key, &detail);
                Ok(Self { field, key, message })
            }
            // The disk, the host or the engine: the cause goes to the log, the words stay typed.
            Failure::Engine { attempt, source } => {
                tracing::error!(
                    attempt,
                    error = source.as_ref() as &dyn std::error::Error,
                    "a form failed"
                );
                let message = ui.t("export-error-engine");
                Ok(Self { field: String::new(), key: "engine".to_owned(), message })
            }
            other => Err(other),
        }
    }

    /// The status of the page that shows it.
    fn status(&self) -> axum::http::StatusCode {
        match self.key.as_str() {
            "engine" => axum::http::StatusCode::SERVICE_UNAVAILABLE,
            _ => axum::http::StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn is_about(&self, field: &str) -> bool {
        self.field == field
    }
}

/// The message of an unacceptable field: the one for the field, or the general one of its key.
fn words(ui: &Ui, field: &str, key: &str, detail: &str) -> String {
    let candidates = [
        format!("export-error-{field}-{key}"),
        format!("export-error-{key}"),
        format!("problem-invalid-{key}"),
    ];
    let found = candidates.into_iter().find(|key| i18n::has(key));
    let detail = if detail.is_empty() { field } else { detail };
    say(ui.lang, &found.unwrap_or_else(|| "problem-invalid".to_owned()), detail)
}

fn say(lang: Lang, key: &str, detail: &str) -> String {
    i18n::translate(lang, key, &[("detail", detail.to_owned())])
}

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
