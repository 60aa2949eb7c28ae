//! A disk that is really full: the centre's folder is a small tmpfs, mounted in a mount namespace of
//! its own (in a user namespace too where the test is no root), and filled up to a given room.
//!
//! A database elsewhere (PostgreSQL) is not on that disk: then only what is files finds no room.
//! With each room a deposit and an export go as far as they get. What finds no room says so (507);
//! pages are still read, nothing is half, and once there is room everything goes on in the same
//! process.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use display::recording::{self, Header, Recording};

use super::{
    check,
    kit::{Answer, Server, Site, server_of_databases},
    work::{Author, Depositor, People, Step, TABLE, notes},
};

/// The rooms that are left, KiB.
const ROOMS: &[u64] = &[0, 4, 12, 20, 40, 64, 100, 150, 220, 300, 420, 600, 900, 1400];
/// The same where the database is elsewhere: there are fewer places at which room can be missing.
const FEWER: &[u64] = &[0, 12, 64, 300, 900];
/// Says to the child where its small disk is.
const DISK: &str = "BULLE_TEST_SMALL_DISK";
const MOUNT: &str = "mount -t tmpfs -o size=80m,mode=700 bulle \"$0\" || exit 77; exec \"$@\"";

/// The flags of `unshare` that work here, root's first.
fn namespace() -> Option<&'static str> {
    let folder = tempfile::tempdir().unwrap();
    ["-m", "-Urm"].into_iter().find(|flags| {
        let mut tried = Command::new("unshare");
        tried.args([flags, "sh", "-c", MOUNT]).arg(folder.path()).arg("true");
        tried.output().is_ok_and(|tried| tried.status.success())
    })
}

#[test]
fn a_full_disk_is_said_and_nothing_is_half_and_all_goes_on_when_there_is_room() {
    let Some(flags) = namespace() else {
        return println!("NOT TESTED: no mount namespace can be made here (`unshare -Urm`)");
    };
    let folder = tempfile::tempdir().unwrap();
    let done = Command::new("unshare")
        .args([flags, "sh", "-c", MOUNT])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "disk::child_whose_disk_is_small", "--nocapture"])
        .env(DISK, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    println!("{said}");
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("the small disk was tested"), "{said}");
}

/// The centre's disk, and what takes its room.
struct Disk {
    dir: PathBuf,
    ballast: File,
}

impl Disk {
    fn new(dir: PathBuf) -> Self {
        let ballast = dir.join("ballast");
        let ballast = OpenOptions::new().create(true).append(true).open(ballast).unwrap();
        Self { dir, ballast }
    }

    fn room(&self) -> u64 {
        let disk = rustix::fs::statvfs(&self.dir).unwrap();
        disk.f_bavail * disk.f_frsize
    }

    /// Takes all room but `leave` bytes.
    fn fill(&mut self, leave: u64) {
        while let Some(more) = self.room().checked_sub(leave).filter(|more| *more > 0) {
            let zeros = vec![0; usize::try_from(more.min(1 << 20)).unwrap()];
            match self.ballast.write_all(&zeros) {
                Err(error) if error.kind() == io::ErrorKind::StorageFull => return,
                written => written.unwrap(),
            }
        }
    }

    fn make_room(&self) {
        self.ballast.set_len(0).unwrap();
    }
}

/// The child: without the parent's variable it is no test of its own, and has nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn child_whose_disk_is_small() {
    let Some(dir) = std::env::var_os(DISK).map(PathBuf::from) else { return };
    let site = Site::make(&dir).await;
    site.write_export("t.csv", TABLE);
    site.write_export("notes.txt", &notes());
    let agent = site.start_agent();
    let mut disk = Disk::new(dir.clone());
    a_recording(&mut disk, &dir);
    let mut server = Server::start(&site);
    if server_of_databases().is_none() {
        nothing_is_written(&site, &server, &mut disk).await;
    }
    let (mut deposits, mut authors, mut full) = (Vec::new(), Vec::new(), 0);
    let (rooms, least) = match server_of_databases() {
        None => (ROOMS, 5),
        Some(_) => (FEWER, 1),
    };
    for room in rooms.iter().copied() {
        renew(&site, &mut deposits, &mut authors).await;
        disk.fill(room << 10);
        full += u32::from(go_on(&site, &server, &mut deposits, &mut authors).await);
        assert!(server.is_up(), "{}", server.said());
        pages_are_read(&server).await;
        disk.make_room();
        wake(&site, &server, room).await;
        check::everything(&site, &server, &deposits, &authors).await;
    }
    for _ in 0..12 {
        go_on(&site, &server, &mut deposits, &mut authors).await;
        check::everything(&site, &server, &deposits, &authors).await;
    }
    let store = site.store().await;
    for depositor in &deposits {
        assert!(depositor.is_done(&site, &store).await, "{}", depositor.label);
    }
    for author in &authors {
        assert!(author.is_done(&store).await);
    }
    assert!(full > least, "only {full} rooms were too small");
    a_start(&site, server, &mut disk, &deposits, &authors).await;
    agent.abort();
    println!("the small disk was tested: {full} rounds found it full");
}

