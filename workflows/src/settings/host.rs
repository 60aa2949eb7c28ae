//! The host where bubbles run, as the centre sees it: the client of the node agent, and the
//! sessions that are live in this server.

use std::{
    collections::{HashMap, HashSet},
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{Bubble, BubbleId, SessionId, settings::bubble::SelfTest};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    time::timeout,
};

use super::{
    agent::protocol::{self, Answer, DoctorRow, Order, Request},
    live::Live,
};
use crate::{Config, Failure};

/// How long an agent may take for what is quick.
const QUICK: Duration = Duration::from_secs(30);
/// Refusals that are about the host's disk and not about the file that was asked for.
const HOSTS_OWN: [&str; 3] = ["disk", "exports", protocol::DISK_FULL];
/// How long it may take to build an image, or to remove a large bubble.
const SLOW: Duration = Duration::from_mins(45);

/// The host where bubbles run.
pub struct Host {
    /// Where each bubble has its folder, by its number.
    bubbles: PathBuf,
    /// Where recordings are, by session.
    recordings: PathBuf,
    socket: PathBuf,
    live: Mutex<HashMap<SessionId, Live>>,
    busy: Mutex<HashSet<BubbleId>>,
}

/// A file in a bubble's `exports/`.
#[derive(Clone, Debug)]
pub struct ExportEntry {
    /// Its path below `exports/`.
    pub path: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Why it cannot leave whatever it holds (a link, a special file), when it cannot.
    pub problem: Option<String>,
}

/// A file that was taken out of a bubble.
#[derive(Clone, Debug)]
pub struct Taken {
    /// SHA-256 of the bytes that were copied, hexadecimal.
    pub sha256: String,
    /// How many.
    pub bytes: u64,
}

/// What the agent says of itself.
#[derive(Clone, Debug, serde::Serialize)]
pub struct HostStatus {
    /// Its version.
    pub version: String,
    /// Whether projects get a uid and a volume of their own.
    pub privileged: bool,
    /// How many sessions it runs.
    pub sessions: usize,
    /// The image's digest, once it is there.
    pub image: Option<String>,
}

impl Host {
    /// Opens it for the centre of `config`.
    pub fn open(config: &Config) -> Self {
        Self {
            bubbles: config.bubbles(),
            recordings: config.dir.join("recordings"),
            socket: config.agent_socket(),
            live: Mutex::default(),
            busy: Mutex::default(),
        }
    }

    /// The folder of a bubble's spaces: `home/<person>`, `project`, `imports`, `exports`, `scratch`.
    pub fn folder(&self, bubble: &Bubble) -> PathBuf {
        self.bubbles.join(bubble.number.to_string())
    }

    /// The folder of recordings.
    pub(crate) fn recordings(&self) -> &Path {
        &self.recordings
    }

    /// A session's recording.
    pub fn recording(&self, session: SessionId) -> PathBuf {
        self.recordings.join(format!("{session}.cast"))
    }

    /// The sessions that are live in this server.
    pub(crate) fn live(&self) -> MutexGuard<'_, HashMap<SessionId, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bubbles on which a job of this server works.
    pub(crate) fn busy(&self) -> MutexGuard<'_, HashSet<BubbleId>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stands in a bubble's `exports/`.
    pub async fn list_exports(&self, bubble: &Bubble) -> Result<Vec<ExportEntry>, Failure> {
        match self.ask(QUICK, &Request::ListExports { bubble: bubble.number }).await?.0 {
            Answer::Exports { entries } => Ok(entries
                .into_iter()
                .map(|e| ExportEntry { path: e.path, bytes: e.bytes, problem: e.problem })
                .collect()),
            other => Err(unexpected("list the exports", other)),
        }
    }

