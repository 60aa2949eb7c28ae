//! The column's acts as JSON, through the same use cases as the pages.

use axum::{
    Json,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest as _, Path, Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use axum_extra::extract::Query;
use domain::{DepositId, Lang, SourceId, VintageId, data::deposit::ManifestFile};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use workflows::{
    Failure,
    data::{
        catalogue, codebook,
        codebook_waiting::{self, Outcome},
        deposit as deposits,
        source::{self as sources, Act},
        vintage as vintages,
    },
};

use super::{
    answers::{
        CardAnswer, CodebookAnswer, CodebookWaitsAnswer, DepositAnswer, SourceAnswer,
        SourceDetailAnswer, VintageAnswer,
    },
    catalogue::Asked,
    codebook::CODEBOOK_LIMIT,
};
use crate::{
    answers::ReasonBody,
    app::App,
    error::PageError,
    extract::{Known, SignedIn},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    let documents = OpenApiRouter::new()
        .routes(routes!(import_codebook))
        .routes(routes!(discard_codebook))
        .layer(DefaultBodyLimit::max(CODEBOOK_LIMIT));
    OpenApiRouter::new()
        .routes(routes!(search_catalogue))
        .routes(routes!(show_source))
        .routes(routes!(move_source))
        .routes(routes!(announce_vintage))
        .routes(routes!(withdraw_vintage))
        .routes(routes!(announce_deposit))
        .routes(routes!(show_deposit))
        .routes(routes!(act_on_deposit))
        .merge(documents)
}

/// What a search found, page by page.
#[derive(Serialize, ToSchema)]
struct SearchAnswer {
    sources: usize,
    variables: u64,
    pages: usize,
    #[schema(value_type = Vec<CardAnswer>)]
    found: Vec<Value>,
    themes: Vec<FacetAnswer>,
    producers: Vec<FacetAnswer>,
    decades: Vec<FacetAnswer>,
    undated: usize,
}

#[derive(Serialize, ToSchema)]
struct FacetAnswer {
    value: String,
    count: usize,
}

/// Searches the public catalogue. Parameters as on its page: `q`, `theme` and `producer` (several),
/// `from`, `to`, `undated`, `page`.
#[utoipa::path(get, path = "/catalogue", tag = "data", responses((status = 200, body = SearchAnswer)))]
async fn search_catalogue(
    State(app): State<App>,
    known: Known,
    Query(asked): Query<Asked>,
) -> Result<Json<SearchAnswer>, PageError> {
    let accredited = known.identity.is_some_and(|me| me.actor.may_act && me.actor.is_enrolled);
    let filter = asked.filter();
    let listing = catalogue::search(&app.centre, &filter, known.lang, accredited).await?;
    let facets = |facets: Vec<catalogue::Facet>| {
        let answer =
            |facet: catalogue::Facet| FacetAnswer { value: facet.value, count: facet.count };
        facets.into_iter().map(answer).collect()
    };
    Ok(Json(SearchAnswer {
        sources: listing.sources,
        variables: listing.variables,
        pages: listing.pages,
        found: listing.found.iter().map(|found| card(found, known.lang)).collect(),
        themes: facets(listing.themes),
        producers: facets(listing.producers),
        decades: facets(listing.decades),
        undated: listing.undated,
    }))
}

fn card(found: &catalogue::Found, lang: Lang) -> Value {
    let card = &found.card;
    let vintage = |one: &catalogue::CardVintage| json!({ "id": one.id, "label": one.label, "year": one.year, "available": one.available });
    let variables: Vec<Value> =
        found.matches.iter().map(|one| json!({ "name": one.name, "label": one.label })).collect();
    json!({
        "id": card.id, "slug": card.slug, "acronym": card.acronym,
        "title": card.title.get(lang), "summary": card.summary.get(lang),
        "themes": card.themes, "producer": card.producer,
        "vintages": card.vintages.iter().map(vintage).collect::<Vec<_>>(),
        "projects": card.projects, "publications": card.publications,
        "variables": found.variables, "matches": variables,
    })
}

/// A source with its vintages and deposits, for those who look after it.
#[utoipa::path(get, path = "/sources/{id}", tag = "data", params(("id" = String, Path)), responses((status = 200, body = SourceDetailAnswer)))]
async fn show_source(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SourceId>,
) -> Result<Json<Value>, PageError> {
    let (producer, line) = sources::see_source(&app.centre, &me.actor, id).await?;
    Ok(Json(json!({
        "producer": producer.slug, "source": line.source, "vintages": line.vintages,
        "deposits": line.deposits,
    })))
}

/// What is done to a source: `publish`, `hide` or `retire`.
#[derive(Deserialize, ToSchema)]
struct ActBody {
    act: String,
}

/// Publishes, hides or retires a source.
#[utoipa::path(post, path = "/sources/{id}/state", tag = "data", params(("id" = String, Path)), request_body = ActBody, responses((status = 200, body = SourceAnswer)))]
async fn move_source(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SourceId>,
    Json(body): Json<ActBody>,
) -> Result<Json<Value>, PageError> {
    let act = Act::parse(&body.act).ok_or_else(|| Failure::invalid("act", "act"))?;
    let source = sources::move_source(&app.centre, &me.actor, id, act).await?;
    Ok(Json(json!(source)))
}

/// A yes to a document that waited.
#[derive(Deserialize)]
struct ImportQuery {
    yes: Option<String>,
}

/// Which document that waits.
#[derive(Deserialize)]
struct DiscardQuery {
    token: String,
}

/// Throws the document away that waits for a yes at a source, as it was told under `token`.
#[utoipa::path(delete, path = "/sources/{id}/codebook/waiting", tag = "data", params(("id" = String, Path), ("token" = String, Query)), responses((status = 204), (status = 403), (status = 404), (status = 422)))]
async fn discard_codebook(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SourceId>,
    Query(said): Query<DiscardQuery>,
) -> Result<StatusCode, PageError> {
    codebook_waiting::discard_codebook(&app.centre, &me.actor, id, &said.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Imports a DDI-Codebook document (the body) as the code book of a source. 409 where the source is in
/// the catalogue and variables would go, or the version is none of 1.2.2 and 2.5: nothing was
/// changed, `changes` tells what would be, and the same document with `?yes=TOKEN` does it.
#[utoipa::path(put, path = "/sources/{id}/codebook", tag = "data", params(("id" = String, Path), ("yes" = Option<String>, Query)), request_body(content = String, content_type = "application/xml"), responses((status = 200, body = CodebookAnswer), (status = 409, body = CodebookWaitsAnswer), (status = 422)))]
async fn import_codebook(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SourceId>,
    Query(said): Query<ImportQuery>,
    request: Request,
) -> Result<Response, PageError> {
    let cut_off = |_| Failure::invalid("file", "form-cut-off");
    let document = Bytes::from_request(request, &app).await.map_err(cut_off)?.to_vec();
    let yes = said.yes.as_deref();
    if let Outcome::Waits(waits) =
        codebook::import_codebook(&app.centre, &me.actor, id, document, yes).await?
    {
        let asked = json!({
            "code": "codebook-waits", "token": waits.token, "sha256": waits.sha256,
            "version": waits.version, "is_strange": waits.is_strange, "changes": waits.changes,
            "problems": waits.problems,
        });
        return Ok((StatusCode::CONFLICT, Json(asked)).into_response());
    }
    let (source, imported) = codebook::see_codebook(&app.centre, &me.actor, id).await?;
    let (problems, changes) = imported.map(|one| (one.problems, one.changes)).unwrap_or_default();
    let done = json!({ "source": source, "problems": problems, "changes": changes });
    Ok(Json(done).into_response())
}

/// A vintage that will come.
#[derive(Deserialize, ToSchema)]
struct VintageBody {
    label: String,
    year: Option<i32>,
}

/// Announces a vintage of a source.
#[utoipa::path(post, path = "/sources/{id}/vintages", tag = "data", params(("id" = String, Path)), request_body = VintageBody, responses((status = 200, body = VintageAnswer)))]
async fn announce_vintage(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SourceId>,
    Json(body): Json<VintageBody>,
) -> Result<Json<Value>, PageError> {
    let made =
        vintages::announce_vintage(&app.centre, &me.actor, id, &body.label, body.year).await?;
    Ok(Json(json!(made)))
}

/// Withdraws a vintage.
#[utoipa::path(post, path = "/vintages/{id}/withdraw", tag = "data", params(("id" = String, Path)), request_body = ReasonBody, responses((status = 200, body = VintageAnswer)))]
async fn withdraw_vintage(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<VintageId>,
    Json(body): Json<ReasonBody>,
) -> Result<Json<Value>, PageError> {
    let made = vintages::withdraw_vintage(&app.centre, &me.actor, id, &body.reason).await?;
    Ok(Json(json!(made)))
}

/// A deposit to be announced; an empty manifest grows with each file that is sent.
#[derive(Deserialize, ToSchema)]
struct DepositBody {
    /// The vintage's id.
    vintage: String,
    #[serde(default)]
    manifest: Vec<DepositFileBody>,
}

#[derive(Deserialize, ToSchema)]
struct DepositFileBody {
    name: String,
    /// Lower-case hexadecimal.
    sha256: String,
    bytes: Option<u64>,
    rows: Option<u64>,
}

/// Announces a deposit and opens its channel for 24 hours; the same manifest again answers the
/// deposit that is open. Then, for each file: `POST /deposits/{id}/files` with `{"name","size"}`
/// answers `{"upload","offset"}`; `PUT` pieces of at most 16 MiB to that address with the header
/// `Upload-Offset` (409 answers the true `{"offset"}`, 507 says that the disk is full); `GET` it for
/// the offset; `POST` `{"sha256"}` to its `/finish`.
#[utoipa::path(post, path = "/deposits", tag = "data", request_body = DepositBody, responses((status = 200, body = DepositAnswer)))]
async fn announce_deposit(
    State(app): State<App>,
    me: SignedIn,
    Json(body): Json<DepositBody>,
) -> Result<Json<Value>, PageError> {
    let vintage: VintageId =
        body.vintage.parse().map_err(|_| Failure::missing("vintage", &body.vintage))?;
    let file = |file: DepositFileBody| ManifestFile {
        name: file.name,
        sha256: file.sha256.to_lowercase(),
        bytes: file.bytes,
        rows: file.rows,
    };
    let manifest = body.manifest.into_iter().map(file).collect();
    let made = deposits::announce_deposit(&app.centre, &me.actor, vintage, manifest).await?;
    Ok(Json(json!(made)))
}

/// A deposit: its files, where it stands, what the checks found, its receipt.
#[utoipa::path(get, path = "/deposits/{id}", tag = "data", params(("id" = String, Path)), responses((status = 200, body = DepositAnswer)))]
async fn show_deposit(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<DepositId>,
) -> Result<Json<Value>, PageError> {
    Ok(Json(json!(deposits::see_deposit(&app.centre, &me.actor, id).await?.deposit)))
}

/// What is done to a deposit: `open`, `complete`, `abandon`, `accept`, `reject` (with a reason).
#[derive(Deserialize, ToSchema)]
struct DepositActBody {
    act: String,
    #[serde(default)]
    reason: String,
}

/// Opens the channel again, says that all files were sent, takes back, accepts or rejects.
#[utoipa::path(post, path = "/deposits/{id}/state", tag = "data", params(("id" = String, Path)), request_body = DepositActBody, responses((status = 200, body = DepositAnswer)))]
async fn act_on_deposit(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<DepositId>,
    Json(body): Json<DepositActBody>,
) -> Result<Json<Value>, PageError> {
    let (centre, actor) = (&app.centre, &me.actor);
    let after = match body.act.as_str() {
        "open" => deposits::open_channel(centre, actor, id).await?,
        "complete" => deposits::complete_deposit(centre, actor, id).await?,
        "abandon" => deposits::abandon_deposit(centre, actor, id).await?,
        "accept" => deposits::accept_deposit(centre, actor, id).await?,
        "reject" => deposits::reject_deposit(centre, actor, id, &body.reason).await?,
        _ => return Err(Failure::invalid("act", "act").into()),
    };
    Ok(Json(json!(after)))
}
