//! The shape of the pointer, which the viewer draws.

use super::{Area, Screen};

/// Larger shapes could cover the screen with what no recording shows in place.
pub(crate) const MAX_CURSOR: u16 = 256;

/// A pointer's shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Width in pixels; 0 hides it.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// The pixel of the shape that points.
    pub hot: (u16, u16),
    /// `0x00RRGGBB`, line after line.
    pub pixels: Vec<u32>,
    /// Which pixels are drawn: lines of whole bytes, the highest bit leftmost (RFC 6143 7.8.1).
    pub mask: Vec<u8>,
}

impl Cursor {
    /// Bytes of the mask of such a shape.
    pub(crate) fn mask_bytes(width: u16, height: u16) -> usize {
        usize::from(width).div_ceil(8) * usize::from(height)
    }

    /// Whether the pixel is drawn.
    pub fn covers(&self, x: u16, y: u16) -> bool {
        let line = usize::from(self.width).div_ceil(8);
        let byte = self.mask.get(usize::from(y) * line + usize::from(x / 8));
        byte.is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
    }

    /// Draws it into a picture with its hot spot at (x, y).
    pub fn draw(&self, screen: &mut Screen, x: u16, y: u16) {
        for row in 0..self.height {
            for column in 0..self.width {
                let (Some(to_x), Some(to_y)) =
                    ((x + column).checked_sub(self.hot.0), (y + row).checked_sub(self.hot.1))
                else {
                    continue;
                };
                let area = Area { x: to_x, y: to_y, width: 1, height: 1 };
                if self.covers(column, row) && area.fits(screen.width(), screen.height()) {
                    let at = usize::from(row) * usize::from(self.width) + usize::from(column);
                    screen.line_mut(to_x, to_y, 1)[0] = self.pixels[at];
                }
            }
        }
    }
}
