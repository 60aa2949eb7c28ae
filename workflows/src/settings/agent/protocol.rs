//! What the server and the node agent say to each other: one JSON frame asked, one answered, each
//! after its length (u32, big-endian). After `opened` the connection carries the terminal's frames
//! (`display::frame`); after `file` it carries the file's bytes.
//!
//! Neither paths nor commands are ever asked for: the agent derives both from numbers and ids, so
//! that a server in the wrong hands can make it do nothing but these dozen things.

use domain::{ApplicationId, DepositId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest JSON frame that either side accepts, in bytes.
pub const MAX_FRAME: u32 = 4 << 20;

/// The word of a refusal because the host's disk is full.
pub const DISK_FULL: &str = "disk_full";

/// One vintage to mount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountOrder {
    /// The place below `/data`: `<source>/<vintage>`.
    pub name: String,
    /// The deposit whose Parquet files are shown.
    pub deposit: DepositId,
}

/// A bubble as one person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The bubble's number: its folder and its uid.
    pub bubble: u32,
    /// The profile's name.
    pub profile: String,
    /// Whose home; none for a self-test.
    pub person: Option<domain::PersonId>,
    /// Exactly what is mounted in `/data`.
    pub mounts: Vec<MountOrder>,
    /// The project: what it took out before is shown to `bulle-check`.
    pub application: ApplicationId,
    /// The rules of its exports as JSON, for `bulle-check`; empty where they cannot be told.
    pub rules: String,
    /// Home and project are read-only: a closing bubble.
    pub frozen: bool,
}

/// What the server asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Are you there?
    Ping,
    /// Make a bubble's spaces and make sure that the image is there.
    Prepare {
        /// The bubble's number.
        bubble: u32,
        /// The profile's name: how large the volume is.
        profile: String,
    },
    /// Test a bubble from inside.
    SelfTest {
        /// The bubble as it will be.
        order: Order,
    },
    /// Start a terminal; the connection then carries its frames.
    OpenTerminal {
        /// The bubble as the person sees it.
        order: Order,
        /// The session, to cut it by.
        session: domain::SessionId,
        /// Characters in a line.
        columns: u16,
        /// Lines.
        rows: u16,
    },
    /// End every process of a session.
    CutSession {
        /// Which.
        session: domain::SessionId,
    },
    /// End every session of a bubble.
    CloseBubble {
        /// Its number.
        bubble: u32,
    },
    /// What stands in `exports/`.
    ListExports {
        /// The bubble's number.
        bubble: u32,
    },
    /// A file of `exports/`; its bytes follow the answer.
    TakeExport {
        /// The bubble's number.
        bubble: u32,
        /// Below `exports/`.
        path: String,
        /// The most that may be taken, in bytes.
        max_bytes: u64,
    },
    /// Put a file into `imports/`; its bytes follow.
    PutImport {
        /// The bubble's number.
        bubble: u32,
        /// The profile's name, where its volume must be mounted first.
        profile: String,
        /// The import's number: the folder below `imports/`.
        number: u32,
        /// The file's name, one plain name.
        name: String,
        /// SHA-256 of the bytes that follow, hexadecimal.
        sha256: String,
        /// How many bytes follow.
        bytes: u64,
        /// What is said of it, written beside it.
        note: String,
    },
    /// Empty `scratch` and `imports`, put the rest aside.
    ArchiveBubble {
        /// Its number.
        bubble: u32,
    },
    /// Remove all that is left of a bubble.
    DeleteBubble {
        /// Its number.
        bubble: u32,
    },
    /// What the host can do.
    Doctor,
    /// What runs.
    Status,
}

