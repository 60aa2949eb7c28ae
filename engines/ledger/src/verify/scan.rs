//! Reads each bundle and the tile of its leaf hashes, and notes where they differ.

use super::report::Change;
use super::{name, printable, read};
use crate::disk::Disk;
use crate::edge::unpack;
use crate::error::LogError;
use crate::hash::{Hash, complete_root, leaf_hash};
use crate::tile::{Kind, Tile, WIDTH, entries};
use crate::tree::{Nodes, range_root};

/// A tree folded up to the roots of its bundles.
#[derive(Clone, Debug, Default)]
pub(super) struct Folded {
    /// The root of each full bundle.
    pub full: Vec<Hash>,
    /// The leaf hashes of the last, unfinished one.
    pub tail: Vec<Hash>,
}

impl Folded {
    fn push(&mut self, hashes: Vec<Hash>) {
        if hashes.len() as u64 == WIDTH {
            self.full.push(complete_root(&hashes));
        } else {
            self.tail = hashes;
        }
    }

    pub fn root(&self) -> Hash {
        let size = self.full.len() as u64 * WIDTH + self.tail.len() as u64;
        let Ok(root) = range_root(self, 0, size);
        root
    }
}

impl Nodes for Folded {
    type Error = std::convert::Infallible;

    fn node(&self, height: u32, index: u64) -> Result<Hash, Self::Error> {
        let place = |index: u64| usize::try_from(index).expect("it counts hashes in memory");
        Ok(if height >= 8 {
            let first = place(index << (height - 8));
            complete_root(&self.full[first..first + (1 << (height - 8))])
        } else {
            let first = place((index << height) - self.full.len() as u64 * WIDTH);
            complete_root(&self.tail[first..first + (1 << height)])
        })
    }
}

/// A bundle whose entries do not have the stored leaf hashes.
#[derive(Debug)]
pub(super) struct Difference {
    /// The bundle's number.
    pub bundle: u64,
    /// The first entry that differs, or, if `appended`, the first that is too many.
    pub index: u64,
    /// How many differ, in this bundle.
    pub count: u64,
    pub change: Change,
    /// What stands in the bundle at `index`.
    pub text: Option<String>,
    /// Entries are too few or too many, so the bundle itself is damaged whatever the hashes say.
    pub certain: bool,
    /// There are more entries than the checkpoint covers, and those it covers are as they should be.
    pub appended: bool,
}

/// What the two lowest levels tell.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// The tree over the entries (over the stored leaf hash where an entry is missing).
    pub entries: Folded,
    /// The tree over the stored leaf hashes (over the entry's where the hash is missing).
    pub hashes: Folded,
    pub differences: Vec<Difference>,
    /// Tiles of leaf hashes that are missing or have a wrong length: file, first entry, what.
    pub broken_tiles: Vec<(String, u64, String)>,
    /// The first bundle from which on there is neither an entry nor a hash, if there is one.
    pub missing_from: Option<u64>,
}

pub(super) fn scan(
    disk: &Disk,
    size: u64,
    listed: &[Tile],
    progress: &mut impl FnMut(u64),
) -> Result<Scan, LogError> {
    let mut scan = Scan::default();
    // A forged checkpoint may claim 2^64 entries: nothing is looked for past the last file.
    let low = |tile: &&Tile| matches!(tile.kind, Kind::Entries | Kind::Level(0));
    let end = listed.iter().filter(low).map(|tile| tile.index + 1).max().unwrap_or(0);
    for bundle in 0..size.div_ceil(WIDTH) {
        if bundle >= end {
            scan.missing_from = Some(bundle);
            break;
        }
        scan_bundle(disk, size, bundle, &mut scan)?;
        progress(size.min((bundle + 1) * WIDTH));
    }
    Ok(scan)
}

fn scan_bundle(disk: &Disk, size: u64, bundle: u64, scan: &mut Scan) -> Result<(), LogError> {
    let (Some(entry_file), Some(hash_file)) =
        (Tile::in_tree(Kind::Entries, bundle, size), Tile::in_tree(Kind::Level(0), bundle, size))
    else {
        return Ok(());
    };
    let width = usize::try_from(entry_file.width).expect("at most 256");
    let bytes = read(disk, entry_file)?;
    let (found, whole) = entries(bytes.as_deref().unwrap_or_default());
    let mut actual: Vec<Hash> = found.iter().map(|entry| leaf_hash(entry)).collect();
    let stored = read(disk, hash_file)?.unwrap_or_default();
    let mut expected = unpack(&stored);
    if stored.len() != width * Hash::LENGTH {
        let what = format!("has {} bytes instead of {}", stored.len(), width * Hash::LENGTH);
        scan.broken_tiles.push((name(hash_file), hash_file.first_leaf(), what));
        // Whatever is left of it proves nothing more than the entries do.
        expected.clone_from(&actual);
        expected.resize(width, Hash([0; 32]));
    }
    if actual != expected || !whole {
        scan.differences.push(difference(bundle, &found, whole, &actual, &expected));
    }
    // Fills what is missing, so that the hashes above can still be checked.
    actual.truncate(width);
    actual.extend_from_slice(&expected[actual.len()..]);
    scan.entries.push(actual);
    scan.hashes.push(expected);
    Ok(())
}

fn difference(
    bundle: u64,
    found: &[&[u8]],
    whole: bool,
    actual: &[Hash],
    expected: &[Hash],
) -> Difference {
    let differs = |i: &usize| actual.get(*i) != expected.get(*i);
    let first = (0..expected.len()).find(differs).unwrap_or(expected.len());
    let follows =
        |hashes: &[Hash], hash: Option<&Hash>| hash.is_some() && hashes.get(first + 1) == hash;
    let change = match () {
        () if first >= actual.len() => Change::Missing,
        () if follows(expected, actual.get(first)) => Change::Dropped,
        () if follows(actual, expected.get(first)) => Change::Inserted,
        () => Change::Altered,
    };
    Difference {
        bundle,
        index: bundle * WIDTH + first as u64,
        count: (0..expected.len()).filter(differs).count() as u64,
        change,
        text: found.get(first).and_then(|entry| printable(entry)),
        certain: !whole || actual.len() != expected.len(),
        appended: first == expected.len(),
    }
}
