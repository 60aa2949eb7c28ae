//! One person at work in one bubble through one display, and its recording (JOURNEYS 1.14).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Actor, ApplicationId, Bubble, BubbleId, Denied, DepositId, Habilitation, LoginId, PersonId,
    Refusal, ReplayId, Role, SessionId, VintageId, WrongState,
};

/// A session ends after so long whatever happens: 8 hours (JOURNEYS 3.2).
pub const ABSOLUTE_SECONDS: i64 = 8 * 3600;
/// A session without input for so long ends: 15 minutes (JOURNEYS 3.2).
pub const IDLE_SECONDS: i64 = 15 * 60;
/// Sessions that one person may have open in one bubble.
pub const MAX_OPEN: usize = 4;
/// A request to replay serves for so long: 7 days (JOURNEYS 3.2).
pub const REPLAY_SECONDS: i64 = 7 * 24 * 3600;
/// The longest reason, in characters.
pub const MAX_REASON: usize = 2000;

/// A granted vintage made readable in a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// The vintage.
    pub vintage: VintageId,
    /// The deposit whose Parquet files are shown.
    pub deposit: DepositId,
    /// The place below `/data`: `<source>/<vintage>`.
    pub name: String,
    /// When the right to it ends.
    pub until: Timestamp,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Counts the changes.
    pub version: i64,
    /// In which bubble.
    pub bubble: BubbleId,
    /// Of which project.
    pub application: ApplicationId,
    /// Who.
    pub person: PersonId,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The login through which it came: when that is closed, so is the session.
    #[serde(default)]
    pub login: Option<LoginId>,
    /// What is mounted in it: exactly the person's live grants when it was opened.
    #[serde(default)]
    pub mounts: Vec<Mount>,
    /// Where it stands.
    pub state: SessionState,
}

/// Where a session stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum SessionState {
    /// The display is open and recorded.
    Open,
    /// Ended by the person or the end of the program.
    Ended {
        /// When.
        at: Timestamp,
        /// The recording.
        recording: Recording,
    },
    /// Ended by the centre: a right ended, the recorder failed, the time was over.
    Cut {
        /// When.
        at: Timestamp,
        /// Why, as a stable word.
        cause: String,
        /// The recording.
        recording: Recording,
    },
}

/// A sealed recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// SHA-256 of the asciicast file, hexadecimal; sealed with the session's end.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// How long the session lasted, in milliseconds.
    pub duration_ms: u64,
}

impl SessionState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ended { .. } => "ended",
            Self::Cut { .. } => "cut",
        }
    }
}

/// A request to replay a recording, with its reason; each view is an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// Which.
    pub id: ReplayId,
    /// Counts the changes.
    pub version: i64,
    /// Of which session.
    pub session: SessionId,
    /// Who asks.
    pub by: PersonId,
    /// Why.
    pub reason: String,
    /// When.
    pub asked_at: Timestamp,
    /// When it was viewed last.
    pub viewed_at: Option<Timestamp>,
}

/// Leave to open a session.
#[derive(Debug)]
pub struct OpenPermit<'a> {
    actor: &'a Actor,
    bubble: &'a Bubble,
}

/// Who may open a session in `bubble`: an enrolled member with a live habilitation. `own` is the
/// person's habilitation in the project, if there is one.
pub fn may_open<'a>(
    actor: &'a Actor,
    bubble: &'a Bubble,
    own: Option<&Habilitation>,
    now: Timestamp,
) -> Result<OpenPermit<'a>, Denied> {
    if !actor.works_in(bubble.application) {
        return Err(Denied::Hidden);
    }
    if !actor.may_act || !actor.is_enrolled {
        return Err(Denied::AccountNotActive);
    }
    let covers = |own: &&Habilitation| {
        own.person == actor.id && own.application == bubble.application && own.is_live(now)
    };
    match own.filter(covers) {
        Some(_) => Ok(OpenPermit { actor, bubble }),
        None => Err(Denied::NoHabilitation),
    }
}

impl OpenPermit<'_> {
    /// The open session. `already` counts the person's open sessions in this bubble;
    /// `banner_accepted` says whether the rules were accepted today.
    ///
    /// # Errors
    /// Where the bubble is not open, the banner was not accepted or too many are open.
    pub fn open(
        self,
        id: SessionId,
        login: LoginId,
        mounts: Vec<Mount>,
        already: usize,
        banner_accepted: bool,
        at: Timestamp,
    ) -> Result<Session, Refusal> {
        if !self.bubble.state.is_open() {
            let state = self.bubble.state.name();
            return Err(WrongState { verb: "enter", noun: "bubble", state }.into());
        }
        if !banner_accepted {
            return Err(Refusal::invalid("banner", "banner-not-accepted"));
        }
        if already >= MAX_OPEN {
            return Err(Refusal::invalid("session", "too-many-sessions"));
        }
        Ok(Session {
            id,
            version: 0,
            bubble: self.bubble.id,
            application: self.bubble.application,
            person: self.actor.id,
            opened_at: at,
            login: Some(login),
            mounts,
            state: SessionState::Open,
        })
    }
}

