//! A live session: what the bubble says passes the filter, is recorded, and is shown, in this
//! order; what cannot be recorded is not shown.
//!
//! Threats: output that acts on the person's machine (`display::filter`), a viewer that stops
//! reading so that a cut never arrives, a program that stops reading so that input piles up.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use display::{Decoder, Filter, Frame};
use domain::{BubbleId, PersonId, Session, Timestamp};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, watch},
    time::{Instant, interval, sleep_until, timeout},
};

use super::{recorder::Recorder, right, session};
use crate::{Centre, failure::causes};

/// How often a session looks at its rights by itself, whatever the worker does; and at the moment
/// when the first of its mounts ends.
const LOOK: Duration = Duration::from_secs(15);
/// A right that is about to end is not looked at more often than this.
const SOON: Duration = Duration::from_millis(100);
/// How often the recording is made durable.
const SYNC: Duration = Duration::from_secs(5);
/// A viewer that takes nothing for so long has gone.
const STALLED: Duration = Duration::from_secs(30);
/// Bytes shown and not yet drawn above which the bubble is not read: `yes` must not fill the
/// browser's memory.
const UNDRAWN: u64 = 1 << 20;
/// A login is noted as used at most so often, in seconds of the centre's clock.
const SEEN_SECONDS: i64 = 60;

/// What the viewer gets.
#[derive(Debug)]
pub enum Shown {
    /// Bytes of the terminal: filtered and recorded.
    Output(Vec<u8>),
    /// The session is over; the cause as a stable word where the centre cut it.
    Over(Option<String>),
}

/// What the viewer sends.
#[derive(Debug)]
pub enum Typed {
    /// Bytes of the keyboard.
    Input(Vec<u8>),
    /// A new size, in characters.
    Resize {
        /// Characters in a line.
        columns: u16,
        /// Lines.
        rows: u16,
    },
    /// So many more bytes were drawn.
    Drawn(u64),
}

/// How a session comes to its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending {
    /// Why it is cut; nothing where the person or the program ended it.
    pub cause: Option<String>,
    /// The security officer who cuts it.
    pub by: Option<PersonId>,
    /// Why, in the officer's words.
    pub reason: Option<String>,
}

impl Ending {
    /// The centre cuts it.
    pub(crate) fn cut(cause: &str) -> Self {
        Self { cause: Some(cause.to_owned()), ..Self::default() }
    }
}

/// A session that is live in this server, as others see it.
pub(crate) struct Live {
    pub bubble: BubbleId,
    pub person: PersonId,
    pub end: mpsc::UnboundedSender<Ending>,
    pub last_input: Arc<AtomicI64>,
    pub over: watch::Receiver<bool>,
}

impl Live {
    /// When the person last typed, by the centre's clock.
    pub(crate) fn last_input(&self) -> Timestamp {
        instant(&self.last_input)
    }
}

fn instant(micros: &AtomicI64) -> Timestamp {
    Timestamp::from_microsecond(micros.load(Ordering::SeqCst)).unwrap_or_default()
}

/// The other ends of a [`Live`], for its pump.
pub(crate) struct Reins {
    pub ends: mpsc::UnboundedReceiver<Ending>,
    pub last_input: Arc<AtomicI64>,
    pub over: watch::Sender<bool>,
}

/// A session's entry in the host's list, and what its pump holds.
pub(crate) fn reins(bubble: BubbleId, person: PersonId, now: Timestamp) -> (Live, Reins) {
    let (end, ends) = mpsc::unbounded_channel();
    let (over, is_over) = watch::channel(false);
    let last_input = Arc::new(AtomicI64::new(now.as_microsecond()));
    let live = Live { bubble, person, end, last_input: last_input.clone(), over: is_over };
    (live, Reins { ends, last_input, over })
}

/// Carries one session until it is over, then writes its end.
pub(crate) struct Pump {
    pub centre: Centre,
    pub session: Session,
    pub recorder: Recorder,
    pub reins: Reins,
    pub shown: mpsc::Sender<Shown>,
    pub typed: mpsc::Receiver<Typed>,
    pub undrawn: u64,
    pub filter: Filter,
    pub decoder: Decoder,
    pub seen: Timestamp,
}

