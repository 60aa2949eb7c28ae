//! The node agent: the only process that may have privilege (a uid and a volume per project,
//! control groups). One per host, started by `bulle agent`; it answers a dozen typed requests on a
//! Unix socket and starts bubbles through `engines/sandbox`.
//!
//! Threat: somebody else on the host speaks to it. The socket is its owner's alone, and the kernel
//! is asked for the uid at the other end of each connection. Threat: a server in the wrong hands
//! moves the ground under an agent of root: `ground.rs`. Start reading at [`serve`].

mod ground;
mod import;
pub mod protocol;
mod spaces;
mod terminal;

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::SessionId;
use sandbox::{
    Tool,
    beneath::{self, BeneathError, Problem},
    launch::Image,
};
use tokio::{
    io::AsyncWriteExt,
    net::{UnixListener, UnixStream},
    sync::{Notify, watch},
    task::spawn_blocking,
};

use protocol::{Answer, DoctorRow, Listed, Request};

use crate::failure::{causes, is_disk_full};

/// What an agent needs to know.
#[derive(Clone, Debug)]
pub struct AgentConfig {
    /// Where each bubble has its folder, by its number.
    pub bubbles: PathBuf,
    /// Where deposits are: `<id>/parquet` below it is what can be mounted, and nothing else.
    pub deposits: PathBuf,
    /// Where images are kept.
    pub image_cache: PathBuf,
    /// Whether each project gets a volume of its own (a hard quota). Only root can make them.
    pub volumes: bool,
    /// The server's uid, where it is not the agent's own.
    pub server_uid: Option<u32>,
    /// `bulle`, which bubbles see as `bulle-check` and `bulle-protect`.
    pub program: Option<PathBuf>,
}

impl AgentConfig {
    /// The agent of the centre of `config`. Volumes where this process is root.
    pub fn of(config: &crate::Config) -> Self {
        Self {
            bubbles: config.bubbles(),
            deposits: config.dir.join("deposits"),
            image_cache: config.image_cache.clone().unwrap_or_else(sandbox::image::default_cache),
            volumes: spaces::is_root(),
            server_uid: config.server_uid,
            program: config.reader.clone().or_else(|| std::env::current_exe().ok()),
        }
    }
}

/// The tools that are this program under another name; none where it is no longer where it was
/// started from, as after an upgrade.
pub fn programs(program: &Path) -> Vec<Tool> {
    let source = program.canonicalize().ok().filter(|path| path.is_file());
    let tool = |source: &PathBuf, name: &str| Tool {
        source: source.clone(),
        name: name.to_owned(),
        runs: true,
    };
    let names = ["bulle-check", "bulle-protect"];
    source.iter().flat_map(|source| names.map(|name| tool(source, name))).collect()
}

/// How long the end of a session's processes is waited for.
const ENDING: Duration = Duration::from_secs(5);

/// A running agent.
struct Agent {
    config: AgentConfig,
    image: Mutex<Option<Image>>,
    running: Mutex<HashMap<SessionId, Running>>,
}

/// A session that runs.
struct Running {
    bubble: u32,
    /// Asks for its end.
    end: Arc<Notify>,
    /// Closed once every process of it has ended.
    over: watch::Receiver<()>,
}

/// Why something was not done: a stable word for the server, a message for the operator.
#[derive(Debug)]
struct Refused {
    code: &'static str,
    message: String,
}

impl Refused {
    fn because(code: &'static str) -> impl FnOnce(&dyn std::error::Error) -> Self {
        move |error| Self { code, message: causes(error) }
    }
}

