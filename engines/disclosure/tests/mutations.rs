//! Files of real tools, damaged at random with a fixed seed: whatever the bytes, the check answers.
//!
//! A short run is part of the tests. For a long one:
//! `BULLE_FUZZ_SECONDS=300 cargo test --release -p disclosure --test mutations -- --nocapture`.

use std::path::Path;
use std::time::{Duration, Instant};

use disclosure::{Decision, FileReport, Input, RuleSet, check};

/// A linear congruential generator (Knuth's constants).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit.max(1)
    }
}

/// The files of `files/` and of the corpus, in the order of their names.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut seeds = Vec::new();
    for folder in ["files", "corpus/safe", "corpus/unsafe"] {
        let entries = std::fs::read_dir(tests.join(folder)).expect("in the repository");
        for entry in entries {
            let path = entry.expect("readable").path();
            let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned())
            else {
                continue;
            };
            if path.is_file() && name != "bomb.zip" {
                seeds.push((name, std::fs::read(&path).expect("readable")));
            }
        }
    }
    seeds.sort();
    assert!(seeds.len() > 60, "only {} files", seeds.len());
    seeds
}

/// Flips, overwrites, cuts, doubles and splices.
fn damaged(bytes: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..=chance.below(6) {
        let at = chance.below(out.len());
        let length = chance.below(64);
        match chance.below(7) {
            0 => out.truncate(at),
            1 => {
                let piece: Vec<u8> = out.iter().skip(at).take(length).copied().collect();
                out.splice(at..at, piece);
            }
            2 => {
                let from = chance.below(other.len());
                let piece: Vec<u8> = other.iter().skip(from).take(length).copied().collect();
                out.splice(at..at, piece);
            }
            3 => {
                let end = (at + length).min(out.len());
                out.drain(at..end);
            }
            4 => {
                for byte in out.iter_mut().skip(at).take(4) {
                    *byte = 0xff;
                }
            }
            _ => {
                if let Some(byte) = out.get_mut(at) {
                    *byte = u8::try_from(chance.below(256)).expect("a byte");
                }
            }
        }
    }
    out
}

#[test]
fn damaged_files_are_answered() {
    let seconds = std::env::var("BULLE_FUZZ_SECONDS").ok().and_then(|s| s.parse::<u64>().ok());
    let start = Instant::now();
    let rules = RuleSet::built_in("health_11").expect("built in");
    let seeds = seeds();
    let mut chance = Chance(seconds.map_or(7, |s| s ^ 0x5eed));
    let (mut rounds, mut runs, mut safe) = (0, 0_u64, 0_u64);
    let mut slowest = (Duration::ZERO, String::new());
    while seconds.map_or(rounds < 3, |seconds| start.elapsed() < Duration::from_secs(seconds)) {
        for (name, bytes) in &seeds {
            let other = &seeds[chance.below(seeds.len())].1;
            let bytes = damaged(bytes, other, &mut chance);
            let before = Instant::now();
            let report = check(&[Input { name, bytes: &bytes }], &rules).remove(0);
            if before.elapsed() > slowest.0 {
                slowest = (before.elapsed(), name.clone());
            }
            // What the checker alone cannot promise of any bytes: that each place of a finding is
            // one of the file, and that the decision is what the findings ask for.
            let asked = FileReport::decide(report.checked, &report.findings);
            assert_eq!(report.decision, asked, "{name}");
            for finding in report.findings.iter().filter(|f| f.location.row.is_some()) {
                let at = &finding.location;
                let table = report.tables.iter().find(|t| Some(t.table) == at.table);
                let row = at.row.and_then(|row| table?.rows.get(row as usize - 1));
                assert!(row.is_some(), "{name}: {finding:?}");
            }
            let unread = report
                .findings
                .iter()
                .any(|f| f.rule == "UNREADABLE" && f.message_key != "picture_unread");
            if report.decision == Decision::Safe {
                assert!(!unread, "{name}: safe, and not read");
                safe += 1;
            }
            runs += 1;
        }
        rounds += 1;
    }
    // Most damage is seen: a checker that calls everything safe, or nothing, is broken too.
    assert!(safe > 0 && safe * 2 < runs, "{safe} of {runs} safe");
    println!(
        "{runs} damaged files in {:?}, the slowest {} in {:?}",
        start.elapsed(),
        slowest.1,
        slowest.0
    );
}
