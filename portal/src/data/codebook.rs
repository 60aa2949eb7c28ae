//! Importing a code book: what it said, line by line, and what it changed.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Router,
    extract::{DefaultBodyLimit, Multipart, Path, State, multipart::MultipartError},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use domain::SourceId;
use serde::Deserialize;
use workflows::{
    Failure,
    data::{
        codebook::{self, Changes, Imported},
        codebook_waiting::{self as waiting, Outcome, Waiting},
    },
};

use super::Marked;
use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    form::{self, Fault},
    ui::Ui,
};

/// The largest code book, in bytes.
pub(super) const CODEBOOK_LIMIT: usize = 64 << 20;
/// Problems listed on the page; the rest is counted.
const LISTED: usize = 500;

pub(super) fn routes() -> Router<App> {
    let page = get(show).post(import).layer(DefaultBodyLimit::max(CODEBOOK_LIMIT));
    Router::new()
        .route("/data/sources/{id}/codebook", page)
        .route("/data/sources/{id}/codebook/decision", post(decide))
}

/// A form whose end did not come, or that is too long.
pub(super) fn cut_off(error: MultipartError) -> Failure {
    Failure::Invalid {
        field: "file".to_owned(),
        key: "form-cut-off".to_owned(),
        detail: error.body_text(),
    }
}

struct ProblemRow {
    place: String,
    path: String,
    message: String,
    kept: bool,
}

struct ChangedRow {
    name: String,
    parts: String,
}

/// What a code book changes.
struct ChangeView {
    study: bool,
    added: String,
    removed: String,
    changed: Vec<ChangedRow>,
}

/// What an import has to say.
struct ProblemsView {
    count: String,
    rows: Vec<ProblemRow>,
}

struct ImportView {
    at: String,
    sha256: String,
    variables: String,
    publications: String,
    problems: ProblemsView,
    changes: Option<ChangeView>,
}

/// A document that waits for a yes.
struct WaitingView {
    sha256: String,
    token: String,
    variables: String,
    /// Why it is asked, in words.
    why: Vec<String>,
    changes: ChangeView,
    problems: ProblemsView,
}

#[derive(Template, WebTemplate)]
#[template(path = "data/source/codebook.html")]
struct Show {
    ui: Ui,
    id: String,
    title: Marked,
    may_work: bool,
    import: Option<ImportView>,
    waiting: Option<WaitingView>,
    fault: Fault,
}

async fn page(
    ui: Ui,
    app: &App,
    me: &SignedIn,
    id: SourceId,
    fault: Fault,
) -> Result<Show, PageError> {
    let (source, imported) = codebook::see_codebook(&app.centre, &me.actor, id).await?;
    let waits = waiting::see_waiting(&app.centre, &me.actor, id).await?;
    Ok(Show {
        id: id.to_string(),
        title: Marked::new(&source.title, ui.lang),
        may_work: domain::data::source::may_describe(&me.actor, source.producer).is_ok(),
        import: imported.map(|imported| view(&ui, imported)),
        waiting: waits.map(|waits| waiting_view(&ui, waits)),
        fault,
        ui,
    })
}

fn problems_view(ui: &Ui, problems: &[codebook::ProblemLine]) -> ProblemsView {
    let row = |one: &codebook::ProblemLine| ProblemRow {
        place: format!("{}:{}", one.line, one.column),
        path: one.path.clone(),
        message: one.message.clone(),
        kept: one.kept,
    };
    ProblemsView {
        count: ui.t1("codebook-problems", "count", problems.len()),
        rows: problems.iter().take(LISTED).map(row).collect(),
    }
}

fn change_view(ui: &Ui, changes: Changes) -> ChangeView {
    let words = |parts: Vec<String>| -> Vec<String> {
        parts.iter().map(|part| ui.word("variable-changed", part)).collect()
    };
    let row = |(name, parts)| ChangedRow { parts: words(parts).join(", "), name };
    ChangeView {
        study: changes.study,
        added: changes.added.join(", "),
        removed: changes.removed.join(", "),
        changed: changes.changed.into_iter().map(row).collect(),
    }
}

fn view(ui: &Ui, imported: Imported) -> ImportView {
    ImportView {
        at: ui.time(&imported.stored.imported_at),
        sha256: imported.stored.sha256,
        variables: ui.number(imported.stored.variables),
        publications: ui.number(imported.stored.publications),
        problems: problems_view(ui, &imported.problems),
        changes: imported.changes.had_one.then(|| change_view(ui, imported.changes)),
    }
}

fn waiting_view(ui: &Ui, waits: Waiting) -> WaitingView {
    let mut why = Vec::new();
    if !waits.changes.removed.is_empty() {
        why.push(ui.t1("codebook-why-removed", "count", waits.changes.removed.len()));
    }
    if waits.is_strange {
        let version = waits.version.as_deref().unwrap_or("–");
        why.push(ui.t1("codebook-why-strange", "version", version));
    }
    WaitingView {
        variables: ui.number(waits.variables),
        problems: problems_view(ui, &waits.problems),
        changes: change_view(ui, waits.changes),
        sha256: waits.sha256,
        token: waits.token,
        why,
    }
}

async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SourceId>,
) -> Result<Show, PageError> {
    page(ui, &app, &me, id, Fault::default()).await
}

async fn import(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SourceId>,
    mut parts: Multipart,
) -> Result<Response, PageError> {
    let mut document = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(cut_off)? {
        if part.name() == Some("file") {
            document = part.bytes().await.map_err(cut_off)?.to_vec();
        }
    }
    let imported = codebook::import_codebook(&app.centre, &me.actor, id, document, None).await;
    answer(ui, &app, &me, id, imported).await
}

/// On to what was imported; the page that asks where the document waits; or what is wrong.
async fn answer(
    ui: Ui,
    app: &App,
    me: &SignedIn,
    id: SourceId,
    done: Result<Outcome, Failure>,
) -> Result<Response, PageError> {
    if let Ok(Outcome::Waits(_)) = &done {
        let asked = page(ui, app, me, id, Fault::default()).await?;
        return Ok((StatusCode::CONFLICT, asked).into_response());
    }
    let to = |_| format!("/data/sources/{id}/codebook?done=codebook-imported");
    let again = async |ui, fault| page(ui, app, me, id, fault).await;
    form::answer(ui, done, to, again).await
}

/// What is said to the document that waits.
#[derive(Deserialize)]
struct Decision {
    act: String,
    token: String,
    /// Ticked by who has read what would go.
    #[serde(default)]
    sure: String,
}

async fn decide(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SourceId>,
    Form(said): Form<Decision>,
) -> Result<Response, PageError> {
    let (centre, actor) = (&app.centre, &me.actor);
    let done = match (said.act.as_str(), said.sure.as_str()) {
        ("discard", _) => {
            let done = waiting::discard_codebook(centre, actor, id, &said.token).await;
            let to = |()| format!("/data/sources/{id}/codebook?done=codebook-discarded");
            let again = async |ui, fault| page(ui, &app, &me, id, fault).await;
            return form::answer(ui, done, to, again).await;
        }
        ("import", "yes") => waiting::confirm_codebook(centre, actor, id, &said.token).await,
        ("import", _) => Err(Failure::invalid("sure", "codebook-sure")),
        _ => Err(Failure::invalid("act", "act")),
    };
    answer(ui, &app, &me, id, done).await
}