/// Leave to end a session.
#[derive(Debug)]
pub struct EndPermit<'a> {
    session: &'a Session,
}

/// The centre itself ends a session: its program ended, a right ended, its time is over.
pub fn by_the_centre(session: &Session) -> EndPermit<'_> {
    EndPermit { session }
}

/// Who may cut another person's session: a security officer.
pub fn may_cut<'a>(actor: &Actor, session: &'a Session) -> Result<EndPermit<'a>, Denied> {
    actor.needs(&[Role::SecurityOfficer])?;
    Ok(EndPermit { session })
}

impl EndPermit<'_> {
    /// Ended by the person, or by the end of the program.
    pub fn end(self, recording: Recording, at: Timestamp) -> Result<Session, WrongState> {
        self.finish("end", SessionState::Ended { at, recording })
    }

    /// Ended by the centre, with the cause as a stable word.
    pub fn cut(
        self,
        cause: impl Into<String>,
        recording: Recording,
        at: Timestamp,
    ) -> Result<Session, WrongState> {
        self.finish("cut", SessionState::Cut { at, cause: cause.into(), recording })
    }

    fn finish(self, verb: &'static str, state: SessionState) -> Result<Session, WrongState> {
        match self.session.state {
            SessionState::Open => Ok(Session { state, ..self.session.clone() }),
            _ => Err(WrongState { verb, noun: "session", state: self.session.state.name() }),
        }
    }
}

impl Session {
    /// The sealed recording, once the session is over.
    pub fn recording(&self) -> Option<&Recording> {
        match &self.state {
            SessionState::Open => None,
            SessionState::Ended { recording, .. } | SessionState::Cut { recording, .. } => {
                Some(recording)
            }
        }
    }

    /// When it was over.
    pub fn over_at(&self) -> Option<Timestamp> {
        match &self.state {
            SessionState::Open => None,
            SessionState::Ended { at, .. } | SessionState::Cut { at, .. } => Some(*at),
        }
    }

    /// Whether its time is over: eight hours after it was opened, or fifteen minutes after the
    /// last input, as the cause's stable word.
    pub fn time_is_over(&self, last_input: Timestamp, now: Timestamp) -> Option<&'static str> {
        if now.duration_since(self.opened_at).as_secs() >= ABSOLUTE_SECONDS {
            return Some("too_long");
        }
        (now.duration_since(last_input).as_secs() >= IDLE_SECONDS).then_some("idle")
    }
}

/// Who may see which sessions run and ran: a security officer and an auditor.
pub fn may_watch(actor: &Actor) -> Result<(), Denied> {
    actor.needs(&[Role::SecurityOfficer, Role::Auditor])
}

/// Leave to ask for a replay of a session.
#[derive(Debug)]
pub struct ReplayPermit<'a> {
    actor: &'a Actor,
    session: &'a Session,
}

/// Who may ask to replay a session: a security officer. Threat: any signed-in person watching
/// recordings (warpgate, CVE-2026-63330), so every route to a recording starts here.
pub fn may_replay<'a>(actor: &'a Actor, session: &'a Session) -> Result<ReplayPermit<'a>, Denied> {
    actor.needs(&[Role::SecurityOfficer])?;
    Ok(ReplayPermit { actor, session })
}

impl ReplayPermit<'_> {
    /// The request, with its reason.
    ///
    /// # Errors
    /// A session that still runs, an empty or too long reason.
    pub fn ask(self, id: ReplayId, reason: &str, at: Timestamp) -> Result<Replay, Refusal> {
        if self.session.recording().is_none() {
            let state = self.session.state.name();
            return Err(WrongState { verb: "replay", noun: "session", state }.into());
        }
        Ok(Replay {
            id,
            version: 0,
            session: self.session.id,
            by: self.actor.id,
            reason: reason_of(reason)?,
            asked_at: at,
            viewed_at: None,
        })
    }
}

/// Leave to view a recording under a request.
#[derive(Debug)]
pub struct ViewPermit<'a> {
    replay: &'a Replay,
}

/// Who may view under `replay`: the security officer who asked, for seven days.
pub fn may_view<'a>(
    actor: &Actor,
    replay: &'a Replay,
    now: Timestamp,
) -> Result<ViewPermit<'a>, Refusal> {
    actor.needs(&[Role::SecurityOfficer])?;
    if replay.by != actor.id {
        return Err(Denied::NotYourself.into());
    }
    if now.duration_since(replay.asked_at).as_secs() >= REPLAY_SECONDS {
        return Err(WrongState { verb: "view", noun: "replay", state: "closed" }.into());
    }
    Ok(ViewPermit { replay })
}

impl ViewPermit<'_> {
    /// Notes the view.
    pub fn view(self, at: Timestamp) -> Replay {
        Replay { viewed_at: Some(at), ..self.replay.clone() }
    }
}

/// A reason that was given: neither empty nor endless.
pub(super) fn reason_of(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Refusal::invalid("reason", "reason-missing")),
        length if length > MAX_REASON => Err(Refusal::invalid("reason", "reason-too-long")),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
