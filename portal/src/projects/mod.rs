//! Pages and API of safe projects: the basket, the lead's application, the producer's inbox, the
//! secretary's space, the public register.
//!
//! Each side has one function that does an act (`application::act`, `producer::act`,
//! `secretary::act`): pages and API both call it, so that neither can do what the other refuses.

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

mod answers;
mod api;
mod api_dossier;
mod application;
mod attachment;
mod basket;
mod board;
mod edit;
mod fields;
mod frozen;
mod producer;
mod register;
mod secretary;

/// The pages of this column.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .merge(basket::routes())
        .merge(application::routes())
        .merge(attachment::routes())
        .merge(edit::routes())
        .merge(frozen::routes())
        .merge(producer::routes())
        .merge(register::routes())
        .merge(secretary::routes())
}

/// The acts of this column under `/api/v1`, each with its description.
pub(crate) fn api() -> OpenApiRouter<App> {
    api::routes().merge(api_dossier::routes()).merge(register::api())
}
