//! The side towards a viewer, without what it may do: handshake, parser, pacing, painting.

mod paint;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::bytes::{Intake, be16, be32};
use super::clipboard::MAX_ANNOUNCED;
use super::damage::Damage;
use super::encoder::{Coding, Encoder};
use super::messages::{self, PixelFormat};
use super::rate::Rate;
use super::{Area, Change, Cursor, HANDSHAKE, Screen, Violation, encoding};

/// Encodings that a viewer may list (GATEWAY 3.1).
const MAX_ENCODINGS: u16 = 64;
/// Answers to fences that wait to be sent, in bytes: who sends on without reading is ended.
const MAX_ANSWERS: usize = 1 << 16;

/// What a viewer said that is not about pixels.
#[derive(Debug)]
pub(super) enum Heard {
    Key {
        down: bool,
        keysym: u32,
    },
    Pointer {
        buttons: u8,
        x: u16,
        y: u16,
    },
    /// Announced; the bytes are thrown away unless [`Wire::keep_text`] is called.
    CutText(u32),
    Text(Vec<u8>),
    Size(u16, u16),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Version,
    Security,
    Init,
    Message,
    Skip(usize),
    Text(usize),
    Ended(Violation),
}

/// What a viewer understands.
#[derive(Debug, Default, Clone, Copy)]
struct Abilities {
    coding: Coding,
    copies: bool,
    cursor: bool,
    size: bool,
    extended_size: bool,
    continuous: bool,
}

/// One viewer's connection.
#[derive(Debug)]
pub(super) struct Wire {
    since: Duration,
    phase: Phase,
    intake: Intake,
    pub out: Vec<u8>,
    /// Bytes in `out` that are answers, not pictures.
    answers: usize,
    name: String,
    format: PixelFormat,
    can: Abilities,
    size: (u16, u16),
    damage: Damage,
    cursor: Option<Arc<Cursor>>,
    cursor_due: bool,
    /// Statuses of `ExtendedDesktopSize` to tell: (reason, status).
    sizes_due: VecDeque<(u16, u16)>,
    asked: bool,
    continuous: bool,
    encoder: Encoder,
    paints: Rate,
    pixels: Rate,
}

impl Wire {
    pub fn new(now: Duration, name: &str, screen: &Screen, cursor: Option<&Arc<Cursor>>) -> Self {
        let mut damage = Damage::default();
        damage.resize(screen.width(), screen.height());
        Self {
            since: now,
            phase: Phase::Version,
            intake: Intake::default(),
            out: messages::VERSION.to_vec(),
            answers: 0,
            name: name.chars().take(64).collect(),
            format: PixelFormat::default(),
            can: Abilities::default(),
            size: (screen.width(), screen.height()),
            damage,
            cursor: cursor.cloned(),
            cursor_due: cursor.is_some(),
            sizes_due: VecDeque::new(),
            asked: false,
            continuous: false,
            encoder: Encoder::new(),
            paints: Rate::new(2.0, 60.0),
            // Four full HD screens at once and sixteen a second, as much as a desktop may draw:
            // who asks for all of it again and again waits.
            pixels: Rate::new(4.0 * 1920.0 * 1080.0, 16.0 * 1920.0 * 1080.0),
        }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.intake.push(bytes);
    }

    /// Ends the connection for good.
    pub fn end(&mut self, violation: Violation) {
        self.phase = Phase::Ended(violation);
        self.intake = Intake::default();
        self.out = Vec::new();
    }

    pub fn is_up(&self) -> bool {
        matches!(self.phase, Phase::Message | Phase::Skip(_) | Phase::Text(_))
    }

    /// What ended it, or a handshake that takes too long.
    pub fn check(&self, now: Duration) -> Result<(), Violation> {
        match self.phase {
            Phase::Ended(violation) => Err(violation),
            _ if !self.is_up() && now > self.since + HANDSHAKE => Err(Violation::Slow),
            _ => Ok(()),
        }
    }

    pub fn take_output(&mut self) -> Vec<u8> {
        self.answers = 0;
        std::mem::take(&mut self.out)
    }

    pub fn changed(&mut self, changes: &[Change]) {
        for change in changes {
            self.damage.add(change);
            match change {
                Change::Resized { width, height } => {
                    self.size = (*width, *height);
                    self.sizes_due.clear();
                    // Before the handshake's end its size is told there.
                    if self.is_up() {
                        self.sizes_due.push_back((0, 0));
                    }
                }
                Change::Cursor(cursor) => {
                    self.cursor = Some(Arc::clone(cursor));
                    self.cursor_due = true;
                }
                _ => {}
            }
        }
    }

