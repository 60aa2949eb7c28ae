//! Undertakings as JSON: the same use cases as the pages.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{Lang, UndertakingId, people::undertaking_acts::may_list};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use workflows::people::undertaking::{self, Shown, SignForm};

use crate::{answers::ReasonBody, app::App, error::PageError, extract::SignedIn};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_undertakings))
        .routes(routes!(read_undertaking))
        .routes(routes!(sign_undertaking))
        .routes(routes!(accept_undertaking))
        .routes(routes!(return_undertaking))
}

/// An undertaking.
#[derive(Serialize, ToSchema)]
struct UndertakingView {
    id: Uuid,
    person: Uuid,
    application: Uuid,
    state: &'static str,
    version_in_force: &'static str,
}

fn undertaking_view(shown: &Shown) -> UndertakingView {
    UndertakingView {
        id: shown.undertaking.id.0,
        person: shown.undertaking.person.0,
        application: shown.undertaking.application.0,
        state: shown.undertaking.state.name(),
        version_in_force: undertaking::VERSION,
    }
}

/// One's own undertakings, newest first; everybody's for who reads every one: the secretary, the
/// committee, security officers and auditors
#[utoipa::path(get, path = "/undertakings", responses((status = 200, body = [UndertakingView])))]
async fn list_undertakings(
    State(app): State<App>,
    me: SignedIn,
) -> Result<Json<Vec<UndertakingView>>, PageError> {
    let found = match may_list(&me.actor) {
        Ok(()) => undertaking::list_all(&app.centre, &me.actor).await?,
        Err(_) => undertaking::list_own(&app.centre, &me.actor).await?,
    };
    Ok(Json(found.iter().map(undertaking_view).collect()))
}

#[utoipa::path(get, path = "/undertakings/{id}", params(("id" = Uuid, Path)), responses((status = 200, body = UndertakingView)))]
async fn read_undertaking(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<UndertakingId>,
) -> Result<Json<UndertakingView>, PageError> {
    let shown = undertaking::read_undertaking(&app.centre, &me.actor, id).await?;
    Ok(Json(undertaking_view(&shown)))
}

/// A signature of the text in one language.
#[derive(Deserialize, ToSchema)]
struct SignBody {
    language: String,
    version: String,
    name: String,
    agreed: bool,
}

#[utoipa::path(post, path = "/undertakings/{id}/sign", params(("id" = Uuid, Path)), request_body = SignBody, responses((status = 204)))]
async fn sign_undertaking(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<UndertakingId>,
    Json(body): Json<SignBody>,
) -> Result<StatusCode, PageError> {
    let form = SignForm {
        lang: Lang::parse(&body.language).unwrap_or_default(),
        version: &body.version,
        name: &body.name,
        agreed: body.agreed,
    };
    undertaking::sign_undertaking(&app.centre, &me.actor, id, &form).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/undertakings/{id}/accept", params(("id" = Uuid, Path)), responses((status = 204)))]
async fn accept_undertaking(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<UndertakingId>,
) -> Result<StatusCode, PageError> {
    undertaking::accept_undertaking(&app.centre, &me.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/undertakings/{id}/return", params(("id" = Uuid, Path)), request_body = ReasonBody, responses((status = 204)))]
async fn return_undertaking(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<UndertakingId>,
    Json(body): Json<ReasonBody>,
) -> Result<StatusCode, PageError> {
    undertaking::return_undertaking(&app.centre, &me.actor, id, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
