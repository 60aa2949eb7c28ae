//! Sessions: opened, watched, cut, ended; each with its recording.

use std::time::Duration;

use display::{Decoder, Filter};
use domain::{
    Actor, Bubble, BubbleId, Denied, LoginId, Person, Session, SessionId, Timestamp,
    settings::{
        bubble, session as rules,
        session::{Recording, SessionState, may_cut, may_open, may_watch},
    },
};
use tokio::{sync::mpsc, task::spawn_blocking};

pub use super::live::{Shown, Typed};
use super::{
    live::{self, Ending, Pump},
    recorder::{Recorder, nothing, sealed},
    right,
};
use crate::{Centre, Failure, consequences::Round};

/// An open display: what it shows, and where what is typed goes.
pub struct Display {
    /// The session.
    pub session: Session,
    /// What is shown. Dropping it ends the session.
    pub shown: mpsc::Receiver<Shown>,
    /// What is typed. Dropping it ends the session.
    pub typed: mpsc::Sender<Typed>,
}

/// A session as lists show it.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// The session.
    pub session: Session,
    /// Whose.
    pub person: Person,
    /// The number of its bubble.
    pub bubble: u32,
    /// When the person last typed, while it is live.
    pub last_input: Option<Timestamp>,
}

/// Notes that the person has read and accepted the bubble's rules today.
pub async fn accept_banner(centre: &Centre, actor: &Actor, id: BubbleId) -> Result<(), Failure> {
    let bubble: Bubble = centre.load("bubble", id).await?;
    let own = right::habilitation(centre, actor.id, bubble.application).await?;
    may_open(actor, &bubble, own.as_ref(), centre.now())?;
    let event = centre.event(actor, "banner.accepted", "bubble", id);
    let write = store::accept_banner(id, actor.id, &day(centre.now()));
    centre.store.change(&event).writes([write]).commit().await?;
    Ok(())
}

/// Whether the person has accepted the bubble's rules today.
pub async fn banner_accepted(
    centre: &Centre,
    actor: &Actor,
    bubble: &Bubble,
) -> Result<bool, Failure> {
    Ok(centre.store.banner_accepted(bubble.id, actor.id, &day(centre.now())).await?)
}

