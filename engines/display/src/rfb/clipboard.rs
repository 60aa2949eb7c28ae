//! The clipboard: closed unless the policy opens a direction, text only, few and short.
//!
//! Threat: software in the bubble fills the person's clipboard, which a paste outside empties; or a
//! person carries text in. Switches of the desktop's own server do not hold (it is the bubble's),
//! so this is the only switch. Guaranteed: no text passes a direction without a limit, a limit of
//! zero is none, and each try is told to the caller. Not guaranteed: that short text is harmless.

use std::num::NonZeroU32;
use std::time::Duration;

use unicode_normalization::UnicodeNormalization as _;

use super::rate::Rate;

/// Longer announcements end the session; up to here they are read and thrown away.
pub(crate) const MAX_ANNOUNCED: u32 = 1 << 20;

/// Which way text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the person into the bubble.
    ToBubble,
    /// Out of the bubble to the person.
    FromBubble,
}

/// How much text may pass one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextLimit {
    bytes: NonZeroU32,
    per_minute: NonZeroU32,
}

impl TextLimit {
    /// At most `bytes` bytes of UTF-8 at a time and `per_minute` times a minute. Zero of either is
    /// no clipboard: `None`, never "no limit".
    pub fn new(bytes: u32, per_minute: u32) -> Option<Self> {
        Some(Self { bytes: NonZeroU32::new(bytes)?, per_minute: NonZeroU32::new(per_minute)? })
    }
}

/// Text that has passed: NFC, and no controls but tab and newline. Only this module makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As RFB's cut text says it: Latin-1, with `?` for what it has not.
    pub(crate) fn latin1(&self) -> Vec<u8> {
        self.0.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
    }
}

/// What became of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It passed.
    Passed,
    /// The direction is closed.
    Closed,
    /// Longer than the limit.
    TooLong,
    /// More often than the limit.
    TooOften,
    /// Not plain text (the extended clipboard carries any format).
    NotText,
}

/// One transfer, for the log and the recording. Never the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clip {
    /// Which way.
    pub direction: Direction,
    /// The bytes announced.
    pub bytes: u32,
    /// What became of it.
    pub verdict: Verdict,
}

/// One direction.
#[derive(Debug)]
pub(crate) struct Gate {
    direction: Direction,
    limit: Option<TextLimit>,
    rate: Rate,
}

impl Gate {
    pub fn new(direction: Direction, limit: Option<TextLimit>) -> Self {
        let per_minute = limit.map_or(0.0, |limit| f64::from(limit.per_minute.get()));
        Self { direction, limit, rate: Rate::new(per_minute, per_minute / 60.0) }
    }

    /// Before the text is read: whether it is worth keeping. A signed length below zero announces
    /// the extended clipboard.
    pub fn announced(&mut self, now: Duration, length: u32) -> Verdict {
        match self.limit {
            None => Verdict::Closed,
            Some(_) if length > i32::MAX.unsigned_abs() => Verdict::NotText,
            Some(limit) if length > limit.bytes.get() => Verdict::TooLong,
            Some(_) if !self.rate.take(now, 1.0) => Verdict::TooOften,
            Some(_) => Verdict::Passed,
        }
    }

    /// The event of a transfer.
    pub fn clip(&self, length: u32, verdict: Verdict) -> Clip {
        let signed = length.cast_signed();
        Clip { direction: self.direction, bytes: signed.unsigned_abs(), verdict }
    }

    /// The text of Latin-1 bytes that were announced and may pass, with its event. In UTF-8 it
    /// may be longer than announced, and too long then.
    pub fn text(&self, latin1: &[u8]) -> (Option<Text>, Clip) {
        let length = u32::try_from(latin1.len()).unwrap_or(u32::MAX);
        let text: String =
            latin1.iter().map(|&b| char::from(b)).filter(|&c| may_pass(c)).nfc().collect();
        let limit = self.limit.map_or(0, |limit| usize::try_from(limit.bytes.get()).unwrap_or(0));
        match text.len() > limit {
            true => (None, self.clip(length, Verdict::TooLong)),
            false => (Some(Text(text)), self.clip(length, Verdict::Passed)),
        }
    }
}

fn may_pass(c: char) -> bool {
    matches!(c, '\t' | '\n') || !c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_zero_is_no_clipboard() {
        assert_eq!(TextLimit::new(0, 6), None);
        assert_eq!(TextLimit::new(1000, 0), None);
        let mut gate = Gate::new(Direction::ToBubble, None);
        assert_eq!(gate.announced(Duration::ZERO, 0), Verdict::Closed);
        assert_eq!(gate.announced(Duration::ZERO, 1), Verdict::Closed);
        assert!(gate.text(b"x").0.is_none());
    }

    #[test]
    fn six_a_minute_pass_and_a_seventh_waits() {
        let mut gate = Gate::new(Direction::ToBubble, TextLimit::new(100, 6));
        let at = |seconds| Duration::from_secs(seconds);
        let tries = (0..9).filter(|_| gate.announced(at(0), 5) == Verdict::Passed).count();
        assert_eq!(tries, 6);
        assert_eq!(gate.announced(at(9), 5), Verdict::TooOften);
        assert_eq!(gate.announced(at(11), 5), Verdict::Passed);
        assert_eq!(gate.announced(at(60), 101), Verdict::TooLong);
        assert_eq!(gate.announced(at(60), (-5_i32).cast_unsigned()), Verdict::NotText);
    }

    #[test]
    fn only_characters_tabs_and_newlines_are_text() {
        let gate = Gate::new(Direction::FromBubble, TextLimit::new(100, 6));
        let (text, clip) = gate.text(b"a\x1b]52;c\x07\tb\r\n\xe9\x9b\x00");
        assert_eq!(text.unwrap().as_str(), "a]52;c\tb\n\u{e9}");
        assert_eq!(clip.verdict, Verdict::Passed);
    }

    #[test]
    fn text_that_grows_in_utf8_above_the_limit_is_refused() {
        let gate = Gate::new(Direction::FromBubble, TextLimit::new(3, 6));
        assert_eq!(gate.text(b"\xe9\xe9").1.verdict, Verdict::TooLong);
        assert_eq!(gate.text(b"\xe9a").1.verdict, Verdict::Passed);
    }
}
