//! The side towards the desktop: we are its only RFB client.
//!
//! Threat: the desktop's server is in the bubble and may be replaced by anything. Guaranteed: at
//! most one rectangle's line (or one compressed rectangle) is held, no length is believed, what
//! was not asked for ends the session. Asked for are Raw, `CopyRect`, the cursor, sizes and
//! `LastRect`; ZRLE only where the link is remote, because a decompressor is more to attack.

mod greeting;
mod rectangles;

use std::sync::Arc;
use std::time::Duration;

use super::bytes::{Intake, be16, be32};
use super::clipboard::{Gate, MAX_ANNOUNCED};
use super::input::{Input, Layout};
use super::messages;
use super::rate::Rate;
use super::zrle;
use super::{
    Area, Change, Clip, Cursor, Direction, HANDSHAKE, Screen, Text, TextLimit, Verdict, Violation,
};

/// How the desktop is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// A socket of this machine: pixels come raw, and no decompressor is behind them.
    Local,
    /// Another machine: ZRLE as well.
    Remote,
}

/// What a desktop may.
#[derive(Debug, Clone, Copy)]
pub struct DesktopPolicy {
    /// How it is reached.
    pub link: Link,
    /// Text out of the bubble; `None` is closed.
    pub from_bubble: Option<TextLimit>,
}

/// What the desktop said beside pixels.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub bell: bool,
    pub texts: Vec<Text>,
    pub clips: Vec<Clip>,
}

#[derive(Debug)]
enum Phase {
    Version,
    Security,
    SecurityResult,
    Init,
    Message,
    /// Rectangles of an update that are still to come; `None`: until `LastRect`.
    Rectangle(Option<u16>),
    Raw {
        area: Area,
        row: u16,
        left: Option<u16>,
    },
    Zrle {
        area: Area,
        left: Option<u16>,
    },
    Copy {
        to: Area,
        left: Option<u16>,
    },
    Cursor {
        area: Area,
        left: Option<u16>,
    },
    Screens {
        area: Area,
        left: Option<u16>,
    },
    /// Bytes to throw away (the desktop's name, clipboards).
    Skip(usize),
    Text(usize),
    Ended(Violation),
}

/// The desktop of a bubble, as its RFB client sees it.
#[derive(Debug)]
pub struct Desktop {
    since: Duration,
    phase: Phase,
    intake: Intake,
    out: Vec<u8>,
    screen: Screen,
    cursor: Option<Arc<Cursor>>,
    changes: Vec<Change>,
    said: Said,
    gate: Gate,
    link: Link,
    inflate: zrle::Decoder,
    layout: Option<Layout>,
    asked: bool,
    /// Whether the next request must be for the whole screen.
    afresh: bool,
    budgets: Budgets,
}

/// What a desktop may spend; GATEWAY 3.1 names "area and rate budget".
#[derive(Debug)]
struct Budgets {
    /// Pixels: four full HD screens at once, sixteen a second. Requests wait for it, so an honest
    /// desktop that plays a film is slowed; who sends unasked goes into debt and is ended.
    pixels: Rate,
    requests: Rate,
    bells: Rate,
    texts: Rate,
    sizes: Rate,
}

const FULL_HD: f64 = 1920.0 * 1080.0;
/// What a rectangle costs at least, in pixels, so that empty ones are not free.
const RECTANGLE_COST: f64 = 64.0;
/// The deepest debt: more than one answer of any honest desktop at [`super::MAX_SIZE`].
const MAX_DEBT: f64 = -24.0 * FULL_HD;

impl Desktop {
    /// A desktop that has said nothing yet.
    pub fn new(now: Duration, policy: DesktopPolicy) -> Self {
        Self {
            since: now,
            phase: Phase::Version,
            intake: Intake::default(),
            out: Vec::new(),
            screen: Screen::default(),
            cursor: None,
            changes: Vec::new(),
            said: Said::default(),
            gate: Gate::new(Direction::FromBubble, policy.from_bubble),
            link: policy.link,
            inflate: zrle::Decoder::default(),
            layout: None,
            asked: false,
            afresh: true,
            budgets: Budgets {
                pixels: Rate::new(4.0 * FULL_HD, 16.0 * FULL_HD),
                requests: Rate::new(2.0, 60.0),
                bells: Rate::new(2.0, 2.0),
                texts: Rate::new(60.0, 6.0),
                sizes: Rate::new(8.0, 2.0),
            },
        }
    }

    /// Takes what the desktop sent, in any pieces.
    ///
    /// # Errors
    /// What was not allowed; the same at every further call.
    pub fn push(&mut self, now: Duration, bytes: &[u8]) -> Result<(), Violation> {
        self.intake.push(bytes);
        let outcome = loop {
            match self.step(now) {
                Ok(true) => {}
                Ok(false) => break self.poll(now),
                Err(violation) => break Err(violation),
            }
        };
        self.intake.settle();
        if let Err(violation) = outcome {
            self.phase = Phase::Ended(violation);
            self.intake = Intake::default();
        }
        outcome
    }

    /// Asks for the next update when it is time; to be called at [`Self::wait`].
    ///
    /// # Errors
    /// A handshake that took too long.
    pub fn poll(&mut self, now: Duration) -> Result<(), Violation> {
        match self.phase {
            Phase::Ended(violation) => return Err(violation),
            Phase::Version | Phase::Security | Phase::SecurityResult | Phase::Init => {
                return if now > self.since + HANDSHAKE { Err(Violation::Slow) } else { Ok(()) };
            }
            _ => {}
        }
        let ready = !self.asked && self.budgets.pixels.wait(now).is_zero();
        if ready && self.budgets.requests.take(now, 1.0) {
            messages::request(!self.afresh, self.screen.area(), &mut self.out);
            (self.asked, self.afresh) = (true, false);
        }
        Ok(())
    }

