use std::error::Error as _;

use domain::{Event, Timestamp};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

/// A database and a log in a folder of their own.
struct Bench {
    dir: TempDir,
    store: Store,
    sealer: Sealer,
}

fn config(dir: &TempDir) -> Config {
    let url = "https://data.example.org/centre".parse().unwrap();
    Config::demo(dir.path().to_owned(), "127.0.0.1:0".to_owned(), url)
}

impl Bench {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&config(&dir).database_url()).await.unwrap();
        let sealer = Sealer::open(&config(&dir)).await.unwrap();
        Self { dir, store, sealer }
    }

    /// The process dies and another one starts.
    async fn crash(self) -> Self {
        let Self { dir, store, sealer } = self;
        drop((store, sealer));
        let store = Store::open(&config(&dir).database_url()).await.unwrap();
        let sealer = Sealer::open(&config(&dir)).await.unwrap();
        Self { dir, store, sealer }
    }

    async fn write(&self, count: usize) {
        for _ in 0..count {
            let event = Event {
                id: Uuid::now_v7().into(),
                at: Timestamp::UNIX_EPOCH,
                kind: "export.sealed".to_owned(),
                actor: None,
                noun: "export".to_owned(),
                object: Uuid::now_v7(),
                reason: None,
                payload: serde_json::Value::Null,
            };
            self.store.change(&event).commit().await.unwrap();
        }
    }

    /// Starts as a centre does, and finds every event sealed at the place of its id.
    async fn is_whole(&self, count: u64) {
        self.sealer.check(&self.store).await.unwrap();
        self.sealer.seal_all(&self.store).await.unwrap();
        let extent = self.store.log_extent().await.unwrap();
        assert_eq!((extent.sealed, extent.end, extent.waiting), (count, count, 0));
        let mut events = self.store.latest_events(None, 10_000).await.unwrap();
        events.reverse();
        for (sealed, leaf) in events.iter().zip(0..) {
            let proof = self.sealer.proof(leaf).await.unwrap();
            assert_eq!(sealed.leaf, Some(leaf), "sealed in another order than written");
            assert_eq!(proof.entry, sealed.entry());
            assert!(proof.holds);
        }
        let report = ledger::verify_folder(&self.dir.path().join("log"), None, |_| ()).unwrap();
        assert!(report.is_intact(), "{report}");
        assert_eq!(report.size, count);
    }

    async fn sql(&self, statement: &'static str) {
        let url = config(&self.dir).database_url();
        let pool = sqlx::AnyPool::connect(&url).await.unwrap();
        sqlx::query(statement).execute(&pool).await.unwrap();
    }

    async fn refusal(&self) -> String {
        let failure = self.sealer.check(&self.store).await.expect_err("must not start");
        failure.source().expect("a cause").to_string()
    }
}

#[tokio::test]
async fn a_crash_before_the_places_loses_nothing() {
    let bench = Bench::new().await;
    bench.write(3).await;
    bench.crash().await.is_whole(3).await;
}

#[tokio::test]
async fn a_crash_after_the_places_appends_at_the_same_places() {
    let bench = Bench::new().await;
    bench.write(2).await;
    bench.sealer.seal_all(&bench.store).await.unwrap();
    bench.write(3).await;
    let batch = bench.store.unsealed_events(BATCH).await.unwrap();
    bench.sealer.place(&bench.store, batch).await.unwrap();
    let bench = bench.crash().await;
    bench.write(2).await; // later events come after those that have places
    bench.is_whole(7).await;
}

#[tokio::test]
async fn a_crash_after_the_append_marks_and_does_not_append_again() {
    let bench = Bench::new().await;
    bench.write(3).await;
    let batch = bench.store.unsealed_events(BATCH).await.unwrap();
    let placed = bench.sealer.place(&bench.store, batch).await.unwrap();
    bench.sealer.append(placed).await.unwrap();
    let bench = bench.crash().await;
    bench.write(1).await;
    bench.is_whole(4).await;
}

#[tokio::test]
async fn more_events_than_a_batch_are_sealed_in_order() {
    let bench = Bench::new().await;
    bench.write(BATCH as usize + 44).await;
    bench.is_whole(u64::from(BATCH) + 44).await;
}

#[tokio::test]
async fn an_append_that_fails_is_made_up_for() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new().await;
    bench.write(1).await;
    bench.sealer.seal_all(&bench.store).await.unwrap();
    bench.write(2).await;
    // A file stands where a folder must be made: the disk refuses, whoever runs the test.
    let tiles = bench.dir.path().join("log/tile");
    let kept = bench.dir.path().join("kept");
    std::fs::rename(&tiles, &kept).unwrap();
    std::fs::write(&tiles, b"").unwrap();
    std::fs::set_permissions(&tiles, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(bench.sealer.seal_all(&bench.store).await.is_err());
    std::fs::remove_file(&tiles).unwrap();
    std::fs::rename(&kept, &tiles).unwrap();
    bench.is_whole(3).await;
}

