//! Imports: a bubble's page of them, one import, the checkers' queue.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form,
    extract::{Multipart, Path, State},
    response::{Redirect, Response},
};
use domain::{
    BubbleId, Import, ImportId,
    outputs::import::{ImportKind, ImportState, MAX_BYTES, Told},
};
use serde::Deserialize;
use workflows::{
    Failure,
    outputs::import::{self, ImportRow, ImportView, Preview},
};

use super::WORDS;
use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    form::{self, Fault},
    parts::{cut_off, text},
    ui::Ui,
};

/// How a state looks as a badge.
fn badge(state: &str) -> &'static str {
    match state {
        "in_review" => "wait",
        "accepted" => "info",
        "delivered" => "ok",
        "refused" | "failed" => "stop",
        _ => "",
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "outputs/import/list.html")]
pub(super) struct ListPage {
    ui: Ui,
    /// Those that wait for the reader's decision.
    waiting: Vec<ImportRow>,
    imports: Vec<ImportRow>,
}

#[expect(clippy::unused_self, reason = "templates call methods of their page")]
impl ListPage {
    fn badge(&self, import: &Import) -> &'static str {
        badge(import.state.name())
    }
}

pub(super) async fn list_imports(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
) -> Result<ListPage, PageError> {
    let imports = import::list_imports(&app.centre, &me.actor).await?;
    let waiting = import::list_waiting(&app.centre, &me.actor).await?;
    Ok(ListPage { ui, waiting, imports })
}

/// What was typed into the form. The file itself a browser never fills in again.
#[derive(Default)]
struct Typed {
    kind: String,
    origin: String,
    reason: String,
    linkable: bool,
    personal: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "outputs/import/new.html")]
pub(super) struct NewPage {
    ui: Ui,
    bubble: BubbleId,
    number: u32,
    title: String,
    may_send: bool,
    imports: Vec<Import>,
    typed: Typed,
    problem: Fault,
}

#[expect(clippy::unused_self, reason = "templates call methods of their page")]
impl NewPage {
    fn badge(&self, import: &Import) -> &'static str {
        badge(import.state.name())
    }

    fn kinds(&self) -> [ImportKind; 4] {
        ImportKind::ALL
    }

    fn is_about(&self, field: &str) -> bool {
        self.problem.is(field)
    }
}

async fn page(
    ui: Ui,
    app: &App,
    me: &SignedIn,
    id: BubbleId,
    typed: Typed,
    problem: Fault,
) -> Result<NewPage, PageError> {
    let door = import::show_door(&app.centre, &me.actor, id).await?;
    Ok(NewPage {
        bubble: id,
        number: door.bubble.number,
        title: door.application.title(ui.lang),
        may_send: door.may_send,
        imports: door.imports,
        typed,
        problem,
        ui,
    })
}

pub(super) async fn show_door(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
) -> Result<NewPage, PageError> {
    page(ui, &app, &me, id, Typed::default(), Fault::default()).await
}

pub(super) async fn send_import(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
    mut parts: Multipart,
) -> Result<Response, PageError> {
    let mut typed = Typed::default();
    // Asked first: the bytes of whoever may not send are thrown away as they come.
    let sent = match import::may_send_now(&app.centre, &me.actor, id).await {
        Ok(()) => match read(&mut parts, &mut typed).await {
            Ok((name, bytes)) => send(&app, &me, id, &typed, name, bytes).await,
            // Too long for any file that may be sent, or cut off on its way.
            Err(_) => Err(Failure::invalid("file", "import-too-long")),
        },
        Err(failure) => {
            throw_away(&mut parts).await;
            Err(failure)
        }
    };
    let to = |import: Import| format!("/imports/{}?done=import-sent", import.id);
    let again = async |ui, problem| page(ui, &app, &me, id, typed, problem).await;
    form::answer_in(WORDS, ui, sent, to, again).await
}