impl Pump {
    /// Runs to the end.
    pub(crate) async fn run(mut self, stream: UnixStream) {
        let (from, to) = stream.into_split();
        let (input, frames) = mpsc::channel(64);
        let writer = tokio::spawn(write(to, frames));
        let ending = self.carry(from, &input).await;
        // Both halves go: the agent sees the connection close and ends every process.
        drop(input);
        writer.abort();
        self.finish(ending).await;
    }

    async fn carry(&mut self, mut from: OwnedReadHalf, input: &mpsc::Sender<Frame>) -> Ending {
        let mut buffer = vec![0; 1 << 16];
        let mut sync = interval(SYNC);
        let mut due = Instant::now();
        loop {
            let room = self.undrawn < UNDRAWN;
            let next = tokio::select! {
                biased;
                ending = self.reins.ends.recv() => Some(ending.unwrap_or_default()),
                typed = self.typed.recv() => match typed {
                    Some(typed) => self.take(typed, input).await,
                    None => Some(Ending::default()), // the viewer has gone
                },
                () = sleep_until(due) => {
                    let ending = self.look().await;
                    due = Instant::now() + self.until_look();
                    ending
                }
                _ = sync.tick() => self.recorder.sync().await.err().map(|()| recorder_failed()),
                read = from.read(&mut buffer), if room => match read {
                    Ok(count @ 1..) => self.show(&buffer[..count]).await,
                    // The program has ended; or the agent ended it, because a right did.
                    _ => Some(self.look().await.unwrap_or_default()),
                },
            };
            if let Some(ending) = next {
                return ending;
            }
        }
    }

    fn until_look(&self) -> Duration {
        next_look(self.centre.now(), self.session.mounts.iter().map(|mount| mount.until))
    }

    /// What the person sent.
    async fn take(&mut self, typed: Typed, input: &mpsc::Sender<Frame>) -> Option<Ending> {
        let frame = match typed {
            Typed::Drawn(bytes) => {
                self.undrawn = self.undrawn.saturating_sub(bytes);
                return None;
            }
            Typed::Resize { columns, rows } => {
                let (columns, rows) = (columns.clamp(2, 1000), rows.clamp(2, 1000));
                if self.recorder.resize(columns, rows).await.is_err() {
                    return Some(recorder_failed());
                }
                Frame::Resize { columns, rows }
            }
            Typed::Input(bytes) => {
                self.note_input().await;
                if self.recorder.input(&bytes).await.is_err() {
                    return Some(recorder_failed());
                }
                Frame::Data(bytes)
            }
        };
        // A program that does not read loses what is typed, as on every terminal; waiting for it
        // here would keep a cut from being heard.
        let _ = input.try_send(frame);
        None
    }

    /// Typing counts as being there, for the session and for the login that it came through.
    async fn note_input(&mut self) {
        let now = self.centre.now();
        self.reins.last_input.store(now.as_microsecond(), Ordering::SeqCst);
        if let Some(login) = self.session.login
            && now.duration_since(self.seen).as_secs() >= SEEN_SECONDS
        {
            self.seen = now;
            if let Err(error) = self.centre.store.login_seen(login, now).await {
                tracing::warn!(error = causes(&error), "a login was not noted");
            }
        }
    }

    /// What the bubble said: decoded, filtered, recorded, and only then shown.
    async fn show(&mut self, bytes: &[u8]) -> Option<Ending> {
        self.decoder.push(bytes);
        loop {
            match self.decoder.next_frame() {
                Ok(None) => return None,
                Ok(Some(Frame::Data(data))) => {
                    let mut passed = Vec::with_capacity(data.len());
                    self.filter.push(&data, &mut passed);
                    if passed.is_empty() {
                        continue;
                    }
                    if self.recorder.output(&passed).await.is_err() {
                        return Some(recorder_failed());
                    }
                    if let Some(ending) = self.hand_over(passed).await {
                        return Some(ending);
                    }
                }
                Ok(Some(Frame::Exit { .. })) => return Some(Ending::default()),
                // The bubble has no size to tell, and what is no frame has no next frame.
                Ok(Some(Frame::Resize { .. })) | Err(_) => return Some(Ending::cut("bad_frames")),
            }
        }
    }

