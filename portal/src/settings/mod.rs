//! Pages and API of this column: bubbles, terminals in them, the sessions' recordings, the host.

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

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

/// The badge's class for a bubble's or session's state; the badge says the state in words too.
fn tone(state: &str) -> &'static str {
    match state {
        "ready" | "active" | "open" => "ok",
        "provision_failed" | "suspended" | "cut" => "stop",
        "ended" | "archived" | "deleted" => "info",
        _ => "wait",
    }
}
