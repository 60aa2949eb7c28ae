//! The risk model as JSON: the same use cases as the pages.

use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{RiskModel, RiskModelId};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use workflows::{
    Failure,
    outputs::risk::{
        missed,
        model::{self, Origin},
    },
};

use super::{
    answers::{MissedAnswer, RiskAnswer, RiskModelAnswer},
    api::Answer,
};
use crate::{answers::ReasonBody, app::App, error::PageError, extract::SignedIn};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show_risk))
        .routes(routes!(train))
        .routes(routes!(serve))
        .routes(routes!(stop))
        .routes(routes!(show_missed))
        .routes(routes!(give_decisions))
}

fn version(model: &RiskModel) -> Value {
    json!({
        "id": model.id, "number": model.number, "sha256": model.sha256,
        "trained_by": model.trained_by, "trained_at": model.trained_at, "card": model.card,
        "state": model.state,
    })
}

/// The risk model: versions with their cards, the one in service, drift
#[utoipa::path(get, path = "/risk", tag = "outputs", responses((status = 200, body = RiskAnswer), (status = 403)))]
async fn show_risk(State(app): State<App>, me: SignedIn) -> Answer {
    let overview = model::overview(&app.centre, &me.actor).await?;
    let drift =
        overview.drift.iter().map(|(name, index)| json!({ "feature": name, "index": index }));
    Ok(Json(json!({
        "in_service": overview.in_service.as_ref().map(|model| model.id),
        "versions": overview.versions.iter().map(|(model, _)| version(model)).collect::<Vec<_>>(),
        "decided": overview.decided.0, "against": overview.decided.1, "recent": overview.recent,
        "drift": drift.collect::<Vec<_>>(),
        "alarms": overview.alarms().map(|(name, _)| name).collect::<Vec<_>>(),
    })))
}

/// What a model learns from: `decisions` of the centre, or `simulated`.
#[derive(Deserialize, ToSchema)]
struct TrainBody {
    origin: String,
}

/// Train a candidate; another person puts it in service
#[utoipa::path(post, path = "/risk/models", tag = "outputs", request_body = TrainBody,
    responses((status = 201, body = RiskModelAnswer), (status = 403), (status = 422)))]
async fn train(
    State(app): State<App>,
    me: SignedIn,
    Json(body): Json<TrainBody>,
) -> Result<(StatusCode, Json<Value>), PageError> {
    let origin =
        Origin::parse(&body.origin).ok_or_else(|| Failure::invalid("origin", "missing"))?;
    let model = model::train_risk_model(&app.centre, &me.actor, origin).await?;
    Ok((StatusCode::CREATED, Json(version(&model))))
}

/// Put a model in service that another person has trained
#[utoipa::path(post, path = "/risk/models/{id}/serve", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = RiskModelAnswer), (status = 403), (status = 404), (status = 409)))]
async fn serve(State(app): State<App>, me: SignedIn, Path(id): Path<RiskModelId>) -> Answer {
    Ok(Json(version(&model::serve_risk_model(&app.centre, &me.actor, id).await?)))
}

/// Take the model out of service
#[utoipa::path(post, path = "/risk/models/{id}/stop", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = ReasonBody, responses((status = 200, body = RiskModelAnswer), (status = 403), (status = 422)))]
async fn stop(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<RiskModelId>,
    Json(body): Json<ReasonBody>,
) -> Answer {
    Ok(Json(version(&model::stop_risk_model(&app.centre, &me.actor, id, &body.reason).await?)))
}

/// The estimated share of unsafe requests that left without a checker, by producer
#[utoipa::path(get, path = "/risk/missed", tag = "outputs", responses((status = 200, body = MissedAnswer), (status = 403)))]
async fn show_missed(State(app): State<App>, me: SignedIn) -> Answer {
    let lines = missed::list_missed(&app.centre, &me.actor).await?;
    let line = |line: &missed::MissedLine| {
        json!({
            "producer": line.producer.as_ref().map(|producer| producer.id),
            "manual": line.manual, "automatic": line.automatic, "sampled": line.sampled,
            "waiting": line.waiting, "withdrawn": line.withdrawn, "missed": line.missed,
        })
    };
    Ok(Json(json!({ "lines": lines.iter().map(line).collect::<Vec<_>>() })))
}

/// The decided requests as `bulle risk train` reads them (CSV): numbers, no cell and no name
#[utoipa::path(get, path = "/risk/decisions", tag = "outputs",
    responses((status = 200, content_type = "text/csv", body = String), (status = 403)))]
async fn give_decisions(State(app): State<App>, me: SignedIn) -> Result<Response, PageError> {
    let text = model::export_decisions(&app.centre, &me.actor).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"decisions.csv\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, text).into_response())
}