    /// Gives the viewer its bytes. A viewer that takes none does not hold up a cut.
    async fn hand_over(&mut self, bytes: Vec<u8>) -> Option<Ending> {
        self.undrawn += bytes.len() as u64;
        tokio::select! {
            biased;
            sent = timeout(STALLED, self.shown.send(Shown::Output(bytes))) => match sent {
                Ok(Ok(())) => None,
                Ok(Err(_)) => Some(Ending::default()),
                Err(_) => Some(Ending::cut("display_stalled")),
            },
            ending = self.reins.ends.recv() => Some(ending.unwrap_or_default()),
        }
    }

    /// Looks at every right again. Where that cannot be told, the session does not go on.
    async fn look(&mut self) -> Option<Ending> {
        let last_input = instant(&self.reins.last_input);
        match right::why_over(&self.centre, &self.session, last_input).await {
            Ok(cause) => cause.map(Ending::cut),
            Err(failure) => {
                let error = causes(&failure);
                tracing::error!(session.id = %self.session.id, error, "rights cannot be told");
                Some(Ending::cut("rights_unknown"))
            }
        }
    }

    async fn finish(self, ending: Ending) {
        let Self { centre, session, recorder, reins, shown, .. } = self;
        let cause = ending.cause.clone();
        if cause.is_some()
            && let Err(failure) = centre.host.cut(session.id).await
        {
            // The connection is closed, which ends the bubble too; this was to be sure.
            let error = causes(&failure);
            tracing::warn!(session.id = %session.id, error, "the agent did not hear of a cut");
        }
        let recording = recorder.finish().await;
        if let Err(failure) = session::write_end(&centre, &session, ending, recording).await {
            let error = causes(&failure);
            tracing::error!(session.id = %session.id, error, "a session's end was not written");
        }
        // After the row: `close_lost` takes a session that is open and not in the list for lost.
        centre.host.live().remove(&session.id);
        let _ = timeout(Duration::from_secs(1), shown.send(Shown::Over(cause))).await;
        let _ = reins.over.send(true);
    }
}

/// How long after a look the next one is due: at the first end that is still to come. One that is
/// past was prolonged, or the look would have ended the session.
fn next_look(now: Timestamp, ends: impl Iterator<Item = Timestamp>) -> Duration {
    let left = ends.filter(|end| now < *end).min().map(|end| now.duration_until(end));
    let left = left.map_or(LOOK, |left| Duration::try_from(left).unwrap_or_default());
    left.clamp(SOON, LOOK)
}

fn recorder_failed() -> Ending {
    Ending::cut("recorder_failed")
}

/// Sends frames to the bubble, on a task of its own.
async fn write(mut to: OwnedWriteHalf, mut frames: mpsc::Receiver<Frame>) {
    let mut bytes = Vec::new();
    while let Some(frame) = frames.recv().await {
        bytes.clear();
        frame.encode(&mut bytes);
        if to.write_all(&bytes).await.is_err() {
            return; // the reading half learns of it too
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_end_that_is_to_come_is_waited_for() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let look = |ends: &[i64]| next_look(at(1000), ends.iter().map(|end| at(*end)));
        assert_eq!(look(&[]), LOOK);
        assert_eq!(look(&[1000 + 3600]), LOOK);
        assert_eq!(look(&[1007, 1003, 4600]), Duration::from_secs(3));
        // Prolonged beyond what the session was opened with: no look each tenth of a second.
        assert_eq!(look(&[1000]), LOOK);
        assert_eq!(look(&[900, 1007]), Duration::from_secs(7));
        assert_eq!(look(&[900]), LOOK);
    }
}
