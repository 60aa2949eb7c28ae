//! A real centre: the built binary with a `bulle.toml` and an empty folder, its first persons, and
//! the node agent of root beside an ordinary server. Nothing here is the demonstration's.

use std::{
    io::{BufRead, BufReader},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
};

use centre_tests::Client;
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use tempfile::TempDir;

use crate::{
    data::CODEBOOK,
    people::authenticator::{Authenticator, register, sign_in},
};

/// The binary of this build, which stands beside the tests' folder.
fn binary() -> PathBuf {
    let tests = std::env::current_exe().expect("the tests' binary");
    let folder = tests.parent().and_then(Path::parent).expect("the folder of the build");
    let binary = folder.join("bulle");
    assert!(binary.exists(), "{} is missing: build with --workspace", binary.display());
    binary
}

/// A process of the binary that dies with the test, and the lines that it writes to its errors.
struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the binary starts");
        let errors = BufReader::new(child.stderr.take().expect("a pipe"));
        let (to, lines) = channel();
        std::thread::spawn(move || {
            // Read to the end, so that the process never waits for its reader.
            errors.lines().map_while(Result::ok).for_each(|line| drop(to.send(line)));
        });
        Self { child, lines }
    }

    /// Waits for the line that begins so, and gives what stands behind.
    fn says(&self, start: &str) -> String {
        let mut said = Vec::new();
        for line in &self.lines {
            if let Some(rest) = line.strip_prefix(start) {
                return rest.to_owned();
            }
            said.push(line);
        }
        panic!("it ended and never said `{start}`:\n{}", said.join("\n"));
    }

    /// Asks it to stop, as an operator does, and gives its exit code.
    fn stop(&mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(id).status().expect("kill").success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes a `bulle.toml` for a centre in `centre/` beside it.
fn configure(dir: &Path, more: &str) -> PathBuf {
    let path = dir.join("bulle.toml");
    let text = format!(
        "name = \"Centre d'essai\"\ndir = \"centre\"\nlisten = \"127.0.0.1:0\"\n\
         public_url = \"http://localhost:8470\"\nimage_cache = \"{}\"\n{more}",
        dir.join("images").display(),
    );
    std::fs::write(&path, text).expect("written");
    path
}

const FIRST: [&str; 4] =
    ["--first-manager", "vera@example.org", "--first-manager-name", "Vera Rubin"];

/// The path of the link that was mailed to an address last.
fn mailed(dir: &Path, email: &str) -> String {
    let outbox = std::fs::read_dir(dir.join("centre/outbox")).expect("an outbox");
    let mails = outbox.map(|file| std::fs::read_to_string(file.expect("a mail").path()));
    // Quoted-printable: a line that goes on ends with `=`.
    let mut mails = mails.map(|mail| mail.expect("a text").replace("=\r\n", ""));
    let mail = mails.find(|mail| mail.contains(email) && mail.contains("/invitations/"));
    let mail = mail.unwrap_or_else(|| panic!("no invitation for {email}"));
    let after = mail.split("/invitations/").nth(1).expect("a link");
    format!("/invitations/{}", &after[..64])
}

/// Somebody with a browser.
struct Someone {
    browser: Client,
    id: String,
}

/// A centre that people join.
struct Real<'a> {
    dir: &'a Path,
    url: String,
    manager: Client,
}

impl Real<'_> {
    /// The first project manager opens their account by the console's link.
    async fn open<'a>(dir: &'a Path, server: &Process) -> Real<'a> {
        let url = format!("http://{}", server.says("bulle: listening on "));
        let link = server.says("bulle: http://localhost:8470");
        let manager = Client::at(&url);
        let accepted = register(&manager, &link, &mut Authenticator::new(1)).await;
        assert_eq!(accepted.status, 200, "{}", accepted.text);
        Real { dir, url, manager }
    }

    /// Invites somebody, who opens their account by the mail's link; then they get their roles.
    async fn join(&self, seed: u8, name: &str, roles: &[&str]) -> Someone {
        let email = format!("{}@example.org", name.to_lowercase());
        let form = [("name", name), ("email", &email), ("institution", "CNRS"), ("lang", "en")];
        let id = self.manager.post("/people/invite", &form).await.id();
        let browser = Client::at(&self.url);
        let link = mailed(self.dir, &email);
        let accepted = register(&browser, &link, &mut Authenticator::new(seed)).await;
        assert_eq!(accepted.status, 200, "{}", accepted.text);
        for role in roles {
            let give = [("role", *role), ("act", "give")];
            done(&self.manager, &format!("/people/{id}/roles"), &give).await;
        }
        Someone { browser, id }
    }
}

async fn done(client: &Client, path: &str, fields: &[(&str, &str)]) {
    let answer = client.post(path, fields).await;
    assert_eq!(answer.status, 303, "{path}: {}", answer.text);
}

