//! Verifying a copied log, offline: everything is computed again from the entries and held against
//! the tiles of every level and the signed checkpoint.
//!
//! `scan` reads the entries and the leaf hashes; `judge` decides which of the two was altered where
//! they differ, and checks the levels above; `report` says it.

mod entries;
mod judge;
mod report;
mod scan;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use self::entries::read_entries;
pub use self::report::{Change, Problem, Report};
use crate::checkpoint::{Checkpoint, parse_checkpoint};
use crate::disk::Disk;
use crate::error::LogError;
use crate::hash::empty_root;
use crate::key::{KeyError, VerifierKey};
use crate::log::{CHECKPOINT, VERIFIER_KEY};
use crate::tile::{Kind, Tile, entries};

/// Why it cannot be told whether a log was altered.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The folder is no log, or lacks its checkpoint.
    #[error("{0} has no checkpoint: it is not a log")]
    NoCheckpoint(PathBuf),
    /// No key was given, and the folder has none that can be read.
    #[error("{path} holds no verifier key: give one")]
    NoKey {
        /// The file that should hold it.
        path: PathBuf,
        /// What is wrong with it; `None` if it is missing.
        source: Option<KeyError>,
    },
    /// The disk refused to read.
    #[error(transparent)]
    Read(#[from] LogError),
}

/// Verifies the log in `dir`, a folder with `checkpoint`, `tile/` and, unless `key` is given,
/// `verifier.key`. Reads only. `progress` is told the number of entries checked so far.
///
/// Needs 64 bytes of memory for 256 entries. Without `key`, the folder's own is used, and then
/// someone who rewrote all of the folder goes unnoticed: [`Report::key_given`].
///
/// A log that is being written meanwhile may be verified too: what a newer checkpoint covers is not
/// called unsealed.
///
/// # Errors
/// [`VerifyError`] where nothing can be told; all that can be told is in the report.
pub fn verify_folder(
    dir: &Path,
    key: Option<&VerifierKey>,
    mut progress: impl FnMut(u64),
) -> Result<Report, VerifyError> {
    let disk = Disk::new(dir);
    let mut problems = Vec::new();
    let folder_key = read_key(&disk)?;
    let trusted = match (key, folder_key) {
        (Some(key), Ok(found)) if found != *key => {
            problems.push(Problem::OtherKey { found: found.to_string() });
            key.clone()
        }
        (Some(key), _) => key.clone(),
        (None, Ok(found)) => found,
        (None, Err(source)) => {
            return Err(VerifyError::NoKey { path: dir.join(VERIFIER_KEY), source });
        }
    };
    let note = disk.read(Path::new(CHECKPOINT))?;
    let note = note.ok_or_else(|| VerifyError::NoCheckpoint(dir.into()))?;
    let note = String::from_utf8_lossy(&note);
    if let Err(refused) = parse_checkpoint(&note, &trusted) {
        problems.push(Problem::Checkpoint { reason: refused.to_string() });
    }
    // A forged checkpoint still says what the forger claims, and the rest is held against that.
    let claim = Checkpoint::parse_unverified(&note).ok();
    if let Some(claim) = &claim {
        let listed = tiles(&disk)?;
        let scan = scan::scan(&disk, claim.size, &listed, &mut progress)?;
        judge::judge(&disk, claim, scan, &mut problems)?;
        check_others(&disk, claim.size, &trusted, &listed, &mut problems)?;
    }
    problems.sort_by_key(Problem::rank);
    let key_id = format!("{:08x}", trusted.key_id());
    let origin = || trusted.name().to_owned();
    let claim =
        claim.unwrap_or_else(|| Checkpoint { origin: origin(), size: 0, root: empty_root() });
    let Checkpoint { origin, size, root } = claim;
    Ok(Report { origin, size, root, key_id, key_given: key.is_some(), problems })
}

