use std::{fs, path::Path};

use centre_tests::TestCentre;
use ledger::{VerifierKey, parse_checkpoint, verify_folder};
use reqwest::Method;
use workflows::Centre;

use super::kit::{newest, project, tamper};

#[tokio::test]
async fn witnesses_read_checkpoint_key_and_tiles_without_signing_in() {
    let centre = TestCentre::start().await;
    let witness = centre.visitor();
    let key = witness.get("/log/verifier.key").await;
    let key: VerifierKey = key.text.trim().parse().unwrap();
    let checkpoint = witness.get("/log/checkpoint").await;
    let promise = parse_checkpoint(&checkpoint.text, &key).unwrap();
    assert!(promise.size > 10);
    let hashes = witness.get(&format!("/log/tile/0/000.p/{}", promise.size)).await;
    assert_eq!((hashes.status, hashes.bytes.len() as u64), (200, promise.size * 32));
    let entries = witness.get(&format!("/log/tile/entries/000.p/{}", promise.size)).await;
    assert_eq!(entries.status, 200);
    // What is public says when something happened, not who did it.
    let ada = centre.who("ada").await;
    for private in [ada.id.to_string(), ada.email, ada.name] {
        assert!(!entries.text.contains(&private));
    }
    for command in ["/log/checkpoint", "/log/tile/0/000"] {
        let refused = witness.send(Method::POST, command, |it| it).await;
        assert_eq!((refused.status, refused.headers["allow"].as_str()), (405, "GET,HEAD"));
    }
}

#[tokio::test]
async fn a_centre_at_another_address_goes_on_with_its_log_and_the_names_of_its_keys() {
    let centre = TestCentre::start().await;
    let told = async |centre: &TestCentre| {
        let visitor = centre.visitor();
        let (log, receipts) = ("/log/verifier.key", "/receipts.key");
        (visitor.get(log).await.text, visitor.get(receipts).await.text)
    };
    let before = told(&centre).await;
    assert!(before.0.starts_with("localhost:8470/log+"), "{before:?}");
    assert!(before.1.starts_with("localhost:8470/receipts+"), "{before:?}");
    let moved = "https://elsewhere.test:9443/centre".parse().unwrap();
    let centre = centre.restart_with(|config| config.public_url = moved).await;
    assert_eq!(told(&centre).await, before);
    centre.centre.settle().await.unwrap();
    let key = before.0.parse().unwrap();
    let report = verify_folder(&centre.dir.path().join("log"), Some(&key), |_| ()).unwrap();
    assert!(report.is_intact(), "{report}");
}

#[tokio::test]
async fn no_name_of_a_tile_leads_out_of_the_log() {
    let centre = TestCentre::start().await;
    let witness = centre.visitor();
    for name in [
        "..%2f..%2fkeys%2flog.key",
        "%2e%2e/%2e%2e/keys/log.key",
        "entries/..%2f..%2f..%2fcentre.db",
        "%2fetc%2fpasswd",
        "0/000%00",
        "0/999",
    ] {
        let answer = witness.get(&format!("/log/tile/{name}")).await;
        assert_eq!(answer.status, 404, "{name}");
        assert!(!answer.text.contains("PRIVATE KEY") && !answer.text.contains("root:"), "{name}");
    }
}

#[tokio::test]
async fn an_entry_edited_on_disk_is_named_by_the_verifier_on_a_copy() {
    let centre = TestCentre::start().await;
    project(&centre).await;
    centre.centre.settle().await.unwrap();
    let leaf = {
        let event = newest(&centre, "application.created").await;
        centre.centre.store.event(event.id).await.unwrap().unwrap().leaf.unwrap()
    };
    let key: VerifierKey =
        centre.visitor().get("/log/verifier.key").await.text.trim().parse().unwrap();
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&centre.dir.path().join("log"), copy.path());
    assert!(verify_folder(copy.path(), Some(&key), |_| ()).unwrap().is_intact());
    edit_entries(copy.path());
    let report = verify_folder(copy.path(), Some(&key), |_| ()).unwrap();
    assert_eq!(report.first_altered(), Some(leaf), "{report}");
}

#[tokio::test]
async fn an_entry_edited_under_a_running_centre_stops_its_next_start() {
    let centre = TestCentre::start().await;
    project(&centre).await;
    centre.centre.settle().await.unwrap();
    let (config, clock) = (centre.centre.config.clone(), centre.centre.clock.clone());
    let centre = centre.restart().await; // an honest one starts
    edit_entries(&centre.dir.path().join("log"));
    let dir = stop(centre).await;
    let failure = Centre::open(config, clock).await.err().expect("must not start");
    let said = format!("{failure:?}");
    assert!(said.contains("Contradict"), "{said}");
    drop(dir);
}

#[tokio::test]
async fn an_event_edited_in_the_database_stops_the_next_start() {
    let centre = TestCentre::start().await;
    project(&centre).await;
    centre.centre.settle().await.unwrap();
    let (config, clock) = (centre.centre.config.clone(), centre.centre.clock.clone());
    let event = newest(&centre, "application.created").await;
    tamper(&centre, format!("delete from events where id = '{}'", event.id)).await;
    let dir = stop(centre).await;
    let failure = Centre::open(config, clock).await.err().expect("must not start");
    let cause = std::error::Error::source(&failure).unwrap().to_string();
    assert!(cause.contains("the log and the database contradict each other"), "{cause}");
    assert!(cause.contains("has no event in the database"), "{cause}");
    drop(dir);
}

/// Stops a centre and keeps its folder.
async fn stop(centre: TestCentre) -> std::path::PathBuf {
    centre.stop().await.keep()
}

/// Edits the entries of the kind `application.created` in their file, to the same length.
fn edit_entries(log: &Path) {
    let folder = log.join("tile/entries/000.p");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort_by_key(|path| path.file_name().unwrap().to_string_lossy().parse::<u64>().unwrap());
    let newest = files.pop().unwrap();
    let (from, to) = (b"application.created", b"application.deleted");
    let mut bytes = fs::read(&newest).unwrap();
    let at = bytes.windows(from.len()).position(|window| window == from).expect("the entry");
    bytes[at..at + to.len()].copy_from_slice(to);
    fs::write(newest, bytes).unwrap();
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
