//! The same acts as JSON, through the same functions as the pages.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{Application, ApplicationId, ItemId};
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use workflows::{
    Failure,
    projects::{
        application, basket,
        file::{self, File, FileItem},
        inbox, office,
    },
};

use super::{
    answers::{
        ApplicationAnswer, BasketAnswer, BasketBody, BriefAnswer, FieldsBody, InboxAnswer,
        ItemActBody, LeadActBody, ProducerActBody, ProducerItemAnswer, SecretaryActBody,
        VersionAnswer,
    },
    fields::Fields,
};
use crate::{answers::CreatedAnswer, app::App, error::PageError, extract::SignedIn};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read_basket, put_in_basket))
        .routes(routes!(take_from_basket))
        .routes(routes!(list_applications, create_application))
        .routes(routes!(read_application))
        .routes(routes!(copy_application))
        .routes(routes!(save_fields))
        .routes(routes!(act_on_application))
        .routes(routes!(act_on_item))
        .routes(routes!(read_inbox))
        .routes(routes!(read_producer_item))
        .routes(routes!(act_as_producer))
        .routes(routes!(list_submitted))
        .routes(routes!(act_as_secretary))
}

type Answer = Result<Json<Value>, PageError>;

/// The basket, source by source
#[utoipa::path(get, path = "/basket", tag = "projects", responses((status = 200, body = Vec<BasketAnswer>)))]
async fn read_basket(State(app): State<App>, me: SignedIn) -> Answer {
    let lines = basket::read(&app.centre, &me.actor).await?;
    let line = |line: &basket::BasketLine| {
        let vintages: Vec<Value> = line
            .vintages
            .iter()
            .map(|vintage| json!({ "id": vintage.id, "label": vintage.label }))
            .collect();
        let source = &line.source;
        json!({ "source": source.id, "slug": source.slug, "title": source.title, "vintages": vintages })
    };
    Ok(Json(lines.iter().map(line).collect()))
}

