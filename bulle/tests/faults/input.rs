//! Bad input through HTTP, to a server that runs: each gives its message and leaves the state as it
//! was, and the server never holds much of it. What `tests/data` and `tests/outputs` try in their
//! own way is not repeated here.

use std::{
    ffi::OsStr,
    fs::{self, File},
    os::unix::ffi::OsStrExt as _,
    path::PathBuf,
    process::Command,
};

use domain::{Deposit, Export, data::deposit::DepositState};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    check,
    kit::{Client, Server, Site},
};

const PIECE: u64 = 8 << 20;
/// What the server may hold at most in all of it, bytes (the debug build holds more than release).
const MEMORY: u64 = 400 << 20;

/// A file to deposit: its name, its bytes from an offset, its length, and the check that refuses it.
struct Bad {
    name: &'static str,
    length: u64,
    bytes: Box<dyn Fn(u64, usize) -> Vec<u8>>,
    check: &'static str,
    words: &'static str,
}

fn bad(name: &'static str, bytes: Vec<u8>, check: &'static str, words: &'static str) -> Bad {
    let length = bytes.len() as u64;
    let part = move |from: u64, count: usize| {
        let from = usize::try_from(from).unwrap();
        bytes[from..from + count].to_vec()
    };
    Bad { name, length, bytes: Box::new(part), check, words }
}

/// `PAR1`, a footer whose length says more than the file has, `PAR1` (Parquet format, file layout).
fn absurd_parquet(says: u32) -> Vec<u8> {
    [b"PAR1".as_slice(), &[0x15; 64], &says.to_le_bytes(), b"PAR1"].concat()
}

/// 2 GiB of one line, in 2 MB: members of 1 MiB of `a` by `gzip`, one after the other.
fn gzip_bomb() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    fs::write(&plain, vec![b'a'; 1 << 20]).unwrap();
    let done = Command::new("gzip").arg("-9").arg(&plain).status().unwrap();
    assert!(done.success());
    fs::read(folder.path().join("plain.gz")).unwrap().repeat(2048)
}

fn long_line() -> Bad {
    let mib = std::env::var("BULLE_LONG_LINE_MIB").map_or(96, |mib| mib.parse().unwrap());
    let part = |_, count| vec![b'a'; count];
    let (check, words) = ("quote", "");
    Bad { name: "a.csv", length: mib << 20, bytes: Box::new(part), check, words }
}

fn all() -> Vec<Bad> {
    let rows = "1;2\n".repeat(5000);
    vec![
        bad("a.csv", gzip_bomb(), "mislabelled", ""),
        bad("a.csv", b"%PDF-1.7\n1 0 obj\n".to_vec(), "mislabelled", ""),
        bad("a.csv", b"PAR1 of a Parquet file PAR1".to_vec(), "mislabelled", ""),
        bad("a.csv", format!("a;b\n{rows}1;\0\n").into_bytes(), "encoding", "NUL"),
        bad("a.csv", format!("a;b\n{rows}1;2;3\n").into_bytes(), "ragged", "line 5002: 3 fields"),
        bad("a.parquet", absurd_parquet(u32::MAX), "parquet", ""),
        bad("a.parquet", absurd_parquet(64), "parquet", ""),
        long_line(),
    ]
}

