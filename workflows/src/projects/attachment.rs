//! Files that come with an application (JOURNEYS 2.2, P10). Their bytes stand in the centre's
//! folder as `attachments/<application>/<SHA-256>`, for as long as the application or one of its
//! submissions names them; they are never opened by the server but to look what they are.

use std::{
    io,
    path::{Path, PathBuf},
};

use domain::{
    Actor, Application, ApplicationId, AttachmentId,
    projects::{
        application_team::{may_edit, may_read},
        attachment::{Attachment, AttachmentKind, BYTES_MAX, Content, clean_name},
    },
};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::StoreError;
use tokio::{fs, io::AsyncWriteExt as _};
use uuid::Uuid;

use super::on_application;
use crate::{Centre, Failure, data::upload::is_full, failure::causes};

/// A file on its way. Dropped before it is added, by an error or a connection that was cut, it
/// leaves nothing.
#[derive(Debug)]
pub struct Incoming {
    path: PathBuf,
    file: fs::File,
    hash: Sha256,
    bytes: u64,
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // Once added it has another name, and there is nothing here to remove.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Incoming {
    async fn create(path: PathBuf) -> Result<Self, Failure> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).await.map_err(failed)?;
        let file = fs::OpenOptions::new().write(true).create_new(true).open(&path).await;
        Ok(Self { file: file.map_err(failed)?, path, hash: Sha256::new(), bytes: 0 })
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// [`Failure::Invalid`] beyond [`BYTES_MAX`] and where the disk is full.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), Failure> {
        self.bytes += piece.len() as u64;
        if self.bytes > BYTES_MAX {
            return Err(Failure::invalid("file", "too-large"));
        }
        self.hash.update(piece);
        self.file.write_all(piece).await.map_err(failed)
    }

    /// Makes what came durable, and tells what it is.
    async fn look(&mut self) -> Result<Content, Failure> {
        // The last write may still be under way, and only `flush` says how it ended.
        self.file.flush().await.map_err(failed)?;
        self.file.sync_all().await.map_err(failed)?;
        let bytes = fs::read(&self.path).await.map_err(failed)?;
        let content = tokio::task::spawn_blocking(move || Content::of(&bytes));
        let content = content.await.map_err(Failure::engine("look at a file"))?;
        content.ok_or_else(|| Failure::invalid("file", "not-taken"))
    }
}

fn failed(error: io::Error) -> Failure {
    match is_full(&error) {
        true => Failure::invalid("file", "disk-full"),
        false => Failure::engine("keep an attached file")(error),
    }
}

/// What the team says of a file.
#[derive(Clone, Debug, Default)]
pub struct NewAttachment {
    /// What it is.
    pub title: String,
    /// An [`AttachmentKind`]'s name.
    pub kind: String,
    /// Its name on the sender's disk.
    pub name: String,
}

fn folder(centre: &Centre, id: ApplicationId) -> PathBuf {
    centre.config.dir.join("attachments").join(id.to_string())
}

/// Opens the way for a file, for who may add one now.
pub async fn begin_attachment(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
) -> Result<Incoming, Failure> {
    let application: Application = centre.load("application", id).await?;
    may_edit(actor, &application)?.has_place()?;
    let name = format!(".{}.part", Uuid::now_v7());
    Incoming::create(folder(centre, id).join(name)).await
}

/// Adds the file that came.
///
/// # Errors
/// [`Failure::Invalid`] naming `title`, `kind` or `file`; then nothing of it is left.
#[tracing::instrument(name = "workflow.add_attachment", skip_all, fields(application.id = %id), err)]
pub async fn add_attachment(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    mut incoming: Incoming,
    new: NewAttachment,
) -> Result<Attachment, Failure> {
    let kind = AttachmentKind::parse(&new.kind);
    let kind = kind.ok_or_else(|| Failure::invalid("kind", "not-a-choice"))?;
    let content = match incoming.bytes {
        0 => return Err(Failure::invalid("file", "empty-file")),
        _ => incoming.look().await?,
    };
    let attachment = Attachment {
        id: centre.id(),
        title: new.title,
        kind,
        name: clean_name(&new.name, content),
        content,
        bytes: incoming.bytes,
        sha256: hex::encode(incoming.hash.clone().finalize()),
        by: actor.id,
        at: centre.now(),
    };
    let _one = centre.attachments.lock().await;
    let before: Application = centre.load("application", id).await?;
    let after = may_edit(actor, &before)?.attach(attachment.clone(), centre.now())?;
    let kept = folder(centre, id).join(&attachment.sha256);
    fs::rename(&incoming.path, &kept).await.map_err(failed)?;
    sync_folder(&folder(centre, id)).await?;
    let mut event =
        on_application(centre, actor, "application.attachment_added", &before, told(&attachment));
    event.at = attachment.at;
    if let Err(error) = centre.store.change(&event).replace(&before, &after).commit().await {
        if is_undone(&error) {
            take_back(centre, id, &attachment.sha256).await;
        }
        return Err(error.into());
    }
    Ok(after.attachment(attachment.id).cloned().unwrap_or(attachment))
}