/// An enrolment agent sees somebody's document and holds the quiz.
async fn enrol(agent: &Client, id: &str) {
    let seen = [("document", "passport"), ("meeting", "in_person"), ("name_matches", "yes")];
    done(agent, &format!("/people/{id}/identity"), &seen).await;
    done(agent, &format!("/people/{id}/enrol"), &[("quiz", "yes")]).await;
}

/// From an empty folder to a producer, a published source and an application, by pages alone.
#[tokio::test]
async fn an_empty_folder_becomes_a_centre_with_a_producer_a_source_and_an_application() {
    let dir = TempDir::new().expect("a folder");
    let config = configure(dir.path(), "");
    let serve = || {
        let mut command = Command::new(binary());
        command.arg("serve").arg("--config").arg(&config);
        command
    };
    let mut server = Process::start(serve().args(FIRST));
    let real = Real::open(dir.path(), &server).await;
    assert_eq!(real.manager.get("/demo/step-in").await.status, 404, "no demonstration here");
    done(&real.manager, "/me/institution", &[("institution", "Centre")]).await;
    let lea = real.join(2, "Lea", &["enrolment_agent"]).await;
    let leo = real.join(3, "Leo", &["enrolment_agent"]).await;
    enrol(&lea.browser, &leo.id).await;
    enrol(&leo.browser, &lea.id).await;

    let producer = [
        ("slug", "insee"),
        ("name_fr", "Institut national"),
        ("name_en", "National institute"),
        ("contact", "data@example.org"),
        ("consultation_days", "14"),
    ];
    let producer = real.manager.post("/producers", &producer).await.id();
    let chloe = real.join(4, "Chloe", &[]).await;
    enrol(&lea.browser, &chloe.id).await;
    let people = format!("/producers/{producer}/people");
    for role in ["producer_agent", "producer_decider"] {
        let appoint = [("email", "chloe@example.org"), ("role", role), ("act", "give")];
        done(&real.manager, &people, &appoint).await;
    }

    let form = Form::new()
        .text("producer", producer.clone())
        .text("theme", "health")
        .part("file", Part::text(CODEBOOK).file_name("dsm.xml"));
    let with = |request: reqwest::RequestBuilder| request.multipart(form);
    let made = chloe.browser.send(Method::POST, "/data/sources/from-codebook", with).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let source = made.location.split('/').nth(3).expect("an id").to_owned();
    done(&chloe.browser, &format!("/data/sources/{source}/state"), &[("act", "publish")]).await;
    let vintage = [("label", "2019"), ("year", "2019")];
    let vintage =
        chloe.browser.post(&format!("/data/sources/{source}/vintages"), &vintage).await.id();

    let ada = real.join(5, "Ada", &[]).await;
    enrol(&leo.browser, &ada.id).await;
    let visitor = Client::at(&real.url).get("/catalogue").await;
    assert!(visitor.text.contains("Health expenditure of households"), "{}", visitor.text);
    done(&ada.browser, "/basket", &[("vintage", &vintage)]).await;
    let application = ada.browser.post("/applications", &[]).await.id();
    let page = ada.browser.get(&format!("/applications/{application}/edit/sources")).await;
    assert!(page.text.contains("Health expenditure of households"));
    assert!(page.text.contains("National institute"));

    assert_eq!(server.stop(), Some(0));
    // It is all there after a restart, and nobody becomes a first manager any more.
    let again = Process::start(serve().args(FIRST)).child.wait().expect("it ends");
    assert_eq!(again.code(), Some(2));
    let mut server = Process::start(&mut serve());
    let url = format!("http://{}", server.says("bulle: listening on "));
    let browser = Client::at(&url);
    let page = browser.get("/catalogue").await.text;
    assert!(page.contains("Health expenditure of households"));
    assert_eq!(browser.get(&format!("/producers/{producer}")).await.status, 303, "signed out");
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test]
async fn a_passkey_of_the_first_manager_opens_the_centre_again() {
    let dir = TempDir::new().expect("a folder");
    let config = configure(dir.path(), "");
    let mut command = Command::new(binary());
    let server = Process::start(command.arg("serve").arg("--config").arg(config).args(FIRST));
    let url = format!("http://{}", server.says("bulle: listening on "));
    let link = server.says("bulle: http://localhost:8470");
    let (browser, mut passkey) = (Client::at(&url), Authenticator::new(9));
    assert_eq!(register(&browser, &link, &mut passkey).await.status, 200);
    assert_eq!(browser.get(&link).await.status, 404, "the link works once");
    let another = Client::at(&url);
    let signed = sign_in(&another, &mut passkey).await;
    assert_eq!(signed.json()["location"], "/me", "{}", signed.text);
    assert!(another.get("/people").await.text.contains("Vera Rubin"));
}