/// Deposits a file through HTTP for a new vintage; gives the deposit's id.
async fn send(site: &Site, chloe: &Client, label: &str, bad: &Bad) -> String {
    let path = format!("/data/sources/{}/vintages", site.source);
    let vintage = chloe.post(&path, &[("label", label), ("year", "1999")]).await.unwrap().id();
    let mut hash = Sha256::new();
    let mut at = 0;
    while at < bad.length {
        let count = (bad.length - at).min(PIECE);
        hash.update((bad.bytes)(at, usize::try_from(count).unwrap()));
        at += count;
    }
    let sha256 = hex::encode(hash.finalize());
    let manifest = format!("{sha256}  {}", bad.name);
    let path = format!("/data/vintages/{vintage}/deposits");
    let deposit = chloe.post(&path, &[("manifest", &manifest)]).await.unwrap().id();
    let begin = json!({ "name": bad.name, "size": bad.length });
    let begun = chloe.json(&format!("/deposits/{deposit}/files"), &begin).await.unwrap().json();
    let upload = begun["upload"].as_str().unwrap();
    let mut at = 0;
    while at < bad.length {
        let count = (bad.length - at).min(PIECE);
        let piece = (bad.bytes)(at, usize::try_from(count).unwrap());
        let taken = chloe.put(upload, at, piece).await.unwrap();
        assert_eq!(taken.status, 200, "{}", taken.text);
        at += count;
    }
    let body = json!({ "sha256": sha256 });
    let done = chloe.json(&format!("{upload}/finish"), &body).await.unwrap();
    assert_eq!(done.status, 200, "{}", done.text);
    deposit
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_files_are_rejected_with_words_and_memory_stays_small() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::make(folder.path()).await;
    let mut server = Server::start(&site);
    let (chloe, store) = (server.client("chloe"), site.store().await);
    for (number, bad) in all().iter().enumerate() {
        let label = format!("bad-{number}");
        let id = send(&site, &chloe, &label, bad).await;
        check::until("the checks end", &server, || check::is_at_rest(&site, &store)).await;
        let id: domain::DepositId = id.parse().unwrap();
        let deposit: Deposit = store.get(id).await.unwrap().unwrap();
        let DepositState::Rejected { reason, .. } = &deposit.state else {
            panic!("{number} {}: {:?}", bad.name, deposit.state);
        };
        assert_eq!(reason.key, bad.check, "{number} {}: {}", bad.name, reason.detail);
        assert!(reason.detail.contains(bad.words), "{number}: {}", reason.detail);
        let page = chloe.get(&format!("/deposits/{id}")).await.unwrap();
        assert!(page.status == 200 && page.text.contains(bad.name), "{}", page.text);
        let vintages = store.vintages_of(site.source).await.unwrap();
        let vintage = vintages.iter().find(|vintage| vintage.label == label).unwrap();
        assert!(vintage.may_receive(), "as before: {:?}", vintage.state);
        let parquet = site.dir.join("deposits").join(id.to_string()).join("parquet");
        assert_eq!(fs::read_dir(parquet).map_or(0, Iterator::count), 0);
    }
    assert!(server.is_up());
    let peak = server.peak_memory();
    println!("the server held at most {} MiB", peak >> 20);
    assert!(peak < MEMORY, "{peak}");
    check::everything(&site, &server, &[], &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_code_books_are_refused_with_words_and_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::make(folder.path()).await;
    let server = Server::start(&site);
    let (chloe, store) = (server.client("chloe"), site.store().await);
    let secret = folder.path().join("secret");
    fs::write(&secret, "the host's secret").unwrap();
    let external = format!(
        "<!DOCTYPE c [<!ENTITY x SYSTEM \"file://{}\">]><codeBook xmlns=\"ddi:codebook:2_5\">&x;</codeBook>",
        secret.display()
    );
    let levels: String = (1..12)
        .map(|at| format!("<!ENTITY e{at} \"{}\">", format!("&e{};", at - 1).repeat(10)))
        .collect();
    let bomb = format!(
        "<!DOCTYPE c [<!ENTITY e0 \"ha\">{levels}]><codeBook xmlns=\"ddi:codebook:2_5\">&e11;</codeBook>"
    );
    let other = "<html xmlns=\"http://www.w3.org/1999/xhtml\"><body/></html>".to_owned();
    let deep = format!("{}{}", "<codeBook>".repeat(100_000), "</codeBook>".repeat(100_000));
    let cut = "<codeBook xmlns=\"ddi:codebook:2_5\"><stdyDscr><citation>".to_owned();
    // Events of people: what the centre's own clock does meanwhile does not count.
    let people = async || {
        let events = store.latest_events(None, 10_000).await.unwrap();
        events.iter().filter(|sealed| sealed.event.actor.is_some()).count()
    };
    let before = people().await;
    for document in [external, bomb, other, deep, cut] {
        let file = reqwest::multipart::Part::text(document.clone()).file_name("c.xml");
        let form = reqwest::multipart::Form::new().part("file", file);
        let path = format!("/data/sources/{}/codebook", site.source);
        let answer = chloe.multipart(&path, form).await.unwrap();
        assert_eq!(answer.status, 422, "{:.60} {}", document, answer.text);
        assert!(!answer.text.contains("the host's secret"));
        assert!(answer.text.contains("refused"), "{}", answer.text);
    }
    assert_eq!(people().await, before);
}

/// Puts what no result is into the bubble's `exports/`; gives its name where the host can make it.
fn hostile_files(exports: &std::path::Path) -> Vec<PathBuf> {
    fs::create_dir_all(exports).unwrap();
    let huge = exports.join("huge.csv");
    let mut made = Vec::new();
    if File::create(&huge).unwrap().set_len(1 << 40).is_ok() {
        made.push(huge);
    }
    let device = exports.join("device.csv");
    let mknod = Command::new("mknod").arg(&device).args(["c", "1", "5"]).output();
    match mknod.is_ok_and(|mknod| mknod.status.success()) {
        true => made.push(device), // an endless file of zeros, if it were read
        false => println!("NOT TESTED: only root makes a device"),
    }
    made.push(exports.join(OsStr::from_bytes(b"not-\xff-utf8.csv")));
    fs::write(made.last().unwrap(), "a;b\n").unwrap();
    made
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_terabytes_and_names_that_lead_out_do_not_leave() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::make(folder.path()).await;
    let agent = site.start_agent();
    let exports = site.dir.join("bubbles/1/exports");
    let made = hostile_files(&exports);
    fs::write(exports.join("\u{202e}vsc.exe.csv"), "a;b\n").unwrap();
    let server = Server::start(&site);
    let (ada, store) = (server.client("ada"), site.store().await);
    let draft = ada.post("/exports", &[("bubble", &site.bubble)]).await.unwrap();
    let id = draft.location.split('/').nth(2).unwrap().to_owned();
    let page = ada.get(&format!("/exports/{id}/edit")).await.unwrap();
    assert_eq!(page.status, 200, "{}", page.text);
    let mut names: Vec<String> =
        made.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    names.extend(
        ["../../../bulle.toml", "..", "/etc/passwd", "a/../../../../keys/log.key"]
            .map(String::from),
    );
    for name in names {
        let group =
            json!({ "name": "g", "context": "c", "controls": "p", "files": [{ "path": name }] });
        let body = json!({ "title": "t", "groups": [group] });
        let api = format!("/api/v1/exports/{id}");
        ada.put_json(&api, &body).await.unwrap();
        let answer = ada.json(&format!("{api}/seal"), &json!({})).await.unwrap();
        assert_eq!(answer.status, 422, "{name}: {}", answer.text);
        assert!(!answer.text.contains("root:"), "{}", answer.text);
        let export: Export =
            store.get(id.parse::<domain::ExportId>().unwrap()).await.unwrap().unwrap();
        assert_eq!(export.state.name(), "draft", "{name}");
    }
    let left = fs::read_dir(site.dir.join("exports")).unwrap().count();
    assert_eq!(left, 0, "no copy is left");
    assert!(server.peak_memory() < MEMORY);
    agent.abort();
}
