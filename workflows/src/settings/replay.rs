//! Replays of recordings: asked with a reason, viewed by who asked, each view an event.

use std::{fs::File, io::Seek};

use display::recording;
use domain::{
    Actor, ReplayId, Role, Session, SessionId,
    settings::session::{Replay, may_replay, may_view},
};
use tokio::task::spawn_blocking;

use crate::{Centre, Failure};

/// A recording with what its hash says.
pub struct View {
    /// The request.
    pub replay: Replay,
    /// The session.
    pub session: Session,
    /// Whether the file is what was sealed.
    pub intact: bool,
    /// The file, opened before it was hashed, at its beginning: what is played is what was hashed.
    pub file: File,
}

/// Asks to replay a session, with the reason.
pub async fn ask_replay(
    centre: &Centre,
    actor: &Actor,
    id: SessionId,
    reason: &str,
) -> Result<Replay, Failure> {
    actor.needs(&[Role::SecurityOfficer])?; // before it is looked up: ids are not told either
    let session: Session = centre.load("session", id).await?;
    let replay = may_replay(actor, &session)?.ask(centre.id(), reason, centre.now())?;
    let mut event = centre.event(actor, "replay.asked", "session", id);
    event.reason = Some(replay.reason.clone());
    event.payload = serde_json::json!({ "replay": replay.id, "person": session.person });
    centre.store.change(&event).insert(&replay).commit().await?;
    Ok(replay)
}

/// The requests to replay a session, for who watches.
pub async fn list_replays(
    centre: &Centre,
    actor: &Actor,
    id: SessionId,
) -> Result<Vec<Replay>, Failure> {
    domain::settings::session::may_watch(actor)?;
    Ok(centre.store.replays_of(id).await?)
}

/// A request and whether its recording is what was sealed; viewing it is [`view_replay`].
pub async fn show_replay(centre: &Centre, actor: &Actor, id: ReplayId) -> Result<View, Failure> {
    actor.needs(&[Role::SecurityOfficer])?;
    let replay: Replay = centre.load("replay", id).await?;
    may_view(actor, &replay, centre.now())?;
    open(centre, replay).await
}

/// Views the recording of a request: an event each time, written before the first byte is given.
pub async fn view_replay(centre: &Centre, actor: &Actor, id: ReplayId) -> Result<View, Failure> {
    actor.needs(&[Role::SecurityOfficer])?;
    let before: Replay = centre.load("replay", id).await?;
    let after = may_view(actor, &before, centre.now())?.view(centre.now());
    let view = open(centre, after.clone()).await?;
    let mut event = centre.event(actor, "replay.viewed", "session", view.session.id);
    event.reason = Some(after.reason.clone());
    event.payload = serde_json::json!({
        "replay": id, "person": view.session.person, "intact": view.intact,
    });
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(view)
}

async fn open(centre: &Centre, replay: Replay) -> Result<View, Failure> {
    let session: Session = centre.load("session", replay.session).await?;
    let path = centre.host.recording(session.id);
    let attempt = "read the recording";
    let opened = spawn_blocking(move || {
        let mut file = File::open(path)?;
        let found = digest(&mut file)?;
        file.rewind()?;
        Ok::<_, std::io::Error>((file, found))
    });
    let (file, found) =
        opened.await.map_err(Failure::engine(attempt))?.map_err(Failure::engine(attempt))?;
    let sealed = session.recording();
    let intact =
        sealed.is_some_and(|sealed| sealed.sha256 == found.sha256 && sealed.bytes == found.bytes);
    if !intact {
        tracing::error!(session.id = %session.id, "a recording is not what was sealed");
    }
    Ok(View { replay, session, intact, file })
}

/// The hash of an open file.
fn digest(file: &mut File) -> std::io::Result<recording::Digest> {
    use sha2::{Digest as _, Sha256};
    let mut hash = Sha256::new();
    let (mut bytes, mut buffer) = (0, vec![0; 1 << 16]);
    loop {
        let count = std::io::Read::read(file, &mut buffer)?;
        if count == 0 {
            return Ok(recording::Digest { sha256: hex::encode(hash.finalize()), bytes });
        }
        hash.update(&buffer[..count]);
        bytes += count as u64;
    }
}