/// Put a vintage into the basket: `{"vintage": id}`
#[utoipa::path(post, path = "/basket", tag = "projects", request_body = BasketBody, responses((status = 204)))]
async fn put_in_basket(
    State(app): State<App>,
    me: SignedIn,
    Json(body): Json<Value>,
) -> Result<StatusCode, PageError> {
    let vintage = Fields::from(body).id("vintage")?;
    basket::put(&app.centre, &me.actor, vintage).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a vintage out of the basket
#[utoipa::path(delete, path = "/basket/{vintage}", tag = "projects", params(("vintage" = Uuid, Path)), responses((status = 204)))]
async fn take_from_basket(
    State(app): State<App>,
    me: SignedIn,
    Path(vintage): Path<Uuid>,
) -> Result<StatusCode, PageError> {
    basket::take(&app.centre, &me.actor, vintage.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn brief(application: &Application) -> Value {
    json!({
        "id": application.id, "number": application.number, "state": application.state.name(),
        "title": { "fr": application.title(domain::Lang::Fr), "en": application.title(domain::Lang::En) },
    })
}

fn item(line: &FileItem) -> Value {
    let item = &line.item;
    json!({
        "id": item.id, "source": item.source, "producer": item.producer, "vintages": item.vintages,
        "granted": item.granted_until().map(|_| item.granted_vintages().collect::<Vec<_>>()),
        "until": item.granted_until(), "justification": item.justification,
        "state": item.state, "conditions": item.conditions, "thread": item.thread,
    })
}

fn whole(file: &File) -> Value {
    let application = &file.application;
    let mut value = brief(application);
    let more = json!({
        "version": application.version, "fields": application.fields, "lead": application.lead,
        "members": application.members, "standing": application.state,
        "complete_percent": file.complete.percent(),
        "unsigned": file.unsigned, "items": file.items.iter().map(item).collect::<Vec<_>>(),
        "checklist": file.checklist.points.iter().map(|(name, holds)| json!({ "point": name, "holds": holds })).collect::<Vec<_>>(),
        "attachments": application.attachments,
        "submissions": application.submissions.iter().map(|s| json!({ "at": s.at, "sha256": s.sha256 })).collect::<Vec<_>>(),
    });
    if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
        value.extend(more);
    }
    value
}

/// The person's applications, newest first; everybody's for auditors and security officers
#[utoipa::path(get, path = "/applications", tag = "projects", responses((status = 200, body = Vec<BriefAnswer>)))]
async fn list_applications(State(app): State<App>, me: SignedIn) -> Answer {
    let found = file::list(&app.centre, &me.actor).await?;
    Ok(Json(found.iter().map(brief).collect()))
}

/// Start an application from the basket
#[utoipa::path(post, path = "/applications", tag = "projects", responses((status = 201, body = CreatedAnswer)))]
async fn create_application(
    State(app): State<App>,
    me: SignedIn,
) -> Result<(StatusCode, Json<Value>), PageError> {
    let made = application::create(&app.centre, &me.actor).await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": made.id }))))
}

/// One application with its items
#[utoipa::path(get, path = "/applications/{id}", tag = "projects", params(("id" = Uuid, Path)), responses((status = 200, body = ApplicationAnswer), (status = 404)))]
async fn read_application(State(app): State<App>, me: SignedIn, Path(id): Path<Uuid>) -> Answer {
    Ok(Json(whole(&file::read_file(&app.centre, &me.actor, ApplicationId(id)).await?)))
}

/// Start an application as a copy
#[utoipa::path(post, path = "/applications/{id}/copy", tag = "projects", params(("id" = Uuid, Path)), responses((status = 201, body = CreatedAnswer)))]
async fn copy_application(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, Json<Value>), PageError> {
    let made = application::copy(&app.centre, &me.actor, ApplicationId(id)).await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": made.id }))))
}

/// Save fields: `{"version": n, "fields": {name: text}}`; answers the new version
#[utoipa::path(put, path = "/applications/{id}/fields", tag = "projects", params(("id" = Uuid, Path)), request_body = FieldsBody, responses((status = 200, body = VersionAnswer), (status = 409), (status = 422)))]
async fn save_fields(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
    Json(body): Json<Value>,
) -> Answer {
    let version = body.get("version").and_then(Value::as_i64);
    let version = version.ok_or_else(|| Failure::invalid("version", "missing"))?;
    let values = Fields::from(body.get("fields").cloned().unwrap_or_default()).0;
    let id = ApplicationId(id);
    let version = application::save_fields(&app.centre, &me.actor, id, version, &values).await?;
    Ok(Json(json!({ "version": version })))
}

/// An act of the lead: consult, go-on, submit, withdraw, refuse-start, add-member, remove-member,
/// remove-invited, add-basket; what it asks for as in the page's form
#[utoipa::path(post, path = "/applications/{id}/{act}", tag = "projects", params(("id" = Uuid, Path), ("act" = String, Path)), request_body = LeadActBody, responses((status = 200, body = ApplicationAnswer), (status = 403), (status = 409), (status = 422)))]
async fn act_on_application(
    State(app): State<App>,
    me: SignedIn,
    Path((id, act)): Path<(Uuid, String)>,
    Json(body): Json<Value>,
) -> Answer {
    let id = ApplicationId(id);
    super::application::act(&app.centre, &me.actor, id, &act, &body.into()).await?;
    Ok(Json(whole(&file::read_file(&app.centre, &me.actor, id).await?)))
}

/// An act of the lead on an item: change, remove, answer
#[utoipa::path(post, path = "/applications/{id}/items/{item}/{act}", tag = "projects", params(("id" = Uuid, Path), ("item" = Uuid, Path), ("act" = String, Path)), request_body = ItemActBody, responses((status = 200, body = ApplicationAnswer), (status = 403), (status = 409), (status = 422)))]
async fn act_on_item(
    State(app): State<App>,
    me: SignedIn,
    Path((id, item, act)): Path<(Uuid, Uuid, String)>,
    Json(body): Json<Value>,
) -> Answer {
    let (id, item) = (ApplicationId(id), ItemId(item));
    super::application::item_act(&app.centre, &me.actor, (id, item), &act, &body.into()).await?;
    Ok(Json(whole(&file::read_file(&app.centre, &me.actor, id).await?)))
}

/// The items of the person's producers, what waits first
#[utoipa::path(get, path = "/producer/items", tag = "projects", responses((status = 200, body = Vec<InboxAnswer>), (status = 403)))]
async fn read_inbox(State(app): State<App>, me: SignedIn) -> Answer {
    let lines = inbox::read_inbox(&app.centre, &me.actor).await?;
    let line = |line: &inbox::InboxLine| {
        json!({
            "item": item(&line.line), "title": line.title, "number": line.number,
            "due": line.due, "waits": line.waits,
        })
    };
    Ok(Json(lines.iter().map(line).collect()))
}

/// One item as its producer sees it
#[utoipa::path(get, path = "/producer/items/{id}", tag = "projects", params(("id" = Uuid, Path)), responses((status = 200, body = ProducerItemAnswer), (status = 404)))]
async fn read_producer_item(State(app): State<App>, me: SignedIn, Path(id): Path<Uuid>) -> Answer {
    Ok(Json(producer_item(&app, &me, ItemId(id)).await?))
}

async fn producer_item(app: &App, me: &SignedIn, id: ItemId) -> Result<Value, PageError> {
    let file = inbox::read_item(&app.centre, &me.actor, id).await?;
    let team: Vec<Value> = file
        .team
        .iter()
        .map(|one| json!({ "name": one.person.name, "institution": one.person.institution, "is_lead": one.is_lead }))
        .collect();
    Ok(json!({
        "item": item(&file.line), "title": file.title, "number": file.number, "state": file.state,
        "fields": file.fields, "team": team, "due": file.due, "latest_end": file.latest_end,
    }))
}

/// An act of the producer: agree, refuse-prior, ask, grant, refuse, suspend, resume, revoke
#[utoipa::path(post, path = "/producer/items/{id}/{act}", tag = "projects", params(("id" = Uuid, Path), ("act" = String, Path)), request_body = ProducerActBody, responses((status = 200, body = ProducerItemAnswer), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn act_as_producer(
    State(app): State<App>,
    me: SignedIn,
    Path((id, act)): Path<(Uuid, String)>,
    Json(body): Json<Value>,
) -> Answer {
    super::producer::act(&app.centre, &me.actor, ItemId(id), &act, &body.into()).await?;
    Ok(Json(producer_item(&app, &me, ItemId(id)).await?))
}

/// The files that were submitted
#[utoipa::path(get, path = "/secretary/applications", tag = "projects", responses((status = 200, body = Vec<BriefAnswer>), (status = 403)))]
async fn list_submitted(State(app): State<App>, me: SignedIn) -> Answer {
    let found = office::list(&app.centre, &me.actor).await?;
    Ok(Json(found.iter().map(brief).collect()))
}

/// An act of the secretary: start, judge, return, assign, open, opinion, pass, formalities, revoke-right
#[utoipa::path(post, path = "/secretary/applications/{id}/{act}", tag = "projects", params(("id" = Uuid, Path), ("act" = String, Path)), request_body = SecretaryActBody, responses((status = 200, body = ApplicationAnswer), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn act_as_secretary(
    State(app): State<App>,
    me: SignedIn,
    Path((id, act)): Path<(Uuid, String)>,
    Json(body): Json<Value>,
) -> Answer {
    let id = ApplicationId(id);
    super::secretary::act(&app.centre, &me.actor, id, &act, &body.into()).await?;
    Ok(Json(whole(&file::read_file(&app.centre, &me.actor, id).await?)))
}
