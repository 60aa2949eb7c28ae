//! The frozen copies of sealed files, in `<centre>/exports/<export>/<turn>/<number>`; those of a
//! blocked request in `<centre>/quarantine/`, until its examination.
//!
//! Threat: a file's name is the bubble's word, so it never becomes a name on the server: copies
//! are numbered. A turn appears in its place by one rename, when every copy is whole and on disk;
//! what a killed server left begins with `.tmp-` and is swept by the next one.

use std::{
    fs::{self, File, Permissions},
    io::{self, Read},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use domain::{
    Bubble, Export, ExportId,
    outputs::{export::ExportState, export_author::Frozen},
};
use sha2::{Digest, Sha256};

use super::{report::Report, sweep};
use crate::{Centre, Failure};

fn root(centre: &Centre) -> PathBuf {
    centre.config.dir.join("exports")
}

/// Where the copies of an export are.
fn home(centre: &Centre, id: ExportId) -> PathBuf {
    let apart = quarantine(centre, id);
    if apart.exists() { apart } else { root(centre).join(id.to_string()) }
}

fn quarantine(centre: &Centre, id: ExportId) -> PathBuf {
    centre.config.dir.join("quarantine").join(id.to_string())
}

/// Puts the copies of a blocked request apart from those that may leave. Doing it twice does it once.
pub(super) fn set_apart(centre: &Centre, id: ExportId) -> Result<(), Failure> {
    let (from, to) = (root(centre).join(id.to_string()), quarantine(centre, id));
    let moved = || -> io::Result<()> {
        let above = to.parent().unwrap_or(&to);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(above)?;
        match fs::rename(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            renamed => renamed,
        }?;
        File::open(above)?.sync_all()
    };
    moved().map_err(Failure::engine("put what was blocked apart"))
}

fn turn(centre: &Centre, id: ExportId, turn: u32) -> PathBuf {
    home(centre, id).join(turn.to_string())
}

/// The frozen copy of file `number` in the export's last turn.
pub(super) fn copy_of(centre: &Centre, export: &Export, number: usize) -> PathBuf {
    turn(centre, export.id, export.turn).join(number.to_string())
}

fn report_of(centre: &Centre, export: &Export, number: usize) -> PathBuf {
    let folder = format!("{}.reports", export.turn);
    home(centre, export.id).join(folder).join(format!("{number}.json"))
}

/// A new folder that is swept if this process dies.
pub(super) fn temporary(centre: &Centre) -> Result<PathBuf, Failure> {
    let name = format!(".tmp-{}-{}", centre.jobs.nonce(), uuid::Uuid::now_v7().simple());
    let folder = root(centre).join(name);
    fs::create_dir_all(&folder).map_err(Failure::engine("make a folder for copies"))?;
    Ok(folder)
}

/// Copies the files of `export` out of the bubble into the place of its next turn; none is written
/// there unless all are. Withdrawn files give `None`. In a returned request a file that is no
/// longer in `exports/` stays as it was sealed.
pub(super) async fn freeze(
    centre: &Centre,
    bubble: &Bubble,
    export: &Export,
    max_bytes: u64,
) -> Result<Vec<Option<Frozen>>, Failure> {
    let folder = temporary(centre)?;
    let copied = copy_all(centre, bubble, export, &folder, max_bytes).await;
    let place = turn(centre, export.id, export.turn + 1);
    let settled = copied.and_then(|frozen| {
        settle(&folder, &place).map_err(Failure::engine("freeze the copies"))?;
        Ok(frozen)
    });
    if settled.is_err() {
        let _ = fs::remove_dir_all(&folder); // else the next start sweeps it
    }
    settled
}

async fn copy_all(
    centre: &Centre,
    bubble: &Bubble,
    export: &Export,
    folder: &Path,
    max_bytes: u64,
) -> Result<Vec<Option<Frozen>>, Failure> {
    let mut all = Vec::new();
    for (number, file) in export.files().enumerate() {
        if file.withdrawn {
            all.push(None);
            continue;
        }
        let to = folder.join(number.to_string());
        let taken = match take(centre, bubble, &file.path, &to, max_bytes).await {
            Ok(taken) => taken,
            Err(Failure::Invalid { key, .. }) if key == "file-gone" && export.turn > 0 => {
                let sealed = copy_of(centre, export, number);
                fs::copy(&sealed, &to).map_err(Failure::engine("keep a sealed copy"))?;
                let (sha256, bytes) = digest(&to).map_err(Failure::engine("keep a sealed copy"))?;
                Frozen { sha256, bytes }
            }
            Err(failure) => return Err(failure),
        };
        let set = fs::set_permissions(&to, Permissions::from_mode(0o400));
        set.map_err(Failure::engine("freeze the copies"))?;
        all.push(Some(taken));
    }
    Ok(all)
}

/// Copies one file out of the bubble. A file that is the cause of a refusal is named to its author;
/// a disk or host that fails is not their business and goes to the log.
pub(super) async fn take(
    centre: &Centre,
    bubble: &Bubble,
    path: &str,
    to: &Path,
    max_bytes: u64,
) -> Result<Frozen, Failure> {
    let taken = centre.host.take_export(bubble, path, to, max_bytes).await;
    let taken = taken.map_err(|failure| match failure {
        Failure::Invalid { key, .. } => {
            let key = match key.trim_start_matches("export-") {
                "missing" => "file-gone",
                "leads-out" | "hard-link" => "file-link",
                "too-long" => "file-too-long",
                "changed" => "file-changed",
                _ => "file-special",
            };
            let (field, key) = ("files".to_owned(), key.to_owned());
            Failure::Invalid { field, key, detail: path.to_owned() }
        }
        other => other,
    })?;
    Ok(Frozen { sha256: taken.sha256, bytes: taken.bytes })
}

/// Puts a whole folder in its place. What an earlier attempt left there belongs to no sealed turn.
fn settle(folder: &Path, place: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        File::open(entry?.path())?.sync_all()?;
    }
    File::open(folder)?.sync_all()?;
    remove(place)?;
    let above = place.parent().unwrap_or(place);
    fs::create_dir_all(above)?;
    fs::rename(folder, place)?;
    fs::set_permissions(place, Permissions::from_mode(0o500))?;
    File::open(above)?.sync_all()?;
    above.parent().map_or(Ok(()), |root| File::open(root)?.sync_all())
}