    /// How long [`Self::poll`] can wait; `None` while the desktop has the word.
    pub fn wait(&mut self, now: Duration) -> Option<Duration> {
        let pause = self.budgets.pixels.wait(now).max(Duration::from_millis(17));
        (!self.asked && self.is_up()).then_some(pause)
    }

    /// Whether the handshake is done and nothing has ended it.
    pub fn is_up(&self) -> bool {
        self.screen.width() > 0 && !matches!(self.phase, Phase::Ended(_))
    }

    /// The bytes to send to the desktop.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// The picture as it stands.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// The pointer's shape, if it has one.
    pub fn cursor(&self) -> Option<&Arc<Cursor>> {
        self.cursor.as_ref()
    }

    /// What has changed since the last call, in order: for [`Viewer::changed`](super::Viewer) and
    /// the recorder.
    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// Whether the bell rang since the last call (twice a second at most).
    pub fn take_bell(&mut self) -> bool {
        std::mem::take(&mut self.said.bell)
    }

    /// Text that may leave, since the last call.
    pub fn take_texts(&mut self) -> Vec<Text> {
        std::mem::take(&mut self.said.texts)
    }

    /// The clipboard's transfers since the last call, allowed or not: each an event.
    pub fn take_clips(&mut self) -> Vec<Clip> {
        std::mem::take(&mut self.said.clips)
    }

    /// Says to the desktop what a person did, as a message of our own.
    pub fn send(&mut self, input: &Input) {
        if self.is_up() {
            input.encode(&self.screen, self.layout, &mut self.out);
        }
    }

    /// Whether the desktop takes another size.
    pub fn can_resize(&self) -> bool {
        self.layout.is_some()
    }

    fn step(&mut self, now: Duration) -> Result<bool, Violation> {
        let moved = match self.phase {
            Phase::Version => self.version()?,
            Phase::Security => self.security()?,
            Phase::SecurityResult => self.security_result()?,
            Phase::Init => self.init()?,
            Phase::Message => self.message(now)?,
            Phase::Rectangle(Some(0)) => return Ok(self.updated()),
            Phase::Rectangle(left) => self.rectangle(now, left)?,
            Phase::Raw { area, row, left } => self.raw(area, row, left),
            Phase::Zrle { area, left } => self.zrle(area, left)?,
            Phase::Copy { to, left } => self.copy(to, left)?,
            Phase::Cursor { area, left } => self.shape(area, left),
            Phase::Screens { area, left } => self.screens(now, area, left)?,
            Phase::Skip(left) => return Ok(self.skip(left)),
            Phase::Text(length) => self.text(length),
            Phase::Ended(violation) => return Err(violation),
        };
        Ok(moved.is_some())
    }

    fn message(&mut self, now: Duration) -> Result<Option<()>, Violation> {
        let Some(&[kind]) = self.intake.peek(1) else { return Ok(None) };
        match kind {
            0 => {
                let Some(update) = self.intake.array::<4>() else { return Ok(None) };
                self.spend(now, RECTANGLE_COST)?;
                let count = be16(&update, 2);
                // RFC 6143 7.8 and the LastRect extension: 65535 is "until LastRect".
                self.phase = Phase::Rectangle((count < u16::MAX).then_some(count));
            }
            2 => {
                self.intake.skip(1);
                // Ten thousand bells a second are work for nobody.
                self.spend(now, RECTANGLE_COST)?;
                self.said.bell |= self.budgets.bells.take(now, 1.0);
            }
            3 => {
                let Some(cut) = self.intake.array::<8>() else { return Ok(None) };
                self.cut_text(now, be32(&cut, 4))?;
            }
            _ => return Err(Violation::Message(kind)),
        }
        Ok(Some(()))
    }

    fn cut_text(&mut self, now: Duration, announced: u32) -> Result<(), Violation> {
        let length = announced.cast_signed().unsigned_abs();
        if length > MAX_ANNOUNCED {
            return Err(Violation::TooLong { what: "a clipboard", bytes: length.into() });
        }
        if !self.budgets.texts.take(now, 1.0) {
            return Err(Violation::Flood("clipboards"));
        }
        let verdict = self.gate.announced(now, announced);
        self.phase = match verdict {
            Verdict::Passed => Phase::Text(length as usize),
            _ => {
                self.said.clips.push(self.gate.clip(announced, verdict));
                Phase::Skip(length as usize)
            }
        };
        Ok(())
    }

    fn text(&mut self, length: usize) -> Option<()> {
        let (text, clip) = self.gate.text(self.intake.take(length)?);
        self.said.texts.extend(text);
        self.said.clips.push(clip);
        self.phase = Phase::Message;
        Some(())
    }

    fn skip(&mut self, left: usize) -> bool {
        let skipped = self.intake.skip(left);
        self.phase = if skipped == left { Phase::Message } else { Phase::Skip(left - skipped) };
        skipped == left
    }

    /// The update is whole: the next may be asked for.
    fn updated(&mut self) -> bool {
        self.asked = false;
        self.phase = Phase::Message;
        true
    }

    fn spend(&mut self, now: Duration, pixels: f64) -> Result<(), Violation> {
        match self.budgets.pixels.spend(now, pixels.max(RECTANGLE_COST)) < MAX_DEBT {
            true => Err(Violation::Flood("pixels")),
            false => Ok(()),
        }
    }
}
