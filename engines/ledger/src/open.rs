//! Opening a log: the lock, the key, and what a crash left.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::checkpoint::{Checkpoint, CheckpointError, parse_checkpoint};
use crate::disk::{Disk, UNFINISHED};
use crate::edge::{Edge, unpack};
use crate::error::LogError;
use crate::hash::{Hash, empty_root, leaf_hash};
use crate::key::{SignerKey, VerifierKey};
use crate::log::{CHECKPOINT, Log, VERIFIER_KEY, contradiction, replace_checkpoint};
use crate::tile::{Kind, Tile, WIDTH, entries};

/// The name of the file whose lock says who may write.
const LOCK: &str = "lock";

impl Log {
    /// Opens the log in `dir`, or begins one there. `origin` is its name, which each checkpoint
    /// bears; it must be unique for the key (a host name and a path, by custom).
    ///
    /// Files past the checkpoint, which a crash leaves, are removed; [`Log::discarded`] counts
    /// their entries. Reads O(log size) tiles and the names of all files.
    ///
    /// # Errors
    /// [`LogError::Locked`] if it is open elsewhere; [`LogError::OtherKey`],
    /// [`LogError::Checkpoint`], [`LogError::NoCheckpoint`] or [`LogError::Contradiction`] if what
    /// is stored is not a log of this origin and key: then nothing is changed.
    pub fn open(dir: &Path, origin: &str, key: SignerKey) -> Result<Self, LogError> {
        let verifier = key.verifier(origin)?;
        make_folder(dir)?;
        let lock = lock(dir)?;
        let mut disk = Disk::new(dir);
        check_key(&disk, &verifier)?;
        let (note, checkpoint) = match read_checkpoint(&disk, &verifier)? {
            Some(found) => found,
            None => begin(&mut disk, &key, &verifier)?,
        };
        let edge = load_edge(&disk, &checkpoint)?;
        let discarded = discard(&disk, checkpoint.size)?;
        let root = checkpoint.root;
        let log =
            Self { disk, key, verifier, edge, root, note, discarded, poisoned: false, _lock: lock };
        Ok(log)
    }
}

/// The name that the log in `dir` was begun under; none where there is no log yet. It is what the
/// folder says: [`Log::open`] holds it against the key and the signed checkpoint.
///
/// # Errors
/// [`LogError::Io`] where the folder cannot be read.
pub fn origin_of(dir: &Path) -> Result<Option<String>, LogError> {
    let disk = Disk::new(dir);
    let text = |path: &str| {
        let bytes = disk.read(Path::new(path))?;
        Ok::<_, LogError>(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    };
    let key = text(VERIFIER_KEY)?.and_then(|line| line.trim_end().parse::<VerifierKey>().ok());
    if let Some(key) = key {
        return Ok(Some(key.name().to_owned()));
    }
    // A folder whose key was lost or damaged still signs its name in the checkpoint.
    let note = text(CHECKPOINT)?;
    Ok(note.and_then(|note| note.lines().next().map(str::to_owned)).filter(|name| !name.is_empty()))
}

/// Makes the log's folder, and its name last.
fn make_folder(dir: &Path) -> Result<(), LogError> {
    if dir.is_dir() {
        return Ok(());
    }
    let failed = |source| LogError::Io { action: "make", path: dir.into(), source };
    fs::create_dir_all(dir).map_err(failed)?;
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new("."))).and_then(|it| it.sync_all()).map_err(failed)
}