/// Listens on `socket` and answers until the task is dropped; then every bubble has ended, because
/// each dies with its connection.
///
/// # Errors
/// Where the folders cannot be made, where they are not root's alone though the agent is root and
/// its server is not, or where the socket cannot be bound.
pub async fn serve(socket: &Path, config: AgentConfig) -> io::Result<()> {
    ground::make(&config)?;
    spaces::sweep(&config)?;
    spaces::open_volumes(&config);
    spaces::sweep_imports(&config);
    let listener = bind(socket, config.server_uid)?;
    let agent =
        Arc::new(Agent { config, image: Mutex::new(None), running: Mutex::new(HashMap::new()) });
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                connections.spawn(agent.clone().converse(stream));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Puts away what an agent that was asked to stop leaves on the host: mounted volumes. The bubbles'
/// processes have ended with the connections that carried them.
pub fn close(config: &AgentConfig) {
    if config.volumes {
        spaces::close_volumes(config);
    }
}

/// Binds under another name and renames, so that the socket never stands there with open rights.
fn bind(socket: &Path, server_uid: Option<u32>) -> io::Result<UnixListener> {
    let fresh = socket.with_extension(format!("new-{}", std::process::id()));
    let _ = std::fs::remove_file(&fresh);
    let listener = UnixListener::bind(&fresh)?;
    ground::give(&fresh, server_uid)?;
    std::fs::rename(&fresh, socket)?;
    Ok(listener)
}

impl Agent {
    /// One request, its answer, and what follows it.
    async fn converse(self: Arc<Self>, mut stream: UnixStream) {
        if !self.is_the_server(&stream) {
            tracing::warn!("a process of another user spoke to the agent and was not heard");
            return;
        }
        let request = match protocol::receive::<Request>(&mut stream).await {
            Ok(request) => request,
            Err(error) => return tracing::warn!(error = causes(&error), "not a request"),
        };
        // The first word of whatever is done by path.
        if let Err(refused) = ground::check(&self.config) {
            let answer = refuse(refused);
            let _ = protocol::send(&mut stream, &answer).await; // the server may have left
            return;
        }
        let done = match request {
            Request::OpenTerminal { order, session, columns, rows } => {
                return terminal::run(&self, stream, order, session, (columns, rows)).await;
            }
            Request::TakeExport { bubble, path, max_bytes } => {
                self.take_export(&mut stream, bubble, path, max_bytes).await
            }
            Request::PutImport { bubble, profile, number, name, sha256, bytes, note } => {
                let file = import::File { bubble, profile, number, name, sha256, bytes, note };
                let put = import::put(&self, &mut stream, file).await;
                let answer = put.map_or_else(refuse, |()| Answer::Done);
                protocol::send(&mut stream, &answer).await.map_err(|e| causes(&e))
            }
            other => {
                let answer = self.clone().answer(other).await.unwrap_or_else(refuse);
                protocol::send(&mut stream, &answer).await.map_err(|e| causes(&e))
            }
        };
        if let Err(error) = done {
            tracing::warn!(error, "an answer did not arrive");
        }
    }

    fn is_the_server(&self, stream: &UnixStream) -> bool {
        let own = spaces::own_uid();
        let uid = stream.peer_cred().map(|peer| peer.uid());
        uid.is_ok_and(|uid| uid == own || Some(uid) == self.config.server_uid)
    }

    async fn answer(self: Arc<Self>, request: Request) -> Result<Answer, Refused> {
        match request {
            Request::Ping => {
                let version = env!("CARGO_PKG_VERSION").to_owned();
                Ok(Answer::Pong { version, privileged: spaces::is_root() })
            }
            Request::CutSession { session } => {
                self.cut(|id, _| id == session).await;
                Ok(Answer::Done)
            }
            Request::CloseBubble { bubble } => {
                self.cut(|_, number| number == bubble).await;
                Ok(Answer::Done)
            }
            Request::Status => Ok(self.status()),
            Request::ArchiveBubble { bubble } | Request::DeleteBubble { bubble } => {
                self.cut(|_, number| number == bubble).await;
                spawn_blocking(move || self.do_slowly(request))
                    .await
                    .unwrap_or_else(|error| Err(Refused::because("internal")(&error)))
            }
            // What is left asks the disk or waits for programs.
            slow => spawn_blocking(move || self.do_slowly(slow))
                .await
                .unwrap_or_else(|error| Err(Refused::because("internal")(&error))),
        }
    }

    fn do_slowly(&self, request: Request) -> Result<Answer, Refused> {
        match request {
            Request::Prepare { bubble, profile } => {
                let image = self.image()?;
                spaces::prepare(&self.config, bubble, &profile)?;
                Ok(Answer::Prepared { image: image.digest })
            }
            Request::SelfTest { order } => {
                let launch = spaces::launch(&self.config, self.image()?, &order)?;
                Ok(Answer::Checks { checks: spaces::self_test(&launch) })
            }
            Request::ListExports { bubble } => self.list_exports(bubble),
            Request::ArchiveBubble { bubble } => {
                spaces::archive(&self.config, bubble)?;
                Ok(Answer::Done)
            }
            Request::DeleteBubble { bubble } => {
                Ok(Answer::Deleted { certificate: spaces::delete(&self.config, bubble)? })
            }
            Request::Doctor => Ok(Answer::Doctor { rows: doctor(&self.config.image_cache) }),
            other => Err(Refused { code: "internal", message: format!("{other:?} is not slow") }),
        }
    }

    /// The image, built at first use.
    fn image(&self) -> Result<Image, Refused> {
        let mut known = self.image.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(image) = known.as_ref().filter(|image| image.root.is_dir()) {
            return Ok(image.clone());
        }
        let mut progress = |step| tracing::info!(?step, "the bubbles' image is being made");
        let image = sandbox::image::ensure(&self.config.image_cache, &mut progress)
            .map_err(|error| Refused::because("image")(&error))?;
        *known = Some(image.clone());
        Ok(image)
    }

    /// Ends the sessions that `which` names, and waits until none of their processes is left: the
    /// mounts are gone with them. At most [`ENDING`]; the kernel goes on by itself.
    async fn cut(&self, which: impl Fn(SessionId, u32) -> bool) {
        let ending: Vec<_> = {
            let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            let named = running.iter().filter(|(session, it)| which(**session, it.bubble));
            named.map(|(_, it)| (it.end.clone(), it.over.clone())).collect()
        };
        for (end, _) in &ending {
            end.notify_one();
        }
        for (_, mut over) in ending {
            let _ = tokio::time::timeout(ENDING, over.changed()).await;
        }
    }

    fn status(&self) -> Answer {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let sessions = running.keys().copied().collect();
        let image = self.image.lock().unwrap_or_else(PoisonError::into_inner);
        Answer::Status { sessions, image: image.as_ref().map(|image| image.digest.clone()) }
    }

    fn list_exports(&self, bubble: u32) -> Result<Answer, Refused> {
        let folder = spaces::exports(&self.config, bubble);
        let dir = match beneath::open_folder(&folder) {
            Ok(dir) => dir,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Answer::Exports { entries: Vec::new() });
            }
            Err(error) => return Err(Refused::because("exports")(&error)),
        };
        let entries = beneath::list(std::os::fd::AsFd::as_fd(&dir))
            .map_err(|error| Refused::because("exports")(&error))?;
        let listed = |entry: beneath::Entry| Listed {
            path: entry.name.to_string_lossy().into_owned(),
            bytes: entry.size,
            problem: entry.problem.map(|problem| problem_word(problem).to_owned()),
        };
        Ok(Answer::Exports { entries: entries.into_iter().map(listed).collect() })
    }

    /// Copies the file safely into a folder of the agent's own, then sends the copy: the bubble can
    /// change its file while a slow server reads, the copy it cannot.
    async fn take_export(
        &self,
        stream: &mut UnixStream,
        bubble: u32,
        path: String,
        max_bytes: u64,
    ) -> Result<(), String> {
        let config = self.config.clone();
        let taken = spawn_blocking(move || spaces::take(&config, bubble, &path, max_bytes)).await;
        let (digest, copy) = match taken.map_err(|error| causes(&error))? {
            Ok(taken) => taken,
            Err(refused) => {
                let answer = refuse(refused);
                return protocol::send(stream, &answer).await.map_err(|error| causes(&error));
            }
        };
        let sent = async {
            let answer = Answer::File { sha256: digest.sha256.clone(), bytes: digest.bytes };
            protocol::send(stream, &answer).await.map_err(|error| causes(&error))?;
            let mut file = tokio::fs::File::open(copy.path()).await.map_err(|e| causes(&e))?;
            tokio::io::copy(&mut file, stream).await.map_err(|error| causes(&error))?;
            stream.shutdown().await.map_err(|error| causes(&error))
        };
        sent.await // the copy is removed when `copy` is dropped, whatever happened
    }
}

