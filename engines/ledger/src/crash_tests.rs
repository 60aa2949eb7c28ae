//! Breaks every durable step of opening and appending, before it, within it and after it, and opens
//! the log again. Also a power cut: what was not forced to the disk is taken back.

use std::fs;
use std::path::Path;

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::disk::fault::{How, last, plan};
use crate::hash::tree_root;
use crate::{Log, LogError, SignerKey, VerifierKey, parse_checkpoint, verify_folder};

const HOWS: [How; 3] = [How::Before, How::Torn, How::After];

pub(crate) fn key() -> SignerKey {
    SignerKey::generate(&mut StdRng::seed_from_u64(7))
}

pub(crate) fn open(dir: &Path) -> Result<Log, LogError> {
    Log::open(dir, "log.example", key())
}

pub(crate) fn entries(range: std::ops::Range<usize>) -> Vec<Vec<u8>> {
    range.map(|i| format!("entry number {i}").into_bytes()).collect()
}

fn verifier() -> VerifierKey {
    key().verifier("log.example").unwrap()
}

/// The log must hold exactly these entries, in memory, on the disk and to an auditor.
fn assert_holds(log: &Log, expected: &[Vec<u8>]) {
    assert_eq!(log.size(), expected.len() as u64);
    assert_eq!(log.root(), tree_root(expected));
    // A few by hand; the auditor below reads them all.
    for (index, entry) in (0..).zip(expected).step_by(37) {
        assert_eq!(&log.leaf(index).unwrap(), entry);
    }
    let report = verify_folder(&log.disk.dir, Some(&verifier()), |_| ()).unwrap();
    assert!(report.is_intact(), "{report}");
    assert_eq!(report.size, log.size());
}

/// Which unforced changes a power cut takes back, by their number.
type Cut = fn(usize) -> bool;

/// Appends `batch` to a log of `before` entries with the step `at` broken. Returns whether that step
/// exists.
fn kill_at(before: usize, batch: usize, at: usize, how: How, cut: Cut) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (entries(0..before), entries(before..before + batch));
    open(folder.path()).unwrap().append(&old).unwrap();

    plan(Some((at, how)));
    let opened = open(folder.path());
    plan(None);
    let (sealed, happened) = match opened {
        Ok(mut log) => {
            let sealed = log.append(&new);
            if sealed.is_err() {
                assert!(matches!(log.append(&new), Err(LogError::Poisoned)));
                assert_eq!(log.size(), old.len() as u64, "nothing is promised from memory");
            }
            (sealed.is_ok(), log.disk.fault.happened())
        }
        Err(_) => (false, true),
    };
    last().cut_power(cut);
    // What a reader sees between crash and reopening is a signed promise that is kept.
    let note = fs::read_to_string(folder.path().join("checkpoint")).unwrap();
    let promise = parse_checkpoint(&note, &verifier()).unwrap();

    let mut log = open(folder.path()).unwrap();
    assert!(log.discarded() <= batch as u64);
    assert_eq!(log.size(), promise.size);
    let mut expected = old;
    if log.size() > before as u64 {
        expected.extend(new);
    } else {
        assert!(!sealed, "what was answered as sealed is sealed");
    }
    assert_holds(&log, &expected);
    // Other entries take the place of the lost ones: nothing of those may come back.
    let others: Vec<_> = (0..batch).map(|i| format!("other {i}").into_bytes()).collect();
    log.append(&others).unwrap();
    expected.extend(others);
    assert_holds(&log, &expected);
    happened
}

#[test]
fn a_kill_at_any_step_of_an_append_leaves_the_batch_whole_or_not_at_all() {
    for (before, batch) in [(0, 1), (3, 2), (255, 1), (254, 3), (256, 1), (300, 300), (0, 513)] {
        for how in HOWS {
            let steps =
                (0..10_000).take_while(|at| kill_at(before, batch, *at, how, |_| false)).count();
            assert!(steps >= 10, "{steps} steps were broken: too few to be all of an append");
        }
    }
}

#[test]
fn a_power_cut_at_any_step_of_an_append_leaves_the_batch_whole_or_not_at_all() {
    let cuts: [Cut; 4] = [|_| true, |n| n % 2 == 0, |n| n % 2 == 1, |n| n > 0];
    for (before, batch) in [(0, 1), (3, 2), (255, 1), (254, 3), (300, 300)] {
        for cut in cuts {
            let steps =
                (0..10_000).take_while(|at| kill_at(before, batch, *at, How::After, cut)).count();
            assert!(steps >= 10, "{steps} steps were broken: too few to be all of an append");
        }
    }
}

#[test]
fn a_kill_at_any_step_of_the_beginning_leaves_a_log_that_can_be_begun() {
    for how in HOWS {
        let mut broken = 0;
        for at in 0.. {
            let folder = tempfile::tempdir().unwrap();
            let dir = folder.path().join("new/log");
            plan(Some((at, how)));
            let opened = open(&dir);
            plan(None);
            let happened = opened.as_ref().map_or(true, |log| log.disk.fault.happened());
            drop(opened);
            let mut log = open(&dir).unwrap();
            assert_holds(&log, &[]);
            log.append(&entries(0..2)).unwrap();
            assert_holds(&log, &entries(0..2));
            if !happened {
                break;
            }
            broken += 1;
        }
        assert!(broken >= 5, "{broken}");
    }
}