#[test]
fn the_help_names_every_command() {
    let output = Command::new(binary()).arg("--help").output().expect("the binary runs");
    let help = String::from_utf8(output.stdout).expect("text");
    let listed = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    let listed: Vec<&str> = listed
        .expect("commands")
        .lines()
        .filter_map(|line| {
            line.strip_prefix("  ")?.split(' ').next().filter(|word| !word.is_empty())
        })
        .collect();
    let commands = [
        "demo", "serve", "agent", "doctor", "bubble", "log", "deposit", "check", "protect", "link",
        "risk", "convert", "ddi", "help",
    ];
    assert_eq!(listed, commands, "{help}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        let own = Command::new(binary()).args([command, "--help"]).output().expect("it runs");
        assert!(own.status.success() && !own.stdout.is_empty(), "{command}");
    }
    let unknown = Command::new(binary()).arg("sell").output().expect("it runs");
    assert_eq!(unknown.status.code(), Some(2));
}

/// Says `Ping` to the agent's socket as some user; prints what came back.
const PING: &str = r#"
import socket, struct, sys
line = socket.socket(socket.AF_UNIX)
try:
    line.connect(sys.argv[1])
    body = b'{"ask":"ping"}'
    line.sendall(struct.pack(">I", len(body)) + body)
    print("heard" if line.recv(4) else "silence")
except PermissionError:
    print("kept out")
except (ConnectionResetError, BrokenPipeError):
    print("silence")
"#;

fn ping(socket: &Path, uid: u32) -> String {
    let mut command = Command::new("python3");
    command.args(["-c", PING]).arg(socket).uid(uid).gid(uid).current_dir("/");
    let output = command.output().expect("python3 runs");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// `server_uid`: the agent is root, the server is not, and nobody else is heard.
#[tokio::test]
async fn a_root_agent_serves_an_ordinary_server_and_nobody_else() {
    if std::fs::metadata("/proc/self").expect("a process").uid() != 0 {
        eprintln!("NOT TESTED: only root can start an agent of root beside an ordinary server");
        return;
    }
    const SERVER: u32 = 61_801;
    const OTHER: u32 = 61_802;
    let dir = TempDir::new().expect("a folder");
    let folder = dir.path().join("centre");
    let program = dir.path().join("bulle");
    // The build's folder may be root's alone.
    std::fs::copy(binary(), &program).expect("copied");
    for path in [dir.path(), &program] {
        let everybody = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(path, everybody).expect("readable");
    }
    std::fs::create_dir(&folder).expect("a folder");
    chown(&folder, Some(SERVER), Some(SERVER)).expect("the server's");
    let apart = format!("server_uid = {SERVER}\n");
    let config = configure(dir.path(), &apart);

    let mut serve = Command::new(&program);
    serve.arg("serve").arg("--config").arg(&config).args(FIRST);
    serve.uid(SERVER).gid(SERVER).env("HOME", &folder).current_dir("/");
    let mut server = Process::start(&mut serve);
    let real = Real::open(dir.path(), &server).await;
    let proc = format!("/proc/{}", server.child.id());
    assert_eq!(std::fs::metadata(proc).expect("it runs").uid(), SERVER);
    let marc = real.join(2, "Marc", &["operator"]).await;
    let host = async || marc.browser.get("/api/v1/host").await.json();
    assert_eq!(host().await["agent"], false, "there is none yet");

    // In the server's own folder root does nothing: whoever took the server over could put a link
    // to `/etc` in place of `bubbles`.
    let elsewhere = dir.path().join("etc");
    std::fs::create_dir(&elsewhere).expect("a folder");
    for link in [false, true] {
        if link {
            std::os::unix::fs::symlink(&elsewhere, folder.join("bubbles")).expect("a link");
        }
        let mut agent = Command::new(&program);
        let refused = agent.arg("agent").arg("--config").arg(&config).output().expect("it runs");
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains("an agent of root does not work in"), "{said}");
    }
    assert_eq!(std::fs::read_dir(&elsewhere).expect("a folder").count(), 0);

    let config = configure(dir.path(), &format!("{apart}bubbles = \"agent\"\n"));
    let mut agent = Command::new(&program);
    let mut agent = Process::start(agent.arg("agent").arg("--config").arg(&config));
    let socket = folder.join("agent.sock");
    while !socket.exists() {
        assert!(agent.child.try_wait().expect("a process").is_none(), "the agent ended");
        tokio::task::yield_now().await; // until it listens
    }
    let found = host().await;
    assert_eq!(found["agent"], true, "{found}");
    assert_eq!(found["privileged"], true, "{found}");

    let rights = std::fs::metadata(&socket).expect("a socket");
    assert_eq!((rights.uid(), rights.mode() & 0o777), (SERVER, 0o600));
    assert_eq!(ping(&socket, SERVER), "heard");
    assert_eq!(ping(&socket, OTHER), "kept out", "by the folder and the socket's rights");
    // Even where the rights are lost, the kernel's word on who speaks is asked.
    for path in [&folder, &socket] {
        let lost = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(path, lost).expect("opened");
    }
    assert_eq!(ping(&socket, OTHER), "silence", "the agent hangs up");
    assert_eq!(ping(&socket, SERVER), "heard");

    assert_eq!(agent.stop(), Some(0));
    assert_eq!(host().await["agent"], false);
    assert_eq!(server.stop(), Some(0));
}
