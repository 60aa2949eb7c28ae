//! Who asks, and in which language: read once for each request, then given to handlers by type.

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts, Request, State},
    http::{header, request::Parts},
    middleware::Next,
    response::Response,
};
use axum_extra::extract::CookieJar;
use domain::{Actor, Lang, Person};
use workflows::people::{
    login::{self, Login},
    token,
};

use crate::{app::App, error::PageError, i18n, peer};

/// The session cookie: bound to this host and to TLS where there is TLS.
pub(crate) fn login_cookie(app: &App) -> &'static str {
    if app.centre.config.is_https() { "__Host-bulle" } else { "bulle" }
}

/// The device cookie.
pub(crate) fn device_cookie(app: &App) -> &'static str {
    if app.centre.config.is_https() { "__Host-bulle-device" } else { "bulle-device" }
}

/// The person who is signed in.
#[derive(Clone)]
pub(crate) struct Identity {
    pub actor: Actor,
    pub person: Person,
    pub login: Login,
}

/// What is known of a request before its handler runs.
#[derive(Clone)]
pub(crate) struct Known {
    pub identity: Option<Identity>,
    pub lang: Lang,
    pub path: String,
    pub query: String,
    /// The address of the other end, for the record of who took a release.
    pub address: String,
}

/// Finds out who asks and in which language.
pub(crate) async fn identify(
    State(app): State<App>,
    jar: CookieJar,
    mut request: Request,
    next: Next,
) -> Result<Response, PageError> {
    let cookie = |name: &str| jar.get(name).map(|cookie| cookie.value().to_owned());
    let secrets = (cookie(login_cookie(&app)), cookie(device_cookie(&app)));
    let identity = match secrets {
        // A script's token; no browser sends one by itself, so other sites cannot misuse it.
        _ if bearer(&request).is_some() => {
            token::recognise(&app.centre, bearer(&request).unwrap_or_default()).await?
        }
        (Some(secret), Some(device)) => login::recognise(&app.centre, &secret, &device).await?,
        _ => None,
    };
    let identity = identity.map(|(actor, person, login)| Identity { actor, person, login });
    let chosen = cookie("lang").and_then(|tag| Lang::parse(&tag));
    let known = Known {
        identity,
        lang: chosen.unwrap_or_else(|| i18n::preferred(request.headers())),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        address: peer::address(&request),
    };
    request.extensions_mut().insert(known);
    Ok(next.run(request).await)
}

/// The access token of a request, where it has one.
fn bearer(request: &Request) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(str::trim)
}

impl<S: Sync> FromRequestParts<S> for Known {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        let known = parts.extensions.get::<Known>().cloned();
        Ok(known.expect("the `identify` layer is around every route that extracts"))
    }
}

/// The person who is signed in; others are sent to the sign-in page (the API answers 401).
#[derive(Clone)]
pub(crate) struct SignedIn(pub Identity);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let known = Known::from_request_parts(parts, state).await?;
        known.identity.map(SignedIn).ok_or(PageError::SignInFirst)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for SignedIn {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, PageError> {
        let known = <Known as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        Ok(known.identity.map(SignedIn))
    }
}

impl std::ops::Deref for SignedIn {
    type Target = Identity;
    fn deref(&self) -> &Identity {
        &self.0
    }
}