    /// Tells the viewer that its size was refused ("prohibited", status 1), and the size it has.
    pub fn refuse_size(&mut self) {
        if self.can.extended_size && self.sizes_due.len() < 4 {
            self.sizes_due.push_back((1, 1));
        }
    }

    /// That the desktop's size may be changed: noVNC asks for none before it has seen one.
    pub fn announce_size(&mut self) {
        self.sizes_due.push_back((0, 0));
    }

    /// The next thing said; `None` when more bytes are needed.
    pub fn next(&mut self) -> Result<Option<Heard>, Violation> {
        loop {
            let (before, phase) = (self.intake.ready().len(), self.phase);
            let heard = match phase {
                Phase::Version | Phase::Security | Phase::Init => {
                    self.greet()?;
                    None
                }
                Phase::Message => self.message()?,
                Phase::Skip(left) => {
                    let skipped = self.intake.skip(left);
                    let rest = left - skipped;
                    self.phase = if rest == 0 { Phase::Message } else { Phase::Skip(rest) };
                    None
                }
                Phase::Text(length) => {
                    let text = self.intake.take(length).map(<[u8]>::to_vec);
                    if text.is_some() {
                        self.phase = Phase::Message;
                    }
                    text.map(Heard::Text)
                }
                Phase::Ended(violation) => return Err(violation),
            };
            if heard.is_some() {
                return Ok(heard);
            }
            if self.intake.ready().len() == before && self.phase == phase {
                self.intake.settle();
                return Ok(None);
            }
        }
    }

    /// Keeps the text that was announced last, instead of throwing it away.
    pub fn keep_text(&mut self) {
        if let Phase::Skip(length) = self.phase {
            self.phase = Phase::Text(length);
        }
    }

    fn greet(&mut self) -> Result<(), Violation> {
        match self.phase {
            Phase::Version => {
                let Some(version) = self.intake.take(12) else { return Ok(()) };
                if version != messages::VERSION {
                    return Err(Violation::Version);
                }
                self.out.extend_from_slice(&[1, messages::SECURITY_NONE]);
                self.phase = Phase::Security;
            }
            Phase::Security => {
                let Some(chosen) = self.intake.array::<1>() else { return Ok(()) };
                if chosen != [messages::SECURITY_NONE] {
                    return Err(Violation::Security);
                }
                self.out.extend_from_slice(&[0; 4]);
                self.phase = Phase::Init;
            }
            // The desktop's size must be known first; the shared flag changes nothing.
            _ if self.size.0 == 0 => {}
            _ => {
                if self.intake.array::<1>().is_some() {
                    messages::server_init(self.size, &self.name, &mut self.out);
                    self.phase = Phase::Message;
                }
            }
        }
        Ok(())
    }

    fn message(&mut self) -> Result<Option<Heard>, Violation> {
        let Some(&[kind]) = self.intake.peek(1) else { return Ok(None) };
        match kind {
            0 => self.set_pixel_format().map(|()| None),
            2 => self.set_encodings().map(|()| None),
            3 => {
                self.update_request();
                Ok(None)
            }
            4 => Ok(self
                .intake
                .array::<8>()
                .map(|key| Heard::Key { down: key[1] != 0, keysym: be32(&key, 4) })),
            5 => Ok(self.intake.array::<6>().map(|pointer| Heard::Pointer {
                buttons: pointer[1],
                x: be16(&pointer, 2),
                y: be16(&pointer, 4),
            })),
            6 => self.cut_text(),
            150 => {
                if let Some(enable) = self.intake.array::<10>() {
                    self.continuous = enable[1] != 0;
                    if !self.continuous {
                        self.answer(&[150])?; // EndOfContinuousUpdates
                    }
                }
                Ok(None)
            }
            248 => self.fence().map(|()| None),
            251 => self.set_size(),
            255 => self.qemu_key(),
            _ => Err(Violation::Message(kind)),
        }
    }

    fn update_request(&mut self) {
        if let Some(request) = self.intake.array::<10>() {
            self.asked = true;
            if request[1] == 0 {
                let field = |at| be16(&request, at);
                let (width, height) = (field(6), field(8));
                self.damage.mark(Area { x: field(2), y: field(4), width, height });
            }
        }
    }

