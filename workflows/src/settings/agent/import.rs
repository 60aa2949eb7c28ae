//! Files that come into a bubble: below `imports/`, which the bubble itself only reads.

use std::{fs, io, io::Write as _, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use domain::outputs::import::{MAX_BYTES, is_plain_name};
use sha2::{Digest, Sha256};
use tokio::{io::AsyncReadExt, net::UnixStream, task::spawn_blocking};

use super::{Agent, AgentConfig, Refused, spaces};

/// The longest note, in bytes.
const NOTE: usize = 128 << 10;

/// A file that is to come in.
pub(super) struct File {
    pub bubble: u32,
    pub profile: String,
    pub number: u32,
    pub name: String,
    pub sha256: String,
    pub bytes: u64,
    pub note: String,
}

/// Takes the bytes that follow the request and puts them into `imports/<number>/<name>`, with the
/// note at `imports/<number>.json`.
pub(super) async fn put(
    agent: &Arc<Agent>,
    stream: &mut UnixStream,
    file: File,
) -> Result<(), Refused> {
    let refused = |message: &str| Refused { code: "import", message: message.to_owned() };
    // Asked again here: a server in the wrong hands must not write elsewhere.
    if !is_plain_name(&file.name) || file.bytes > MAX_BYTES || file.note.len() > NOTE {
        return Err(refused("its name, length or note is not acceptable"));
    }
    let mut bytes = Vec::new();
    let read = stream.take(file.bytes).read_to_end(&mut bytes).await;
    read.map_err(|error| Refused::because("import")(&error))?;
    if hex::encode(Sha256::digest(&bytes)) != file.sha256 {
        return Err(refused("the bytes that arrived are not those that were sent"));
    }
    let agent = agent.clone();
    let done = spawn_blocking(move || {
        spaces::prepare(&agent.config, file.bubble, &file.profile)?;
        write(&agent.config, &file, &bytes).map_err(|error| spaces::disk(&error))
    });
    done.await.unwrap_or_else(|error| Err(Refused::because("internal")(&error)))
}

fn write(config: &AgentConfig, file: &File, bytes: &[u8]) -> io::Result<()> {
    let bubble = config.bubbles.join(file.bubble.to_string());
    let uid = spaces::uid(file.bubble);
    let imports = bubble.join("imports");
    let folder = imports.join(file.number.to_string());
    spaces::own_folder(&folder, uid)?;
    spaces::sync(&imports)?;
    spaces::sync(&bubble)?;
    place(&bubble, &imports.join(format!("{}.json", file.number)), file.note.as_bytes(), uid)?;
    place(&bubble, &folder.join(&file.name), bytes, uid)
}

/// Whole or not at all: written above the spaces, where the bubble does not see it, and renamed.
fn place(beside: &Path, to: &Path, bytes: &[u8], uid: Option<u32>) -> io::Result<()> {
    let mut part = tempfile::Builder::new().prefix(spaces::COMING).tempfile_in(beside)?;
    part.write_all(bytes)?;
    part.as_file().set_permissions(fs::Permissions::from_mode(0o444))?;
    std::os::unix::fs::fchown(part.as_file(), uid, uid)?;
    part.as_file().sync_all()?;
    part.persist(to).map_err(|error| error.error)?;
    // Its name too: the centre tells people that it is there.
    to.parent().map_or(Ok(()), spaces::sync)
}
