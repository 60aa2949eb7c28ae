//! Sources as JSON: made, by hand or from their code book, and changed, through the same use cases as
//! the form.

use axum::{
    Json,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest as _, Path, Request, State},
    http::StatusCode,
};
use axum_extra::extract::Query;
use domain::{
    ProducerId, SourceId, Text,
    data::source::{Description, Route},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use workflows::{
    Failure,
    data::{codebook, source},
};

use super::{answers::SourceAnswer, codebook::CODEBOOK_LIMIT};
use crate::{app::App, error::PageError, extract::SignedIn};

pub(super) fn routes() -> OpenApiRouter<App> {
    let document = OpenApiRouter::new()
        .routes(routes!(create_from_codebook))
        .layer(DefaultBodyLimit::max(CODEBOOK_LIMIT));
    OpenApiRouter::new().routes(routes!(create_source)).routes(routes!(edit_source)).merge(document)
}

/// What is said of a source.
#[derive(Deserialize, ToSchema)]
struct SourceBody {
    /// The short name, in addresses and in the folders of bubbles.
    slug: String,
    #[serde(default)]
    acronym: String,
    #[serde(default)]
    title_fr: String,
    #[serde(default)]
    title_en: String,
    #[serde(default)]
    summary_fr: String,
    #[serde(default)]
    summary_en: String,
    #[serde(default)]
    themes: Vec<String>,
    /// `committee` (the opinion of the committee, then the producer) or `producer_only`.
    route: String,
}

impl SourceBody {
    fn description(self) -> Result<Description, Failure> {
        let route = match self.route.as_str() {
            "committee" => Route::Committee,
            "producer_only" => Route::ProducerOnly,
            _ => return Err(Failure::invalid("route", "not-a-choice")),
        };
        Ok(Description {
            slug: self.slug.trim().to_owned(),
            acronym: self.acronym.trim().to_owned(),
            title: Text::new(self.title_fr.trim(), self.title_en.trim()),
            summary: Text::new(self.summary_fr.trim(), self.summary_en.trim()),
            themes: self.themes,
            route,
        })
    }
}

/// A new source of a producer.
#[derive(Deserialize, ToSchema)]
struct NewSourceBody {
    /// The producer's id.
    producer: Uuid,
    #[serde(flatten)]
    source: SourceBody,
}

/// Make a source by hand; its code book comes later
#[utoipa::path(post, path = "/sources", tag = "data", request_body = NewSourceBody,
    responses((status = 201, body = SourceAnswer), (status = 403), (status = 422)))]
async fn create_source(
    State(app): State<App>,
    me: SignedIn,
    Json(body): Json<NewSourceBody>,
) -> Result<(StatusCode, Json<Value>), PageError> {
    let (producer, given) = (ProducerId(body.producer), body.source.description()?);
    let made = source::create_source(&app.centre, &me.actor, producer, given).await?;
    Ok((StatusCode::CREATED, Json(json!(made))))
}

/// Change what is said of a source
#[utoipa::path(put, path = "/sources/{id}", tag = "data", params(("id" = String, Path)),
    request_body = SourceBody,
    responses((status = 200, body = SourceAnswer), (status = 403), (status = 404), (status = 422)))]
async fn edit_source(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SourceId>,
    Json(body): Json<SourceBody>,
) -> Result<Json<Value>, PageError> {
    let saved = source::edit_source(&app.centre, &me.actor, id, body.description()?).await?;
    Ok(Json(json!(saved)))
}

/// Whose source it will be, and about what.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NewFromCodebook {
    /// The producer's id.
    producer: Uuid,
    /// Themes.
    #[serde(default)]
    #[param(required = false)]
    theme: Vec<String>,
}

/// Make a source from its code book: a DDI-Codebook document is the body
#[utoipa::path(post, path = "/sources/from-codebook", tag = "data", params(NewFromCodebook),
    request_body(content = String, content_type = "application/xml"),
    responses((status = 201, body = SourceAnswer), (status = 403), (status = 422)))]
async fn create_from_codebook(
    State(app): State<App>,
    me: SignedIn,
    Query(new): Query<NewFromCodebook>,
    request: Request,
) -> Result<(StatusCode, Json<Value>), PageError> {
    let cut_off = |_| Failure::invalid("file", "form-cut-off");
    let document = Bytes::from_request(request, &app).await.map_err(cut_off)?.to_vec();
    let (producer, themes) = (ProducerId(new.producer), new.theme);
    let made =
        codebook::create_from_codebook(&app.centre, &me.actor, producer, document, themes).await?;
    Ok((StatusCode::CREATED, Json(json!(made))))
}
