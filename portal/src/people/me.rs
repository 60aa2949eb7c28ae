//! One's own account.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::CookieJar;
use domain::{CredentialId, Lang, LoginId};
use serde::Deserialize;
use workflows::people::{
    login, passkey,
    person::{self, Me},
    token,
    undertaking::{self, Shown},
};

use super::passkey::{Answered, Go, device};
use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    form::{self, Fault},
    ui::Ui,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/me", get(show_me))
        .route("/me/language", post(choose_language))
        .route("/me/institution", post(write_institution))
        .route("/me/passkeys", post(add_passkey))
        .route("/me/passkeys/options", post(begin_passkey))
        .route("/me/passkeys/{id}/name", post(rename_passkey))
        .route("/me/passkeys/{id}/revoke", post(revoke_passkey))
        .route("/me/logins/close-others", post(close_others))
        .route("/me/logins/{id}/close", post(close_login))
        .route("/me/tokens", post(make_token))
}

#[derive(Template, WebTemplate)]
#[template(path = "people/me/show.html")]
struct ShowMe {
    ui: Ui,
    account: domain::Person,
    login: LoginId,
    me: Me,
    undertakings: Vec<Shown>,
    /// Whether passkeys and tokens may be changed without signing in again.
    fresh: bool,
    /// A token that was just made: shown this once.
    token: Option<String>,
    label: String,
    institution: String,
    fault: Fault,
}

async fn page(app: &App, ui: Ui, me: &SignedIn) -> Result<ShowMe, PageError> {
    let age = app.centre.now().duration_since(me.login.created_at).as_secs();
    Ok(ShowMe {
        ui,
        account: me.person.clone(),
        login: me.login.id,
        me: person::read_me(&app.centre, &me.actor).await?,
        undertakings: undertaking::list_own(&app.centre, &me.actor).await?,
        fresh: age < passkey::FRESH_SECONDS,
        token: None,
        label: String::new(),
        institution: String::new(),
        fault: Fault::default(),
    })
}

async fn show_me(ui: Ui, State(app): State<App>, me: SignedIn) -> Result<ShowMe, PageError> {
    page(&app, ui, &me).await
}

#[derive(Deserialize)]
struct LanguageForm {
    lang: String,
}

async fn choose_language(
    State(app): State<App>,
    me: SignedIn,
    Form(form): Form<LanguageForm>,
) -> Result<Redirect, PageError> {
    let lang = Lang::parse(&form.lang).unwrap_or_default();
    person::choose_language(&app.centre, &me.actor, lang).await?;
    Ok(Redirect::to("/me?done=saved"))
}

#[derive(Deserialize)]
struct InstitutionForm {
    institution: String,
}

async fn write_institution(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Form(form): Form<InstitutionForm>,
) -> Result<Response, PageError> {
    let (own, text) = (me.actor.id, form.institution);
    let written = person::write_institution(&app.centre, &me.actor, own, &text).await;
    form::answer(
        ui,
        written,
        |()| "/me?done=saved".to_owned(),
        async |ui, fault| Ok(ShowMe { fault, institution: text, ..page(&app, ui, &me).await? }),
    )
    .await
}

async fn begin_passkey(
    State(app): State<App>,
    me: SignedIn,
    jar: CookieJar,
) -> Result<(CookieJar, Json<super::passkey::Ask>), PageError> {
    let (jar, device) = device(&app, jar);
    let begun = passkey::begin_more(&app.centre, &me.actor, &me.login, &device).await?;
    Ok((jar, Json(begun.into())))
}

async fn add_passkey(
    State(app): State<App>,
    me: SignedIn,
    jar: CookieJar,
    Json(answered): Json<Answered>,
) -> Result<(CookieJar, Json<Go>), PageError> {
    let (jar, device) = device(&app, jar);
    let begun = (device.as_str(), answered.id);
    passkey::add_passkey(&app.centre, &me.actor, &me.login, begun, answered.answer()).await?;
    Ok((jar, Json(Go { location: "/me?done=passkey-added".to_owned() })))
}

#[derive(Deserialize)]
struct LabelForm {
    label: String,
}

async fn rename_passkey(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<CredentialId>,
    Form(form): Form<LabelForm>,
) -> Result<Redirect, PageError> {
    passkey::rename_passkey(&app.centre, &me.actor, id, &form.label).await?;
    Ok(Redirect::to("/me?done=saved"))
}

async fn revoke_passkey(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<CredentialId>,
) -> Result<Redirect, PageError> {
    passkey::revoke_passkey(&app.centre, &me.actor, &me.login, id).await?;
    Ok(Redirect::to("/me?done=passkey-revoked"))
}

async fn close_login(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<LoginId>,
) -> Result<Redirect, PageError> {
    login::close_own(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to("/me?done=login-closed"))
}

async fn close_others(State(app): State<App>, me: SignedIn) -> Result<Redirect, PageError> {
    login::close_others(&app.centre, &me.actor, me.login.id).await?;
    Ok(Redirect::to("/me?done=login-closed"))
}

/// The token is in the answer to this post and nowhere else: no address, no cookie, no table.
async fn make_token(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Form(LabelForm { label }): Form<LabelForm>,
) -> Result<Response, PageError> {
    match token::make_token(&app.centre, &me.actor, &me.login, &label).await {
        Ok(token) => {
            Ok(ShowMe { token: Some(token), ..page(&app, ui, &me).await? }.into_response())
        }
        Err(failure) => {
            form::refused(ui, failure, async |ui, fault| {
                Ok(ShowMe { fault, label, ..page(&app, ui, &me).await? })
            })
            .await
        }
    }
}
