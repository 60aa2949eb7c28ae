//! The one place where a failure becomes a status, a page in the reader's language, and, where it
//! is a denial, an event.

use askama::Template;
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header, uri::PathAndQuery},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use domain::Denied;
use serde::Serialize;
use workflows::{Failure, failure::causes, office};

use crate::{app::App, extract::Known, i18n, ui::Ui};

/// Why a page was not answered as asked.
#[derive(Debug)]
pub(crate) enum PageError {
    /// A use case failed.
    Failed(Failure),
    /// Only for people who are signed in.
    SignInFirst,
    /// Too many requests: the next one passes in so many seconds.
    TooMany { seconds: u64 },
}

impl<E: Into<Failure>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What the `render` layer needs to say about a failure.
#[derive(Clone, Debug, Serialize)]
struct Problem {
    #[serde(skip)]
    status: StatusCode,
    /// Which message (`problem-<code>`).
    code: String,
    /// What the message says about it.
    detail: String,
    /// The message that names the detail (`state-export-queued`), where there is one.
    #[serde(skip)]
    named: Option<String>,
    #[serde(skip)]
    denied: Option<Denied>,
}

impl PageError {
    fn problem(self) -> Problem {
        let plain = |status, code: &str, detail: String| Problem {
            status,
            code: code.to_owned(),
            detail,
            named: None,
            denied: None,
        };
        match self {
            Self::SignInFirst => plain(StatusCode::UNAUTHORIZED, "sign-in-first", String::new()),
            // The seconds are said in the detail, for people and for `Retry-After`.
            Self::TooMany { seconds } => {
                plain(StatusCode::TOO_MANY_REQUESTS, "too-many", seconds.to_string())
            }
            Self::Failed(failure) => match failure {
                Failure::Missing { .. } => plain(StatusCode::NOT_FOUND, "missing", String::new()),
                // What a person may not know of looks exactly like what does not exist.
                Failure::Denied(Denied::Hidden) => Problem {
                    denied: Some(Denied::Hidden),
                    ..plain(StatusCode::NOT_FOUND, "missing", String::new())
                },
                Failure::Denied(denied) => Problem {
                    status: StatusCode::FORBIDDEN,
                    code: format!("denied-{}", denied.key()),
                    detail: String::new(),
                    named: None,
                    denied: Some(denied),
                },
                Failure::WrongState(wrong) => {
                    let name = format!("state-{}-{}", wrong.noun, wrong.state).replace('_', "-");
                    Problem {
                        named: Some(name),
                        ..plain(StatusCode::CONFLICT, "wrong-state", wrong.state.to_owned())
                    }
                }
                Failure::Conflict(_) => plain(StatusCode::CONFLICT, "conflict", String::new()),
                Failure::Invalid { field, key, detail } => {
                    let detail = if detail.is_empty() { field } else { detail };
                    plain(StatusCode::UNPROCESSABLE_ENTITY, &format!("invalid-{key}"), detail)
                }
                // Nothing was changed: the same can be sent again once there is room.
                failure if failure.is_disk_full() => {
                    let error = causes(&failure);
                    tracing::error!(error, "the disk is full: make room");
                    plain(StatusCode::INSUFFICIENT_STORAGE, "disk-full", String::new())
                }
                other => {
                    // The cause goes to the log alone: it may name paths and tables.
                    tracing::error!(error = causes(&other), "a request failed");
                    plain(StatusCode::INTERNAL_SERVER_ERROR, "internal", String::new())
                }
            },
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        let mut response = problem.status.into_response();
        response.extensions_mut().insert(problem);
        response
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    ui: Ui,
    title: String,
}

/// Renders failures as pages, or as JSON below `/api`, and records denials.
pub(crate) async fn render(
    State(app): State<App>,
    known: Known,
    request: Request,
    next: Next,
) -> Response {
    let command = format!("{} {}", request.method(), request.uri().path());
    let wants_json = request.uri().path().starts_with("/api/")
        || request.headers().get(header::ACCEPT).is_some_and(|accept| accept == "application/json");
    let back = come_back(&request);
    let response = next.run(request).await;
    let told = response.extensions().get::<Problem>().cloned();
    let Some(problem) = told.or_else(|| refused(&response)) else { return response };
    if let Some(denied) = &problem.denied {
        let actor = known.identity.as_ref().map(|identity| &identity.actor);
        let recorded = office::denial::record(&app.centre, actor, denied, &command).await;
        if let Err(failure) = recorded {
            tracing::error!(error = causes(&failure), "a denial was not recorded");
        }
    }
    if problem.code == "sign-in-first" && !wants_json {
        return Redirect::to(&format!("/sign-in?next={back}")).into_response();
    }
    // RFC 6585, 4: a 429 may say when to come again.
    let again = (problem.status == StatusCode::TOO_MANY_REQUESTS)
        .then(|| HeaderValue::from_str(&problem.detail).ok())
        .flatten();
    let mut told = tell(&app, known, problem, wants_json);
    if let Some(seconds) = again {
        told.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    // RFC 9110, 15.5.6: a 405 says which methods there are.
    if let Some(methods) = response.headers().get(header::ALLOW) {
        told.headers_mut().insert(header::ALLOW, methods.clone());
    }
    told
}

fn tell(app: &App, known: Known, problem: Problem, wants_json: bool) -> Response {
    let title = message(&known, &problem);
    if wants_json {
        let body =
            serde_json::json!({ "code": problem.code, "message": title, "detail": problem.detail });
        return (problem.status, Json(body)).into_response();
    }
    let page = ProblemPage { title, ui: Ui::new(app, known, 0) };
    match page.render() {
        Ok(html) => (problem.status, Html(html)).into_response(),
        Err(_) => problem.status.into_response(),
    }
}

/// What the framework refused before a handler ran (an id that is none, a form without its fields,
/// too long a body, a page that takes only forms): it answers in English and in plain text.
fn refused(response: &Response) -> Option<Problem> {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_plain = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let status = response.status();
    let code = match status {
        StatusCode::METHOD_NOT_ALLOWED => "method",
        StatusCode::FORBIDDEN => "denied",
        StatusCode::PAYLOAD_TOO_LARGE => "too-large",
        StatusCode::NOT_FOUND => "missing",
        _ => "unreadable",
    };
    let problem =
        Problem { status, code: code.to_owned(), detail: String::new(), named: None, denied: None };
    (status.is_client_error() && is_plain).then_some(problem)
}

/// The page to show after signing in, as a value of a query: this one, or for a form the page that
/// it stood on, because the form's own address takes only posts. What was typed is not kept.
fn come_back(request: &Request) -> String {
    let is_page = request.method() == Method::GET || request.method() == Method::HEAD;
    let page = match is_page {
        true => Some(request.uri().clone()),
        false => request
            .headers()
            .get(header::REFERER)
            .and_then(|referer| Uri::try_from(referer.as_bytes()).ok()),
    };
    let page = page.as_ref().and_then(Uri::path_and_query).map_or("/", PathAndQuery::as_str);
    url::form_urlencoded::byte_serialize(page.as_bytes()).collect::<String>().replace("%2F", "/")
}

/// The problem in the reader's language. Keys that only one page knows fall back to a general one.
fn message(known: &Known, problem: &Problem) -> String {
    let exact = format!("problem-{}", problem.code);
    let key = match i18n::has(&exact) {
        true => exact,
        false if problem.code.starts_with("invalid-") => "problem-invalid".to_owned(),
        false => "problem-denied".to_owned(),
    };
    let named = problem.named.as_ref().filter(|name| i18n::has(name));
    let detail = match named {
        Some(name) => i18n::translate(known.lang, name, &[]),
        None => problem.detail.clone(),
    };
    i18n::translate(known.lang, &key, &[("detail", detail)])
}
