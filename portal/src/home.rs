//! The first page, the language switch, and stepping into a demonstration's person.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Router,
    extract::State,
    response::Redirect,
    routing::{get, post},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use domain::{Lang, Person};
use serde::Deserialize;
use workflows::{Failure, people::login};

use crate::{
    app::App,
    error::PageError,
    extract::{SignedIn, device_cookie, login_cookie},
    ui::Ui,
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home))
        .route("/language", post(set_language))
        .route("/demo/step-in", get(list_demo_persons).post(step_in))
        .route("/sign-out", post(sign_out))
        .route("/health", get(|| async { "ok" }))
}

#[derive(Template, WebTemplate)]
#[template(path = "home.html")]
struct Home {
    ui: Ui,
}

async fn home(ui: Ui) -> Home {
    Home { ui }
}

/// What answers where there is no page.
pub(crate) async fn missing() -> PageError {
    Failure::missing("page", "").into()
}

#[derive(Deserialize)]
struct LanguageForm {
    lang: String,
    back: String,
}

async fn set_language(jar: CookieJar, Form(form): Form<LanguageForm>) -> (CookieJar, Redirect) {
    let lang = Lang::parse(&form.lang).unwrap_or_default();
    let mut cookie = Cookie::new("lang", lang.tag());
    cookie.set_path("/");
    cookie.set_same_site(SameSite::Lax);
    cookie.make_permanent();
    (jar.add(cookie), Redirect::to(&local(&form.back)))
}

/// An address within the portal. Threat: a link that sends a person who has just signed in to
/// somebody else's page. Browsers read `\` as `/` and leave tabs and line breaks out of an address
/// (WHATWG URL, 4.4), so that `/\t/evil.example` is `//evil.example`.
pub(crate) fn local(path: &str) -> String {
    let odd = |c: char| c == '\\' || c.is_control();
    let inside = path.starts_with('/') && !path.starts_with("//") && !path.contains(odd);
    if inside { path.to_owned() } else { "/".to_owned() }
}

#[derive(Template, WebTemplate)]
#[template(path = "demo.html")]
struct DemoPersons {
    ui: Ui,
    persons: Vec<Person>,
}

async fn list_demo_persons(ui: Ui, State(app): State<App>) -> Result<DemoPersons, PageError> {
    let persons = login::demo_persons(&app.centre).await?;
    Ok(DemoPersons { ui, persons })
}

#[derive(Deserialize)]
struct StepIn {
    person: String,
    #[serde(default)]
    next: Option<String>,
}

async fn step_in(
    State(app): State<App>,
    jar: CookieJar,
    Form(form): Form<StepIn>,
) -> Result<(CookieJar, Redirect), PageError> {
    let person = login::demo_person(&app.centre, &form.person).await?;
    let jar = open_login(&app, jar, &person, "demo").await?;
    Ok((jar, Redirect::to(&local(form.next.as_deref().unwrap_or("/")))))
}

/// Signs a person in on this browser and hands it the two cookies.
pub(crate) async fn open_login(
    app: &App,
    jar: CookieJar,
    person: &Person,
    via: &str,
) -> Result<CookieJar, PageError> {
    let device = jar.get(device_cookie(app)).map(|cookie| cookie.value().to_owned());
    let secrets = login::open(&app.centre, person, via, device.as_deref()).await?;
    let login = secret_cookie(app, login_cookie(app), secrets.login);
    Ok(add_device(app, jar.add(login), secrets.device))
}

/// Hands the browser its device cookie.
pub(crate) fn add_device(app: &App, jar: CookieJar, secret: String) -> CookieJar {
    let mut device = secret_cookie(app, device_cookie(app), secret);
    device.make_permanent();
    jar.add(device)
}

fn secret_cookie(app: &App, name: &'static str, value: String) -> Cookie<'static> {
    let mut cookie = Cookie::new(name, value);
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_secure(app.centre.config.is_https());
    cookie
}

async fn sign_out(
    State(app): State<App>,
    me: SignedIn,
    jar: CookieJar,
) -> Result<(CookieJar, Redirect), PageError> {
    login::close(&app.centre, &me.actor, me.login.id).await?;
    let mut gone = Cookie::new(login_cookie(&app), "");
    gone.set_path("/");
    Ok((jar.remove(gone), Redirect::to("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_leads_elsewhere_becomes_the_first_page() {
        for inside in ["/", "/basket?done=saved", "/é/%09/x"] {
            assert_eq!(local(inside), inside);
        }
        let tricks = ["", "basket", "//evil.example", "https://evil.example", "/\\evil.example"];
        let hidden =
            ["/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "/\u{85}/x", "/x\0"];
        for outside in tricks.into_iter().chain(hidden) {
            assert_eq!(local(outside), "/", "{outside:?}");
        }
    }
}
