//! Credits as JSON: the same use cases as the pages.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{ApplicationId, CreditOrderId, ExportId};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use workflows::outputs::{credit, review_time};

use super::{
    answers::{CreditsAnswer, OrderAnswer, RefundAnswer, TimeAnswer},
    api::Answer,
};
use crate::{answers::ReasonBody, app::App, error::PageError, extract::SignedIn};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show_credits))
        .routes(routes!(order_credits))
        .routes(routes!(give_credits_back))
        .routes(routes!(list_orders))
        .routes(routes!(accept_order))
        .routes(routes!(refuse_order))
        .routes(routes!(show_time, say_time))
}

/// A project's credits: what is left, the lines of the ledger and the orders, newest first
#[utoipa::path(get, path = "/applications/{id}/credits", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = CreditsAnswer), (status = 404)))]
async fn show_credits(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ApplicationId>,
) -> Answer {
    let account = credit::show_credits(&app.centre, &me.actor, id).await?;
    let lines = account.lines.iter().map(|(line, left, number)| {
        json!({
            "id": line.id, "at": line.at, "credits": line.moved.signed(), "left": left,
            "moved": line.moved, "export_number": number,
        })
    });
    let orders: Vec<Value> = account.orders.iter().map(|(order, ..)| json!(order)).collect();
    Ok(Json(json!({
        "left": account.left, "held": account.held, "lines": lines.collect::<Vec<_>>(), "orders": orders,
    })))
}

/// An order: 1 to 10 packs of 10 credits, and why.
#[derive(Deserialize, ToSchema)]
struct OrderBody {
    packs: i64,
    reason: String,
}

/// Order credits: the lead's act
#[utoipa::path(post, path = "/applications/{id}/credits/orders", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = OrderBody, responses((status = 201, body = OrderAnswer), (status = 403), (status = 422)))]
async fn order_credits(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ApplicationId>,
    Json(body): Json<OrderBody>,
) -> Result<(StatusCode, Json<Value>), PageError> {
    let order = credit::order_credits(&app.centre, &me.actor, id, body.packs, &body.reason).await?;
    Ok((StatusCode::CREATED, Json(json!(order))))
}

/// Credits that are given back by hand, and why.
#[derive(Deserialize, ToSchema)]
struct RefundBody {
    credits: i64,
    reason: String,
}

/// Give credits back: an act of billing or of the project manager
#[utoipa::path(post, path = "/applications/{id}/credits/refunds", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = RefundBody, responses((status = 201, body = RefundAnswer), (status = 403), (status = 422)))]
async fn give_credits_back(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ApplicationId>,
    Json(body): Json<RefundBody>,
) -> Result<(StatusCode, Json<Value>), PageError> {
    let line = credit::give_credits_back(&app.centre, &me.actor, id, body.credits, &body.reason);
    Ok((StatusCode::CREATED, Json(json!(line.await?))))
}

/// The orders that wait for a decision
#[utoipa::path(get, path = "/credits/orders", tag = "outputs",
    responses((status = 200, body = Vec<OrderAnswer>), (status = 403)))]
async fn list_orders(State(app): State<App>, me: SignedIn) -> Answer {
    let orders = credit::list_orders(&app.centre, &me.actor).await?;
    Ok(Json(orders.iter().map(|(order, _)| json!(order)).collect()))
}

/// Accept an order: its credits are in the ledger at once
#[utoipa::path(post, path = "/credits/orders/{id}/accept", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = ReasonBody, responses((status = 200, body = OrderAnswer), (status = 403), (status = 409), (status = 422)))]
async fn accept_order(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<CreditOrderId>,
    Json(body): Json<ReasonBody>,
) -> Answer {
    Ok(Json(json!(credit::decide_order(&app.centre, &me.actor, id, true, &body.reason).await?)))
}

/// Refuse an order
#[utoipa::path(post, path = "/credits/orders/{id}/refuse", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = ReasonBody, responses((status = 200, body = OrderAnswer), (status = 403), (status = 409), (status = 422)))]
async fn refuse_order(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<CreditOrderId>,
    Json(body): Json<ReasonBody>,
) -> Answer {
    Ok(Json(json!(credit::decide_order(&app.centre, &me.actor, id, false, &body.reason).await?)))
}

/// The time of your own review in this turn, in minutes: measured so far, and as you said
#[utoipa::path(get, path = "/checks/{id}/time", tag = "outputs", params(("id" = Uuid, Path)),
    responses((status = 200, body = TimeAnswer), (status = 403), (status = 409)))]
async fn show_time(State(app): State<App>, me: SignedIn, Path(id): Path<ExportId>) -> Answer {
    let (measured, said) = review_time::my_time(&app.centre, &me.actor, id).await?;
    Ok(Json(json!({ "measured": measured, "said": said })))
}

/// How long your own review took, in minutes, and why it is not what was measured.
#[derive(Deserialize, ToSchema)]
struct TimeBody {
    minutes: i64,
    reason: String,
}

/// Say how long your own review took
#[utoipa::path(post, path = "/checks/{id}/time", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = TimeBody, responses((status = 200, body = TimeAnswer), (status = 403), (status = 409), (status = 422)))]
async fn say_time(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Json(body): Json<TimeBody>,
) -> Answer {
    review_time::time_review(&app.centre, &me.actor, id, body.minutes, &body.reason).await?;
    let (measured, said) = review_time::my_time(&app.centre, &me.actor, id).await?;
    Ok(Json(json!({ "measured": measured, "said": said })))
}
