//! Exports as their author, the project and those who watch see them.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form,
    body::Body,
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    ApplicationId, BubbleId, Denied, Export, ExportId, Timestamp,
    outputs::{
        export::{ExportState, FileKind, Outcome},
        export_author::may_author,
        export_release::may_revoke,
    },
};
use serde::Deserialize;
use tokio_util::io::ReaderStream;
use workflows::{
    Failure,
    outputs::{
        export::{self, Origin, TakenFile},
        export_read::{self, Listed, ShownExport},
        review,
    },
};

use super::{
    WORDS, badge,
    report::{ReportView, views},
    told_stopped,
};
use crate::{
    app::App,
    error::PageError,
    extract::{Known, SignedIn},
    form::{self, Fault},
    ui::Ui,
};

#[derive(Template, WebTemplate)]
#[template(path = "outputs/export/list.html")]
pub(super) struct ListPage {
    ui: Ui,
    exports: Vec<Listed>,
    origins: Vec<Origin>,
}

#[expect(clippy::unused_self, reason = "templates call methods of their page")]
impl ListPage {
    fn badge(&self, export: &Export) -> &'static str {
        badge(export.state.name())
    }
}

pub(super) async fn list_exports(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
) -> Result<ListPage, PageError> {
    let exports = export_read::list_exports(&app.centre, &me.actor).await?;
    let origins = export::list_origins(&app.centre, &me.actor).await?;
    Ok(ListPage { ui, exports, origins })
}

#[derive(Template, WebTemplate)]
#[template(path = "outputs/export/new.html")]
pub(super) struct NewPage {
    ui: Ui,
    origins: Vec<Origin>,
}

#[derive(Deserialize)]
pub(super) struct OfBubble {
    #[serde(default)]
    bubble: Option<BubbleId>,
}

pub(super) async fn new_export(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Query(of): Query<OfBubble>,
) -> Result<NewPage, PageError> {
    let mut origins = export::list_origins(&app.centre, &me.actor).await?;
    if let Some(bubble) = of.bubble {
        origins.retain(|origin| origin.bubble.id == bubble);
        if origins.is_empty() {
            return Err(Denied::NoHabilitation.into());
        }
    }
    Ok(NewPage { ui, origins })
}

pub(super) async fn new_export_of_bubble(Path(id): Path<BubbleId>) -> Redirect {
    Redirect::to(&format!("/exports/new?bubble={id}"))
}

#[derive(Deserialize)]
pub(super) struct NewForm {
    bubble: BubbleId,
}

pub(super) async fn create_export(
    State(app): State<App>,
    me: SignedIn,
    Form(form): Form<NewForm>,
) -> Result<Redirect, PageError> {
    let export = export::create_export(&app.centre, &me.actor, form.bubble).await?;
    Ok(Redirect::to(&format!("/exports/{}/edit", export.id)))
}

/// A file as the page of an export lists it.
pub(super) struct FileRow {
    number: usize,
    path: String,
    kind: &'static str,
    bytes: u64,
    sha256: String,
    withdrawn: bool,
    /// Whether the reader may take it now.
    can_take: bool,
    /// Whether it was left out of a partial release.
    refused: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "outputs/export/show.html")]
pub(super) struct ShowPage {
    ui: Ui,
    shown: ShownExport,
    reports: Vec<ReportView>,
    files: Vec<FileRow>,
    until: Option<Timestamp>,
    /// What producers have stopped: whether it freezes the request, and in words.
    stopped: Vec<(bool, String)>,
    can_edit: bool,
    can_withdraw: bool,
    can_revoke: bool,
    problem: Fault,
    reason: String,
}

impl ShowPage {
    fn badge(&self) -> &'static str {
        badge(self.shown.export.state.name())
    }

    /// Why the request ended, where a state says so.
    fn ending(&self) -> Option<String> {
        match &self.shown.export.state {
            // Without its words for a producer.
            ExportState::Blocked { reason, .. } | ExportState::Revoked { reason, .. }
                if reason.is_empty() =>
            {
                None
            }
            ExportState::Refused { cause, reason } if reason.is_empty() => {
                Some(self.ui.word("export-cause", cause))
            }
            ExportState::Blocked { reason, .. } => Some(self.ui.word_or("export-blocked", reason)),
            ExportState::Refused { cause, reason } => {
                Some(format!("{} – {reason}", self.ui.word("export-cause", cause)))
            }
            ExportState::Revoked { reason, .. } => Some(reason.clone()),
            ExportState::Failed { .. } => Some(self.ui.t("export-failed-author")),
            _ => None,
        }
    }

    fn step(&self, kind: &str) -> String {
        self.ui.word_or("export-step", kind)
    }
}

pub(super) async fn show_export(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
) -> Result<ShowPage, PageError> {
    show(ui, &app, &me, id, Fault::default(), String::new()).await
}