#[test]
fn a_kill_while_the_remains_of_a_kill_are_removed_loses_nothing() {
    for at in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let all = entries(0..600);
        let mut log = open(folder.path()).unwrap();
        log.append(&all[..3]).unwrap();
        let old = fs::read(folder.path().join("checkpoint")).unwrap();
        log.append(&all[3..]).unwrap();
        drop(log);
        // As if killed just before the checkpoint was replaced; the short files are still there.
        fs::write(folder.path().join("checkpoint"), old).unwrap();
        for (kind, bytes) in [("0", 96), ("entries", 3 * 16)] {
            let full = fs::read(folder.path().join(format!("tile/{kind}/000"))).unwrap();
            fs::create_dir(folder.path().join(format!("tile/{kind}/000.p"))).unwrap();
            let short = folder.path().join(format!("tile/{kind}/000.p/3"));
            fs::write(short, &full[..bytes]).unwrap();
        }
        plan(Some((at, How::After)));
        let opened = open(folder.path());
        plan(None);
        let happened = opened.is_err();
        drop(opened);
        let mut log = open(folder.path()).unwrap();
        assert_holds(&log, &all[..3]);
        log.append(&all[3..]).unwrap();
        assert_holds(&log, &all);
        if !happened {
            assert!(at > 5, "only {at} steps were broken");
            return;
        }
    }
}

#[test]
fn a_power_cut_does_not_bring_back_what_was_discarded() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).unwrap().append(&entries(0..3)).unwrap();
    let left = folder.path().join("tile/entries/000.p/40");
    fs::write(left, b"what a killed append left").unwrap();
    let mut log = open(folder.path()).unwrap();
    log.append(&entries(3..300)).unwrap();
    last().cut_power(|_| true);
    // Not opened again: an auditor must not take the remains for an earlier state.
    let report = verify_folder(folder.path(), Some(&verifier()), |_| ()).unwrap();
    assert!(report.is_intact(), "{report}");
}

#[test]
fn a_torn_file_past_the_checkpoint_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).unwrap().append(&entries(0..10)).unwrap();
    for torn in ["0/000.p/11", "entries/000.p/11", "0/000.p/12.tmp", "0/000", "entries/000"] {
        fs::write(folder.path().join("tile").join(torn), b"\x00\x05to").unwrap();
    }
    fs::write(folder.path().join("checkpoint.tmp"), "log.exa").unwrap();
    let mut log = open(folder.path()).unwrap();
    assert_eq!(log.discarded(), 246, "as many as the torn full bundle could have held");
    log.append(&entries(10..12)).unwrap();
    assert_holds(&log, &entries(0..12));
    assert!(!folder.path().join("checkpoint.tmp").exists());
}

#[test]
fn a_full_disk_leaves_the_log_as_it_was() {
    // A file-size limit would hit the whole test process, so the disk's answer is injected.
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).unwrap().append(&entries(0..5)).unwrap();
    let steps = open(folder.path()).unwrap().disk.fault.steps();
    plan(Some((steps, How::Torn)));
    let mut log = open(folder.path()).unwrap();
    plan(None);
    let error = log.append(&entries(5..6)).unwrap_err();
    assert!(matches!(error, LogError::Io { action: "write", .. }), "{error}");
    drop(log);
    assert_holds(&open(folder.path()).unwrap(), &entries(0..5));
}

#[test]
fn a_log_that_contradicts_its_checkpoint_is_not_opened_nor_changed() {
    type Alter = fn(&mut Vec<u8>);
    let damage: [(&str, Alter); 6] = [
        ("tile/0/001.p/44", |bytes| bytes[0] ^= 1),
        ("tile/1/000.p/1", |bytes| bytes[0] ^= 1),
        ("tile/entries/001.p/44", |bytes| bytes[5] ^= 1),
        ("tile/entries/001.p/44", |bytes| bytes.truncate(70)),
        ("tile/0/001.p/44", |bytes| bytes.truncate(70)),
        ("checkpoint", |bytes| bytes[12] ^= 1),
    ];
    for (file, alter) in damage {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).unwrap().append(&entries(0..300)).unwrap();
        let path = folder.path().join(file);
        let mut bytes = fs::read(&path).unwrap();
        alter(&mut bytes);
        fs::write(&path, &bytes).unwrap();
        let refused = open(folder.path()).unwrap_err();
        let expected =
            matches!(refused, LogError::Contradiction { .. } | LogError::Checkpoint { .. });
        assert!(expected, "{file}: {refused}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "evidence is kept");
        fs::remove_file(&path).unwrap();
        assert!(open(folder.path()).is_err(), "{file} is missing");
    }
}

#[test]
fn entries_without_a_checkpoint_are_no_new_log() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).unwrap().append(&entries(0..1)).unwrap();
    fs::remove_file(folder.path().join("checkpoint")).unwrap();
    assert!(matches!(open(folder.path()), Err(LogError::NoCheckpoint(_))));
}

#[test]
fn only_one_may_write() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path()).unwrap();
    assert!(matches!(open(folder.path()), Err(LogError::Locked(_))));
    drop(log);
    open(folder.path()).unwrap();
}

#[test]
fn another_key_or_origin_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).unwrap());
    let other = SignerKey::generate(&mut StdRng::seed_from_u64(8));
    let refused = Log::open(folder.path(), "log.example", other);
    assert!(matches!(refused, Err(LogError::OtherKey { .. })));
    let refused = Log::open(folder.path(), "other.example", key());
    assert!(matches!(refused, Err(LogError::OtherKey { .. })));
    let refused = Log::open(folder.path(), "no spaces", key());
    assert!(matches!(refused, Err(LogError::Origin(_))));
}