/// New work where the last is done.
async fn renew(site: &Site, deposits: &mut Vec<Depositor>, authors: &mut Vec<Author>) {
    let store = site.store().await;
    match deposits.last() {
        Some(last) if !last.is_done(site, &store).await => {}
        _ => deposits.push(Depositor::new(1700 + deposits.len())),
    }
    match authors.last() {
        Some(last) if !last.is_done(&store).await => {}
        _ => authors.push(Author::default()),
    }
}

/// Some steps of both; whether the disk was full for one of them.
async fn go_on(
    site: &Site,
    server: &Server,
    deposits: &mut [Depositor],
    authors: &mut [Author],
) -> bool {
    let (store, people, mut full) = (site.store().await, People::of(server), false);
    for _ in 0..5 {
        for step in [
            deposits.last_mut().unwrap().step(site, &store, &people).await,
            authors.last_mut().unwrap().step(site, &store, &people).await,
        ] {
            match step {
                Step::Did | Step::Nothing => {}
                Step::Cut => panic!("the server ended: {}", server.said()),
                Step::Full(answer) => {
                    is_clear(&answer);
                    full = true;
                }
            }
        }
    }
    full
}

fn is_clear(answer: &Answer) {
    assert_eq!(answer.status, 507, "{}", answer.text);
    assert!(answer.text.contains("disk is full"), "{}", answer.text);
    assert!(answer.text.contains("operator"), "who makes room: {}", answer.text);
}

async fn pages_are_read(server: &Server) {
    for (name, page) in
        [("chloe", "/"), ("ada", "/exports"), ("grace", "/checks"), ("ada", "/catalogue")]
    {
        let answer = server.client(name).get(page).await.unwrap();
        assert_eq!(answer.status, 200, "{page} {}", answer.text);
    }
}

/// A small command, so that the worker looks at once and not at its next round.
async fn wake(site: &Site, server: &Server, room: u64) {
    let label = format!("room-{room}");
    let path = format!("/data/sources/{}/vintages", site.source);
    let fields = [("label", label.as_str()), ("year", "1999")];
    let answer = server.client("chloe").post(&path, &fields).await.unwrap();
    assert_eq!(answer.status, 303, "after room was made: {}", answer.text);
}

/// The database's own commit finds no room: nothing is written, and the writer goes on after it.
async fn nothing_is_written(site: &Site, server: &Server, disk: &mut Disk) {
    let (chloe, store) = (server.client("chloe"), site.store().await);
    let path = format!("/data/sources/{}/vintages", site.source);
    disk.fill(0);
    // The first commands may find room within the database's files; then there is none.
    let mut refused = Vec::new();
    for number in 0..40 {
        let label = format!("full-{number}");
        let fields = [("label", label.as_str()), ("year", "1999")];
        let answer = chloe.post(&path, &fields).await.unwrap();
        if answer.status != 303 {
            assert_eq!(answer.status, 507, "{}", server.said());
            is_clear(&answer);
            refused.push(label);
        }
    }
    assert!(refused.len() > 2, "the database always found room");
    let vintages = store.vintages_of(site.source).await.unwrap();
    assert!(vintages.iter().all(|vintage| !refused.contains(&vintage.label)));
    assert_eq!(vintages.len(), 40 - refused.len());
    pages_are_read(server).await;
    disk.make_room();
    let fields = [("label", refused[0].as_str()), ("year", "1999")];
    assert_eq!(chloe.post(&path, &fields).await.unwrap().status, 303, "{}", server.said());
    check::everything(site, server, &[], &[]).await;
}

/// A recording that finds no room says so at once, which ends its session (`settings/live.rs`); what
/// was recorded before is whole lines but for the last, and has its hash.
fn a_recording(disk: &mut Disk, dir: &Path) {
    let path = dir.join("tape.cast");
    let header = Header { version: 2, width: 80, height: 24, timestamp: None, title: None };
    let mut tape = Recording::create(&path, &header).unwrap();
    disk.fill(16 << 10);
    let line = [b'x'; 1000];
    let failed = (0..100).map(|at| tape.output(at, &line)).find_map(Result::err).unwrap();
    assert_eq!(failed.kind(), io::ErrorKind::StorageFull);
    let digest = recording::digest(&path).unwrap();
    assert!(digest.bytes > 1000 && digest.sha256.len() == 64);
    let played = recording::read(File::open(&path).unwrap());
    assert!(played.is_ok_and(|played| played.events.len() > 5), "what was recorded plays");
    disk.make_room();
    std::fs::remove_file(path).unwrap();
}

/// A centre also starts on a full disk, for reading.
async fn a_start(
    site: &Site,
    server: Server,
    disk: &mut Disk,
    deposits: &[Depositor],
    authors: &[Author],
) {
    server.kill();
    disk.fill(64 << 10); // SQLite makes its shared index anew: 32 KiB
    let server = Server::start(site);
    pages_are_read(&server).await;
    disk.make_room();
    wake(site, &server, 9999).await;
    check::everything(site, &server, deposits, authors).await;
}
