//! What must hold of a running centre, whatever happened to the one before.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use domain::{Deposit, Export, Vintage};
use store::Store;

use super::{
    kit::{Server, Site, sha256},
    work::{Author, Depositor, TABLE, file_of, notes},
};

/// Longer than anything here takes on a busy machine: a centre that does not come to rest fails.
const PATIENCE: Duration = Duration::from_mins(2);

/// Asks again and again until the answer is yes.
pub async fn until<F: Future<Output = bool>>(what: &str, server: &Server, ask: impl Fn() -> F) {
    let start = Instant::now();
    while !ask().await {
        assert!(start.elapsed() < PATIENCE, "never: {what}\n{}", server.said());
        tokio::task::yield_now().await;
    }
}

/// The number of entries that the log's checkpoint promises (C2SP tlog-checkpoint: line 2).
fn log_size(site: &Site) -> u64 {
    let checkpoint = fs::read_to_string(site.dir.join("log/checkpoint")).unwrap_or_default();
    checkpoint.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or(0)
}

/// States in which the centre has the next step.
const ITS_TURN: [&str; 11] = [
    "received",
    "hash_checked",
    "scanned",
    "validated",
    "accepted",
    "sealed",
    "scanning",
    "scored",
    "approved",
    "partly_approved",
    "releasing",
];

/// Whether nothing is left to do for the centre: each event has had its consequences and its place.
pub async fn is_at_rest(site: &Site, store: &Store) -> bool {
    let extent = store.log_extent().await.unwrap();
    let open = store.open_events(None, 1).await.unwrap();
    let deposits: Vec<Deposit> = store.all().await.unwrap();
    let exports: Vec<Export> = store.all().await.unwrap();
    let imports: Vec<domain::Import> = store.all().await.unwrap();
    let mails = store.latest_mails(100_000).await.unwrap();
    let states = deposits.iter().map(|one| one.state.name());
    let busy = states.chain(exports.iter().map(|one| one.state.name()));
    extent.waiting == 0
        && open.is_empty()
        && extent.end == log_size(site)
        && mails.iter().all(|mail| mail.sent_at.is_some())
        && imports.iter().all(|import| import.state.name() != "accepted")
        && !busy.into_iter().any(|state| ITS_TURN.contains(&state))
}

/// Waits until the centre is at rest, then holds everything against everything.
pub async fn everything(site: &Site, server: &Server, deposits: &[Depositor], authors: &[Author]) {
    let store = site.store().await;
    until("the centre is at rest", server, || is_at_rest(site, &store)).await;
    the_log(site, &store).await;
    the_mails(site, &store).await;
    nothing_unfinished(site, server).await;
    for depositor in deposits {
        the_deposit(site, &store, depositor).await;
    }
    for author in authors {
        the_export(site, &store, author).await;
    }
    let drafts = store.all::<Export>().await.unwrap().len();
    assert!(drafts <= authors.len(), "an export twice");
}

/// Nothing half written stays. The clock may be writing a mail at this very moment, so what is seen
/// once may be on its way; what a killed server left is there as long as one looks.
async fn nothing_unfinished(site: &Site, server: &Server) {
    let start = Instant::now();
    loop {
        let mut left = all_files(&site.dir);
        left.retain(|path| is_temporary(path));
        if left.is_empty() {
            return;
        }
        let said = server.said();
        assert!(start.elapsed() < PATIENCE, "left by a killed server: {left:?}\n{said}");
        tokio::task::yield_now().await;
    }
}

async fn the_log(site: &Site, store: &Store) {
    let extent = store.log_extent().await.unwrap();
    assert_eq!(extent.sealed, extent.end, "each event has one place, and each place one event");
    assert_eq!(store.events_placed_below(extent.end).await.unwrap(), extent.end);
    let verified = Command::new(env!("CARGO_BIN_EXE_bulle"))
        .args(["log", "verify"])
        .arg(site.dir.join("log"))
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

/// Each mail was handed over, and the outbox has it once.
async fn the_mails(site: &Site, store: &Store) {
    // The clock may write one more at any moment, so the outbox is counted first.
    let outbox = fs::read_dir(site.dir.join("outbox")).unwrap().count();
    let mails = store.latest_mails(100_000).await.unwrap();
    assert!(outbox <= mails.len(), "a mail without its row");
    for mail in mails.iter().filter(|mail| mail.sent_at.is_some()) {
        assert!(site.dir.join("outbox").join(format!("{}.eml", mail.id)).exists());
    }
    let mut told: Vec<_> = mails.iter().filter_map(|mail| mail.notice).collect();
    let before = told.len();
    told.sort();
    told.dedup();
    assert_eq!(told.len(), before, "a notice was mailed twice");
}

/// Names that only unfinished files have. Pieces of an upload are no such files: they are kept.
fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let in_outbox = path.parent().is_some_and(|folder| folder.ends_with("outbox"));
    name.starts_with(".tmp")
        || name.starts_with(".taken-")
        || [".bulle-partial", ".unfinished", ".tmp"].iter().any(|end| name.ends_with(end))
        || (in_outbox && name.ends_with(".part"))
}

