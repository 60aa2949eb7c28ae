//! Files that come in pieces. What was acknowledged is durable: a piece is on disk before its offset
//! is in the database, and what the disk holds beyond the recorded offset is cut off before the next
//! piece. So a killed server loses nothing acknowledged and corrupts nothing.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use domain::{Actor, Deposit, DepositId, Refusal, UploadId, data::deposit::may_send};
use serde_json::json;
use store::{Store, Upload};

use super::deposit::save;
use crate::{Centre, Failure};

/// The longest piece that is taken, in bytes.
pub const PIECE_MAX: usize = 16 << 20;

/// Why a piece was not taken.
#[derive(Debug)]
pub enum SendFailure {
    /// The centre holds another length: go on from there.
    Moved(u64),
    /// The disk is full; what was acknowledged is kept.
    Full,
    /// Anything else.
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for SendFailure {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The folder of a deposit: `received/` as it came, `parquet/` as it is mounted.
pub(super) fn folder(centre: &Centre, id: DepositId) -> PathBuf {
    centre.config.dir.join("deposits").join(id.to_string())
}

/// A file that was received. The name was checked when it was announced (`domain`, `stem`).
pub(super) fn received(centre: &Centre, id: DepositId, name: &str) -> PathBuf {
    folder(centre, id).join("received").join(name)
}

fn part(centre: &Centre, upload: &Upload) -> PathBuf {
    folder(centre, upload.deposit).join("received").join(format!(".{}.part", upload.id))
}

/// Begins a file of a deposit, or finds the one begun: same name, same length.
#[tracing::instrument(name = "workflow.begin_upload", skip_all, fields(deposit.id = %id), err)]
pub async fn begin_upload(
    centre: &Centre,
    actor: &Actor,
    id: DepositId,
    name: &str,
    bytes: Option<u64>,
) -> Result<Upload, Failure> {
    let _one = centre.desk.deposit(id).await;
    let before: Deposit = centre.load("deposit", id).await?;
    let permit = may_send(actor, &before)?;
    let uploads = centre.store.uploads_of(id).await?;
    let begun = uploads.iter().find(|begun| begun.name == name && begun.bytes == bytes);
    if let (Some(begun), Some(_)) = (begun, bytes) {
        if begun.finished_at.is_none() {
            permit.is_open(centre.now())?;
        }
        return Ok(begun.clone());
    }
    let after = permit.begin(name, bytes, centre.now())?;
    for other in uploads.iter().filter(|other| other.name == name && other.finished_at.is_none()) {
        discard(centre, other).await?; // another file under the same name takes its place
    }
    let upload = Upload {
        id: centre.id(),
        deposit: id,
        person: actor.id,
        name: name.to_owned(),
        bytes,
        received: 0,
        started_at: centre.now(),
        finished_at: None,
    };
    let mut event = centre.event(actor, "deposit.file_begun", "deposit", id);
    event.payload = json!({ "file": name, "bytes": bytes });
    save(centre, &event, &before, &after, |change| {
        change.writes([Store::upload_begun(&upload)]);
    })
    .await?;
    Ok(upload)
}

/// An upload, for those who may send its deposit's files.
pub async fn see_upload(centre: &Centre, actor: &Actor, id: UploadId) -> Result<Upload, Failure> {
    let upload = centre.store.upload(id).await?.ok_or_else(|| Failure::missing("upload", id))?;
    let deposit: Deposit = centre.load("deposit", upload.deposit).await?;
    may_send(actor, &deposit)?;
    Ok(upload)
}

/// Takes the piece that begins at `offset`; gives the length that is durable now. A piece that is
/// held already, sent again because the answer was lost, changes nothing.
///
/// # Errors
/// [`SendFailure::Moved`] with the true length, [`SendFailure::Full`], or why it may not be sent.
pub async fn receive_piece(
    centre: &Centre,
    actor: &Actor,
    id: UploadId,
    offset: u64,
    piece: Bytes,
) -> Result<u64, SendFailure> {
    let _one = centre.desk.upload(id).await;
    let upload = see_upload(centre, actor, id).await?;
    let end = offset.saturating_add(piece.len() as u64);
    if offset < upload.received && end <= upload.received {
        return Ok(upload.received);
    }
    if upload.finished_at.is_some() || offset != upload.received {
        return Err(SendFailure::Moved(upload.received));
    }
    let deposit: Deposit = centre.load("deposit", upload.deposit).await?;
    may_send(actor, &deposit)?.is_open(centre.now())?;
    if upload.bytes.is_some_and(|bytes| end > bytes) {
        return Err(Failure::invalid("bytes", "file-length").into());
    }
    let path = part(centre, &upload);
    let written = tokio::task::spawn_blocking(move || append(&path, offset, &piece)).await;
    match written.map_err(Failure::engine("keep a piece"))? {
        Ok(()) => {}
        Err(error) if is_full(&error) => return Err(SendFailure::Full),
        Err(error) => return Err(Failure::engine("keep a piece")(error).into()),
    }
    centre.store.upload_received(id, end).await.map_err(Failure::from)?;
    Ok(end)
}

/// Whether the disk, or a quota on it, is full.
pub(crate) fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Writes `piece` at `offset`, the durable length, and makes it durable.
fn append(path: &Path, offset: u64, piece: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    let length = file.metadata()?.len();
    if length < offset {
        let lost = format!("{length} bytes are there and {offset} were acknowledged");
        return Err(io::Error::new(io::ErrorKind::InvalidData, lost));
    }
    if length > offset {
        file.set_len(offset)?; // a piece that was being written when the server was killed
    }
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(piece)?;
    file.sync_data()?;
    if offset == 0 {
        File::open(folder)?.sync_all()?; // the new name is durable only with its folder
    }
    Ok(())
}

/// The sender says that the file is whole, with its SHA-256 (empty where it cannot tell). May come
/// twice when an answer was lost.
///
/// # Errors
/// `file-sha256` or `file-length` where it is not the announced file: it is thrown away then, so
/// that the right one can be sent.
#[tracing::instrument(name = "workflow.finish_upload", skip_all, fields(upload.id = %id), err)]
pub async fn finish_upload(
    centre: &Centre,
    actor: &Actor,
    id: UploadId,
    sha256: &str,
) -> Result<Deposit, Failure> {
    let upload = see_upload(centre, actor, id).await?;
    let _one = centre.desk.deposit(upload.deposit).await;
    let _piece = centre.desk.upload(id).await;
    let upload = see_upload(centre, actor, id).await?;
    let before: Deposit = centre.load("deposit", upload.deposit).await?;
    if upload.finished_at.is_some() {
        return Ok(before);
    }
    if upload.bytes.is_some_and(|bytes| bytes != upload.received) {
        return Err(Failure::invalid("bytes", "file-incomplete"));
    }
    let sha256 = sha256.trim().to_lowercase();
    let is_hash = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !sha256.is_empty() && !is_hash {
        return Err(Failure::invalid("sha256", "manifest-sha256"));
    }
    let permit = may_send(actor, &before)?;
    let after = match permit.receive(&upload.name, upload.received, &sha256, centre.now()) {
        Ok(after) => after,
        Err(refusal) => {
            if matches!(refusal, Refusal::Invalid { field: "sha256" | "bytes", .. }) {
                discard(centre, &upload).await?;
            }
            return Err(refusal.into());
        }
    };
    let (from, to) = (part(centre, &upload), received(centre, upload.deposit, &upload.name));
    let empty = upload.received == 0;
    tokio::task::spawn_blocking(move || settle_file(&from, &to, empty))
        .await
        .map_err(Failure::engine("keep a received file"))?
        .map_err(Failure::engine("keep a received file"))?;
    let mut event = centre.event(actor, "deposit.file_received", "deposit", before.id);
    event.payload = json!({ "file": upload.name, "bytes": upload.received, "sha256": sha256 });
    let all = centre.event(actor, "deposit.received", "deposit", before.id);
    save(centre, &event, &before, &after, |change| {
        let at = centre.now();
        change.writes([Store::upload_finished(id, upload.received, &sha256, at)]);
        if after.state.name() == "received" {
            change.event(&all);
        }
    })
    .await?;
    Ok(after)
}

/// Gives a whole file its name. After a crash between this and the database, the name stands
/// already, and the part is gone.
fn settle_file(from: &Path, to: &Path, empty: bool) -> io::Result<()> {
    let folder = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && to.exists() => {}
        // An empty file has no piece, so no part was written.
        Err(error) if error.kind() == io::ErrorKind::NotFound && empty => drop(File::create(to)?),
        other => other?,
    }
    File::open(folder)?.sync_all()
}

/// Throws away what came of an upload. Its row goes first: a server killed in between leaves a
/// file that the next start sweeps, and never an upload whose bytes are gone.
async fn discard(centre: &Centre, upload: &Upload) -> Result<(), Failure> {
    centre.store.upload_forgotten(upload.id).await?;
    match tokio::fs::remove_file(part(centre, upload)).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Failure::engine("throw away a piece")(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_acknowledged_is_cut_off_before_the_next_piece() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("received").join("x.part");
        append(&path, 0, b"abc").unwrap();
        // The server was killed after writing and before recording: the disk holds more.
        append(&path, 3, b"half a pie").unwrap();
        append(&path, 3, b"def").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"abcdef");
    }

    #[test]
    fn a_disk_that_lost_what_was_acknowledged_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.part");
        append(&path, 0, b"abc").unwrap();
        assert!(append(&path, 5, b"def").is_err());
    }

    #[test]
    fn a_file_keeps_its_name_when_the_server_was_killed_before_the_database_knew() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join(".x.part"), folder.path().join("a.csv"));
        fs::write(&from, "1").unwrap();
        settle_file(&from, &to, false).unwrap();
        settle_file(&from, &to, false).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"1");
    }

    #[test]
    fn bytes_that_are_gone_are_never_an_empty_file() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join(".x.part"), folder.path().join("a.csv"));
        assert!(settle_file(&from, &to, false).is_err());
        assert!(!to.exists());
        settle_file(&from, &to, true).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"");
    }

    #[test]
    fn a_full_disk_is_told_apart() {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap().write(b"x");
        assert!(is_full(&full.unwrap_err()));
    }
}
