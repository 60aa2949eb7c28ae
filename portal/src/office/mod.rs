//! Pages and API of this column.

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The pages of this column.
pub(crate) fn routes() -> Router<App> {
    Router::new()
}

/// The acts of this column under `/api/v1`, each with its description.
pub(crate) fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
