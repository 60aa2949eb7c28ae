//! Importing a code book: what it said, line by line, and what it changed.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Multipart, Path, State, multipart::MultipartError},
    response::Response,
    routing::get,
};
use domain::SourceId;
use workflows::{
    Failure,
    data::codebook::{self, Imported},
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
    Router::new().route("/data/sources/{id}/codebook", page)
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

struct ImportView {
    at: String,
    sha256: String,
    variables: String,
    publications: String,
    problems: Vec<ProblemRow>,
    problem_count: String,
    had_one: bool,
    study: bool,
    added: String,
    removed: String,
    changed: Vec<ChangedRow>,
}

#[derive(Template, WebTemplate)]
#[template(path = "data/source/codebook.html")]
struct Show {
    ui: Ui,
    id: String,
    title: Marked,
    may_work: bool,
    import: Option<ImportView>,
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
    Ok(Show {
        id: id.to_string(),
        title: Marked::new(&source.title, ui.lang),
        may_work: domain::data::source::may_describe(&me.actor, source.producer).is_ok(),
        import: imported.map(|imported| view(&ui, imported)),
        fault,
        ui,
    })
}

fn view(ui: &Ui, imported: Imported) -> ImportView {
    let problem = |one: &codebook::ProblemLine| ProblemRow {
        place: format!("{}:{}", one.line, one.column),
        path: one.path.clone(),
        message: one.message.clone(),
        kept: one.kept,
    };
    let changed = |(name, parts): (String, Vec<String>)| ChangedRow {
        parts: parts
            .iter()
            .map(|part| ui.word("variable-changed", part))
            .collect::<Vec<_>>()
            .join(", "),
        name,
    };
    ImportView {
        at: ui.time(&imported.stored.imported_at),
        sha256: imported.stored.sha256,
        variables: ui.number(imported.stored.variables),
        publications: ui.number(imported.stored.publications),
        problem_count: ui.t1("codebook-problems", "count", imported.problems.len()),
        problems: imported.problems.iter().take(LISTED).map(problem).collect(),
        had_one: imported.changes.had_one,
        study: imported.changes.study,
        added: imported.changes.added.join(", "),
        removed: imported.changes.removed.join(", "),
        changed: imported.changes.changed.into_iter().map(changed).collect(),
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
    let imported = codebook::import_codebook(&app.centre, &me.actor, id, document).await;
    let to = |_| format!("/data/sources/{id}/codebook?done=codebook-imported");
    let again = async |ui, fault| page(ui, &app, &me, id, fault).await;
    form::answer(ui, imported, to, again).await
}