/// Removes a folder that may be read-only or missing.
fn remove(folder: &Path) -> io::Result<()> {
    match fs::set_permissions(folder, Permissions::from_mode(0o700)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => fs::remove_dir_all(folder),
    }
}

/// Takes back a turn whose sealing was not committed.
pub(super) fn undo(centre: &Centre, export: &Export) {
    if let Err(error) = remove(&turn(centre, export.id, export.turn + 1)) {
        tracing::warn!(export.id = %export.id, %error, "a folder is left to the sweep");
    }
}

/// Removes every copy and report of an export.
pub(super) fn clear(centre: &Centre, id: ExportId) -> Result<(), Failure> {
    let folder = home(centre, id);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(Failure::engine("remove the copies"))?,
    };
    for entry in entries {
        let entry = entry.map_err(Failure::engine("remove the copies"))?;
        remove(&entry.path()).map_err(Failure::engine("remove the copies"))?;
    }
    fs::remove_dir(&folder).map_err(Failure::engine("remove the copies"))
}

/// Removes what killed servers left: unfinished folders, and turns that were never committed.
pub(super) async fn sweep(centre: &Centre) {
    let own = format!(".tmp-{}-", centre.jobs.nonce());
    for (path, name) in sweep::entries(&root(centre)) {
        if name.starts_with(".tmp-") && !name.starts_with(&own) {
            let removed = remove(&path).map_err(Failure::engine("sweep unfinished copies"));
            sweep::left(&path, removed);
        } else if let Ok(id) = name.parse() {
            sweep::left(&path, sweep_export(centre, id).await);
        }
    }
}

async fn sweep_export(centre: &Centre, id: ExportId) -> Result<(), Failure> {
    let Some(_held) = centre.jobs.hold(id) else { return Ok(()) };
    let export = centre.store.get::<Export>(id).await?;
    match export {
        Some(export) if !matches!(export.state, ExportState::Expired | ExportState::Withdrawn) => {
            let unsealed = remove(&turn(centre, id, export.turn + 1));
            unsealed.map_err(Failure::engine("sweep unfinished copies"))
        }
        _ => clear(centre, id),
    }
}

/// SHA-256 and length of a file.
pub(super) fn digest(path: &Path) -> io::Result<(String, u64)> {
    digest_of(&mut File::open(path)?)
}

/// SHA-256 and length of an open file.
pub(super) fn digest_of(file: &mut File) -> io::Result<(String, u64)> {
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0_u64, vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((hex::encode(hash.finalize()), bytes)),
            n => {
                hash.update(&buffer[..n]);
                bytes += n as u64;
            }
        }
    }
}

/// Writes the report of a file, whole or not at all.
pub(super) fn write_report(
    centre: &Centre,
    export: &Export,
    number: usize,
    report: &[u8],
) -> io::Result<()> {
    let place = report_of(centre, export, number);
    let folder = place.parent().unwrap_or(&place);
    fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!(".tmp-{number}"));
    fs::write(&unfinished, report)?;
    File::open(&unfinished)?.sync_all()?;
    fs::rename(&unfinished, &place)
}

/// The report of a file; `None` before the scan and after the files were removed.
pub(super) fn report(centre: &Centre, export: &Export, number: usize) -> Option<Report> {
    let bytes = fs::read(report_of(centre, export, number)).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The first `limit` bytes of a frozen copy.
pub(super) fn head(centre: &Centre, export: &Export, number: usize, limit: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(copy_of(centre, export, number)).ok()?;
    file.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