    fn set_pixel_format(&mut self) -> Result<(), Violation> {
        let Some(message) = self.intake.array::<20>() else { return Ok(()) };
        let format: [u8; 16] = message[4..].try_into().expect("16 of 20 bytes");
        self.format = PixelFormat::parse(&format).ok_or(Violation::PixelFormat)?;
        Ok(())
    }

    fn set_encodings(&mut self) -> Result<(), Violation> {
        let Some(count) = self.intake.peek(4).map(|head| be16(head, 2)) else { return Ok(()) };
        if count > MAX_ENCODINGS {
            return Err(Violation::TooLong { what: "a list of encodings", bytes: count.into() });
        }
        let Some(list) = self.intake.take(4 + 4 * usize::from(count)) else { return Ok(()) };
        let before = self.can;
        self.can = Abilities::default();
        for kind in list[4..].chunks_exact(4).map(|kind| be32(kind, 0).cast_signed()) {
            match kind {
                // ZRLE is the smaller of the two on text; the viewer's order is a wish.
                encoding::ZRLE => self.can.coding = Coding::Zrle,
                encoding::TIGHT if self.can.coding == Coding::Raw => {
                    self.can.coding = Coding::Tight;
                }
                encoding::COPY_RECT => self.can.copies = true,
                encoding::CURSOR => self.can.cursor = true,
                encoding::DESKTOP_SIZE => self.can.size = true,
                encoding::EXTENDED_DESKTOP_SIZE => self.can.extended_size = true,
                encoding::CONTINUOUS_UPDATES => self.can.continuous = true,
                _ => {}
            }
        }
        if self.can.continuous && !before.continuous {
            self.answer(&[150])?; // that it is understood here
        }
        Ok(())
    }

    fn cut_text(&mut self) -> Result<Option<Heard>, Violation> {
        let Some(head) = self.intake.array::<8>() else { return Ok(None) };
        let announced = be32(&head, 4);
        let length = announced.cast_signed().unsigned_abs();
        if length > MAX_ANNOUNCED {
            return Err(Violation::TooLong { what: "a clipboard", bytes: length.into() });
        }
        self.phase = Phase::Skip(length as usize);
        Ok(Some(Heard::CutText(announced)))
    }

    /// A fence that asks for an answer gets it: the same without the asking bit.
    fn fence(&mut self) -> Result<(), Violation> {
        let Some(head) = self.intake.peek(9) else { return Ok(()) };
        let (flags, length) = (be32(head, 4), head[8]);
        if length > 64 {
            return Err(Violation::TooLong { what: "a fence", bytes: length.into() });
        }
        let Some(fence) = self.intake.take(9 + usize::from(length)) else { return Ok(()) };
        if flags >> 31 == 1 {
            let payload = fence[9..].to_vec();
            let [a, b, c, d] = (flags & 7).to_be_bytes();
            let head = [248, 0, 0, 0, a, b, c, d, length];
            self.answer(&[&head[..], &payload].concat())?;
        }
        Ok(())
    }

    fn set_size(&mut self) -> Result<Option<Heard>, Violation> {
        let Some(head) = self.intake.peek(8) else { return Ok(None) };
        let (width, height, screens) = (be16(head, 2), be16(head, 4), head[6]);
        if screens > 16 {
            return Err(Violation::TooLong { what: "a list of screens", bytes: screens.into() });
        }
        let whole = self.intake.take(8 + 16 * usize::from(screens));
        Ok(whole.map(|_| Heard::Size(width, height)))
    }

    /// QEMU's extended key: the symbol counts, the code must be one that is allowed.
    fn qemu_key(&mut self) -> Result<Option<Heard>, Violation> {
        let Some(&[kind, extension]) = self.intake.peek(2) else { return Ok(None) };
        if extension != 0 {
            return Err(Violation::Extension(kind, extension));
        }
        Ok(self.intake.array::<12>().map(|key| {
            let allowed = super::keys::may_press_code(be32(&key, 8));
            Heard::Key { down: be16(&key, 2) != 0, keysym: if allowed { be32(&key, 4) } else { 0 } }
        }))
    }

    pub fn answer(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        self.answers += bytes.len();
        if self.answers > MAX_ANSWERS {
            return Err(Violation::Flood("requests for an answer"));
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }
}