/// Every file and folder below `dir`, the catalogue's index apart, which has names of its own.
pub fn all_files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut found = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        let is_dir = path.symlink_metadata().is_ok_and(|is| is.is_dir());
        if is_dir && !path.ends_with("catalogue") {
            found.extend(all_files(&path));
        }
        found.push(path);
    }
    found
}

/// A deposit is where it was or where it was going, and its vintage is seen when it is whole.
async fn the_deposit(site: &Site, store: &Store, depositor: &Depositor) {
    let Some(vintage) = depositor.vintage(site, store).await else { return };
    let deposit = depositor.deposit(site, store).await;
    shelf(&vintage, deposit.as_ref());
    let Some(deposit) = deposit else { return };
    let (folder, bytes) =
        (site.dir.join("deposits").join(deposit.id.to_string()), file_of(&vintage.label));
    for upload in store.uploads_of(deposit.id).await.unwrap() {
        assert!(upload.received >= depositor.acknowledged, "acknowledged bytes were lost");
        if upload.finished_at.is_none() && upload.received > 0 {
            let part = folder.join("received").join(format!(".{}.part", upload.id));
            let whole = folder.join("received").join("a.csv"); // named, and not noted
            let held = fs::read(part).or_else(|_| fs::read(whole)).unwrap();
            let received = usize::try_from(upload.received).unwrap();
            assert!(held[..received] == bytes[..received], "the pieces are not the file");
        }
    }
    if depositor.finished {
        assert!(deposit.open_until().is_none(), "a file that was acknowledged as whole");
        assert!(fs::read(folder.join("received/a.csv")).unwrap() == bytes);
    }
    for file in deposit.files.iter().filter_map(|file| file.parquet.as_ref()) {
        let report = tabular::parquet_file::verify(&folder.join("parquet").join(file)).unwrap();
        assert_eq!(report.rows, 40_000);
    }
}

fn shelf(vintage: &Vintage, deposit: Option<&Deposit>) {
    let signed = deposit.is_some_and(|deposit| deposit.state.name() == "receipt_signed");
    assert_eq!(vintage.mounted_deposit().is_some(), signed, "{vintage:?}");
}

/// An export is a draft without a copy, or sealed with every copy.
async fn the_export(site: &Site, store: &Store, author: &Author) {
    let Some(export) = author.look(store).await else { return };
    let folder = site.dir.join("exports").join(export.id.to_string());
    if export.turn == 0 {
        assert!(!author.sealed, "a sealing that was acknowledged was lost");
        let left = fs::read_dir(&folder).map_or(0, Iterator::count);
        assert_eq!(left, 0, "copies of a sealing that never was");
        return;
    }
    assert!(!author.approved || ["available", "collected"].contains(&export.state.name()));
    assert!(!folder.join("2").exists());
    for (number, file) in export.files().enumerate() {
        let copy = fs::read(folder.join("1").join(number.to_string())).unwrap();
        let wanted = if file.path == "t.csv" { TABLE.to_owned() } else { notes() };
        assert!(copy == wanted.as_bytes(), "{}", file.path);
        assert_eq!(sha256(&copy), file.sha256);
    }
    let evidence = store.evidence_of(export.id).await.unwrap();
    let released = ["available", "collected"].contains(&export.state.name());
    assert_eq!(evidence.is_some(), released, "evidence without a release, or the reverse");
    let pack = site.dir.join("packs").join(format!("{}.zip", export.id));
    assert!(pack.exists() || !released, "a release without its evidence pack");
}
