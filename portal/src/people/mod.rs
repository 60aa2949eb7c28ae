//! Pages and API of this column.

mod api;
mod me;
mod passkey;
mod person;
mod undertaking;
mod undertaking_api;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::{app::App, ui::Ui};

/// The pages of this column.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .merge(passkey::routes())
        .merge(me::routes())
        .merge(person::routes())
        .merge(undertaking::routes())
}

/// The acts of this column under `/api/v1`, each with its description.
pub(crate) fn api() -> OpenApiRouter<App> {
    api::routes().merge(undertaking_api::routes())
}

/// An application's title in the page's language, for templates.
fn title(ui: &Ui, application: &domain::Application) -> String {
    application.title(ui.lang)
}
