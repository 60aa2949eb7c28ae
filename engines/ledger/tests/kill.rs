//! Kills a process that appends, with SIGKILL, again and again, on one log: whatever it had
//! answered as sealed is there, and the log goes on.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use ledger::{Log, SignerKey, verify_folder};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

const FOLDER: &str = "LEDGER_KILL_TEST_FOLDER";

fn open(dir: &Path) -> Log {
    let key = SignerKey::generate(&mut StdRng::seed_from_u64(5));
    Log::open(dir, "log.example", key).unwrap()
}

fn entry(index: u64) -> Vec<u8> {
    format!("the entry at {index}").into_bytes()
}

/// The child: appends batches without end and says after each how many entries are sealed. Without
/// the parent's variable it is no test of its own, and has nothing to do.
#[test]
fn child_that_appends_until_it_is_killed() {
    let Some(dir) = std::env::var_os(FOLDER) else { return };
    let mut log = open(Path::new(&dir));
    for batch in [1, 3, 1, 40, 1, 7, 200].into_iter().cycle() {
        let size = log.size();
        let entries: Vec<_> = (size..size + batch).map(entry).collect();
        log.append(&entries).unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "sealed {}", log.size()).unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn what_was_answered_as_sealed_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let mut sealed = 0;
    for answers in [0, 1, 2, 5, 9, 3, 14, 4, 1, 7] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_appends_until_it_is_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let sizes = lines.filter_map(|line| {
            let line = line.unwrap();
            line.split("sealed ").nth(1)?.trim().parse::<u64>().ok()
        });
        // Killed at once after an answer, so in the midst of the next append.
        sealed = sizes.take(answers).last().unwrap_or(sealed);
        child.kill().unwrap();
        child.wait().unwrap();

        let log = open(folder.path());
        assert!(log.size() >= sealed, "{} of {sealed} sealed entries are left", log.size());
        assert!(log.discarded() <= 200);
        for index in 0..log.size() {
            assert_eq!(log.leaf(index).unwrap(), entry(index));
        }
        let report = verify_folder(folder.path(), Some(log.verifier()), |_| ()).unwrap();
        assert!(report.is_intact(), "{report}");
    }
    assert!(sealed > 200, "the child sealed only {sealed}");
}