#[tokio::test]
async fn an_altered_event_stops_the_start() {
    let bench = Bench::new().await;
    bench.write(3).await;
    bench.is_whole(3).await;
    bench.sql("update events set body = replace(body, 'export.sealed', 'export.closed') where leaf = 1").await;
    assert!(bench.refusal().await.contains("is not what entry 1 sealed"));
}

#[tokio::test]
async fn an_event_altered_with_its_commitment_stops_the_start() {
    let bench = Bench::new().await;
    bench.write(3).await;
    bench.is_whole(3).await;
    bench.sql("update events set commitment = 'ab' where leaf = 2").await;
    assert!(bench.refusal().await.contains("is not what entry 2 sealed"));
}

#[tokio::test]
async fn a_deleted_event_stops_the_start_and_is_named() {
    let bench = Bench::new().await;
    bench.write(9).await;
    bench.is_whole(9).await;
    bench.sql("delete from events where leaf = 5").await;
    assert!(bench.refusal().await.contains("entry 5 of the log has no event"));
}

#[tokio::test]
async fn an_older_log_stops_the_start() {
    let bench = Bench::new().await;
    bench.write(2).await;
    bench.is_whole(2).await;
    let checkpoint = bench.dir.path().join("log/checkpoint");
    let old = std::fs::read(&checkpoint).unwrap();
    bench.write(2).await;
    bench.is_whole(4).await;
    std::fs::write(&checkpoint, old).unwrap();
    let dir = bench.dir;
    drop((bench.store, bench.sealer));
    // The engine may refuse first, where the old checkpoint does not fit the files.
    let store = Store::open(&config(&dir).database_url()).await.unwrap();
    match Sealer::open(&config(&dir)).await {
        Err(_) => {}
        Ok(sealer) => {
            let failure = sealer.check(&store).await.expect_err("must not start");
            let said = failure.source().unwrap().to_string();
            assert!(said.contains("says that 4 entries are sealed, the log has 2"), "{said}");
        }
    }
}

#[tokio::test]
async fn the_key_is_its_owner_s_alone_and_the_log_bears_the_centre_s_address() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new().await;
    let mode = |path: &str| {
        std::fs::metadata(bench.dir.path().join(path)).unwrap().permissions().mode() & 0o777
    };
    assert_eq!((mode("keys"), mode("keys/log.key")), (0o700, 0o600));
    let promise = bench.sealer.promise().await.unwrap();
    assert!(promise.checkpoint.starts_with("data.example.org/centre/log\n0\n"));
    assert!(promise.verifier.starts_with("data.example.org/centre/log+"));
}

#[tokio::test]
async fn an_entry_tells_neither_who_nor_on_what() {
    let bench = Bench::new().await;
    bench.write(1).await;
    let sealed = bench.store.latest_events(None, 1).await.unwrap().remove(0);
    let entry = String::from_utf8(sealed.entry()).unwrap();
    assert!(!entry.contains(&sealed.event.object.to_string()));
    assert!(entry.contains(&sealed.commitment));
}

#[tokio::test]
async fn a_centre_that_moves_goes_on_with_the_log_and_its_name() {
    let bench = Bench::new().await;
    bench.write(3).await;
    bench.is_whole(3).await;
    let before = bench.sealer.promise().await.unwrap();
    let Bench { dir, store, sealer } = bench;
    drop(sealer);
    let moved =
        Config { public_url: "https://elsewhere.test:8443".parse().unwrap(), ..config(&dir) };
    let sealer = Sealer::open(&moved).await.unwrap();
    assert_eq!(sealer.origin(), "data.example.org/centre/log");
    assert_eq!(sealer.promise().await.unwrap(), before);
    let bench = Bench { dir, store, sealer };
    bench.write(2).await;
    bench.is_whole(5).await;
}

#[tokio::test]
async fn a_log_that_was_given_another_name_does_not_open() {
    let bench = Bench::new().await;
    bench.write(1).await;
    bench.is_whole(1).await;
    let Bench { dir, store, sealer } = bench;
    drop((sealer, store));
    let (key, checkpoint) =
        (dir.path().join("log/verifier.key"), dir.path().join("log/checkpoint"));
    let signer = SignerKey::load(&dir.path().join("keys/log.key")).unwrap();
    std::fs::write(&key, format!("{}\n", signer.verifier("other.test/log").unwrap())).unwrap();
    assert!(Sealer::open(&config(&dir)).await.is_err(), "the checkpoint is signed as another");
    let note = std::fs::read_to_string(&checkpoint).unwrap();
    std::fs::write(&checkpoint, note.replace("data.example.org/centre/log", "other.test/log"))
        .unwrap();
    assert!(Sealer::open(&config(&dir)).await.is_err(), "a name is part of what is signed");
    std::fs::write(&key, "damaged").unwrap();
    std::fs::write(&checkpoint, note).unwrap();
    assert!(Sealer::open(&config(&dir)).await.is_err(), "damage is for people to look at");
}
