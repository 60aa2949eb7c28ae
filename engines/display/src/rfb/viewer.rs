//! The side towards a person: [`Viewer`] works in the bubble, [`Watcher`] only looks on.

use std::sync::Arc;
use std::time::Duration;

use super::clipboard::Verdict;
use super::input::Filter;
use super::rate::Rate;
use super::wire::{Heard, Wire};
use super::{Change, Clip, Cursor, Input, InputPolicy, Screen, Text, Violation, messages};

/// What the caller must know of a person's side; each is an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// A transfer of the clipboard, allowed or not.
    Clip(Clip),
    /// More than 40 printable keys a second for 2 s.
    MachineTyping,
    /// Keys that were not allowed or too many, since the last report.
    KeysDropped(u32),
    /// A size of the window that the desktop did not follow.
    SizeRefused,
}

/// A person at work in a bubble (noVNC 1.7 is the browser's side).
///
/// The caller sends what [`Self::take_output`] gives, stops reading while it cannot send, and
/// calls [`Self::paint`] when all was sent.
#[derive(Debug)]
pub struct Viewer {
    wire: Wire,
    filter: Filter,
    policy: InputPolicy,
    reports: Vec<Report>,
    clips: Rate,
    bells: Rate,
}

impl Viewer {
    /// A connection of which nothing was read; greets it. `name` is what the viewer's window is
    /// called, at most 64 characters; never a person's.
    pub fn new(
        now: Duration,
        name: &str,
        policy: InputPolicy,
        screen: &Screen,
        cursor: Option<&Arc<Cursor>>,
    ) -> Self {
        let mut wire = Wire::new(now, name, screen, cursor);
        if policy.resize {
            wire.announce_size();
        }
        Self {
            wire,
            filter: Filter::new(policy),
            policy,
            reports: Vec::new(),
            clips: Rate::new(60.0, 6.0),
            bells: Rate::new(2.0, 2.0),
        }
    }

    /// Takes what the viewer sent, in any pieces, and gives what may go on to
    /// [`Desktop::send`](super::Desktop::send).
    ///
    /// # Errors
    /// What was not allowed; the same at every further call.
    pub fn push(&mut self, now: Duration, bytes: &[u8]) -> Result<Vec<Input>, Violation> {
        self.wire.push(bytes);
        let mut inputs = Vec::new();
        let outcome = self.listen(now, &mut inputs);
        if let Err(violation) = outcome {
            self.wire.end(violation);
        }
        let dropped = self.filter.take_dropped();
        if dropped > 0 {
            self.reports.push(Report::KeysDropped(dropped));
        }
        outcome.map(|()| inputs)
    }

    fn listen(&mut self, now: Duration, inputs: &mut Vec<Input>) -> Result<(), Violation> {
        while let Some(heard) = self.wire.next()? {
            let input = match heard {
                Heard::Key { down, keysym } => {
                    // A click before a key stays before it.
                    inputs.extend(self.filter.flush(now));
                    self.filter.key(now, down, keysym, &mut self.reports)
                }
                Heard::Pointer { buttons, x, y } => self.filter.pointer(now, buttons, x, y),
                Heard::CutText(length) => self.announced(now, length)?,
                Heard::Text(latin1) => {
                    let (text, clip) = self.filter.gate.text(&latin1);
                    self.reports.push(Report::Clip(clip));
                    text.map(Filter::text)
                }
                Heard::Size(width, height) => {
                    let input = self.filter.size(now, width, height);
                    if input.is_none() {
                        self.wire.refuse_size();
                        if self.reports.last() != Some(&Report::SizeRefused) {
                            self.reports.push(Report::SizeRefused);
                        }
                    }
                    input
                }
            };
            inputs.extend(input);
        }
        self.wire.check(now)
    }

    fn announced(&mut self, now: Duration, length: u32) -> Result<Option<Input>, Violation> {
        if !self.clips.take(now, 1.0) {
            return Err(Violation::Flood("clipboards"));
        }
        match self.filter.gate.announced(now, length) {
            Verdict::Passed => self.wire.keep_text(),
            refused => self.reports.push(Report::Clip(self.filter.gate.clip(length, refused))),
        }
        Ok(None)
    }

    /// What waited for its rate: the pointer's last place. To be called at [`Self::wait`].
    ///
    /// # Errors
    /// A handshake that took too long.
    pub fn poll(&mut self, now: Duration) -> Result<Option<Input>, Violation> {
        self.wire.check(now)?;
        Ok(self.filter.flush(now))
    }

