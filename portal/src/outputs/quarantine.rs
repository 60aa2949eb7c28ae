//! What was blocked, as the lead of the checkers examines it.

use axum::{
    Form, Json,
    extract::{Path, State},
    response::Response,
};
use domain::{ExportId, Refusal, outputs::quarantine::Finding};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use workflows::{Failure, outputs::quarantine};

use super::{answers::ExportStateAnswer, answers_check::QuarantineAnswer, api::Answer, check};
use crate::{app::App, error::PageError, extract::SignedIn, fields::Fields, ui::Ui};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_quarantine)).routes(routes!(examine))
}

fn found(name: &str) -> Result<Finding, Failure> {
    Finding::parse(name).ok_or_else(|| Refusal::invalid("found", "missing").into())
}

pub(super) async fn examine_on_page(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let fields = Fields(fields);
    let acted = match found(fields.get("found")) {
        Ok(found) => {
            let note = fields.get("note");
            quarantine::examine_blocked(&app.centre, &me.actor, id, found, note).await
        }
        Err(failure) => Err(failure),
    };
    let acted = acted.map(|_| "/checks?done=quarantine-examined");
    check::answer(ui, &app, &me, id, &fields, acted).await
}

/// What the scan blocked and nobody has examined; for leads of the checkers, empty for others
#[utoipa::path(get, path = "/quarantine", tag = "outputs", responses((status = 200, body = QuarantineAnswer)))]
async fn list_quarantine(State(app): State<App>, me: SignedIn) -> Answer {
    let held = quarantine::list_quarantine(&app.centre, &me.actor).await?;
    let held = held.iter().map(|held| {
        json!({
            "id": held.export.id, "number": held.export.number, "title": held.export.title,
            "application": held.application.id,
        })
    });
    Ok(Json(json!({ "quarantine": held.collect::<Vec<_>>() })))
}

/// What a blocked request was.
#[derive(Deserialize, ToSchema)]
struct ExamineBody {
    /// `mistake`, `attempt` or `false_alarm`.
    found: String,
    note: String,
}

/// Say what a blocked request was; its copies are removed
#[utoipa::path(post, path = "/checks/{id}/examine", tag = "outputs", params(("id" = Uuid, Path)),
    request_body = ExamineBody, responses((status = 200, body = ExportStateAnswer), (status = 403),
    (status = 404), (status = 409), (status = 422)))]
async fn examine(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Json(body): Json<ExamineBody>,
) -> Answer {
    let found = found(&body.found)?;
    let acted = quarantine::examine_blocked(&app.centre, &me.actor, id, found, &body.note).await?;
    Ok(Json(json!({ "id": acted.id, "state": acted.state.name() })))
}