async fn show(
    ui: Ui,
    app: &App,
    me: &SignedIn,
    id: ExportId,
    problem: Fault,
    reason: String,
) -> Result<ShowPage, PageError> {
    let shown = export_read::show_export(&app.centre, &me.actor, id).await?;
    let export = &shown.export;
    let now = app.centre.now();
    let released = match &export.state {
        ExportState::Available { files, until } | ExportState::Collected { files, until }
            if now < *until =>
        {
            Some((files.clone(), *until))
        }
        _ => None,
    };
    let is_mine = may_author(&me.actor, export).is_ok();
    let author = |act: fn(domain::outputs::export_author::AuthorPermit<'_>) -> bool| {
        may_author(&me.actor, export).is_ok_and(act)
    };
    let is_frozen = shown.stopped.iter().any(|one| one.freezes);
    let row = |(number, file): (usize, &domain::outputs::export::ExportFile)| FileRow {
        number,
        path: file.path.clone(),
        kind: file.kind.name(),
        bytes: file.bytes,
        sha256: file.sha256.clone(),
        withdrawn: file.withdrawn,
        can_take: is_mine
            && !is_frozen
            && released.as_ref().is_some_and(|(files, _)| files.contains(&file.path)),
        refused: file.kind == FileKind::Output
            && released.as_ref().is_some_and(|(files, _)| !files.contains(&file.path)),
    };
    let files = export.files().enumerate().map(row).collect();
    Ok(ShowPage {
        files,
        stopped: told_stopped(&ui, &shown.stopped),
        until: released.as_ref().map(|(_, until)| *until),
        can_edit: is_mine
            && matches!(export.state, ExportState::Draft | ExportState::Returned { .. }),
        can_withdraw: author(|permit| permit.withdraw().is_ok()),
        can_revoke: may_revoke(&me.actor, export)
            .is_ok_and(|permit| permit.revoke("?".to_owned(), now).is_ok()),
        reports: views(&ui, export.files(), &shown.reports),
        problem,
        reason,
        shown,
        ui,
    })
}

pub(super) async fn seal_export(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
) -> Result<Redirect, PageError> {
    export::seal_export(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to(&format!("/exports/{id}?done=export-sealed")))
}

pub(super) async fn withdraw_export(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
) -> Result<Redirect, PageError> {
    export::withdraw_export(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to(&format!("/exports/{id}?done=export-withdrawn")))
}

/// The word of a sign-in that is too long ago.
const SIGN_IN_AGAIN: &str = "sign-in-again";

/// Gives a released file, byte for byte as approved. It is always a download and never shown by
/// the browser in the portal's name, whatever it holds.
pub(super) async fn take_file(
    State(app): State<App>,
    me: SignedIn,
    known: Known,
    Path((id, number)): Path<(ExportId, usize)>,
) -> Result<Response, PageError> {
    let who = (&me.actor, &me.login);
    match export::take_export_file(&app.centre, who, id, number, &known.address).await {
        // Not an access token's business: it has no page to go to.
        Err(Failure::Invalid { key, .. }) if key == SIGN_IN_AGAIN && me.login.via != "token" => {
            let here = format!("/sign-in?why=pick-up&next=/exports/{id}");
            Ok(Redirect::to(&here).into_response())
        }
        taken => Ok(download(taken?)),
    }
}

pub(super) fn download(taken: TakenFile) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, taken.bytes.to_string()),
        (header::CONTENT_DISPOSITION, disposition(&taken.name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_ENCODING, "identity".to_owned()),
        (header::HeaderName::from_static("repr-digest"), format!("sha-256-hex={}", taken.sha256)),
    ];
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(taken.file)));
    (headers, body).into_response()
}

/// `attachment` with the file's name: plain signs for old browsers, the exact name after RFC 6266
/// and RFC 8187. A name never ends the header: everything else is escaped.
pub(crate) fn disposition(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let plain: String = name.chars().map(keep).take(120).collect();
    let exact: String = name
        .bytes()
        .take(400)
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => {
                char::from(b).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

pub(super) async fn show_evidence(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
) -> Result<Response, PageError> {
    let (sha256, body) = export_read::show_evidence(&app.centre, &me.actor, id).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, disposition(&format!("evidence-{}.json", &sha256[..12]))),
    ];
    Ok((headers, body).into_response())
}

#[derive(Deserialize)]
pub(super) struct Reason {
    #[serde(default)]
    reason: String,
}

pub(super) async fn revoke_release(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Form(form): Form<Reason>,
) -> Result<Response, PageError> {
    let revoked = review::revoke_release(&app.centre, &me.actor, id, &form.reason).await;
    let to = |_| format!("/exports/{id}?done=release-revoked");
    let again = async |ui, fault| show(ui, &app, &me, id, fault, form.reason).await;
    form::answer_in(WORDS, ui, revoked, to, again).await
}

#[derive(Template, WebTemplate)]
#[template(path = "outputs/export/failed.html")]
pub(super) struct FailedPage {
    ui: Ui,
    failed: Vec<(ExportId, u32, ApplicationId, String, String)>,
}

pub(super) async fn list_failed(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
) -> Result<FailedPage, PageError> {
    let failed = export_read::list_failed(&app.centre, &me.actor).await?;
    let line = |export: Export| match export.state {
        ExportState::Failed { step, reason, .. } => {
            Some((export.id, export.number, export.application, step, reason))
        }
        _ => None,
    };
    Ok(FailedPage { ui, failed: failed.into_iter().filter_map(line).collect() })
}

pub(super) async fn retry_step(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
) -> Result<Redirect, PageError> {
    review::retry_step(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to("/exports/failed?done=export-retried"))
}

/// The badge of what votes say together.
pub(super) fn outcome_badge(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Approved => "ok",
        Outcome::Refused => "stop",
        _ => "wait",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_or_split_the_header() {
        let hostile = disposition("a\"; filename=\"evil.exe\r\nX: é<b>.csv");
        assert!(hostile.is_ascii() && !hostile.contains(['\r', '\n']));
        assert_eq!(hostile.matches('"').count(), 2, "{hostile}");
        assert!(hostile.ends_with("%C3%A9%3Cb%3E.csv"), "{hostile}");
    }
}