    /// Copies one file out of a bubble's `exports/` to `to`, safely: no link, no special file, no
    /// swap between check and copy, at most `max_bytes`. What arrives is hashed again here.
    ///
    /// # Errors
    /// [`Failure::Invalid`] on `path` with `export-leads-out`, `export-missing`,
    /// `export-not-a-file`, `export-hard-link`, `export-too-long` or `export-changed`. Nothing is
    /// left at `to` where it fails.
    pub async fn take_export(
        &self,
        bubble: &Bubble,
        path: &str,
        to: &Path,
        max_bytes: u64,
    ) -> Result<Taken, Failure> {
        let request =
            Request::TakeExport { bubble: bubble.number, path: path.to_owned(), max_bytes };
        let (answer, stream) = self.ask(SLOW, &request).await?;
        let (sha256, bytes) = match answer {
            Answer::File { sha256, bytes } => (sha256, bytes),
            Answer::Refused { code, .. } if !HOSTS_OWN.contains(&code.as_str()) => {
                let key = format!("export-{}", code.replace('_', "-"));
                return Err(Failure::Invalid { field: "path".into(), key, detail: path.into() });
            }
            other => return Err(unexpected("take the export", other)),
        };
        let attempt = "take the export";
        let mut options = tokio::fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o600); // never over a file that is there
        let mut file = options.open(to).await.map_err(Failure::engine(attempt))?;
        let failed = match receive_file(stream, &mut file, bytes).await {
            Ok(found) if found == sha256 => return Ok(Taken { sha256, bytes }),
            Ok(_) => std::io::Error::other("the bytes that arrived are not those that were sent"),
            Err(error) => error,
        };
        tokio::fs::remove_file(to).await.map_err(Failure::engine("remove half an export"))?;
        Err(Failure::engine(attempt)(failed))
    }

    /// Puts an accepted import into a bubble's `imports/`, with a note on it. Doing it twice puts
    /// the same file there once.
    pub(crate) async fn put_import(
        &self,
        bubble: &Bubble,
        import: &domain::Import,
        note: String,
        bytes: &[u8],
    ) -> Result<(), Failure> {
        let request = Request::PutImport {
            bubble: bubble.number,
            profile: bubble.profile.clone(),
            number: import.number,
            name: import.told.name.clone(),
            sha256: import.sha256.clone(),
            bytes: bytes.len() as u64,
            note,
        };
        match self.converse(QUICK, &request, bytes).await?.0 {
            Answer::Done => Ok(()),
            other => Err(unexpected("bring an import", other)),
        }
    }

    /// Makes a bubble's spaces and the image; gives the image's digest. Takes minutes the first
    /// time.
    pub(crate) async fn prepare(&self, bubble: &Bubble) -> Result<String, Failure> {
        let profile = bubble.profile.clone();
        match self.ask(SLOW, &Request::Prepare { bubble: bubble.number, profile }).await?.0 {
            Answer::Prepared { image } => Ok(image),
            other => Err(unexpected("prepare the bubble", other)),
        }
    }

    /// Tests a bubble from inside.
    pub(crate) async fn self_test(&self, order: Order) -> Result<Vec<SelfTest>, Failure> {
        match self.ask(SLOW, &Request::SelfTest { order }).await?.0 {
            Answer::Checks { checks } => Ok(checks),
            other => Err(unexpected("test the bubble", other)),
        }
    }

    /// Starts a terminal; the stream then carries its frames.
    pub(crate) async fn open_terminal(
        &self,
        order: Order,
        session: SessionId,
        columns: u16,
        rows: u16,
    ) -> Result<UnixStream, Failure> {
        let request = Request::OpenTerminal { order, session, columns, rows };
        match self.ask(QUICK, &request).await? {
            (Answer::Opened, stream) => Ok(stream),
            (other, _) => Err(unexpected("open the terminal", other)),
        }
    }

    /// Ends every process of a session.
    pub(crate) async fn cut(&self, session: SessionId) -> Result<(), Failure> {
        self.ask(QUICK, &Request::CutSession { session }).await.map(drop)
    }

    /// Ends every session of a bubble.
    pub(crate) async fn close(&self, bubble: &Bubble) -> Result<(), Failure> {
        self.ask(QUICK, &Request::CloseBubble { bubble: bubble.number }).await.map(drop)
    }

    /// Puts a bubble's project files aside and removes the rest.
    pub(crate) async fn archive(&self, bubble: &Bubble) -> Result<(), Failure> {
        match self.ask(SLOW, &Request::ArchiveBubble { bubble: bubble.number }).await?.0 {
            Answer::Done => Ok(()),
            other => Err(unexpected("archive the bubble", other)),
        }
    }

    /// Removes all that is left of a bubble; gives the certificate.
    pub(crate) async fn delete(&self, bubble: &Bubble) -> Result<String, Failure> {
        match self.ask(SLOW, &Request::DeleteBubble { bubble: bubble.number }).await?.0 {
            Answer::Deleted { certificate } => Ok(certificate),
            other => Err(unexpected("delete the bubble", other)),
        }
    }

    /// What the host can do.
    pub(crate) async fn doctor(&self) -> Result<Vec<DoctorRow>, Failure> {
        match self.ask(QUICK, &Request::Doctor).await?.0 {
            Answer::Doctor { rows } => Ok(rows),
            other => Err(unexpected("examine the host", other)),
        }
    }

    /// What the agent says of itself.
    pub async fn status(&self) -> Result<HostStatus, Failure> {
        let pong = self.ask(QUICK, &Request::Ping).await?.0;
        let status = self.ask(QUICK, &Request::Status).await?.0;
        match (pong, status) {
            (Answer::Pong { version, privileged }, Answer::Status { sessions, image }) => {
                Ok(HostStatus { version, privileged, sessions: sessions.len(), image })
            }
            (_, other) => Err(unexpected("ask the agent how it is", other)),
        }
    }

    async fn ask(
        &self,
        patience: Duration,
        request: &Request,
    ) -> Result<(Answer, UnixStream), Failure> {
        self.converse(patience, request, &[]).await
    }

    /// Asks, sends what follows the request, and waits for the answer.
    async fn converse(
        &self,
        patience: Duration,
        request: &Request,
        bytes: &[u8],
    ) -> Result<(Answer, UnixStream), Failure> {
        let attempt = "reach the node agent";
        let conversation = async {
            let mut stream = UnixStream::connect(&self.socket).await?;
            protocol::send(&mut stream, request).await?;
            stream.write_all(bytes).await?;
            let answer = protocol::receive::<Answer>(&mut stream).await?;
            Ok::<_, protocol::FrameError>((answer, stream))
        };
        match timeout(patience, conversation).await {
            Ok(answered) => answered.map_err(Failure::engine(attempt)),
            Err(late) => Err(Failure::engine(attempt)(late)),
        }
    }
}

/// Writes `bytes` bytes of the stream to `file`; gives their SHA-256.
async fn receive_file(
    mut from: UnixStream,
    file: &mut tokio::fs::File,
    bytes: u64,
) -> std::io::Result<String> {
    let (mut hash, mut left) = (Sha256::new(), bytes);
    let mut buffer = vec![0; 1 << 18];
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let count = from.read(&mut buffer[..most]).await?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        hash.update(&buffer[..count]);
        file.write_all(&buffer[..count]).await?;
        left -= count as u64;
    }
    // `sync_all` of an asynchronous file says nothing of a last write that failed (a full disk), and a
    // copy that ends early would pass for the whole: only `flush` tells.
    file.flush().await?;
    file.sync_all().await?;
    Ok(hex::encode(hash.finalize()))
}

fn unexpected(attempt: &str, answer: Answer) -> Failure {
    let text = match answer {
        Answer::Refused { code, .. } if code == protocol::DISK_FULL => {
            return Failure::engine(attempt)(std::io::Error::from(ErrorKind::StorageFull));
        }
        Answer::Refused { code, message } => format!("{code}: {message}"),
        other => format!("the agent answered something else: {other:?}"),
    };
    Failure::engine(attempt)(std::io::Error::other(text))
}
