//! Holds the folder that a log writes, and the proofs that it gives, against `tlog_tiles` and
//! `signed_note`, which share no code with it.

use std::fs;
use std::path::Path;

use ledger::{Log, LogError, SignerKey, leaf_hash, verify_consistency, verify_inclusion};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{Error, Tile, TileHashReader, TileReader};

/// Reads our folder as a client of the specification would.
struct Folder<'a>(&'a Path);

impl TileReader for Folder<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        // The older layout of the oracle writes the tile's height into the path.
        let read =
            |tile: &Tile| fs::read(self.0.join(tile.path().replacen("/8/", "/", 1))).unwrap();
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

fn entries(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|i| i.to_be_bytes().to_vec()).collect()
}

fn log(dir: &Path, batches: &[u64]) -> Log {
    let key = SignerKey::generate(&mut StdRng::seed_from_u64(3));
    let mut log = Log::open(dir, "log.example", key).unwrap();
    let all = entries(batches.iter().sum());
    let mut rest = &all[..];
    for batch in batches {
        let (batch, after) = rest.split_at(usize::try_from(*batch).unwrap());
        log.append(batch).unwrap();
        rest = after;
    }
    log
}

fn theirs(hash: ledger::Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(hash.0)
}

/// The checkpoint verifies there, its root authenticates our tiles, and both give equal proofs.
fn assert_agrees(log: &Log, dir: &Path, index: u64, old: u64) {
    let note = fs::read(dir.join("checkpoint")).unwrap();
    assert_eq!(note, log.checkpoint().as_bytes());
    let note = Note::from_bytes(&note).unwrap();
    let key = fs::read_to_string(dir.join("verifier.key")).unwrap();
    let known = StandardVerifier::new(key.trim_end()).unwrap();
    note.verify(&VerifierList::new(vec![Box::new(known)])).unwrap();
    let promise = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    let size = log.size();
    assert_eq!((promise.size(), promise.hash().0), (size, log.root().0));
    if size == 0 {
        return;
    }
    let folder = Folder(dir);
    let reader = TileHashReader::new(size, *promise.hash(), &folder);
    let leaf = leaf_hash(&log.leaf(index).unwrap());
    let proof = log.inclusion_proof(index, size).unwrap();
    verify_inclusion(leaf, index, size, &proof, log.root()).unwrap();
    let expected = tlog_tiles::prove_record(size, index, &reader).unwrap();
    assert_eq!(proof.iter().copied().map(theirs).collect::<Vec<_>>(), expected);

    let proof = log.consistency_proof(old, size).unwrap();
    verify_consistency(old, size, &proof, log.root_at(old).unwrap(), log.root()).unwrap();
    if old > 0 {
        let expected = tlog_tiles::prove_tree(size, old, &reader).unwrap();
        assert_eq!(proof.iter().copied().map(theirs).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn logs_of_every_turn_of_a_tile_agree_with_the_oracles() {
    for size in [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537] {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path(), &[size]);
        for index in [0, 1, 254, 255, 256, 257, size / 2, size - 1] {
            if index < size {
                assert_agrees(&log, folder.path(), index, index + 1);
            }
        }
    }
}

#[test]
fn a_reopened_log_gives_the_same_proofs() {
    let folder = tempfile::tempdir().unwrap();
    let before = log(folder.path(), &[256, 1, 300]);
    let proof = before.inclusion_proof(256, 557).unwrap();
    let note = before.checkpoint().to_owned();
    drop(before);
    let key = SignerKey::generate(&mut StdRng::seed_from_u64(3));
    let after = Log::open(folder.path(), "log.example", key).unwrap();
    assert_eq!(after.checkpoint(), note);
    assert_eq!(after.inclusion_proof(256, 557).unwrap(), proof);
    assert_agrees(&after, folder.path(), 300, 257);
}

#[test]
fn what_is_not_there_has_no_proof() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = log(folder.path(), &[3]);
    assert!(matches!(log.leaf(3), Err(LogError::OutOfRange { index: 3, size: 3 })));
    assert!(log.inclusion_proof(3, 3).is_err());
    assert!(log.inclusion_proof(0, 4).is_err());
    assert!(log.inclusion_proof(2, 2).is_err());
    assert!(log.consistency_proof(2, 4).is_err());
    assert!(log.consistency_proof(3, 2).is_err());
    assert!(log.root_at(4).is_err());
    assert_eq!(log.consistency_proof(0, 3).unwrap(), []);
    let empty: [Vec<u8>; 0] = [];
    assert_eq!(log.append(&empty).unwrap(), 3..3);
}

#[test]
fn an_entry_may_have_65535_bytes_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = log(folder.path(), &[3]);
    let longest = vec![b'x'; ledger::MAX_ENTRY];
    let refused = log.append(&[vec![], vec![0; ledger::MAX_ENTRY + 1]]);
    assert!(matches!(refused, Err(LogError::TooLong { position: 1, bytes: 65_536 })));
    assert_eq!(log.append(&[longest.clone(), vec![]]).unwrap(), 3..5, "and it may go on");
    assert_eq!(log.leaf(3).unwrap(), longest);
    assert_eq!(log.leaf(4).unwrap(), b"");
}

#[test]
fn an_altered_tile_or_entry_is_not_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    let log = log(folder.path(), &[300]);
    for file in ["tile/0/000", "tile/entries/000"] {
        let path = folder.path().join(file);
        let sound = fs::read(&path).unwrap();
        let mut altered = sound.clone();
        altered[9] ^= 1;
        fs::write(&path, altered).unwrap();
        assert!(matches!(log.leaf(0), Err(LogError::Contradiction { .. })), "{file}");
        if file == "tile/0/000" {
            let proof = log.inclusion_proof(1, 300);
            assert!(matches!(proof, Err(LogError::Contradiction { .. })), "{file}");
        }
        fs::write(&path, sound).unwrap();
    }
    assert!(log.leaf(0).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::with_cases(40) })]
    #[test]
    fn random_logs_agree_with_the_oracles(
        batches in prop::collection::vec(0..400u64, 1..5),
        index in any::<u64>(), old in any::<u64>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path(), &batches);
        let size = log.size();
        assert_agrees(&log, folder.path(), index % size.max(1), old % (size + 1));
    }

    #[test]
    fn proofs_of_earlier_sizes_hold(size in 2..900u64, a in any::<u64>(), b in any::<u64>()) {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path(), &[size]);
        let middle = 1 + a % size;
        let index = b % middle;
        let root = log.root_at(middle).unwrap();
        let expected = ledger::tree_root(&entries(middle));
        prop_assert_eq!(root, expected);
        let proof = log.inclusion_proof(index, middle).unwrap();
        let leaf = leaf_hash(&index.to_be_bytes());
        prop_assert_eq!(verify_inclusion(leaf, index, middle, &proof, root), Ok(()));
        let proof = log.consistency_proof(index, middle).unwrap();
        let old = log.root_at(index).unwrap();
        prop_assert_eq!(verify_consistency(index, middle, &proof, old, root), Ok(()));
    }
}