    /// Takes note of what has changed on the desktop.
    pub fn changed(&mut self, changes: &[Change]) {
        self.wire.changed(changes);
    }

    /// Puts an update into the output, if the viewer lacks something, waits for it, and all output
    /// before it was taken; `true` if so.
    ///
    /// # Errors
    /// A viewer that cannot be told the desktop's new size.
    pub fn paint(&mut self, now: Duration, screen: &Screen) -> Result<bool, Violation> {
        self.wire.paint(now, screen)
    }

    /// How long [`Self::poll`] and [`Self::paint`] can wait; `None`: until something comes.
    pub fn wait(&mut self, now: Duration) -> Option<Duration> {
        let pointer = self.filter.is_waiting().then_some(Duration::from_millis(8));
        let picture = self.wire.wait(now);
        pointer.into_iter().chain(picture).min()
    }

    /// The bytes to send to the viewer.
    pub fn take_output(&mut self) -> Vec<u8> {
        self.wire.take_output()
    }

    /// What the caller must know, since the last call.
    pub fn take_reports(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.reports)
    }

    /// Rings, twice a second at most.
    ///
    /// # Errors
    /// A viewer that takes nothing.
    pub fn ring(&mut self, now: Duration) -> Result<(), Violation> {
        match self.wire.is_up() && self.bells.take(now, 1.0) {
            true => self.wire.answer(&[2]),
            false => Ok(()),
        }
    }

    /// Puts text that the desktop may give ([`Desktop::take_texts`](super::Desktop::take_texts))
    /// into the viewer's clipboard.
    ///
    /// # Errors
    /// A viewer that takes nothing.
    pub fn offer(&mut self, text: &Text) -> Result<(), Violation> {
        let mut message = Vec::new();
        messages::cut_text(3, &text.latin1(), &mut message);
        if self.wire.is_up() { self.wire.answer(&message) } else { Ok(()) }
    }

    /// Lets go of every key and button: for a viewer that left or that another took over from.
    pub fn leave(&mut self) -> Vec<Input> {
        self.filter.release()
    }

    /// What it may.
    pub fn policy(&self) -> InputPolicy {
        self.policy
    }
}

/// A reviewer of a live session. It has no way to write: its messages other than about pixels end
/// it, and no function of it gives an [`Input`].
#[derive(Debug)]
pub struct Watcher {
    wire: Wire,
}

impl Watcher {
    /// A connection of which nothing was read; greets it.
    pub fn new(now: Duration, name: &str, screen: &Screen, cursor: Option<&Arc<Cursor>>) -> Self {
        Self { wire: Wire::new(now, name, screen, cursor) }
    }

    /// Takes what the watcher sent, in any pieces.
    ///
    /// # Errors
    /// What was not allowed, keys and pointer among it; the same at every further call.
    pub fn push(&mut self, now: Duration, bytes: &[u8]) -> Result<(), Violation> {
        self.wire.push(bytes);
        let outcome = self.listen(now);
        if let Err(violation) = outcome {
            self.wire.end(violation);
        }
        outcome
    }

    fn listen(&mut self, now: Duration) -> Result<(), Violation> {
        match self.wire.next()? {
            None => self.wire.check(now),
            Some(Heard::Key { .. }) => Err(Violation::Message(4)),
            Some(Heard::Pointer { .. }) => Err(Violation::Message(5)),
            Some(Heard::CutText(_) | Heard::Text(_)) => Err(Violation::Message(6)),
            Some(Heard::Size(..)) => Err(Violation::Message(251)),
        }
    }

    /// Takes note of what has changed on the desktop.
    pub fn changed(&mut self, changes: &[Change]) {
        self.wire.changed(changes);
    }

    /// As [`Viewer::paint`].
    ///
    /// # Errors
    /// A viewer that cannot be told the desktop's new size.
    pub fn paint(&mut self, now: Duration, screen: &Screen) -> Result<bool, Violation> {
        self.wire.paint(now, screen)
    }

    /// How long [`Self::paint`] can wait; `None`: until something comes.
    pub fn wait(&mut self, now: Duration) -> Option<Duration> {
        self.wire.wait(now)
    }

    /// The bytes to send to the watcher.
    pub fn take_output(&mut self) -> Vec<u8> {
        self.wire.take_output()
    }
}
