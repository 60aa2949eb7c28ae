//! The description of the API (`OpenAPI` 3.1): what the attributes at the handlers say, with the centre's
//! name, who may call, and what goes wrong everywhere.

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema as _, openapi::OpenApi};
use utoipa_axum::router::OpenApiRouter;

use crate::{answers::Problem, app::App, data, office, outputs, people, projects, settings};

/// What everybody may call without signing in.
const PUBLIC: [&str; 2] = ["/api/v1/catalogue", "/api/v1/register"];

const ABOUT: &str = "The acts of the pages, by the same use cases. A script sends a token \
    (`Authorization: Bearer …`, made at `/me`); a browser sends the cookies of its login. Errors are \
    `Problem` objects; what a person may not know of answers 404. Times are RFC 3339 in UTC. Reads and \
    commands of one address are limited: 429 says in `Retry-After` when to come again.";

/// The API's routes of every column.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .nest("/api/v1", people::api())
        .nest("/api/v1", data::api())
        .nest("/api/v1", projects::api())
        .nest("/api/v1", settings::api())
        .nest("/api/v1", outputs::api())
        .nest("/api/v1", office::api())
}

/// The description of these routes. `cookies`: the names of the cookies of a login and its device.
///
/// # Panics
/// Never: a description is plain values, which serialise.
pub(crate) fn describe(api: &OpenApi, cookies: (&str, &str)) -> Value {
    let mut whole = serde_json::to_value(api).expect("plain values serialise");
    whole["info"] = json!({
        "title": "Bulle",
        "summary": "A secure data access centre",
        "description": ABOUT,
        "version": env!("CARGO_PKG_VERSION"),
        "license": { "name": "Apache License 2.0", "identifier": "Apache-2.0" },
    });
    whole["servers"] =
        json!([{ "url": "/", "description": "The centre that gives this description" }]);
    whole["security"] = json!([{ "token": [] }, { "login": [], "device": [] }]);
    whole["components"]["securitySchemes"] = schemes(cookies);
    whole["components"]["schemas"]["Problem"] =
        serde_json::to_value(Problem::schema()).expect("plain values serialise");
    whole["components"]["responses"] = refusals();
    if let Some(paths) = whole["paths"].as_object_mut() {
        for (path, item) in paths {
            let operations = item.as_object_mut().into_iter().flat_map(Map::values_mut);
            operations.filter(|one| one.is_object()).for_each(|one| complete(path, one));
        }
    }
    whole
}

/// How one says who one is.
fn schemes((login, device): (&str, &str)) -> Value {
    let cookie = |name: &str, about: &str| json!({ "type": "apiKey", "in": "cookie", "name": name, "description": about });
    json!({
        "token": {
            "type": "http", "scheme": "bearer",
            "description": "A token of the person, made at `/me` or by `POST /api/v1/me/tokens`.",
        },
        "login": cookie(login, "A browser's login"),
        "device": cookie(device, "The device that the login is bound to"),
    })
}

/// What every operation may answer besides.
fn refusals() -> Value {
    let content =
        json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
    let wait = json!({ "description": "Seconds to wait", "schema": { "type": "integer" } });
    json!({
        "Problem": { "description": "What went wrong", "content": content },
        "TooMany": {
            "description": "Too many requests from this address",
            "headers": { "Retry-After": wait },
            "content": content,
        },
    })
}

/// What each operation has: its column, whether it is public, what goes wrong everywhere.
fn complete(path: &str, operation: &mut Value) {
    if operation["tags"].is_null() {
        operation["tags"] = json!(["people"]); // the only column whose handlers name none
    }
    if PUBLIC.contains(&path) {
        operation["security"] = json!([]);
    }
    let problem = json!({ "$ref": "#/components/responses/Problem" });
    if let Some(responses) = operation["responses"].as_object_mut() {
        let refused = |status: &str| status.starts_with('4') || status.starts_with('5');
        for (_, response) in responses.iter_mut().filter(|(status, _)| refused(status)) {
            if response["content"].is_null() {
                *response = problem.clone(); // others have an answer of their own
            }
        }
        if !PUBLIC.contains(&path) {
            responses.entry("401").or_insert_with(|| problem.clone());
        }
        responses.insert("429".to_owned(), json!({ "$ref": "#/components/responses/TooMany" }));
        responses.insert("default".to_owned(), problem);
    }
}

#[cfg(test)]
#[path = "describe_tests.rs"]
mod tests;
