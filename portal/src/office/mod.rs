//! Pages and API of this column.

mod answers;
mod api;
mod event;
mod log;
mod mail;
mod notice;

use axum::{Router, routing::get};
use utoipa_axum::router::OpenApiRouter;
use workflows::Centre;

use crate::{app::App, i18n};

/// The pages of this column.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/log", get(event::list))
        .route("/log/{event}", get(event::show))
        .merge(log::routes())
        .merge(notice::routes())
        .merge(mail::routes())
}

/// The acts of this column under `/api/v1`, each with its description.
pub(crate) fn api() -> OpenApiRouter<App> {
    api::routes()
}

/// Gives the centre the words of its mails: they are the pages' words.
pub(crate) fn speak(centre: &Centre) {
    centre.mailer.set_words(i18n::translate);
}
