//! The recorder of a session: every byte that is shown goes through it first.

use std::{path::PathBuf, time::Instant};

use display::recording::{self, Header, Recording as Tape};
use domain::{Session, settings::session::Recording};
use tokio::task::spawn_blocking;

use crate::{Centre, Failure, failure::causes};

/// The recorder of one session. Its file is written on the threads for blocking work; a failure is
/// for good, and the session's to answer by ending.
pub(crate) struct Recorder {
    tape: Option<Tape>,
    path: PathBuf,
    started: Instant,
    records_input: bool,
}

impl Recorder {
    pub(crate) async fn start(
        centre: &Centre,
        session: &Session,
        width: u16,
        height: u16,
    ) -> Result<Self, Failure> {
        let path = centre.host.recording(session.id);
        let seconds = u64::try_from(session.opened_at.as_second()).ok();
        let title = Some(format!("session {}", session.id));
        let header = Header { version: 2, width, height, timestamp: seconds, title };
        let file = path.clone();
        let tape = spawn_blocking(move || Tape::create(&file, &header))
            .await
            .map_err(Failure::engine("start the recording"))?
            .map_err(Failure::engine("start the recording"))?;
        let records_input = centre.config.record_input;
        Ok(Self { tape: Some(tape), path, started: Instant::now(), records_input })
    }

    pub(crate) async fn output(&mut self, bytes: &[u8]) -> Result<(), ()> {
        let bytes = bytes.to_vec();
        self.write(move |tape, at| tape.output(at, &bytes)).await
    }

    pub(crate) async fn input(&mut self, bytes: &[u8]) -> Result<(), ()> {
        if !self.records_input {
            return Ok(());
        }
        let bytes = bytes.to_vec();
        self.write(move |tape, at| tape.input(at, &bytes)).await
    }

    pub(crate) async fn resize(&mut self, columns: u16, rows: u16) -> Result<(), ()> {
        self.write(move |tape, at| tape.resize(at, columns, rows)).await
    }

    pub(crate) async fn sync(&mut self) -> Result<(), ()> {
        self.write(|tape, _| tape.sync()).await
    }

    async fn write(
        &mut self,
        act: impl FnOnce(&mut Tape, u64) -> std::io::Result<()> + Send + 'static,
    ) -> Result<(), ()> {
        let mut tape = self.tape.take().ok_or(())?;
        let at = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let written = spawn_blocking(move || act(&mut tape, at).map(|()| tape)).await;
        match written {
            Ok(Ok(tape)) => {
                self.tape = Some(tape);
                Ok(())
            }
            Ok(Err(error)) => {
                tracing::error!(error = causes(&error), "the recorder failed");
                Err(())
            }
            Err(_) => Err(()),
        }
    }

    /// Ends the recording. Where the recorder failed, what is on disk is sealed.
    pub(crate) async fn finish(self) -> Recording {
        let Self { tape, path, started, .. } = self;
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let finish = move || match tape.map(Tape::finish) {
            Some(Ok(digest)) => {
                Recording { sha256: digest.sha256, bytes: digest.bytes, duration_ms }
            }
            _ => Recording { duration_ms, ..sealed(&path) },
        };
        spawn_blocking(finish).await.unwrap_or_else(|_| nothing())
    }
}

/// The seal of a file as it stands; an empty one where there is none.
pub(crate) fn sealed(path: &std::path::Path) -> Recording {
    let Ok(digest) = recording::digest(path) else { return nothing() };
    let played = std::fs::File::open(path).ok().and_then(|file| recording::read(file).ok());
    let last = played.and_then(|played| played.events.last().map(|event| event.at / 1000));
    let duration_ms = last.unwrap_or(0);
    Recording { sha256: digest.sha256, bytes: digest.bytes, duration_ms }
}

/// No recording is left: nothing has this hash.
pub(crate) fn nothing() -> Recording {
    Recording { sha256: String::new(), bytes: 0, duration_ms: 0 }
}