fn day(now: Timestamp) -> String {
    now.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// Opens a session in a bubble, with exactly the person's live grants mounted. It is recorded from
/// its first byte, and closed where it cannot be.
#[tracing::instrument(name = "workflow.open_session", skip_all, fields(bubble.id = %id), err)]
pub async fn open_session(
    centre: &Centre,
    actor: &Actor,
    login: LoginId,
    id: BubbleId,
) -> Result<Display, Failure> {
    let now = centre.now();
    let bubble: Bubble = centre.load("bubble", id).await?;
    let own = right::habilitation(centre, actor.id, bubble.application).await?;
    let permit = may_open(actor, &bubble, own.as_ref(), now)?;
    let mounts = match &own {
        Some(own) => right::mounts(centre, own).await?,
        None => return Err(Denied::NoHabilitation.into()),
    };
    let accepted = banner_accepted(centre, actor, &bubble).await?;
    let session_id: SessionId = centre.id();
    let (entry, reins) = live::reins(bubble.id, actor.id, now);
    let session = {
        // Counted and entered under one lock, so that two at once cannot both take the last place.
        let mut live = centre.host.live();
        let mine = |live: &&live::Live| live.bubble == bubble.id && live.person == actor.id;
        let already = live.values().filter(mine).count();
        let session = permit.open(session_id, login, mounts, already, accepted, now)?;
        live.insert(session_id, entry);
        session
    };
    match start(centre, actor, &bubble, session, reins).await {
        Ok(display) => Ok(display),
        Err(failure) => {
            centre.host.live().remove(&session_id);
            Err(failure)
        }
    }
}

/// The recording first, then the row with its event, then the terminal.
async fn start(
    centre: &Centre,
    actor: &Actor,
    bubble: &Bubble,
    session: Session,
    reins: live::Reins,
) -> Result<Display, Failure> {
    let (columns, rows) = (80, 24); // the viewer's first message is its size
    let recorder = Recorder::start(centre, &session, columns, rows).await?;
    let mut event = centre.event(actor, "session.opened", "session", session.id);
    let names: Vec<&str> = session.mounts.iter().map(|mount| mount.name.as_str()).collect();
    event.payload = serde_json::json!({
        "bubble": bubble.id, "application": bubble.application, "mounts": names,
    });
    centre.store.change(&event).insert(&session).commit().await?;
    let order = right::order(centre, bubble, Some(actor.id), &session.mounts).await;
    let opened = centre.host.open_terminal(order, session.id, columns, rows).await;
    let stream = match opened {
        Ok(stream) => stream,
        Err(failure) => {
            let sealed = recorder.finish().await;
            write_end(centre, &session, Ending::cut("not_started"), sealed).await?;
            return Err(failure);
        }
    };
    first_session(centre, actor, bubble.id).await?;
    let (shown, seen) = mpsc::channel(16);
    let (keys, typed) = mpsc::channel(64);
    let pump = Pump {
        centre: centre.clone(),
        session: session.clone(),
        recorder,
        reins,
        shown,
        typed,
        undrawn: 0,
        filter: Filter::default(),
        decoder: Decoder::default(),
        seen: centre.now(),
    };
    tokio::spawn(pump.run(stream));
    Ok(Display { session, shown: seen, typed: keys })
}

/// A ready bubble becomes active at its first session.
async fn first_session(centre: &Centre, actor: &Actor, id: BubbleId) -> Result<(), Failure> {
    let bubble: Bubble = centre.load("bubble", id).await?;
    if bubble.state.name() != "ready" {
        return Ok(());
    }
    let after = bubble::by_the_centre(&bubble).enter(centre.now())?;
    let mut event = centre.event(actor, "first.session", "bubble", id);
    event.payload = serde_json::json!({ "application": bubble.application });
    match centre.store.change(&event).replace(&bubble, &after).commit().await {
        // Somebody else's first session was quicker, or the bubble was suspended: not ours to say.
        Ok(()) | Err(store::StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Cuts a session: within a second or two where it is live, at once where it is not.
pub async fn cut_session(
    centre: &Centre,
    actor: &Actor,
    id: SessionId,
    reason: &str,
) -> Result<(), Failure> {
    may_watch(actor)?;
    let session: Session = centre.load("session", id).await?;
    may_cut(actor, &session)?;
    if session.state != SessionState::Open {
        let state = session.state.name();
        return Err(domain::WrongState { verb: "cut", noun: "session", state }.into());
    }
    let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let ending = Ending { by: Some(actor.id), reason, ..Ending::cut("security_officer") };
    let over = {
        let live = centre.host.live();
        live.get(&id).map(|live| (live.end.send(ending.clone()).is_ok(), live.over.clone()))
    };
    if let Some((_, over)) = over {
        wait_over(over).await;
    } else {
        let recording = on_disk(centre, id).await;
        write_end(centre, &session, ending, recording).await?;
    }
    Ok(())
}

/// Waits until a session has written its end, at most five seconds.
async fn wait_over(mut over: tokio::sync::watch::Receiver<bool>) {
    let ended = over.wait_for(|over| *over);
    let _ = tokio::time::timeout(Duration::from_secs(5), ended).await; // the worker goes on
}

/// Looks at the rights of every live session again, and cuts those that ended.
pub(crate) async fn look_again(centre: &Centre) -> Result<(), Failure> {
    let live: Vec<(SessionId, Timestamp)> =
        centre.host.live().iter().map(|(id, live)| (*id, live.last_input())).collect();
    let mut round = Round::default();
    for (id, last_input) in live {
        round.ran(cut_if_over(centre, id, last_input).await);
    }
    round.end()
}

async fn cut_if_over(centre: &Centre, id: SessionId, last_input: Timestamp) -> Result<(), Failure> {
    let Some(session) = centre.store.get::<Session>(id).await? else { return Ok(()) };
    let over = right::why_over(centre, &session, last_input).await;
    let cause = match &over {
        Ok(cause) => *cause,
        // A right that cannot be read is none. A database that does not answer now may do so before
        // the session looks by itself, which then ends too.
        Err(failure) => failure.is_corrupt().then_some("rights_unknown"),
    };
    if let (Some(cause), Some(live)) = (cause, centre.host.live().get(&id)) {
        let _ = live.end.send(Ending::cut(cause)); // it may be ending already
    }
    over.map(drop)
}

/// Sessions that are open and of no running server are over: each is cut with what is on disk of
/// its recording.
pub(crate) async fn close_lost(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    for session in round.readable(centre.store.each::<Session>("state", "open").await) {
        if centre.host.live().contains_key(&session.id) {
            continue;
        }
        let recording = on_disk(centre, session.id).await;
        match write_end(centre, &session, Ending::cut("server_restarted"), recording).await {
            Err(Failure::Conflict(_)) => {} // it ended by itself meanwhile
            written => round.ran(written),
        }
    }
    round.end()
}

/// Recovers what a stopped or killed server left: called once when the centre is opened.
pub(crate) async fn recover(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    round.ran(close_lost(centre).await);
    round.ran(super::provision::look(centre).await);
    round.end()
}

/// Ends every live session before the server stops, and waits for their recordings.
pub async fn end_all(centre: &Centre) {
    let waiting: Vec<_> = {
        let live = centre.host.live();
        let end = |live: &live::Live| {
            let _ = live.end.send(Ending::cut("server_stopped")); // it may be ending already
            live.over.clone()
        };
        live.values().map(end).collect()
    };
    for over in waiting {
        wait_over(over).await;
    }
}

/// Writes a session's end with the seal of its recording.
pub(crate) async fn write_end(
    centre: &Centre,
    session: &Session,
    ending: Ending,
    recording: Recording,
) -> Result<(), Failure> {
    let permit = rules::by_the_centre(session);
    let now = centre.now();
    let kind = if ending.cause.is_some() { "session.cut" } else { "session.ended" };
    let mut event = centre.system_event(kind, "session", session.id);
    event.actor = ending.by.or(ending.cause.is_none().then_some(session.person));
    event.reason = ending.reason;
    event.payload = serde_json::json!({
        "bubble": session.bubble, "application": session.application, "person": session.person,
        "cause": ending.cause, "sha256": recording.sha256, "bytes": recording.bytes,
        "duration_ms": recording.duration_ms,
    });
    let after = match ending.cause {
        Some(cause) => permit.cut(cause, recording, now)?,
        None => permit.end(recording, now)?,
    };
    centre.store.change(&event).replace(session, &after).commit().await?;
    Ok(())
}

/// The seal of what is on disk of a recording; an empty one where nothing is.
async fn on_disk(centre: &Centre, id: SessionId) -> Recording {
    let path = centre.host.recording(id);
    spawn_blocking(move || sealed(&path)).await.unwrap_or_else(|_| nothing())
}

/// The sessions that run and the newest that are over, for who watches.
pub async fn watch_sessions(
    centre: &Centre,
    actor: &Actor,
) -> Result<(Vec<SessionRow>, Vec<SessionRow>), Failure> {
    may_watch(actor)?;
    let open = rows(centre, centre.store.open_sessions().await?).await?;
    let over = rows(centre, centre.store.latest_sessions(200).await?).await?;
    Ok((open, over))
}

/// One session, for who watches.
pub async fn show_session(
    centre: &Centre,
    actor: &Actor,
    id: SessionId,
) -> Result<SessionRow, Failure> {
    may_watch(actor)?;
    let session: Session = centre.load("session", id).await?;
    let row = rows(centre, vec![session]).await?.pop();
    row.ok_or_else(|| Failure::missing("session", id))
}

/// Sessions with the names that lists show.
pub(crate) async fn rows(
    centre: &Centre,
    sessions: Vec<Session>,
) -> Result<Vec<SessionRow>, Failure> {
    let mut rows = Vec::with_capacity(sessions.len());
    for session in sessions {
        let person: Person = centre.load("person", session.person).await?;
        let bubble: Bubble = centre.load("bubble", session.bubble).await?;
        let last_input = centre.host.live().get(&session.id).map(live::Live::last_input);
        rows.push(SessionRow { session, person, bubble: bubble.number, last_input });
    }
    Ok(rows)
}
