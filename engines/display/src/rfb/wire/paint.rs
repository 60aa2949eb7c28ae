//! Updates for a viewer: when, and what is in them.

use std::time::Duration;

use super::super::damage::joined;
use super::super::{Area, Screen, Violation, encoding, messages};
use super::Wire;

impl Wire {
    /// Appends an update to the output, if the viewer lacks something, waits for it, has taken all
    /// before it, and its rates allow; `true` if so.
    ///
    /// # Errors
    /// A new size that the viewer cannot be told.
    pub fn paint(&mut self, now: Duration, screen: &Screen) -> Result<bool, Violation> {
        // What lies in `out` was not sent: a slow viewer gets fewer pictures, not a longer queue.
        let ready = self.is_up() && self.out.is_empty() && (self.asked || self.continuous);
        // A picture whose size was not told yet would be drawn beside the viewer's own.
        let ready = ready && self.size == (screen.width(), screen.height());
        if !ready || !self.lacks() || !self.pixels.wait(now).is_zero() {
            return Ok(false);
        }
        if !self.paints.take(now, 1.0) {
            return Ok(false);
        }
        let mut out = vec![0, 0, 0, 0];
        let mut count = self.put_sizes(&mut out)?;
        count += self.put_cursor(&mut out);
        count += self.put_pixels(now, screen, &mut out);
        out[2..4].copy_from_slice(&count.to_be_bytes());
        self.out = out;
        self.asked = false;
        Ok(true)
    }

    /// How long until [`Self::paint`] may do something; `None` while nothing is lacking.
    pub fn wait(&mut self, now: Duration) -> Option<Duration> {
        let lacks = self.is_up() && (self.asked || self.continuous) && self.lacks();
        let pause = self.pixels.wait(now).max(Duration::from_millis(17));
        lacks.then_some(pause)
    }

    fn lacks(&self) -> bool {
        !self.damage.is_empty()
            || !self.sizes_due.is_empty()
            || (self.cursor_due && self.can.cursor)
    }

    fn put_sizes(&mut self, out: &mut Vec<u8>) -> Result<u16, Violation> {
        let mut count = 0;
        let (width, height) = self.size;
        for (reason, status) in std::mem::take(&mut self.sizes_due) {
            let area = Area { x: reason, y: status, width, height };
            if self.can.extended_size {
                messages::rectangle(area, encoding::EXTENDED_DESKTOP_SIZE, out);
                out.extend_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
                out.extend_from_slice(&width.to_be_bytes());
                out.extend_from_slice(&height.to_be_bytes());
                out.extend_from_slice(&[0; 4]);
            } else if self.can.size {
                messages::rectangle(Area { x: 0, y: 0, ..area }, encoding::DESKTOP_SIZE, out);
            } else {
                // It would draw outside its own picture.
                return Err(Violation::Size(width, height));
            }
            count += 1;
        }
        Ok(count)
    }

    fn put_cursor(&mut self, out: &mut Vec<u8>) -> u16 {
        let Some(cursor) = self.cursor.as_ref().filter(|_| self.cursor_due && self.can.cursor)
        else {
            return 0;
        };
        let (width, height) = (cursor.width, cursor.height);
        let area = Area { x: cursor.hot.0, y: cursor.hot.1, width, height };
        messages::rectangle(area, encoding::CURSOR, out);
        out.extend(cursor.pixels.iter().flat_map(|&pixel| self.format.whole(pixel)));
        out.extend_from_slice(&cursor.mask);
        self.cursor_due = false;
        1
    }

    fn put_pixels(&mut self, now: Duration, screen: &Screen, out: &mut Vec<u8>) -> u16 {
        if !self.can.copies {
            self.damage.without_copies();
        }
        self.pixels.spend(now, f64::from(u32::try_from(self.damage.pixels()).unwrap_or(u32::MAX)));
        let (copies, tiles) = self.damage.take();
        let mut count = 0;
        for copy in copies {
            messages::rectangle(copy.to, encoding::COPY_RECT, out);
            out.extend_from_slice(&copy.x.to_be_bytes());
            out.extend_from_slice(&copy.y.to_be_bytes());
            count += 1;
        }
        for area in joined(&tiles) {
            count += self.encoder.draw(self.can.coding, self.format, screen, area, out);
        }
        count
    }
}
