//! What a person may do to the desktop, and how often (GATEWAY 3.1).

use std::time::Duration;

use super::clipboard::{Gate, Text};
use super::rate::Rate;
use super::viewer::Report;
use super::{Direction, MAX_SIZE, MIN_SIZE, Screen, TextLimit, keys, messages};

/// What a person may beside looking, keys and pointer.
#[derive(Debug, Clone, Copy, Default)]
pub struct InputPolicy {
    /// Text into the bubble; `None` is closed.
    pub to_bubble: Option<TextLimit>,
    /// Whether the desktop follows the size of the person's window.
    pub resize: bool,
}

/// One act of a person towards the desktop. Only the filter of a [`Viewer`](super::Viewer) makes
/// one: who only watches has none to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input(pub(super) Act);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    Key { down: bool, keysym: u32 },
    Pointer { buttons: u8, x: u16, y: u16 },
    Text(Text),
    Size(u16, u16),
}

/// The first of the desktop's screens, which a new size names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub id: u32,
    pub flags: u32,
}

impl Input {
    /// The position and the buttons held, if it is one of the pointer; for the recording.
    pub fn pointer(&self) -> Option<(u16, u16, u8)> {
        match self.0 {
            Act::Pointer { buttons, x, y } => Some((x, y, buttons)),
            _ => None,
        }
    }

    /// Whether it presses a key; which one is nobody's business.
    pub fn is_press(&self) -> bool {
        matches!(self.0, Act::Key { down: true, .. })
    }

    /// Writes it as a message of our own; a size only where the desktop takes one.
    pub(super) fn encode(&self, screen: &Screen, layout: Option<Layout>, out: &mut Vec<u8>) {
        match &self.0 {
            Act::Key { down, keysym } => {
                out.extend_from_slice(&[4, u8::from(*down), 0, 0]);
                out.extend_from_slice(&keysym.to_be_bytes());
            }
            Act::Pointer { buttons, x, y } => {
                let (x, y) = ((*x).min(screen.width() - 1), (*y).min(screen.height() - 1));
                out.extend_from_slice(&[5, *buttons]);
                out.extend_from_slice(&x.to_be_bytes());
                out.extend_from_slice(&y.to_be_bytes());
            }
            Act::Text(text) => messages::cut_text(6, &text.latin1(), out),
            Act::Size(width, height) => {
                let Some(Layout { id, flags }) = layout else { return };
                let ([a, b], [c, d]) = (width.to_be_bytes(), height.to_be_bytes());
                out.extend_from_slice(&[251, 0, a, b, c, d, 1, 0]);
                out.extend_from_slice(&id.to_be_bytes());
                out.extend_from_slice(&[0, 0, 0, 0, a, b, c, d]);
                out.extend_from_slice(&flags.to_be_bytes());
            }
        }
    }
}

/// Keys held at once at most; hands have ten fingers.
const MAX_HELD: usize = 32;

/// The filter of one person's input.
#[derive(Debug)]
pub(super) struct Filter {
    policy: InputPolicy,
    held: Vec<u32>,
    keys: Rate,
    typing: Rate,
    pointer: Rate,
    clicks: Rate,
    sizes: Rate,
    /// What was sent last.
    sent: (u8, u16, u16),
    /// The pointer's last place, not sent yet.
    waiting: Option<(u8, u16, u16)>,
    pub gate: Gate,
    dropped: u32,
    /// When machine typing was last told.
    machine: Option<Duration>,
}

impl Filter {
    pub fn new(policy: InputPolicy) -> Self {
        Self {
            policy,
            held: Vec::new(),
            keys: Rate::new(200.0, 200.0),
            // What two seconds over 40 a second overdraw at the earliest (held keys repeat at 25
            // to 30): 60 a second are told after 4 s, 200 after half a second.
            typing: Rate::new(80.0, 40.0),
            pointer: Rate::new(4.0, 120.0),
            clicks: Rate::new(40.0, 240.0),
            sizes: Rate::new(1.0, 1.0),
            sent: (0, 0, 0),
            waiting: None,
            gate: Gate::new(Direction::ToBubble, policy.to_bubble),
            dropped: 0,
            machine: None,
        }
    }

    /// A key. A release always passes if the key is held, so that none gets stuck.
    pub fn key(
        &mut self,
        now: Duration,
        down: bool,
        keysym: u32,
        reports: &mut Vec<Report>,
    ) -> Option<Input> {
        let at = self.held.iter().position(|&held| held == keysym);
        if !down {
            self.held.swap_remove(at?);
            self.keys.spend(now, 1.0);
            return Some(Input(Act::Key { down, keysym }));
        }
        if keys::is_printable(keysym) {
            self.typed(now, reports);
        }
        let allowed = keys::may_press(keysym) && !keys::is_for_the_machine(keysym, &self.held);
        let room = at.is_some() || self.held.len() < MAX_HELD;
        if !allowed || !room || !self.keys.take(now, 1.0) {
            self.dropped = self.dropped.saturating_add(1);
            return None;
        }
        if at.is_none() {
            self.held.push(keysym);
        }
        Some(Input(Act::Key { down, keysym }))
    }

    /// More than 40 printable keys a second for 2 s are a machine's; told once a minute.
    fn typed(&mut self, now: Duration, reports: &mut Vec<Report>) {
        let quiet = self.machine.is_none_or(|at| now >= at + Duration::from_mins(1));
        if !self.typing.take(now, 1.0) && quiet {
            self.machine = Some(now);
            reports.push(Report::MachineTyping);
        }
    }

    /// The pointer: at most 120 places a second, the last of which is never lost.
    pub fn pointer(&mut self, now: Duration, buttons: u8, x: u16, y: u16) -> Option<Input> {
        self.waiting = Some((buttons, x, y));
        self.flush(now)
    }

    /// The pointer's place that waited, when it may be sent.
    pub fn flush(&mut self, now: Duration) -> Option<Input> {
        let (buttons, x, y) = self.waiting?;
        let rate = if buttons == self.sent.0 { &mut self.pointer } else { &mut self.clicks };
        if !rate.take(now, 1.0) {
            return None;
        }
        self.waiting = None;
        self.sent = (buttons, x, y);
        Some(Input(Act::Pointer { buttons, x, y }))
    }

    /// Whether a place of the pointer waits.
    pub fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Another size of the desktop, if it may have one.
    pub fn size(&mut self, now: Duration, width: u16, height: u16) -> Option<Input> {
        let range = MIN_SIZE.0..=MAX_SIZE.0;
        let fits = range.contains(&width) && (MIN_SIZE.1..=MAX_SIZE.1).contains(&height);
        let may = self.policy.resize && fits && self.sizes.take(now, 1.0);
        may.then_some(Input(Act::Size(width, height)))
    }

    /// Text that passed the gate.
    pub fn text(text: Text) -> Input {
        Input(Act::Text(text))
    }

    /// Lets go of all that is held: the viewer left, or its bubble was switched.
    pub fn release(&mut self) -> Vec<Input> {
        let keys = self.held.drain(..).map(|keysym| Act::Key { down: false, keysym });
        let mut all: Vec<Input> = keys.map(Input).collect();
        let (buttons, x, y) = self.sent;
        self.waiting = None;
        if buttons != 0 {
            self.sent = (0, x, y);
            all.push(Input(Act::Pointer { buttons: 0, x, y }));
        }
        all
    }

    /// Keys dropped since the last call.
    pub fn take_dropped(&mut self) -> u32 {
        std::mem::take(&mut self.dropped)
    }
}
