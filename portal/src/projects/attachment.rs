//! Files that come with an application: added, taken out, given to those who may read it.

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Multipart, Path, State},
    http::{HeaderName, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::{ApplicationId, AttachmentId, projects::attachment::Attachment};
use tokio_util::io::ReaderStream;
use workflows::{
    Failure,
    projects::attachment::{
        Incoming, NewAttachment, add_attachment, begin_attachment, read_attachment,
        remove_attachment,
    },
};

use super::{
    edit,
    fields::{Fields, Tried},
};
use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    form,
    outputs::disposition,
    parts::{READ_MAX, cut_off, text},
    ui::Ui,
};

/// The form's name among those of its page.
const FORM: &str = "attach";
pub(super) fn routes() -> Router<App> {
    let add = post(add).layer(DefaultBodyLimit::max(READ_MAX));
    Router::new()
        .route("/applications/{id}/attachments", add)
        .route("/applications/{id}/attachments/{attachment}", get(show))
        .route("/applications/{id}/attachments/{attachment}/remove", post(remove))
}

async fn add(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ApplicationId>,
    parts: Multipart,
) -> Result<Response, PageError> {
    let mut fields = Fields::default();
    let done = take(&app, &me, id, parts, &mut fields).await;
    let to = |_| format!("/applications/{id}/edit/declarations?done=attachment-added");
    form::answer(ui, done, to, async |ui, fault| {
        let tried = Tried::new(&ui, FORM, fields, &fault);
        Ok(edit::page(&app, ui, &me, id, "declarations", tried).await?)
    })
    .await
}

/// Reads the form to its end, and adds its file if nothing was wrong.
async fn take(
    app: &App,
    me: &SignedIn,
    id: ApplicationId,
    mut parts: Multipart,
    fields: &mut Fields,
) -> Result<Attachment, Failure> {
    let (mut name, mut file) = (String::new(), None);
    while let Some(mut part) = parts.next_field().await.map_err(cut_off)? {
        let field = part.name().unwrap_or_default().to_owned();
        if field == "file" && file.is_none() {
            part.file_name().unwrap_or_default().clone_into(&mut name);
            let mut coming = begin_attachment(&app.centre, &me.actor, id).await;
            while let Some(piece) = part.chunk().await.map_err(cut_off)? {
                coming = write(coming, &piece).await;
            }
            file = Some(coming);
            continue;
        }
        fields.0.push((field, text(part).await?));
    }
    // A browser sends a part without a name where no file was chosen.
    let chosen = file.filter(|file| !name.is_empty() || file.is_err());
    let coming = chosen.ok_or_else(|| Failure::invalid("file", "missing"))??;
    let (title, kind) = (fields.get("title").to_owned(), fields.get("kind").to_owned());
    let new = NewAttachment { title, kind, name };
    add_attachment(&app.centre, &me.actor, id, coming, new).await
}

/// Writes a piece; after a failure nothing more is kept.
pub(super) async fn write(
    coming: Result<Incoming, Failure>,
    piece: &[u8],
) -> Result<Incoming, Failure> {
    let mut coming = coming?;
    coming.write(piece).await?;
    Ok(coming)
}

async fn remove(
    State(app): State<App>,
    me: SignedIn,
    Path((id, attachment)): Path<(ApplicationId, AttachmentId)>,
) -> Result<Redirect, PageError> {
    remove_attachment(&app.centre, &me.actor, id, attachment).await?;
    let to = format!("/applications/{id}/edit/declarations?done=attachment-removed");
    Ok(Redirect::to(&to))
}

async fn show(
    State(app): State<App>,
    me: SignedIn,
    Path((id, attachment)): Path<(ApplicationId, AttachmentId)>,
) -> Result<Response, PageError> {
    Ok(download(&app, &me, id, attachment).await?)
}

/// The file, to be kept and never shown in the portal's name: whatever it holds, it was made by
/// somebody who wants to be read by those who decide.
pub(super) async fn download(
    app: &App,
    me: &SignedIn,
    id: ApplicationId,
    attachment: AttachmentId,
) -> Result<Response, Failure> {
    let (attachment, path) = read_attachment(&app.centre, &me.actor, id, attachment).await?;
    let opened = tokio::fs::File::open(path).await;
    let file = opened.map_err(Failure::engine("open an attached file"))?;
    let headers = [
        (header::CONTENT_TYPE, attachment.content.media_type().to_owned()),
        (header::CONTENT_LENGTH, attachment.bytes.to_string()),
        (header::CONTENT_DISPOSITION, disposition(&attachment.name)),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_ENCODING, "identity".to_owned()),
        (HeaderName::from_static("repr-digest"), format!("sha-256-hex={}", attachment.sha256)),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}
