//! Attacks on a copied log: each must be found, and the first entry it touches named.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::crash_tests::{entries as texts, key, open};
use crate::hash::leaf_hash;
use crate::tile::push_entry;

fn log(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path()).unwrap();
    let early = count / 2; // two batches, so that an earlier state of the unfinished files is there
    log.append(&texts(0..early)).unwrap();
    log.append(&texts(early..count)).unwrap();
    folder
}

fn verify(dir: &Path) -> Report {
    let key = key().verifier("log.example").unwrap();
    verify_folder(dir, Some(&key), |_| ()).unwrap()
}

fn bundle(texts: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in texts {
        assert!(push_entry(&mut bytes, text));
    }
    bytes
}

fn alter(dir: &Path, file: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let path = dir.join(file);
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// The only entry problem must be this one.
fn assert_entry(report: &Report, at: u64, in_file: &str, how: Change, now: Option<&str>) {
    let told: Vec<_> = report.problems.iter().filter(|p| p.entry().is_some()).collect();
    let [Problem::Entry { index, file, change, text, .. }] = told[..] else {
        panic!("{report}");
    };
    let found = (*index, file.as_str(), *change, text.as_deref());
    assert_eq!(found, (at, in_file, how, now), "{report}");
    assert_eq!(report.first_altered(), Some(at));
    assert!(!report.is_intact());
}

#[test]
fn an_intact_log_is_intact_at_every_turn_of_a_tile() {
    for size in [0, 1, 2, 255, 256, 257, 512, 700] {
        let folder = log(size);
        let mut last = 0;
        let report = verify_folder(folder.path(), None, |done| last = done).unwrap();
        assert!(report.is_intact(), "{report}");
        assert_eq!((report.size, last), (size as u64, size as u64));
        assert!(!report.key_given);
        assert_eq!(report.root, crate::tree_root(&texts(0..size)));
    }
}

#[test]
fn the_whole_log_is_not_needed_only_the_copied_folder() {
    let folder = log(300);
    let copy = tempfile::tempdir().unwrap();
    let disk = Disk::new(folder.path());
    let mut files = disk.tile_files().unwrap();
    files.extend([CHECKPOINT.into(), VERIFIER_KEY.into()]);
    for file in files {
        let to = copy.path().join(&file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(folder.path().join(&file), to).unwrap();
    }
    assert!(verify(copy.path()).is_intact());
}

#[test]
fn an_altered_entry_is_named_with_its_text() {
    let folder = log(700);
    alter(folder.path(), "tile/entries/001", |bytes| {
        let at = bytes.windows(3).position(|window| window == b"300").unwrap();
        bytes[at] = b'9';
    });
    let report = verify(folder.path());
    let now = Some("entry number 900");
    assert_entry(&report, 300, "tile/entries/001", Change::Altered, now);
    assert_eq!(report.problems.len(), 1, "{report}");
    let line = "- entry 300 was altered (tile/entries/001); there stands: entry number 900";
    assert!(report.to_string().ends_with(line), "{report}");
}

#[test]
fn an_entry_that_a_terminal_cannot_show_is_named_without_its_text() {
    let folder = log(20);
    alter(folder.path(), "tile/entries/000.p/20", |bytes| bytes[3] = 0x1b);
    assert_entry(&verify(folder.path()), 0, "tile/entries/000.p/20", Change::Altered, None);
}

#[test]
fn a_dropped_an_inserted_and_a_missing_entry_are_told_apart() {
    let (all, file) = (texts(0..20), "tile/entries/000.p/20");
    let folder = log(20);
    let dropped = [&all[..7], &all[8..]].concat();
    fs::write(folder.path().join(file), bundle(&dropped)).unwrap();
    assert_entry(&verify(folder.path()), 7, file, Change::Dropped, Some("entry number 8"));

    let inserted = [&all[..7], &[b"new".to_vec()], &all[7..]].concat();
    fs::write(folder.path().join(file), bundle(&inserted)).unwrap();
    assert_entry(&verify(folder.path()), 7, file, Change::Inserted, Some("new"));

    fs::write(folder.path().join(file), bundle(&all[..19])).unwrap();
    assert_entry(&verify(folder.path()), 19, file, Change::Missing, None);

    alter(folder.path(), file, |bytes| bytes.truncate(30));
    assert_entry(&verify(folder.path()), 1, file, Change::Missing, None);

    fs::remove_file(folder.path().join(file)).unwrap();
    assert_entry(&verify(folder.path()), 0, file, Change::Missing, None);
}

#[test]
fn an_appended_entry_is_named() {
    let (all, file) = (texts(0..21), "tile/entries/000.p/20");
    let folder = log(20);
    fs::write(folder.path().join(file), bundle(&all)).unwrap();
    let report = verify(folder.path());
    let text = Some("entry number 20".into());
    let expected = Problem::Unsealed { index: 20, file: file.into(), text: text.clone() };
    assert_eq!(report.problems, [expected], "{report}");

    fs::write(folder.path().join(file), bundle(&all[..20])).unwrap();
    fs::write(folder.path().join("tile/entries/000.p/21"), bundle(&all)).unwrap();
    let report = verify(folder.path());
    let file = "tile/entries/000.p/21".into();
    assert_eq!(report.problems, [Problem::Unsealed { index: 20, file, text }], "{report}");
}

#[test]
fn swapped_bundles_are_named_at_their_first_entry() {
    let folder = log(700);
    let (one, two) =
        (folder.path().join("tile/entries/000"), folder.path().join("tile/entries/001"));
    let (first, second) = (fs::read(&one).unwrap(), fs::read(&two).unwrap());
    fs::write(one, second).unwrap();
    fs::write(two, first).unwrap();
    let report = verify(folder.path());
    let told: Vec<_> = report.problems.iter().filter_map(Problem::entry).collect();
    assert_eq!((report.first_altered(), told), (Some(0), vec![0, 256]), "{report}");
}

#[test]
fn an_altered_tile_is_blamed_and_not_its_entries() {
    for (file, byte, first) in
        [("tile/0/001", 32 * 9, 265), ("tile/0/002.p/188", 0, 512), ("tile/1/000.p/2", 32, 256)]
    {
        let folder = log(700);
        alter(folder.path(), file, |bytes| bytes[byte] ^= 1);
        let report = verify(folder.path());
        let [Problem::Tile { file: named, first: from, .. }] = &report.problems[..] else {
            panic!("{report}");
        };
        assert_eq!((named.as_str(), *from), (file, first));
        assert_eq!(report.first_altered(), None, "the entries are as they were signed");
        alter(folder.path(), file, |bytes| bytes.truncate(33));
        assert!(!verify(folder.path()).is_intact(), "{file} cut");
        fs::remove_file(folder.path().join(file)).unwrap();
        assert!(!verify(folder.path()).is_intact(), "{file} removed");
    }
}

#[test]
fn an_altered_entry_and_an_altered_tile_elsewhere_are_told_apart() {
    let folder = log(700);
    alter(folder.path(), "tile/entries/000", |bytes| bytes[2] = b'E');
    alter(folder.path(), "tile/0/001", |bytes| bytes[0] ^= 1);
    let report = verify(folder.path());
    let now = Some("Entry number 0");
    assert_entry(&report, 0, "tile/entries/000", Change::Altered, now);
    let tile = |p: &Problem| matches!(p, Problem::Tile { file, .. } if file == "tile/0/001");
    assert!(report.problems.iter().any(tile), "{report}");
    assert_eq!(report.problems.len(), 2, "{report}");
}

#[test]
fn an_entry_altered_together_with_its_hash_is_told_by_the_hash_above() {
    let folder = log(700);
    alter(folder.path(), "tile/entries/001", |bytes| bytes[2] = b'E');
    let forged = leaf_hash(b"Entry number 256");
    alter(folder.path(), "tile/0/001", |bytes| bytes[..32].copy_from_slice(&forged.0));
    let report = verify(folder.path());
    let file = "tile/1/000.p/2".into();
    assert_eq!(report.problems[0], Problem::Rewritten { first: 256, last: 511, file }, "{report}");
    assert!(matches!(report.problems[1], Problem::Root { found: Some(_) }));
}

/// Rewrites history with all hashes, as who owns the disk can, without or with a signing key.
fn rewritten(key: crate::SignerKey) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut forged = texts(0..300);
    forged[17] = b"nothing happened here".to_vec();
    crate::Log::open(folder.path(), "log.example", key).unwrap().append(&forged).unwrap();
    folder
}

#[test]
fn a_history_rewritten_with_all_its_hashes_fails_on_the_signed_root() {
    let (folder, forged) = (log(300), rewritten(key()));
    fs::copy(folder.path().join(CHECKPOINT), forged.path().join(CHECKPOINT)).unwrap();
    let report = verify(forged.path());
    assert!(matches!(report.problems[..], [Problem::Root { found: Some(_) }]), "{report}");
}

#[test]
fn a_forged_checkpoint_is_refused_by_the_known_key() {
    let folder = log(20);
    alter(folder.path(), CHECKPOINT, |bytes| {
        let at = bytes.windows(4).position(|window| window == b"\n20\n").unwrap();
        bytes[at + 2] = b'1';
    });
    let report = verify(folder.path());
    let forged =
        |p: &Problem| matches!(p, Problem::Checkpoint { reason } if reason.contains("forged"));
    assert!(report.problems.iter().any(forged), "{report}");
    fs::write(folder.path().join(CHECKPOINT), "junk").unwrap();
    assert!(!verify(folder.path()).is_intact());
    fs::remove_file(folder.path().join(CHECKPOINT)).unwrap();
    assert!(matches!(
        verify_folder(folder.path(), None, |_| ()),
        Err(VerifyError::NoCheckpoint(_))
    ));
}

#[test]
fn a_folder_rewritten_with_another_key_passes_only_its_own_key() {
    use rand::SeedableRng as _;
    let stranger = crate::SignerKey::generate(&mut rand::rngs::StdRng::seed_from_u64(9));
    let forged = rewritten(stranger);
    let report = verify_folder(forged.path(), None, |_| ()).unwrap();
    assert!(report.is_intact() && !report.key_given, "without a known key nothing can be told");
    assert!(report.to_string().contains("from the folder itself"), "and it says so");
    let report = verify(forged.path());
    assert!(report.problems.iter().any(|p| matches!(p, Problem::OtherKey { .. })), "{report}");
    assert!(report.problems.iter().any(|p| matches!(p, Problem::Checkpoint { .. })), "{report}");
}

#[test]
fn a_checkpoint_that_claims_too_much_ends_soon() {
    let folder = log(20);
    alter(folder.path(), CHECKPOINT, |bytes| {
        let note = String::from_utf8(bytes.clone()).unwrap();
        *bytes = note.replacen("\n20\n", "\n18446744073709551615\n", 1).into_bytes();
    });
    let report = verify(folder.path());
    assert!(report.problems.iter().any(|p| matches!(p, Problem::Root { found: None })), "{report}");
}

#[test]
fn an_altered_earlier_state_is_found() {
    let folder = log(20);
    alter(folder.path(), "tile/entries/000.p/10", |bytes| bytes[2] = b'E');
    let report = verify(folder.path());
    let file = "tile/entries/000.p/10".into();
    assert_eq!(report.problems, [Problem::History { file }], "{report}");
}

#[test]
fn a_folder_without_a_key_needs_one() {
    let folder = log(2);
    fs::remove_file(folder.path().join(VERIFIER_KEY)).unwrap();
    assert!(verify(folder.path()).is_intact());
    let told = verify_folder(folder.path(), None, |_| ());
    assert!(matches!(told, Err(VerifyError::NoKey { source: None, .. })));
    fs::write(folder.path().join(VERIFIER_KEY), "junk").unwrap();
    let told = verify_folder(folder.path(), None, |_| ());
    assert!(matches!(told, Err(VerifyError::NoKey { source: Some(_), .. })));
}

#[test]
fn the_report_is_stable_json() {
    let folder = log(1);
    alter(folder.path(), "tile/entries/000.p/1", |bytes| bytes[2] = b'E');
    let json = serde_json::to_value(verify(folder.path())).unwrap();
    assert_eq!(json["problems"][0]["problem"], "entry");
    assert_eq!(json["problems"][0]["change"], "altered");
    assert_eq!(json["root"].as_str().unwrap().len(), 64);
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::with_cases(60) })]
    #[test]
    fn any_flipped_bit_of_any_file_is_found_and_the_entry_named(
        file in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), bit in 0..8u32,
    ) {
        let folder = log(700);
        let mut files = Disk::new(folder.path()).tile_files().unwrap();
        files.push(CHECKPOINT.into());
        let path = folder.path().join(file.get(&files));
        let mut bytes = fs::read(&path).unwrap();
        let at = place.index(bytes.len());
        bytes[at] ^= 1 << bit;
        fs::write(&path, bytes).unwrap();
        let report = verify(folder.path());
        prop_assert!(!report.is_intact(), "{}", path.display());
        let name = file.get(&files);
        if name.starts_with("tile/entries") {
            // A flipped bit of a length shifts what follows: named all the same, at its entry.
            let tile = Tile::from_path(name).unwrap();
            let now = Tile::in_tree(tile.kind, tile.index, 700) == Some(tile);
            prop_assert_eq!(report.first_altered().is_some(), now, "{}", report);
        }
    }
}
