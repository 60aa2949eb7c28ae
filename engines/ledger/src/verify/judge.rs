//! Decides, where entries and hashes differ, which of them are as they were signed.

use super::report::Problem;
use super::scan::{Difference, Folded, Scan};
use super::{name, read};
use crate::checkpoint::Checkpoint;
use crate::disk::Disk;
use crate::edge::unpack;
use crate::error::LogError;
use crate::hash::{Hash, complete_root};
use crate::tile::{Kind, Tile, WIDTH};

/// Adds to `problems` what the scan and the levels above it prove.
///
/// The signed root is the judge: if the entries lead to it, every differing hash was altered; if
/// the stored leaf hashes lead to it, every differing entry was. If neither does, because of both
/// kinds of alteration, the hash that the level above stores for the bundle decides.
pub(super) fn judge(
    disk: &Disk,
    claim: &Checkpoint,
    scan: Scan,
    problems: &mut Vec<Problem>,
) -> Result<(), LogError> {
    let complete = scan.missing_from.is_none();
    let entries_right = complete && scan.entries.root() == claim.root;
    let hashes_right = complete && !entries_right && scan.hashes.root() == claim.root;
    let mut best = if entries_right { scan.entries.clone() } else { scan.hashes.clone() };
    for difference in scan.differences {
        let blame_hashes = !difference.certain
            && (entries_right
                || !hashes_right && above_agrees(disk, claim.size, &scan.entries, &difference)?);
        if blame_hashes
            && let Ok(place) = usize::try_from(difference.bundle)
            && place < best.full.len()
        {
            best.full[place] = scan.entries.full[place];
        }
        problems.push(problem(claim.size, difference, blame_hashes));
    }
    for (file, first, what) in scan.broken_tiles {
        problems.push(Problem::Tile { file, first, what });
    }
    if let Some(bundle) = scan.missing_from {
        let index = bundle * WIDTH;
        if let Some(tile) = Tile::in_tree(Kind::Entries, bundle, claim.size) {
            let (file, change, count) = (name(tile), super::Change::Missing, claim.size - index);
            problems.push(Problem::Entry { index, file, change, count, text: None });
        }
    }
    let found = complete.then(|| best.root());
    let proven = found == Some(claim.root);
    check_levels(disk, claim.size, best, proven, problems)?;
    if !proven {
        problems.push(Problem::Root { found });
    }
    Ok(())
}

/// Whether the level above stores the hash that this bundle's entries lead to.
fn above_agrees(
    disk: &Disk,
    size: u64,
    entries: &Folded,
    difference: &Difference,
) -> Result<bool, LogError> {
    let above = Tile::in_tree(Kind::Level(1), difference.bundle / WIDTH, size);
    let Some(above) = above else { return Ok(false) };
    let stored = unpack(&read(disk, above)?.unwrap_or_default());
    let slot = usize::try_from(difference.bundle % WIDTH).expect("below 256");
    let found = usize::try_from(difference.bundle).ok().and_then(|at| entries.full.get(at));
    Ok(found.is_some() && stored.get(slot) == found)
}

fn problem(size: u64, difference: Difference, blame_hashes: bool) -> Problem {
    let Difference { bundle, index, count, change, text, appended, .. } = difference;
    let file = |kind| {
        let tile = Tile::in_tree(kind, bundle, size);
        name(tile.unwrap_or(Tile { kind, index: bundle, width: WIDTH }))
    };
    match () {
        () if blame_hashes => Problem::Tile {
            file: file(Kind::Level(0)),
            first: index,
            what: "has hashes that are not those of the sealed entries".into(),
        },
        () if appended => Problem::Unsealed { index, file: file(Kind::Entries), text },
        () => Problem::Entry { index, file: file(Kind::Entries), change, count, text },
    }
}

/// Holds every level above the leaf hashes against what the leaves lead to. If that is `proven` by
/// the signed root, a differing tile was altered; if not, the tile tells where a leaf was.
fn check_levels(
    disk: &Disk,
    size: u64,
    best: Folded,
    proven: bool,
    problems: &mut Vec<Problem>,
) -> Result<(), LogError> {
    let (mut level, mut hashes) = (1, best.full);
    while !hashes.is_empty() {
        let kind = Kind::Level(level);
        for (index, computed) in (0..).zip(hashes.chunks(256)) {
            let Some(tile) = Tile::in_tree(kind, index, size) else { continue };
            let stored = read(disk, tile)?.unwrap_or_default();
            check_tile(tile, computed, &stored, proven, problems);
        }
        hashes = hashes.as_chunks::<256>().0.iter().map(|full| complete_root(full)).collect();
        level += 1;
    }
    Ok(())
}

fn check_tile(
    tile: Tile,
    computed: &[Hash],
    bytes: &[u8],
    proven: bool,
    problems: &mut Vec<Problem>,
) {
    let (stored, height) = (unpack(bytes), tile.kind.height());
    let entry = |slot: usize| tile.first_leaf() + ((slot as u64) << height);
    let differing = (0..computed.len()).find(|slot| stored.get(*slot) != computed.get(*slot));
    let (file, sound) = (name(tile), bytes.len() as u64 == tile.width * Hash::LENGTH as u64);
    if proven || !sound {
        if differing.is_some() || !sound {
            let what = "has hashes that are not those of the sealed entries".into();
            problems.push(Problem::Tile { file, first: entry(differing.unwrap_or(0)), what });
        }
        return;
    }
    let Some(slot) = differing else { return };
    let (first, last) = (entry(slot), entry(slot + 1) - 1);
    // A lower level, or the bundle itself, may have told it more closely already.
    let told = problems.iter().any(|problem| match problem {
        Problem::Entry { index, .. } => (first..=last).contains(index),
        Problem::Rewritten { first: narrower, .. } => (first..=last).contains(narrower),
        _ => false,
    });
    if !told {
        problems.push(Problem::Rewritten { first, last, file });
    }
}
