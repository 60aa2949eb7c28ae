//! The log: append, read, prove.

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::checkpoint::Checkpoint;
use crate::disk::Disk;
use crate::edge::{Edge, NewFile, slots, tile_index, unpack};
use crate::error::LogError;
use crate::hash::{Hash, complete_root, leaf_hash};
use crate::key::{SignerKey, VerifierKey};
use crate::proof::verify_inclusion;
use crate::tile::{Kind, Tile, WIDTH, entries};
use crate::tree::{Nodes, consistency_path, inclusion_path, range_root};

/// The name of the checkpoint in a log's folder.
pub(crate) const CHECKPOINT: &str = "checkpoint";
/// The name of the verifier key in a log's folder.
pub(crate) const VERIFIER_KEY: &str = "verifier.key";

/// A log that this process alone may extend. It holds the lock until it is dropped.
///
/// In memory it keeps the unfinished files of the tree's right edge: at most 256 entries and 256
/// hashes a level, whatever the log's size.
#[derive(Debug)]
pub struct Log {
    pub(crate) disk: Disk,
    pub(crate) key: SignerKey,
    pub(crate) verifier: VerifierKey,
    pub(crate) edge: Edge,
    pub(crate) root: Hash,
    pub(crate) note: String,
    pub(crate) discarded: u64,
    pub(crate) poisoned: bool,
    /// Holds the lock by being open.
    pub(crate) _lock: File,
}

impl Log {
    /// Seals a batch of entries, in this order, under one new checkpoint, and returns their
    /// indices. When it returns they are on the disk. An empty batch changes nothing.
    ///
    /// # Errors
    /// [`LogError::TooLong`] leaves the log as it was. After [`LogError::Io`] the batch is sealed
    /// whole or not at all, and [`LogError::Poisoned`] answers every further append, until the log
    /// has been opened again: its [`size`](Log::size) tells which.
    pub fn append(&mut self, leaves: &[Vec<u8>]) -> Result<Range<u64>, LogError> {
        if self.poisoned {
            return Err(LogError::Poisoned);
        }
        let old = self.edge.size;
        let (edge, files) = self
            .edge
            .extend(leaves)
            .map_err(|position| LogError::TooLong { position, bytes: leaves[position].len() })?;
        if edge.size == old {
            return Ok(old..old);
        }
        let root = edge.root();
        let origin = self.verifier.name().to_owned();
        let note = Checkpoint { origin, size: edge.size, root }.sign(&self.key, &self.verifier);

        self.poisoned = true; // until every step below is done
        self.store(&files)?;
        // A crash up to here leaves files past the old checkpoint. Nobody was promised them: opening
        // the log removes them, and the caller, who has had no answer, appends its entries again.
        replace_checkpoint(&mut self.disk, &note)?;
        // A crash from here on leaves the new checkpoint, and all that it promises is on the disk.
        (self.edge, self.root, self.note, self.poisoned) = (edge, root, note, false);
        self.drop_superseded(&files);
        Ok(old..self.edge.size)
    }

    /// Writes entries and hashes so that they last.
    fn store(&mut self, files: &[NewFile]) -> Result<(), LogError> {
        let mut changed = BTreeSet::new();
        for (tile, bytes) in files {
            self.disk.make_folder_of(&tile.path(), &mut changed)?;
            self.disk.prepare(&tile.path(), bytes)?;
        }
        // A crash here leaves files with temporary names, which nobody reads.
        for (tile, _) in files {
            // No file that the old checkpoint covers is ever replaced: an unfinished file has its
            // width in its name, so a longer one has another name.
            self.disk.publish(&tile.path())?;
        }
        // A crash here may leave any of the new names, and a power cut may take some of them back:
        // whence the next step, without which a checkpoint could outlive what it promises.
        self.disk.sync_folders(changed)
    }

    /// Removes unfinished files that a full one has replaced. Readers that hold an older checkpoint
    /// find the same entries at the beginning of the full file, as the specification tells them.
    fn drop_superseded(&self, files: &[NewFile]) {
        for (tile, _) in files.iter().filter(|(tile, _)| tile.is_full()) {
            let path = Tile { width: 1, ..*tile }.path();
            if let Some(folder) = path.parent() {
                // The batch is sealed already, so a failure is not the caller's: what is left over
                // is removed when the log is opened.
                drop(self.disk.remove(folder));
            }
        }
    }

    /// The number of sealed entries.
    pub fn size(&self) -> u64 {
        self.edge.size
    }

    /// The root of the tree over all of them.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// The signed checkpoint, as it stands in the file `checkpoint`.
    pub fn checkpoint(&self) -> &str {
        &self.note
    }

    /// The key that others verify this log's checkpoints with.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// How many entries past the checkpoint were found and removed when the log was opened. After a
    /// crash it is at most one batch; more than that means that someone put back an old checkpoint.
    pub fn discarded(&self) -> u64 {
        self.discarded
    }

