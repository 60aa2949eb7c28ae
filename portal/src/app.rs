//! Routes of every column, and the layers that every request passes.

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::Response,
    routing::get,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    csrf::CsrfLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    trace::TraceLayer,
};
use workflows::{Centre, failure::causes};

use crate::{
    assets, data, describe, error, extract, home, limits, office, outputs, peer, people, projects,
    settings,
};

/// What handlers share.
#[derive(Clone)]
pub struct App {
    /// The centre.
    pub centre: Centre,
    pub(crate) limits: limits::Limits,
}

impl axum::extract::FromRef<App> for Centre {
    fn from_ref(app: &App) -> Self {
        app.centre.clone()
    }
}

/// The bodies of ordinary forms; uploads set their own limit.
const FORM_LIMIT_BYTES: usize = 256 * 1024;

/// What a page may load: nothing from elsewhere, no inline script, no inline style.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// Every route of the centre, ready to serve.
pub fn router(centre: Centre) -> Router {
    office::speak(&centre);
    let limits = limits::Limits::new(centre.config.reads);
    let app = App { centre, limits };
    Router::new()
        .merge(home::routes())
        .merge(people::routes())
        .merge(data::routes())
        .merge(projects::routes())
        .merge(settings::routes())
        .merge(outputs::routes())
        .merge(office::routes())
        .merge(api(&app))
        .fallback(home::missing)
        .layer(DefaultBodyLimit::max(FORM_LIMIT_BYTES))
        .layer(middleware::from_fn_with_state(app.clone(), settle_after_commands))
        // Within `render`, so that who is refused reads why. Cross-site posts are refused by
        // Sec-Fetch-Site and Origin; the cookies are SameSite too.
        .layer(middleware::from_fn_with_state(app.clone(), limits::check))
        .layer(CsrfLayer::new())
        .layer(middleware::from_fn_with_state(app.clone(), error::render))
        .layer(middleware::from_fn_with_state(app.clone(), extract::identify))
        .layer(middleware::from_fn_with_state(app.clone(), peer::find))
        .merge(assets::routes())
        .layer(middleware::from_fn(harden))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .with_state(app)
}

/// The span of a request, with the pattern of its address and not the address: that may hold a secret
/// link, a name that was searched for, a word of the person's.
fn span(request: &Request) -> tracing::Span {
    let page = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    tracing::debug_span!("request", method = %request.method(), page)
}

/// The JSON API of every column, and its description.
fn api(app: &App) -> Router<App> {
    let (routes, api) = describe::routes().split_for_parts();
    let cookies = (extract::login_cookie(app), extract::device_cookie(app));
    let description = axum::Json(describe::describe(&api, cookies));
    routes.route("/api/v1/openapi.json", get(|| async { description }))
}

/// Does the consequences of a command before its answer, so that the next page shows them. What
/// fails here is not lost: the worker goes on from the outbox.
async fn settle_after_commands(State(app): State<App>, request: Request, next: Next) -> Response {
    let command = request.method() != Method::GET && request.method() != Method::HEAD;
    let response = next.run(request).await;
    if command
        && response.status() < StatusCode::BAD_REQUEST
        && let Err(failure) = app.centre.settle().await
    {
        tracing::error!(error = causes(&failure), "consequences are left to the worker");
    }
    response
}

/// Headers of every answer.
async fn harden(request: Request<Body>, next: Next) -> Response {
    let is_asset = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    set(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    if !is_asset {
        // Pages hold confidential words; no cache keeps them after sign-out.
        set(header::CACHE_CONTROL, "no-store");
    }
    response
}