/// The folder's key; `Err(None)` if it is missing.
fn read_key(disk: &Disk) -> Result<Result<VerifierKey, Option<KeyError>>, LogError> {
    let Some(text) = disk.read(Path::new(VERIFIER_KEY))? else { return Ok(Err(None)) };
    Ok(String::from_utf8_lossy(&text).parse().map_err(Some))
}

/// The log's files as they are named, in order.
fn tiles(disk: &Disk) -> Result<Vec<Tile>, LogError> {
    let mut tiles: Vec<_> =
        disk.tile_files()?.iter().filter_map(|path| Tile::from_path(path)).collect();
    tiles.sort_unstable();
    Ok(tiles)
}

/// A file's bytes as a log of its width has them: if it was replaced by a full one, the full one's
/// beginning. `None` if neither is there.
fn read(disk: &Disk, tile: Tile) -> Result<Option<Vec<u8>>, LogError> {
    if let Some(bytes) = disk.read(&tile.path())? {
        return Ok(Some(bytes));
    }
    let Some(mut bytes) = disk.read(&tile.full().path())? else { return Ok(None) };
    let length = match tile.kind {
        Kind::Level(_) => tile.width * 32,
        Kind::Entries => {
            let all = entries(&bytes).0;
            let kept = all.iter().zip(0..tile.width);
            kept.map(|(entry, _)| entry.len() as u64 + 2).sum()
        }
    };
    bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
    Ok(Some(bytes))
}

/// Checks the files that the checkpoint does not need: entries past the end, and earlier states of
/// unfinished files.
fn check_others(
    disk: &Disk,
    size: u64,
    key: &VerifierKey,
    listed: &[Tile],
    problems: &mut Vec<Problem>,
) -> Result<(), LogError> {
    let newer = disk.read(Path::new(CHECKPOINT))?.unwrap_or_default();
    let newer = parse_checkpoint(&String::from_utf8_lossy(&newer), key);
    let sealed = newer.map_or(size, |newer| newer.size.max(size));
    // In order of kind, entries come first: hashes are named only where no entry is past the end.
    if let Some(first) = listed.iter().find(|tile| !tile.is_within(sealed)) {
        problems.push(unsealed(disk, *first, sealed)?);
    }
    for tile in listed.iter().filter(|tile| !tile.is_full() && tile.is_within(size)) {
        let Some(now) = Tile::in_tree(tile.kind, tile.index, size).filter(|now| now != tile) else {
            continue;
        };
        let (Some(then), Some(now)) = (disk.read(&tile.path())?, read(disk, now)?) else {
            continue; // removed meanwhile, or reported as missing
        };
        let count = match tile.kind {
            Kind::Entries => entries(&then).0.len(),
            Kind::Level(_) => then.len() / 32,
        };
        if !now.starts_with(&then) || count as u64 != tile.width {
            problems.push(Problem::History { file: name(*tile) });
        }
    }
    Ok(())
}

fn unsealed(disk: &Disk, tile: Tile, sealed: u64) -> Result<Problem, LogError> {
    let file = name(tile);
    if tile.kind != Kind::Entries {
        let what = "has hashes past the end of the signed log".into();
        return Ok(Problem::Tile { file, first: sealed, what });
    }
    let bundle = disk.read(&tile.path())?.unwrap_or_default();
    let place = usize::try_from(sealed.saturating_sub(tile.first_leaf())).unwrap_or(usize::MAX);
    let text = entries(&bundle).0.get(place).and_then(|entry| printable(entry));
    Ok(Problem::Unsealed { index: sealed.max(tile.first_leaf()), file, text })
}

fn name(tile: Tile) -> String {
    tile.path().to_string_lossy().into_owned()
}

/// An entry as text, its first 1,000 characters, if a terminal can show it: no control characters,
/// with which an altered entry could rewrite the line that accuses it.
fn printable(entry: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(entry).ok()?;
    let shown: String = text.chars().take(1000).collect();
    let mark = if shown.len() < text.len() { "…" } else { "" };
    (!shown.chars().any(char::is_control)).then(|| shown + mark)
}
