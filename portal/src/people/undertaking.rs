//! Undertakings: reading and signing one's own, checking others'.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use domain::{
    UndertakingId,
    people::{undertaking::UndertakingState, undertaking_acts::may_list},
};
use serde::Deserialize;
use workflows::people::undertaking::{self, Shown, SignForm};

use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    form::{self, Fault},
    ui::Ui,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/undertakings", get(list_undertakings))
        .route("/undertakings/{id}", get(show_undertaking))
        .route("/undertakings/{id}/sign", post(sign_undertaking))
        .route("/undertakings/{id}/check", post(check_undertaking))
}

#[derive(Template, WebTemplate)]
#[template(path = "people/undertaking/list.html")]
struct ListUndertakings {
    ui: Ui,
    own: Vec<Shown>,
    to_check: Option<Vec<Shown>>,
    /// Everybody's, for who reads every one.
    all: Option<Vec<Shown>>,
}

async fn list_undertakings(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
) -> Result<ListUndertakings, PageError> {
    let own = undertaking::list_own(&app.centre, &me.actor).await?;
    let to_check = match me.actor.has(domain::Role::Secretary) {
        true => Some(undertaking::list_to_check(&app.centre, &me.actor).await?),
        false => None,
    };
    let all = match may_list(&me.actor) {
        Ok(()) => Some(undertaking::list_all(&app.centre, &me.actor).await?),
        Err(_) => None,
    };
    Ok(ListUndertakings { ui, own, to_check, all })
}

/// A paragraph of the text: numbered or not, with the words that stand first in bold.
struct Paragraph {
    numbered: bool,
    strong: String,
    text: String,
}

/// The text without its heading. Our own two files alone are read so, and a test reads them.
fn paragraphs(text: &str) -> Vec<Paragraph> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let numbered = line.starts_with(|c: char| c.is_ascii_digit());
            let body =
                if numbered { line.split_once(". ").map_or(line, |pair| pair.1) } else { line };
            let bold = body.strip_prefix("**").and_then(|rest| rest.split_once("**"));
            let (strong, text) = bold.unwrap_or(("", body));
            Paragraph { numbered, strong: strong.to_owned(), text: text.to_owned() }
        })
        .collect()
}

#[derive(Template, WebTemplate)]
#[template(path = "people/undertaking/show.html")]
struct ShowUndertaking {
    ui: Ui,
    shown: Shown,
    paragraphs: Vec<Paragraph>,
    version: &'static str,
    hash: String,
    name: String,
    reason: String,
    fault: Fault,
}

impl ShowUndertaking {
    fn new(ui: Ui, shown: Shown) -> Self {
        Self {
            paragraphs: paragraphs(undertaking::text(ui.lang)),
            version: undertaking::VERSION,
            hash: undertaking::text_hash(ui.lang),
            name: String::new(),
            reason: String::new(),
            fault: Fault::default(),
            ui,
            shown,
        }
    }
}

async fn show_undertaking(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<UndertakingId>,
) -> Result<ShowUndertaking, PageError> {
    let shown = undertaking::read_undertaking(&app.centre, &me.actor, id).await?;
    Ok(ShowUndertaking::new(ui, shown))
}

#[derive(Deserialize)]
struct SignatureForm {
    name: String,
    version: String,
    #[serde(default)]
    agreed: String,
}

async fn sign_undertaking(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<UndertakingId>,
    Form(form): Form<SignatureForm>,
) -> Result<Response, PageError> {
    let agreed = form.agreed == "yes";
    let sent = SignForm { lang: ui.lang, version: &form.version, name: &form.name, agreed };
    let signed = undertaking::sign_undertaking(&app.centre, &me.actor, id, &sent).await;
    let to = |_| format!("/undertakings/{id}?done=signed");
    form::answer(ui, signed, to, async |ui, fault| {
        let shown = undertaking::read_undertaking(&app.centre, &me.actor, id).await?;
        Ok(ShowUndertaking { fault, name: form.name, ..ShowUndertaking::new(ui, shown) })
    })
    .await
}

#[derive(Deserialize)]
struct CheckForm {
    verdict: String,
    #[serde(default)]
    reason: String,
}

async fn check_undertaking(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<UndertakingId>,
    Form(form): Form<CheckForm>,
) -> Result<Response, PageError> {
    let checked = match form.verdict.as_str() {
        "accept" => undertaking::accept_undertaking(&app.centre, &me.actor, id).await,
        _ => undertaking::return_undertaking(&app.centre, &me.actor, id, &form.reason).await,
    };
    let to = |_| "/undertakings?done=checked".to_owned();
    form::answer(ui, checked, to, async |ui, fault| {
        let shown = undertaking::read_undertaking(&app.centre, &me.actor, id).await?;
        Ok(ShowUndertaking { fault, reason: form.reason, ..ShowUndertaking::new(ui, shown) })
    })
    .await
}

/// The signature of a state that has one.
fn signature(state: &UndertakingState) -> Option<&domain::people::undertaking::Signature> {
    match state {
        UndertakingState::Signed(signature)
        | UndertakingState::Valid { signature, .. }
        | UndertakingState::Superseded { signature } => Some(signature),
        UndertakingState::ToSign { .. } => None,
    }
}

/// Why it was returned, where it was.
fn returned(state: &UndertakingState) -> Option<&str> {
    match state {
        UndertakingState::ToSign { returned } => returned.as_deref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::Lang;

    use super::*;

    #[test]
    fn every_paragraph_of_both_texts_is_shown() {
        for lang in [Lang::Fr, Lang::En] {
            let read = paragraphs(undertaking::text(lang));
            assert_eq!(read.len(), 10);
            assert!(!read[0].numbered && read[1..].iter().all(|p| p.numbered));
            assert!(read[1..].iter().all(|p| !p.strong.is_empty() && !p.text.contains("**")));
        }
    }
}