/// What the agent answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// It is there.
    Pong {
        /// Its version.
        version: String,
        /// Whether it can give each project a uid and a volume of its own.
        privileged: bool,
    },
    /// Spaces and image are there.
    Prepared {
        /// The image's digest.
        image: String,
    },
    /// What the self-test saw.
    Checks {
        /// Each line of it.
        checks: Vec<domain::settings::bubble::SelfTest>,
    },
    /// The terminal runs; its frames follow.
    Opened,
    /// It is done.
    Done,
    /// The files of `exports/`.
    Exports {
        /// Each of them.
        entries: Vec<Listed>,
    },
    /// A file; its bytes follow.
    File {
        /// SHA-256, hexadecimal.
        sha256: String,
        /// How many bytes follow.
        bytes: u64,
    },
    /// A bubble is gone.
    Deleted {
        /// What was deleted and how.
        certificate: String,
    },
    /// What the host can do.
    Doctor {
        /// Each line of it.
        rows: Vec<DoctorRow>,
    },
    /// What runs.
    Status {
        /// The sessions that run.
        sessions: Vec<domain::SessionId>,
        /// The image's digest, once it is there.
        image: Option<String>,
    },
    /// It was not done.
    Refused {
        /// Why, as a stable word.
        code: String,
        /// Why, for the operator's log.
        message: String,
    },
}

/// A file in `exports/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Below `exports/`.
    pub path: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Why it cannot leave, as a stable word, when it cannot.
    pub problem: Option<String>,
}

/// One thing that the host can or cannot do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorRow {
    /// A stable word.
    pub id: String,
    /// What was looked at.
    pub what: String,
    /// `ok`, `weaker` or `missing`.
    pub status: String,
    /// What was found.
    pub found: String,
    /// What follows from it.
    pub consequence: String,
    /// How to enable it.
    pub enable: String,
}

/// Why a frame was not exchanged.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The connection broke.
    #[error("the connection broke")]
    Io(#[from] std::io::Error),
    /// Longer than [`MAX_FRAME`].
    #[error("a frame announces {0} bytes")]
    TooLong(u32),
    /// Not what was expected.
    #[error("a frame is not understood")]
    Json(#[from] serde_json::Error),
}

/// Sends one frame.
pub async fn send<T: Serialize>(
    to: &mut (impl AsyncWrite + Unpin),
    value: &T,
) -> Result<(), FrameError> {
    let body = serde_json::to_vec(value)?;
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    if length > MAX_FRAME {
        return Err(FrameError::TooLong(length));
    }
    to.write_all(&[&length.to_be_bytes()[..], &body].concat()).await?;
    Ok(to.flush().await?)
}

/// Receives one frame.
pub async fn receive<T: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
) -> Result<T, FrameError> {
    let length = from.read_u32().await?;
    if length > MAX_FRAME {
        return Err(FrameError::TooLong(length));
    }
    let mut body = vec![0; length as usize];
    from.read_exact(&mut body).await?;
    Ok(serde_json::from_slice(&body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_frame_arrives_as_it_was_sent() {
        let (mut a, mut b) = tokio::io::duplex(64);
        let sent = Request::TakeExport { bubble: 3, path: "a/b.csv".into(), max_bytes: 9 };
        let copy = sent.clone();
        let sender = tokio::spawn(async move { send(&mut a, &copy).await });
        assert_eq!(receive::<Request>(&mut b).await.unwrap(), sent);
        sender.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_huge_frame_is_refused_before_it_is_read() {
        let mut bytes: &[u8] = &[0xff, 0xff, 0xff, 0xff, 1, 2, 3];
        let refused = receive::<Request>(&mut bytes).await;
        assert!(matches!(refused, Err(FrameError::TooLong(u32::MAX))));
    }

    #[tokio::test]
    async fn a_request_that_does_not_exist_is_not_understood() {
        let body = br#"{"ask":"run","command":"rm"}"#;
        let mut bytes = vec![0, 0, 0, u8::try_from(body.len()).unwrap()];
        bytes.extend_from_slice(body);
        let refused = receive::<Request>(&mut bytes.as_slice()).await;
        assert!(matches!(refused, Err(FrameError::Json(_))));
    }
}
