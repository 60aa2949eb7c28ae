//! The colours of a few pixels, counted.

#![expect(
    clippy::cast_possible_truncation,
    reason = "bytes are cut out of wider numbers, each within its bound"
)]

/// A hash of up to 256 colours to their places.
pub(crate) struct Palette {
    colours: Vec<u32>,
    /// Place plus one, open addressing.
    slots: [u16; 1024],
}

impl Palette {
    pub fn new() -> Self {
        Self { colours: Vec::with_capacity(256), slots: [0; 1024] }
    }

    /// Counts the colours anew; `false` when there are more than `most` (256 at most).
    pub fn fill(&mut self, pixels: impl IntoIterator<Item = u32>, most: usize) -> bool {
        self.colours.clear();
        self.slots.fill(0);
        let mut last = None;
        for pixel in pixels {
            if last == Some(pixel) {
                continue;
            }
            last = Some(pixel);
            let slot = self.slot(pixel);
            if self.slots[slot] == 0 {
                if self.colours.len() == most {
                    return false;
                }
                self.colours.push(pixel);
                self.slots[slot] = self.colours.len() as u16;
            }
        }
        true
    }

    /// The colours in the order in which they came.
    pub fn colours(&self) -> &[u32] {
        &self.colours
    }

    /// The place of a colour that was counted.
    pub fn index(&self, pixel: u32) -> u8 {
        (self.slots[self.slot(pixel)].wrapping_sub(1) & 0xff) as u8
    }

    fn slot(&self, pixel: u32) -> usize {
        let mut slot = (pixel.wrapping_mul(0x9e37_79b1) >> 22) as usize;
        loop {
            match self.slots[slot] {
                0 => return slot,
                place if self.colours[usize::from(place) - 1] == pixel => return slot,
                // At most a quarter of the slots is taken: this ends.
                _ => slot = (slot + 1) % self.slots.len(),
            }
        }
    }
}