/// Takes a file out. Its bytes go too, unless a submission names them.
pub async fn remove_attachment(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    attachment: AttachmentId,
) -> Result<(), Failure> {
    let _one = centre.attachments.lock().await;
    let before: Application = centre.load("application", id).await?;
    let (after, taken) = may_edit(actor, &before)?.detach(attachment, centre.now())?;
    let event =
        on_application(centre, actor, "application.attachment_removed", &before, told(&taken));
    centre.store.change(&event).replace(&before, &after).commit().await?;
    if !after.names_bytes(&taken.sha256) {
        remove_bytes(centre, id, &taken.sha256).await;
    }
    Ok(())
}

/// Whether nothing of a change was written. A commit whose answer was lost with the connection may
/// be done all the same, or be done in a moment: the bytes stay, and the next start sweeps them
/// where nothing names them.
fn is_undone(error: &StoreError) -> bool {
    matches!(error, StoreError::Conflict { .. } | StoreError::Refused { .. })
        || error.is_disk_full()
}

/// Removes the bytes of a file that was not added, unless the application names them.
async fn take_back(centre: &Centre, id: ApplicationId, sha256: &str) {
    match centre.store.get::<Application>(id).await {
        Ok(stands) if stands.as_ref().is_some_and(|one| one.names_bytes(sha256)) => {}
        Ok(_) => remove_bytes(centre, id, sha256).await,
        Err(error) => {
            let error = causes(&error);
            tracing::warn!(application.id = %id, sha256, error, "bytes are left to the sweep");
        }
    }
}

/// Removes bytes that nothing names any more. What was decided stands whatever the disk says.
async fn remove_bytes(centre: &Centre, id: ApplicationId, sha256: &str) {
    if let Err(error) = fs::remove_file(folder(centre, id).join(sha256)).await {
        let error = causes(&error);
        tracing::warn!(application.id = %id, sha256, error, "bytes are left to the sweep");
    }
}

/// A file and where its bytes stand, for whoever may read the application.
pub async fn read_attachment(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    attachment: AttachmentId,
) -> Result<(Attachment, PathBuf), Failure> {
    let application: Application = centre.load("application", id).await?;
    may_read(actor, &application)?;
    let found = application.attachment(attachment);
    let found = found.ok_or_else(|| Failure::missing("attachment", attachment))?;
    Ok((found.clone(), folder(centre, id).join(&found.sha256)))
}

/// What an event says of a file.
fn told(attachment: &Attachment) -> serde_json::Value {
    json!({
        "attachment": attachment.id, "title": attachment.title, "kind": attachment.kind,
        "name": attachment.name, "bytes": attachment.bytes, "sha256": attachment.sha256,
    })
}

/// Makes a new name in the folder durable.
async fn sync_folder(folder: &Path) -> Result<(), Failure> {
    let opened = fs::File::open(folder).await.map_err(failed)?;
    opened.sync_all().await.map_err(failed)
}

/// Throws away what a killed server left: parts of files, and bytes that no application names. Runs
/// when a centre opens, before anything comes. What cannot be looked at or removed (a folder that
/// somebody made there, a disk that refuses) is told to the operator and left: it holds up nothing.
pub(crate) async fn sweep(centre: &Centre) {
    let root = centre.config.dir.join("attachments");
    let leave = |path: &Path, failure: &Failure| {
        let error = causes(failure);
        tracing::warn!(path = %path.display(), error, "left among the attachments");
    };
    let folders = match entries(&root).await {
        Ok(folders) => folders,
        Err(failure) => return leave(&root, &failure),
    };
    for folder in folders {
        let id = folder.file_name().and_then(|name| name.to_str()).map(str::parse);
        let Some(Ok(id)) = id else { continue };
        match orphans(centre, id, &folder).await {
            Ok(orphans) => {
                for orphan in orphans {
                    let removed = fs::remove_file(&orphan).await.map_err(failed);
                    removed.unwrap_or_else(|failure| leave(&orphan, &failure));
                }
            }
            Err(failure) => leave(&folder, &failure),
        }
    }
}

/// What stands in an application's folder and is not named by it.
async fn orphans(
    centre: &Centre,
    id: ApplicationId,
    folder: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    let application = centre.store.get::<Application>(id).await?;
    let is_named = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        application.as_ref().is_some_and(|one| one.names_bytes(name))
    };
    Ok(entries(folder).await?.into_iter().filter(|path| !is_named(path)).collect())
}

async fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut listed = fs::read_dir(folder).await.map_err(failed)?;
    let mut found = Vec::new();
    while let Some(entry) = listed.next_entry().await.map_err(failed)? {
        found.push(entry.path());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn incoming(folder: &tempfile::TempDir) -> Incoming {
        Incoming::create(folder.path().join("new").join(".part")).await.unwrap()
    }

    fn key(result: Result<(), Failure>) -> String {
        match result {
            Err(Failure::Invalid { key, .. }) => key,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_file_that_is_too_large_or_not_added_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = incoming(&folder).await;
        let piece = vec![b'a'; 4 << 20];
        for _ in 0..5 {
            file.write(&piece).await.unwrap();
        }
        assert_eq!(file.bytes, BYTES_MAX);
        assert_eq!(key(file.write(b"a").await), "too-large");
        let path = file.path.clone();
        assert!(path.exists());
        drop(file);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_full_disk_is_told_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = incoming(&folder).await;
        let path = file.path.clone();
        file.file = fs::OpenOptions::new().write(true).open("/dev/full").await.unwrap();
        file.write(b"%PDF-1.7").await.unwrap(); // the disk answers at the next call
        assert_eq!(key(file.look().await.map(drop)), "disk-full");
        drop(file);
        assert!(!path.exists());
    }
}
