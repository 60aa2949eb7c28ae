//! Signing in, accepting an invitation, recovering: the pages where a browser proves a passkey.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    routing::{get, post},
};
use axum_extra::extract::CookieJar;
use domain::Person;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use workflows::people::{
    invitation, login,
    passkey::{self, Answer, Begun},
    recovery,
};

use crate::{
    app::App,
    error::PageError,
    extract::device_cookie,
    home::{add_device, local, open_login},
    ui::Ui,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in", get(show_sign_in).post(finish_sign_in))
        .route("/sign-in/options", post(begin_sign_in))
        .route("/invitations/{secret}", get(show_invitation).post(accept_invitation))
        .route("/invitations/{secret}/options", post(begin_accept))
        .route("/recovery/{secret}", get(show_recovery).post(finish_recovery))
        .route("/recovery/{secret}/options", post(begin_recovery))
}

/// What the script is told to ask of the authenticator.
#[derive(Serialize)]
pub(super) struct Ask {
    id: Uuid,
    options: Value,
}

impl From<Begun> for Ask {
    fn from(begun: Begun) -> Self {
        Self { id: begun.id, options: begun.options }
    }
}

/// What the authenticator answered.
#[derive(Deserialize)]
pub(super) struct Answered {
    pub id: Uuid,
    pub credential: Value,
    #[serde(default)]
    pub label: String,
    #[serde(default)]
    pub next: String,
    #[serde(default)]
    pub institution: String,
}

impl Answered {
    pub(super) fn answer(&self) -> Answer<'_> {
        Answer { credential: &self.credential, label: &self.label }
    }
}

/// Where the script goes next.
#[derive(Serialize)]
pub(super) struct Go {
    pub location: String,
}

/// The browser's device secret; one is made where it has none, so that a ceremony is bound to it.
pub(super) fn device(app: &App, jar: CookieJar) -> (CookieJar, String) {
    let held = jar.get(device_cookie(app)).map(|cookie| cookie.value().to_owned());
    if let Some(secret) = held.filter(|secret| secret.len() == 64) {
        return (jar, secret);
    }
    let secret = login::device_secret();
    (add_device(app, jar, secret.clone()), secret)
}

#[derive(Template, WebTemplate)]
#[template(path = "people/passkey/sign_in.html")]
struct SignIn {
    ui: Ui,
    next: String,
    /// Whether somebody who is signed in is asked once more, before they take files out.
    to_pick_up: bool,
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
    #[serde(default)]
    why: String,
}

async fn show_sign_in(ui: Ui, Query(query): Query<Next>) -> SignIn {
    SignIn { ui, next: local(&query.next), to_pick_up: query.why == "pick-up" }
}

async fn begin_sign_in(
    State(app): State<App>,
    jar: CookieJar,
) -> Result<(CookieJar, Json<Ask>), PageError> {
    let (jar, device) = device(&app, jar);
    let begun = passkey::begin_sign_in(&app.centre, &device).await?;
    Ok((jar, Json(begun.into())))
}

async fn finish_sign_in(
    State(app): State<App>,
    jar: CookieJar,
    Json(answered): Json<Answered>,
) -> Result<(CookieJar, Json<Go>), PageError> {
    let (jar, device) = device(&app, jar);
    let credential = &answered.credential;
    let person = passkey::finish_sign_in(&app.centre, &device, answered.id, credential).await?;
    let jar = open_login(&app, jar, &person, "passkey").await?;
    Ok((jar, Json(Go { location: local(&answered.next) })))
}

#[derive(Template, WebTemplate)]
#[template(path = "people/passkey/register.html")]
struct Register {
    ui: Ui,
    person: Person,
    /// `invitation` or `recovery`: which words, and which address.
    kind: &'static str,
    here: String,
}

async fn show_invitation(
    ui: Ui,
    State(app): State<App>,
    Path(secret): Path<String>,
) -> Result<Register, PageError> {
    let person = invitation::find_invited(&app.centre, &secret).await?;
    Ok(Register { ui, person, kind: "invitation", here: format!("/invitations/{secret}") })
}

async fn begin_accept(
    State(app): State<App>,
    jar: CookieJar,
    Path(secret): Path<String>,
) -> Result<(CookieJar, Json<Ask>), PageError> {
    let (jar, device) = device(&app, jar);
    let begun = invitation::begin_accept(&app.centre, &secret, &device).await?;
    Ok((jar, Json(begun.into())))
}

async fn accept_invitation(
    State(app): State<App>,
    jar: CookieJar,
    Path(secret): Path<String>,
    Json(answered): Json<Answered>,
) -> Result<(CookieJar, Json<Go>), PageError> {
    let (jar, device) = device(&app, jar);
    let (id, answer, works_at) = (answered.id, answered.answer(), &answered.institution);
    let person =
        invitation::accept_invitation(&app.centre, &secret, &device, id, answer, works_at).await?;
    let jar = open_login(&app, jar, &person, "passkey").await?;
    Ok((jar, Json(Go { location: "/me?done=invitation-accepted".to_owned() })))
}

async fn show_recovery(
    ui: Ui,
    State(app): State<App>,
    Path(secret): Path<String>,
) -> Result<Register, PageError> {
    let (_, person) = recovery::find_recovery(&app.centre, &secret).await?;
    Ok(Register { ui, person, kind: "recovery", here: format!("/recovery/{secret}") })
}

async fn begin_recovery(
    State(app): State<App>,
    jar: CookieJar,
    Path(secret): Path<String>,
) -> Result<(CookieJar, Json<Ask>), PageError> {
    let (jar, device) = device(&app, jar);
    let begun = recovery::begin_recovery(&app.centre, &secret, &device).await?;
    Ok((jar, Json(begun.into())))
}

async fn finish_recovery(
    State(app): State<App>,
    jar: CookieJar,
    Path(secret): Path<String>,
    Json(answered): Json<Answered>,
) -> Result<(CookieJar, Json<Go>), PageError> {
    let (jar, device) = device(&app, jar);
    let (id, answer) = (answered.id, answered.answer());
    let person = recovery::finish_recovery(&app.centre, &secret, &device, id, answer).await?;
    let jar = open_login(&app, jar, &person, "recovery").await?;
    Ok((jar, Json(Go { location: "/me?done=recovered".to_owned() })))
}
