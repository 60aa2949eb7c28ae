//! `bulle demo` killed, and nothing else: the node agent that it started and whoever works in a
//! bubble end with it, and another start in the folder goes on, at whatever address.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use domain::{PersonId, SessionId};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{io::AsyncReadExt as _, net::UnixStream};
use uuid::Uuid;
use workflows::settings::agent::protocol::{Answer, Order, Request, receive, send};

use super::kit::kill_group;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// `bulle demo` as a process group of its own.
struct Demo {
    child: Child,
    url: String,
    /// Held, because the program goes on to write there.
    _output: BufReader<ChildStdout>,
}

impl Demo {
    /// Starts it on a free port and waits until it says that it is ready.
    fn start(dir: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut child = Command::new(env!("CARGO_BIN_EXE_bulle"))
            .args(["demo", "--listen", &format!("127.0.0.1:{port}"), "--dir"])
            .arg(dir)
            .env_remove("BULLE_LOG")
            .process_group(0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("Stop with Ctrl-C") {
            assert!(output.read_line(&mut said).unwrap() > 0, "it ended: {said}");
        }
        Self { child, url: format!("http://127.0.0.1:{port}"), _output: output }
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    async fn get(&self, path: &str) -> String {
        let answer = reqwest::get(format!("{}{path}", self.url)).await.unwrap();
        answer.text().await.unwrap()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        kill_group(self.pid());
        let _ = self.child.wait();
    }
}

/// A process, told from a later one of the same number by when it started.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Process {
    id: u32,
    parent: u32,
    started: String,
}

/// Every process that runs; those that only wait to be forgotten do not (proc(5), `stat`).
fn processes() -> Vec<Process> {
    let ids = fs::read_dir("/proc").unwrap().flatten();
    let ids = ids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let read = |id: u32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // After the name, which may hold anything: state, parent, ..., and 19 further the start.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let runs = !["Z", "X"].contains(&fields[0]);
        let process = Process { id, parent: fields[1].parse().ok()?, started: fields[19].into() };
        runs.then_some(process)
    };
    ids.filter_map(read).collect()
}

/// What a process started, and what that started.
fn below(id: u32) -> Vec<Process> {
    let all = processes();
    let mut found: Vec<Process> = Vec::new();
    let mut parents = vec![id];
    while let Some(parent) = parents.pop() {
        let children = all.iter().filter(|process| process.parent == parent);
        for child in children.cloned().collect::<Vec<_>>() {
            parents.push(child.id);
            found.push(child);
        }
    }
    found
}

async fn ask(dir: &Path, request: &Request) -> (UnixStream, Answer) {
    let start = Instant::now();
    let mut stream = loop {
        match UnixStream::connect(dir.join("agent.sock")).await {
            Ok(stream) => break stream,
            Err(error) => assert!(start.elapsed() < PATIENCE, "no agent: {error}"),
        }
        tokio::task::yield_now().await;
    };
    send(&mut stream, request).await.unwrap();
    let answer = receive::<Answer>(&mut stream).await.unwrap();
    (stream, answer)
}

/// Somebody at a terminal of a bubble, who has seen the prompt.
async fn terminal(dir: &Path) -> UnixStream {
    let (bubble, profile) = (7, "small".to_owned());
    let (_, answer) = ask(dir, &Request::Prepare { bubble, profile: profile.clone() }).await;
    assert!(matches!(answer, Answer::Prepared { .. }), "{answer:?}");
    let person = Some(PersonId(Uuid::now_v7()));
    let application = uuid::Uuid::nil().into();
    let order = Order {
        bubble,
        profile,
        person,
        mounts: vec![],
        frozen: false,
        application,
        rules: String::new(),
    };
    let session = SessionId(Uuid::now_v7());
    let open = Request::OpenTerminal { order, session, columns: 80, rows: 24 };
    let (mut stream, answer) = ask(dir, &open).await;
    assert!(matches!(answer, Answer::Opened), "{answer:?}");
    assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0, "a prompt");
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_demonstration_takes_its_agent_with_it_and_starts_again_at_another_address() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let demo = Demo::start(dir);
    let key = demo.get("/log/verifier.key").await;
    let receipts = demo.get("/receipts.key").await;
    let _session = terminal(dir).await;
    let started = below(demo.child.id());
    let agent = started.iter().find(|process| process.parent == demo.child.id()).unwrap();
    assert!(!below(agent.id).is_empty(), "somebody works in a bubble");

    kill_process(demo.pid(), Signal::KILL).unwrap();
    let start = Instant::now();
    while processes().iter().any(|process| {
        started.iter().any(|old| (old.id, &old.started) == (process.id, &process.started))
    }) {
        assert!(start.elapsed() < PATIENCE, "still there: {:?}", processes());
        tokio::task::yield_now().await;
    }
    let mounts = fs::read_to_string("/proc/mounts").unwrap();
    assert!(!mounts.contains(dir.to_str().unwrap()), "volumes were put away: {mounts}");
    let first = demo.url.clone();
    drop(demo);

    let mut again = Demo::start(dir);
    assert_ne!(again.url, first);
    assert_eq!(again.get("/log/verifier.key").await, key);
    assert_eq!(again.get("/receipts.key").await, receipts);
    let (_, pong) = ask(dir, &Request::Ping).await;
    assert!(matches!(pong, Answer::Pong { .. }), "{pong:?}");
    kill_process(again.pid(), Signal::TERM).unwrap();
    assert!(again.child.wait().unwrap().success());
    let report = ledger::verify_folder(&dir.join("log"), Some(&key.parse().unwrap()), |_| ());
    assert!(report.unwrap().is_intact());
}