    /// The entry at `index`, checked against its leaf hash.
    ///
    /// # Errors
    /// [`LogError::OutOfRange`], [`LogError::Io`], or [`LogError::Contradiction`] if the file was
    /// altered.
    pub fn leaf(&self, index: u64) -> Result<Vec<u8>, LogError> {
        let tile = Tile::in_tree(Kind::Entries, index / WIDTH, self.size());
        let tile = tile.filter(|_| index < self.size());
        let tile = tile.ok_or(LogError::OutOfRange { index, size: self.size() })?;
        let read;
        let bundle = if tile.is_full() {
            read = self.disk.read(&tile.path())?.unwrap_or_default();
            &read
        } else {
            &self.edge.bundle
        };
        let (place, _) = slots(0, index);
        let entry = entries(bundle).0.get(place).copied();
        let hash = self.reader().node(0, index)?;
        entry.filter(|entry| leaf_hash(entry) == hash).map(<[u8]>::to_vec).ok_or_else(|| {
            contradiction(
                &self.disk,
                &tile.path(),
                format!("entry {index} is not as it was sealed"),
            )
        })
    }

    /// The root that the log had at `size` entries.
    ///
    /// # Errors
    /// As [`Log::inclusion_proof`].
    pub fn root_at(&self, size: u64) -> Result<Hash, LogError> {
        self.check(size, self.size() + 1)?;
        range_root(&self.reader(), 0, size)
    }

    /// The proof that entry `index` is in the tree of `size` entries, for
    /// [`verify_inclusion`]. At most 64 hashes, and as many files read.
    ///
    /// # Errors
    /// [`LogError::OutOfRange`] unless `index < size <= self.size()`; [`LogError::Io`];
    /// [`LogError::Contradiction`] if a tile was altered so that the proof would not hold.
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, LogError> {
        self.check(index, size)?;
        self.check(size, self.size() + 1)?;
        let reader = self.reader();
        let proof = inclusion_path(&reader, index, size)?;
        // Handing out a proof that fails would accuse the log of a lie where a tile is broken.
        let leaf = reader.node(0, index)?;
        if size == self.size() && verify_inclusion(leaf, index, size, &proof, self.root).is_err() {
            let what = format!("the hashes above entry {index} do not lead to the root");
            return Err(contradiction(&self.disk, Path::new("tile"), what));
        }
        Ok(proof)
    }

    /// The proof that the tree of `old` entries is the beginning of the one of `new` entries, for
    /// [`verify_consistency`](crate::verify_consistency).
    ///
    /// # Errors
    /// [`LogError::OutOfRange`] unless `old <= new <= self.size()`; as [`Log::inclusion_proof`].
    pub fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Hash>, LogError> {
        self.check(new, self.size() + 1)?;
        self.check(old, new + 1)?;
        consistency_path(&self.reader(), old, new)
    }

    fn check(&self, index: u64, end: u64) -> Result<(), LogError> {
        let size = end.min(self.size());
        if index < end { Ok(()) } else { Err(LogError::OutOfRange { index, size }) }
    }

    fn reader(&self) -> Reader<'_> {
        Reader { log: self, read: RefCell::default() }
    }
}

/// Replaces the checkpoint atomically: whoever reads it at any time, and after any crash, finds the
/// old one or the new one.
pub(crate) fn replace_checkpoint(disk: &mut Disk, note: &str) -> Result<(), LogError> {
    let path = Path::new(CHECKPOINT);
    disk.prepare(path, note.as_bytes())?;
    // A crash here: the old checkpoint stands. The new one, beside it, was shown to nobody.
    disk.publish(path)?;
    // A crash here: the new checkpoint stands, unless the power fails too; then either.
    disk.sync_folders(BTreeSet::from([PathBuf::new()]))
}

/// What `path` below the log's folder has that it should not have.
pub(crate) fn contradiction(disk: &Disk, path: &Path, what: impl Into<String>) -> LogError {
    LogError::Contradiction { path: disk.dir.join(path), what: what.into() }
}

/// Reads nodes from tiles, each file once.
struct Reader<'a> {
    log: &'a Log,
    read: RefCell<HashMap<Tile, Vec<Hash>>>,
}

impl Nodes for Reader<'_> {
    type Error = LogError;

    fn node(&self, height: u32, index: u64) -> Result<Hash, LogError> {
        let (kind, (first, count)) = (Kind::Level(height / 8), slots(height, index));
        let at = tile_index(height, index);
        let size = self.log.size();
        let tile = Tile::in_tree(kind, at, size).ok_or(LogError::OutOfRange { index, size })?;
        if let Some(hashes) = self.log.edge.tile(tile) {
            return Ok(complete_root(&hashes[first..first + count]));
        }
        let mut read = self.read.borrow_mut();
        let hashes = match read.entry(tile) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let bytes = self.log.disk.read(&tile.path())?.unwrap_or_default();
                if bytes.len() as u64 != tile.width * Hash::LENGTH as u64 {
                    let what = format!("it has {} bytes instead of 8192", bytes.len());
                    return Err(contradiction(&self.log.disk, &tile.path(), what));
                }
                place.insert(unpack(&bytes))
            }
        };
        Ok(complete_root(&hashes[first..first + count]))
    }
}
