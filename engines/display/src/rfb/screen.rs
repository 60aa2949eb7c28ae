//! The picture: what the desktop has drawn, as pixels of our own.

use std::sync::Arc;

use super::{Cursor, MAX_SIZE, Violation};

/// The side of the squares in which changes are kept, in pixels.
pub const TILE: u16 = 32;

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: u16,
    /// Upper edge.
    pub y: u16,
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
}

impl Area {
    /// Whether nothing is in it.
    pub fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Its pixels.
    pub fn pixels(self) -> usize {
        usize::from(self.width) * usize::from(self.height)
    }

    /// The part of it inside a screen of this size; empty where there is none.
    #[must_use]
    pub fn within(self, width: u16, height: u16) -> Self {
        let (x, y) = (self.x.min(width), self.y.min(height));
        let (right, bottom) = (
            self.x.saturating_add(self.width).min(width),
            self.y.saturating_add(self.height).min(height),
        );
        Self { x, y, width: right - x, height: bottom - y }
    }

    /// Whether all of it is inside a screen of this size; 16-bit sums would overflow.
    pub fn fits(self, width: u16, height: u16) -> bool {
        u32::from(self.x) + u32::from(self.width) <= u32::from(width)
            && u32::from(self.y) + u32::from(self.height) <= u32::from(height)
    }
}

/// What has changed, in the order in which it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// New pixels.
    Drawn(Area),
    /// The pixels at (x, y) were copied to the area.
    Copied {
        /// Left edge of the source.
        x: u16,
        /// Upper edge of the source.
        y: u16,
        /// Where to.
        to: Area,
    },
    /// The screen has another size, and all of it is new.
    Resized {
        /// Width in pixels.
        width: u16,
        /// Height in pixels.
        height: u16,
    },
    /// The pointer has another shape.
    Cursor(Arc<Cursor>),
}

/// A frame buffer; a pixel is `0x00RRGGBB`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Screen {
    width: u16,
    height: u16,
    pixels: Vec<u32>,
}

impl Screen {
    /// A black screen.
    ///
    /// # Errors
    /// An empty size, or one above [`MAX_SIZE`].
    pub fn new(width: u16, height: u16) -> Result<Self, Violation> {
        if width == 0 || height == 0 || width > MAX_SIZE.0 || height > MAX_SIZE.1 {
            return Err(Violation::Size(width, height));
        }
        let pixels = vec![0; usize::from(width) * usize::from(height)];
        Ok(Self { width, height, pixels })
    }

    /// Width in pixels; 0 before the desktop has said it.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u16 {
        self.height
    }

    /// All of it.
    pub fn area(&self) -> Area {
        Area { x: 0, y: 0, width: self.width, height: self.height }
    }

    /// All pixels, line after line.
    pub fn pixels(&self) -> &[u32] {
        &self.pixels
    }

    /// The pixels of line `y` from `x` on.
    ///
    /// # Panics
    /// If they are not inside the screen.
    pub fn line(&self, x: u16, y: u16, width: u16) -> &[u32] {
        let start = self.at(x, y);
        &self.pixels[start..start + usize::from(width)]
    }

    /// The same, to draw.
    ///
    /// # Panics
    /// If they are not inside the screen.
    pub fn line_mut(&mut self, x: u16, y: u16, width: u16) -> &mut [u32] {
        let start = self.at(x, y);
        &mut self.pixels[start..start + usize::from(width)]
    }

    /// Copies the pixels at (x, y) to the area; they may overlap.
    ///
    /// # Panics
    /// If either is not inside the screen.
    pub fn copy(&mut self, x: u16, y: u16, to: Area) {
        let width = usize::from(to.width);
        let mut copy = |row: u16| {
            let from = self.at(x, y + row);
            let into = self.at(to.x, to.y + row);
            self.pixels.copy_within(from..from + width, into);
        };
        // Downwards from below, so that no line is overwritten before it is read.
        match y < to.y {
            true => (0..to.height).rev().for_each(&mut copy),
            false => (0..to.height).for_each(&mut copy),
        }
    }

    fn at(&self, x: u16, y: u16) -> usize {
        usize::from(y) * usize::from(self.width) + usize::from(x)
    }
}
