//! The rectangles of an update (RFC 6143 7.6.1 and 7.7).

use std::sync::Arc;
use std::time::Duration;

use super::super::bytes::{be16, be32};
use super::super::cursor::MAX_CURSOR;
use super::super::input::Layout;
use super::super::{Area, Change, Cursor, Screen, Violation, encoding};
use super::{Desktop, Link, Phase};

/// More screens than this have no desktop (each is 16 bytes of a layout).
const MAX_SCREENS: u8 = 16;

impl Desktop {
    pub(super) fn rectangle(
        &mut self,
        now: Duration,
        left: Option<u16>,
    ) -> Result<Option<()>, Violation> {
        let Some(head) = self.intake.array::<12>() else { return Ok(None) };
        let field = |at| be16(&head, at);
        let area = Area { x: field(0), y: field(2), width: field(4), height: field(6) };
        let kind = be32(&head, 8).cast_signed();
        let drawn = matches!(kind, encoding::RAW | encoding::COPY_RECT | encoding::ZRLE);
        self.spend(now, if drawn { f64::from(area.width) * f64::from(area.height) } else { 0.0 })?;
        if drawn && !area.fits(self.screen.width(), self.screen.height()) {
            return Err(Violation::Outside);
        }
        let left = left.map(|left| left - 1);
        self.phase = match kind {
            encoding::RAW => Phase::Raw { area, row: 0, left },
            encoding::COPY_RECT => Phase::Copy { to: area, left },
            encoding::ZRLE if self.link == Link::Remote => Phase::Zrle { area, left },
            encoding::CURSOR => Self::cursor_ahead(area, left)?,
            encoding::DESKTOP_SIZE => {
                self.resize_now(now, (area.width, area.height))?;
                Phase::Rectangle(left)
            }
            encoding::EXTENDED_DESKTOP_SIZE => Phase::Screens { area, left },
            encoding::LAST_RECT => Phase::Rectangle(Some(0)),
            _ => return Err(Violation::Encoding(kind)),
        };
        Ok(Some(()))
    }

    pub(super) fn raw(&mut self, area: Area, mut row: u16, left: Option<u16>) -> Option<()> {
        let bytes = usize::from(area.width) * 4;
        while row < area.height {
            let Some(line) = self.intake.take(bytes) else {
                self.phase = Phase::Raw { area, row, left };
                return None;
            };
            let into = self.screen.line_mut(area.x, area.y + row, area.width);
            for (pixel, bytes) in into.iter_mut().zip(line.chunks_exact(4)) {
                *pixel = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
            }
            row += 1;
        }
        self.drawn(area, left);
        Some(())
    }

    pub(super) fn copy(&mut self, to: Area, left: Option<u16>) -> Result<Option<()>, Violation> {
        let Some(from) = self.intake.array::<4>() else { return Ok(None) };
        let (x, y) = (be16(&from, 0), be16(&from, 2));
        if !(Area { x, y, ..to }).fits(self.screen.width(), self.screen.height()) {
            return Err(Violation::Outside);
        }
        self.screen.copy(x, y, to);
        self.changes.push(Change::Copied { x, y, to });
        self.phase = Phase::Rectangle(left);
        Ok(Some(()))
    }

    pub(super) fn zrle(&mut self, area: Area, left: Option<u16>) -> Result<Option<()>, Violation> {
        let Some(length) = self.intake.peek(4).map(|length| be32(length, 0)) else {
            return Ok(None);
        };
        // The plainest coding of a tile is 3 bytes a pixel and one more; deflate never adds a
        // tenth to that.
        let most = area.pixels() * 4 + 4096;
        let bytes = length as usize;
        if bytes > most {
            return Err(Violation::TooLong { what: "a ZRLE rectangle", bytes: length.into() });
        }
        let Some(data) = self.intake.take(4 + bytes) else { return Ok(None) };
        self.inflate.draw(&data[4..], area, &mut self.screen)?;
        self.drawn(area, left);
        Ok(Some(()))
    }

    fn drawn(&mut self, area: Area, left: Option<u16>) {
        if !area.is_empty() {
            self.changes.push(Change::Drawn(area));
        }
        self.phase = Phase::Rectangle(left);
    }

    fn cursor_ahead(area: Area, left: Option<u16>) -> Result<Phase, Violation> {
        match area.width > MAX_CURSOR || area.height > MAX_CURSOR {
            true => Err(Violation::Size(area.width, area.height)),
            false => Ok(Phase::Cursor { area, left }),
        }
    }

    pub(super) fn shape(&mut self, area: Area, left: Option<u16>) -> Option<()> {
        let Area { x, y, width, height } = area;
        let (pixels, mask) = (area.pixels() * 4, Cursor::mask_bytes(width, height));
        let bytes = self.intake.take(pixels + mask)?;
        let cursor = Arc::new(Cursor {
            width,
            height,
            hot: (x.min(width.saturating_sub(1)), y.min(height.saturating_sub(1))),
            pixels: bytes[..pixels]
                .chunks_exact(4)
                .map(|pixel| u32::from_le_bytes([pixel[0], pixel[1], pixel[2], 0]))
                .collect(),
            mask: bytes[pixels..].to_vec(),
        });
        self.cursor = Some(Arc::clone(&cursor));
        self.changes.push(Change::Cursor(cursor));
        self.phase = Phase::Rectangle(left);
        Some(())
    }

    /// `ExtendedDesktopSize`: x is the reason, y the status; a status is the answer to a request
    /// of ours that failed, and changes nothing.
    pub(super) fn screens(
        &mut self,
        now: Duration,
        area: Area,
        left: Option<u16>,
    ) -> Result<Option<()>, Violation> {
        let Some(&[count]) = self.intake.peek(1) else { return Ok(None) };
        if count > MAX_SCREENS {
            return Err(Violation::TooLong { what: "a list of screens", bytes: count.into() });
        }
        let Some(list) = self.intake.take(4 + 16 * usize::from(count)) else { return Ok(None) };
        let first = list.get(4..20).map(|first| (be32(first, 0), be32(first, 12)));
        self.phase = Phase::Rectangle(left);
        if area.y == 0 {
            let (id, flags) = first.unwrap_or_default();
            self.layout = Some(Layout { id, flags });
            if (area.width, area.height) != (self.screen.width(), self.screen.height()) {
                self.resize_now(now, (area.width, area.height))?;
            }
        }
        Ok(Some(()))
    }

    fn resize_now(&mut self, now: Duration, size: (u16, u16)) -> Result<(), Violation> {
        match self.budgets.sizes.take(now, 1.0) {
            true => self.resize(size.0, size.1),
            false => Err(Violation::Flood("sizes")),
        }
    }

    pub(super) fn resize(&mut self, width: u16, height: u16) -> Result<(), Violation> {
        self.screen = Screen::new(width, height)?;
        self.changes.push(Change::Resized { width, height });
        self.afresh = true;
        Ok(())
    }
}
