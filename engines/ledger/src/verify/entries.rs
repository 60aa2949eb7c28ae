//! Reading the entries of a copied log, as they stand.

use std::path::Path;

use super::{VerifyError, read, tiles};
use crate::checkpoint::Checkpoint;
use crate::disk::Disk;
use crate::log::CHECKPOINT;
use crate::tile::{Kind, Tile, WIDTH, entries};

/// Hands the entries of the log in `dir` to `take`, from entry `from` to the last that the
/// checkpoint states, each with its index; none where nothing stands in its place. Stops where
/// `take` says `false`. Reads only, one bundle of 256 at a time.
///
/// Nothing is verified: [`verify_folder`](crate::verify_folder) tells whether these are the entries
/// that were sealed.
///
/// # Errors
/// [`VerifyError::NoCheckpoint`] where the folder is no log or its checkpoint cannot be read at
/// all, [`VerifyError::Read`] where the disk refuses.
pub fn read_entries(
    dir: &Path,
    from: u64,
    mut take: impl FnMut(u64, Option<&[u8]>) -> bool,
) -> Result<(), VerifyError> {
    let disk = Disk::new(dir);
    let note = disk.read(Path::new(CHECKPOINT))?.unwrap_or_default();
    let claim = Checkpoint::parse_unverified(&String::from_utf8_lossy(&note));
    let size = claim.map_err(|_| VerifyError::NoCheckpoint(dir.into()))?.size;
    // A forged checkpoint may claim 2^64 entries: nothing is looked for past the last file.
    let bundles = tiles(&disk)?.into_iter().filter(|tile| tile.kind == Kind::Entries);
    let end = bundles.map(|tile| tile.index + 1).max().unwrap_or(0);
    for bundle in from / WIDTH..end {
        let Some(tile) = Tile::in_tree(Kind::Entries, bundle, size) else { break };
        let bytes = read(&disk, tile)?.unwrap_or_default();
        let found = entries(&bytes).0;
        for (place, index) in (bundle * WIDTH..bundle * WIDTH + tile.width).enumerate() {
            if index >= from && !take(index, found.get(place).copied()) {
                return Ok(());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Log, SignerKey};

    fn log(count: usize) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let key = SignerKey::generate(&mut rand::rng());
        let mut log = Log::open(folder.path(), "centre.example/log", key).unwrap();
        let leaves: Vec<Vec<u8>> = (0..count).map(|n| format!("entry {n}").into_bytes()).collect();
        log.append(&leaves).unwrap();
        folder
    }

    fn all(dir: &Path, from: u64) -> Vec<(u64, Option<String>)> {
        let mut found = Vec::new();
        let text = |entry: &[u8]| String::from_utf8_lossy(entry).into_owned();
        read_entries(dir, from, |index, entry| {
            found.push((index, entry.map(text)));
            true
        })
        .unwrap();
        found
    }

    #[test]
    fn every_entry_from_one_on_is_handed_over_in_order() {
        let folder = log(300);
        let whole = all(folder.path(), 0);
        assert_eq!(whole.len(), 300);
        for (place, (index, text)) in whole.iter().enumerate() {
            assert_eq!((*index, text.as_deref()), (place as u64, Some(&*format!("entry {place}"))));
        }
        assert_eq!(all(folder.path(), 255), whole[255..]);
        assert_eq!(all(folder.path(), 299), whole[299..]);
        assert!(all(folder.path(), 300).is_empty() && all(folder.path(), u64::MAX).is_empty());
    }

    #[test]
    fn it_stops_when_told_and_says_where_nothing_stands() {
        let folder = log(300);
        let mut count = 0;
        read_entries(folder.path(), 10, |_, _| {
            count += 1;
            count < 5
        })
        .unwrap();
        assert_eq!(count, 5);
        std::fs::remove_file(folder.path().join("tile/entries/000")).unwrap();
        let found = all(folder.path(), 254);
        assert_eq!(found[0], (254, None));
        assert_eq!(found[2], (256, Some("entry 256".to_owned())));
    }

    #[test]
    fn a_folder_without_a_checkpoint_is_no_log() {
        let folder = tempfile::tempdir().unwrap();
        let refused = read_entries(folder.path(), 0, |_, _| true).unwrap_err();
        assert!(matches!(refused, VerifyError::NoCheckpoint(_)));
    }
}