/// The fields of the form, and the file's name and bytes; of a file that is too long one byte too
/// many.
async fn read(parts: &mut Multipart, typed: &mut Typed) -> Result<(String, Vec<u8>), Failure> {
    let mut file = (String::new(), Vec::new());
    while let Some(mut part) = parts.next_field().await.map_err(cut_off)? {
        match part.name().unwrap_or_default() {
            "file" => {
                let name = part.file_name().unwrap_or_default().to_owned();
                let mut bytes = Vec::new();
                while let Some(chunk) = part.chunk().await.map_err(cut_off)? {
                    if bytes.len() as u64 <= MAX_BYTES {
                        bytes.extend_from_slice(&chunk);
                    }
                }
                file = (name, bytes);
            }
            "kind" => typed.kind = text(part).await?,
            "origin" => typed.origin = text(part).await?,
            "reason" => typed.reason = text(part).await?,
            "linkable" => typed.linkable = true,
            "personal" => typed.personal = true,
            _ => {}
        }
    }
    Ok(file)
}

/// Reads a form to its end and keeps nothing: a browser that is still sending reads no answer.
async fn throw_away(parts: &mut Multipart) {
    while let Ok(Some(mut part)) = parts.next_field().await {
        while let Ok(Some(_)) = part.chunk().await {}
    }
}

async fn send(
    app: &App,
    me: &SignedIn,
    id: BubbleId,
    typed: &Typed,
    name: String,
    bytes: Vec<u8>,
) -> Result<Import, Failure> {
    let kind = ImportKind::parse(&typed.kind);
    let told = Told {
        name,
        kind: kind.ok_or_else(|| Failure::invalid("kind", "import-no-kind"))?,
        origin: typed.origin.clone(),
        reason: typed.reason.clone(),
        linkable: typed.linkable,
    };
    import::send_import(&app.centre, &me.actor, id, told, typed.personal, bytes).await
}

#[derive(Template, WebTemplate)]
#[template(path = "outputs/import/show.html")]
pub(super) struct ShowPage {
    ui: Ui,
    view: ImportView,
    comment: String,
    problem: Fault,
}

impl ShowPage {
    fn badge(&self) -> &'static str {
        badge(self.view.import.state.name())
    }

    /// Why it did not get into the bubble, where that failed.
    fn failure(&self) -> Option<&'static str> {
        match self.view.import.state {
            ImportState::Failed { why, .. } => Some(why.name()),
            _ => None,
        }
    }

    /// What the checker said, where one has decided.
    fn answer(&self) -> Option<&str> {
        match &self.view.import.state {
            ImportState::Accepted { comment, .. }
            | ImportState::Delivered { comment, .. }
            | ImportState::Failed { comment, .. }
            | ImportState::Refused { comment, .. } => {
                Some(comment.as_str()).filter(|comment| !comment.is_empty())
            }
            _ => None,
        }
    }
}

pub(super) async fn show_import(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ImportId>,
) -> Result<ShowPage, PageError> {
    let view = import::show_import(&app.centre, &me.actor, id).await?;
    Ok(ShowPage { ui, view, comment: String::new(), problem: Fault::default() })
}

pub(super) async fn withdraw_import(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ImportId>,
) -> Result<Redirect, PageError> {
    import::withdraw_import(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to(&format!("/imports/{id}?done=import-withdrawn")))
}

#[derive(Deserialize)]
pub(super) struct DecideForm {
    action: String,
    #[serde(default)]
    sha256: String,
    #[serde(default)]
    comment: String,
}

pub(super) async fn decide_import(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ImportId>,
    Form(form): Form<DecideForm>,
) -> Result<Response, PageError> {
    let decided = match form.action.as_str() {
        "accept" => {
            import::accept_import(&app.centre, &me.actor, id, &form.sha256, &form.comment).await
        }
        "refuse" => import::refuse_import(&app.centre, &me.actor, id, &form.comment).await,
        _ => Err(Failure::invalid("action", "import-no-action")),
    };
    let to = |import: Import| format!("/imports/{id}?done=import-{}", import.state.name());
    form::answer_in(WORDS, ui, decided, to, async |ui, problem| {
        let view = import::show_import(&app.centre, &me.actor, id).await?;
        Ok(ShowPage { ui, view, comment: form.comment, problem })
    })
    .await
}
