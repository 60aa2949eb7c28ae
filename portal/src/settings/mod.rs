//! Pages and API of this column: bubbles, terminals in them, the sessions' recordings, the host.

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::{app::App, ui::Ui};

mod api;
mod bubble;
mod host;
mod replay;
mod session;
mod terminal;

/// The pages of this column.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .merge(bubble::routes())
        .merge(terminal::routes())
        .merge(session::routes())
        .merge(replay::routes())
        .merge(host::routes())
}

/// The acts of this column under `/api/v1`, each with its description.
pub(crate) fn api() -> OpenApiRouter<App> {
    api::routes()
}

/// A self-test's name in words, with its place where it has one (`read_only:/data/x`). A test that has
/// no words keeps its name.
fn check_name(ui: &Ui, name: &str) -> String {
    let (kind, place) = name.split_once(':').unwrap_or((name, ""));
    let whole = ui.word_or("check-name", name.replace(':', "_"));
    match place {
        "" => whole,
        _ if whole != name.replace(':', "_") => whole,
        place => format!("{} {place}", ui.word_or("check-name", kind)),
    }
}

/// The badge's class for a bubble's or session's state; the badge says the state in words too.
fn tone(state: &str) -> &'static str {
    match state {
        "ready" | "active" | "open" => "ok",
        "provision_failed" | "suspended" | "cut" => "stop",
        "ended" | "archived" | "deleted" => "info",
        _ => "wait",
    }
}