/// Takes the lock, which the kernel frees when this process ends, however it ends.
fn lock(dir: &Path) -> Result<File, LogError> {
    let path = dir.join(LOCK);
    let failed = |source| LogError::Io { action: "lock", path: path.clone(), source };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LogError::Locked(dir.into())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Two keys on one log would be two histories: refuses the folder of another key.
fn check_key(disk: &Disk, expected: &VerifierKey) -> Result<(), LogError> {
    let Some(found) = disk.read(Path::new(VERIFIER_KEY))? else { return Ok(()) };
    let found = String::from_utf8_lossy(&found).trim_end().to_owned();
    let expected = expected.to_string();
    if found == expected {
        return Ok(());
    }
    Err(LogError::OtherKey { path: disk.dir.clone(), found, expected })
}

/// The stored checkpoint, if there is one.
fn read_checkpoint(
    disk: &Disk,
    verifier: &VerifierKey,
) -> Result<Option<(String, Checkpoint)>, LogError> {
    let refused = |source| LogError::Checkpoint { path: disk.dir.clone(), source };
    let Some(note) = disk.read(Path::new(CHECKPOINT))? else { return Ok(None) };
    let note = String::from_utf8(note)
        .map_err(|_| refused(CheckpointError::Malformed("it is not UTF-8 text")))?;
    let checkpoint = parse_checkpoint(&note, verifier).map_err(refused)?;
    // A crash while the log was begun: the key comes before the checkpoint, so it cannot miss here.
    if disk.read(Path::new(VERIFIER_KEY))?.is_none() {
        write_key(disk, verifier)?;
    }
    Ok(Some((note, checkpoint)))
}

fn write_key(disk: &Disk, verifier: &VerifierKey) -> Result<(), LogError> {
    let path = Path::new(VERIFIER_KEY);
    disk.prepare(path, format!("{verifier}\n").as_bytes())?;
    disk.publish(path)
}

/// Begins an empty log: its key, then a checkpoint of nothing.
///
/// The empty checkpoint is written before any entry, so that entries without a checkpoint are
/// never taken for a new log: someone has removed the checkpoint, to begin another history.
fn begin(
    disk: &mut Disk,
    key: &SignerKey,
    verifier: &VerifierKey,
) -> Result<(String, Checkpoint), LogError> {
    if disk.tile_files()?.iter().any(|path| Tile::from_path(path).is_some()) {
        return Err(LogError::NoCheckpoint(disk.dir.clone()));
    }
    // A crash at any step here leaves no checkpoint and no entry: the next opening begins again.
    write_key(disk, verifier)?;
    let origin = verifier.name().to_owned();
    let checkpoint = Checkpoint { origin, size: 0, root: empty_root() };
    let note = checkpoint.sign(key, verifier);
    replace_checkpoint(disk, &note)?; // it also makes the key's name last: the same folder
    Ok((note, checkpoint))
}

/// Reads the unfinished files of the tree and holds them against each other and the root.
///
/// No crash can alter what a checkpoint covers, since no such file is ever written again: so a
/// difference is damage or tampering, and is never repaired silently.
fn load_edge(disk: &Disk, checkpoint: &Checkpoint) -> Result<Edge, LogError> {
    let size = checkpoint.size;
    let mut edge = Edge { size, ..Edge::default() };
    for level in 0..8 {
        let kind = Kind::Level(level);
        let slots = size >> kind.height();
        if slots == 0 {
            break;
        }
        let tile = Tile::in_tree(kind, slots / WIDTH, size);
        edge.levels.push(tile.map_or(Ok(Vec::new()), |tile| read_tile(disk, tile))?);
    }
    if let Some(tile) = Tile::in_tree(Kind::Entries, size / WIDTH, size) {
        edge.bundle = read(disk, tile)?;
        let (entries, whole) = entries(&edge.bundle);
        let hashes: Vec<Hash> = entries.into_iter().map(leaf_hash).collect();
        if !whole || hashes != edge.levels[0] {
            let what = "its entries are not those of the leaf hashes";
            return Err(contradiction(disk, &tile.path(), what));
        }
    }
    if edge.root() != checkpoint.root {
        let what = "the unfinished tiles do not lead to the signed root";
        return Err(contradiction(disk, Path::new("tile"), what));
    }
    Ok(edge)
}

fn read(disk: &Disk, tile: Tile) -> Result<Vec<u8>, LogError> {
    disk.read(&tile.path())?.ok_or_else(|| contradiction(disk, &tile.path(), "it is missing"))
}

fn read_tile(disk: &Disk, tile: Tile) -> Result<Vec<Hash>, LogError> {
    let bytes = read(disk, tile)?;
    if bytes.len() as u64 != tile.width * Hash::LENGTH as u64 {
        let what = format!("it has {} bytes, not {} hashes", bytes.len(), tile.width);
        return Err(contradiction(disk, &tile.path(), what));
    }
    Ok(unpack(&bytes))
}

/// Removes what a crash can leave: files past the checkpoint, files with a temporary name, and
/// unfinished files whose full one is sealed. Returns how many entries past the checkpoint went.
fn discard(disk: &Disk, size: u64) -> Result<u64, LogError> {
    let (mut end, mut changed) = (size, BTreeSet::<PathBuf>::new());
    for path in [CHECKPOINT, VERIFIER_KEY].map(|name| PathBuf::from(format!("{name}{UNFINISHED}")))
    {
        disk.remove(&path)?;
    }
    for path in disk.tile_files()? {
        let torn = path.to_string_lossy().ends_with(UNFINISHED);
        let tile = Tile::from_path(&path);
        let past = tile.is_some_and(|tile| !tile.is_within(size));
        let superseded = tile.is_some_and(|tile| !tile.is_full() && tile.full().is_within(size));
        if let Some(tile) = tile.filter(|tile| past && tile.kind == Kind::Entries) {
            end = end.max(tile.first_leaf() + tile.width);
        }
        if torn || past || superseded {
            disk.remove(&path)?;
            changed.extend(path.parent().map(Path::to_path_buf));
        }
    }
    // Made to last before anything is appended: a power cut could bring back an unfinished file
    // that an append has meanwhile stepped over, and it would then look sealed.
    changed.iter().try_for_each(|folder| disk.sync_folder(folder))?;
    Ok(end - size)
}