fn refuse(refused: Refused) -> Answer {
    tracing::warn!(code = refused.code, error = refused.message, "the agent refused");
    Answer::Refused { code: refused.code.to_owned(), message: refused.message }
}

fn problem_word(problem: Problem) -> &'static str {
    match problem {
        Problem::NotRegular(_) => "not_a_file",
        Problem::HardLink => "hard_link",
        Problem::Name => "name",
        Problem::TooDeep => "too_deep",
        Problem::Unreadable => "unreadable",
    }
}

fn beneath_word(error: &BeneathError) -> &'static str {
    match error {
        BeneathError::Write { source, .. } if is_disk_full(source) => protocol::DISK_FULL,
        BeneathError::LeadsOut(_) => "leads_out",
        BeneathError::Missing(_) => "missing",
        BeneathError::NotRegular { .. } => "not_a_file",
        BeneathError::HardLink(_) => "hard_link",
        BeneathError::TooLong { .. } => "too_long",
        BeneathError::Changed(_) => "changed",
        BeneathError::Io { .. } | BeneathError::Write { .. } => "exports",
    }
}

fn doctor(cache: &Path) -> Vec<DoctorRow> {
    let row = |row: sandbox::doctor::Row| DoctorRow {
        id: row.id.to_owned(),
        what: row.what.to_owned(),
        status: match row.status {
            sandbox::doctor::Status::Ok => "ok",
            sandbox::doctor::Status::Weaker => "weaker",
            sandbox::doctor::Status::Missing => "missing",
        }
        .to_owned(),
        found: row.found,
        consequence: row.consequence.to_owned(),
        enable: row.enable.to_owned(),
    };
    sandbox::doctor::rows(cache).into_iter().map(row).collect()
}
