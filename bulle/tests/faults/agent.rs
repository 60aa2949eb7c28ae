//! SIGKILL to the node agent, in the midst of files that come into a bubble and of copies that leave it.

use std::{
    fs,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    sync::atomic::AtomicBool,
};

use rustix::process::Pid;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
};
use workflows::settings::agent::{
    self, AgentConfig,
    protocol::{Answer, Request, receive, send},
};

use super::{
    check::all_files,
    kill::{Over, kill_at, number},
    kit::{Dice, kill_group, sha256},
};

/// Kills in a usual run.
const KILLS: u64 = 12;
/// The folder of the agent that is killed.
const DIR: &str = "BULLE_TEST_AGENT_DIR";
const TABLE: &str = "plan,visits\nfree care,1204\n";

/// The program of the agent that is killed: this test's own, so that it has no volumes to mount.
#[test]
#[ignore = "the process that the next test starts and kills"]
fn the_agent_that_is_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let dir = Path::new(&dir);
    let config = AgentConfig {
        bubbles: dir.join("bubbles"),
        deposits: dir.join("deposits"),
        image_cache: dir.join("images"),
        volumes: false,
        server_uid: None,
        program: None,
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(agent::serve(&dir.join("agent.sock"), config)).unwrap();
}

/// The agent as a process group of its own; dropped, it is killed.
struct Process(Child);

impl Process {
    /// Starts it and waits until it answers.
    async fn start(dir: &Path) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "agent::the_agent_that_is_killed", "--ignored", "--nocapture"])
            .env(DIR, dir)
            .process_group(0)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut process = Self(child);
        while !matches!(ask(dir, &Request::Ping, &[]).await, Some((Answer::Pong { .. }, _))) {
            assert!(process.0.try_wait().unwrap().is_none(), "the agent ended by itself");
            tokio::task::yield_now().await;
        }
        process
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        kill_group(self.pid());
        let _ = self.0.wait();
    }
}

/// Asks, and reads what follows the answer; nothing where the agent was killed.
async fn ask(dir: &Path, request: &Request, bytes: &[u8]) -> Option<(Answer, Vec<u8>)> {
    let mut stream = UnixStream::connect(dir.join("agent.sock")).await.ok()?;
    send(&mut stream, request).await.ok()?;
    stream.write_all(bytes).await.ok()?;
    let answer = receive::<Answer>(&mut stream).await.ok()?;
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.ok()?;
    Some((answer, rest))
}

/// The bytes of import `number`, no two alike.
fn file_of(number: u32) -> String {
    format!("{number:06}\n").repeat(1 << 17)
}

/// Brings one file in and takes one copy out; whether both were answered.
async fn work(dir: &Path, number: u32, done: &mut Vec<u32>) -> bool {
    let bytes = file_of(number);
    let put = Request::PutImport {
        bubble: 1,
        profile: "small".to_owned(),
        number,
        name: "fit.py".to_owned(),
        sha256: sha256(bytes.as_bytes()),
        bytes: bytes.len() as u64,
        note: format!("{{\"import\":{number}}}"),
    };
    match ask(dir, &put, bytes.as_bytes()).await {
        Some((Answer::Done, _)) => done.push(number),
        Some((other, _)) => panic!("{other:?}"),
        None => return false,
    }
    let take = Request::TakeExport { bubble: 1, path: "t.csv".to_owned(), max_bytes: 100 };
    match ask(dir, &take, &[]).await {
        Some((Answer::File { bytes, .. }, rest)) if rest.len() as u64 == bytes => {
            assert_eq!(rest, TABLE.as_bytes());
            true
        }
        Some((Answer::File { .. }, _)) | None => false,
        Some((other, _)) => panic!("{other:?}"),
    }
}

/// What must hold once a new agent answers.
fn check(dir: &Path, newest: u32, done: &[u32]) {
    let names = all_files(&dir.join("bubbles"));
    let half = |path: &&std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with(".import-") || name.starts_with(".taken-")
    };
    assert_eq!(names.iter().find(half), None, "left by a killed agent");
    let imports = dir.join("bubbles/1/imports");
    for number in 0..=newest {
        let file = fs::read_to_string(imports.join(format!("{number}/fit.py")));
        let note = fs::read_to_string(imports.join(format!("{number}.json")));
        assert!(file.is_ok() || !done.contains(&number), "import {number} was lost");
        assert!(file.is_err() || note.is_ok(), "a file without the note on it");
        assert!(file.is_err() || file.unwrap() == file_of(number), "half a file under its name");
        assert!(note.is_err() || note.unwrap() == format!("{{\"import\":{number}}}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_agent_killed_anywhere_leaves_whole_files_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    fs::create_dir_all(dir.join("bubbles/1/exports")).unwrap();
    fs::write(dir.join("bubbles/1/exports/t.csv"), TABLE).unwrap();
    let mut dice = Dice(number("BULLE_KILL_SEED", 20_261_122));
    let (mut import, mut done) = (0, Vec::new());
    let mut agent = Process::start(dir).await;
    let kills = number("BULLE_KILLS", KILLS);
    for _ in 0..kills {
        let at = 1 + dice.below(24);
        let answered = Arc::new(AtomicBool::new(false));
        let killer = {
            let (dir, pid, answered) = (dir.to_owned(), agent.pid(), answered.clone());
            tokio::task::spawn_blocking(move || kill_at(&dir, pid, at, &answered))
        };
        let over = Over(answered);
        while work(dir, import, &mut done).await {
            import += 1;
        }
        drop(over);
        killer.await.unwrap();
        drop(agent);
        agent = Process::start(dir).await;
        check(dir, import, &done);
        import += 1;
    }
    println!("files that came in over {kills} kills: {}", done.len());
}
