//! What somebody has not seen yet: tiles, and copies that save sending pixels.

use super::{Area, Change, TILE};

/// Copies kept at most; more become tiles.
const MAX_COPIES: usize = 64;

/// A copy inside the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copy {
    /// Left edge of the source.
    pub x: u16,
    /// Upper edge of the source.
    pub y: u16,
    /// Where to.
    pub to: Area,
}

/// What one viewer or recorder lacks. Invariant: after the copies, in order, all pixels outside
/// the marked tiles are those of the screen.
#[derive(Debug, Default)]
pub struct Damage {
    width: u16,
    height: u16,
    columns: usize,
    tiles: Vec<bool>,
    marked: usize,
    copies: Vec<Copy>,
}

impl Damage {
    /// Takes note of a change. A cursor is no damage.
    pub fn add(&mut self, change: &Change) {
        match *change {
            Change::Drawn(area) => self.mark(area),
            Change::Copied { x, y, to } => self.copy(x, y, to),
            Change::Resized { width, height } => self.resize(width, height),
            Change::Cursor(_) => {}
        }
    }

    /// A picture of this size of which nothing was seen.
    pub fn resize(&mut self, width: u16, height: u16) {
        let columns = usize::from(width.div_ceil(TILE));
        let marked = columns * usize::from(height.div_ceil(TILE));
        let (tiles, copies) = (vec![true; marked], Vec::new());
        *self = Self { width, height, columns, tiles, marked, copies };
    }

    /// Marks the tiles that the area touches.
    pub fn mark(&mut self, area: Area) {
        let area = area.within(self.width, self.height);
        for at in self.touched(area) {
            self.mark_tile(at);
        }
    }

    /// A copy whose source was not wholly seen is kept all the same: only the tiles that it takes
    /// from unseen ones are marked. So a terminal that scrolls twice between two looks costs its
    /// last lines, not all of it.
    fn copy(&mut self, x: u16, y: u16, to: Area) {
        let to = to.within(self.width, self.height);
        let all: Vec<usize> = self.touched(to).collect();
        let stale: Vec<usize> =
            all.iter().copied().filter(|&at| self.is_stale(x, y, to, at)).collect();
        if stale.len() == all.len() || self.copies.len() == MAX_COPIES {
            self.mark(to);
        } else {
            self.copies.push(Copy { x, y, to });
            for at in stale {
                self.mark_tile(at);
            }
        }
    }

    /// Whether the copy brings unseen pixels into the tile.
    fn is_stale(&self, x: u16, y: u16, to: Area, at: usize) -> bool {
        let tile = tile(at % self.columns, at / self.columns);
        let (left, top) = (tile.x.max(to.x), tile.y.max(to.y));
        let (right, bottom) =
            ((tile.x + TILE).min(to.x + to.width), (tile.y + TILE).min(to.y + to.height));
        let from = Area {
            x: x + (left - to.x),
            y: y + (top - to.y),
            width: right - left,
            height: bottom - top,
        };
        self.touched(from.within(self.width, self.height)).any(|at| self.tiles[at])
    }

    fn mark_tile(&mut self, at: usize) {
        self.marked += usize::from(!self.tiles[at]);
        self.tiles[at] = true;
    }

    /// The copies become tiles too, for who cannot copy.
    pub fn without_copies(&mut self) {
        for copy in std::mem::take(&mut self.copies) {
            self.mark(copy.to);
        }
    }

    /// Whether everything was seen.
    pub fn is_empty(&self) -> bool {
        self.marked == 0 && self.copies.is_empty()
    }

    /// The pixels in marked tiles, at most.
    pub fn pixels(&self) -> usize {
        self.marked * usize::from(TILE) * usize::from(TILE)
    }

    /// Gives the copies, in order, and the marked tiles, and is empty then.
    pub fn take(&mut self) -> (Vec<Copy>, Vec<Area>) {
        let mut areas = Vec::with_capacity(self.marked);
        for (at, marked) in self.tiles.iter_mut().enumerate() {
            if std::mem::take(marked) {
                let (x, y) = (at % self.columns, at / self.columns);
                areas.push(tile(x, y).within(self.width, self.height));
            }
        }
        self.marked = 0;
        (std::mem::take(&mut self.copies), areas)
    }

    fn touched(&self, area: Area) -> impl Iterator<Item = usize> + use<> {
        let columns = self.columns;
        let span = |from: u16, length: u16| {
            let end = (from + length).div_ceil(TILE);
            let start = if length == 0 { end } else { from / TILE };
            usize::from(start)..usize::from(end)
        };
        let (across, down) = (span(area.x, area.width), span(area.y, area.height));
        down.flat_map(move |row| across.clone().map(move |column| row * columns + column))
    }
}

fn tile(column: usize, row: usize) -> Area {
    let side = |at: usize| u16::try_from(at * usize::from(TILE)).expect("inside a screen");
    Area { x: side(column), y: side(row), width: TILE, height: TILE }
}

/// Joins tiles of a line of tiles that touch, and lines of tiles of the same width that touch.
/// The tiles come line after line, as [`Damage::take`] gives them.
pub(crate) fn joined(tiles: &[Area]) -> Vec<Area> {
    let mut done: Vec<Area> = Vec::new();
    for &tile in tiles {
        match done.last_mut() {
            Some(last) if last.y == tile.y && last.x + last.width == tile.x => {
                last.width += tile.width;
            }
            _ => done.push(tile),
        }
    }
    let mut joined: Vec<Area> = Vec::with_capacity(done.len());
    for run in done {
        let above = joined.iter_mut().rev().take(16).find(|above| {
            above.x == run.x && above.width == run.width && above.y + above.height == run.y
        });
        match above {
            Some(above) => above.height += run.height,
            None => joined.push(run),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rfb::Screen;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const SIZE: (u16, u16) = (150, 70);

    fn area() -> impl Strategy<Value = Area> {
        (0..SIZE.0, 0..SIZE.1)
            .prop_flat_map(|(x, y)| (Just(x), Just(y), 0..=SIZE.0 - x, 0..=SIZE.1 - y))
            .prop_map(|(x, y, width, height)| Area { x, y, width, height })
    }

    /// A change and whether what is missing is fetched after it.
    fn change() -> impl Strategy<Value = (Change, bool)> {
        let copied = (area(), area()).prop_map(|(from, to)| {
            let (width, height) = (from.width.min(to.width), from.height.min(to.height));
            Change::Copied { x: from.x, y: from.y, to: Area { width, height, ..to } }
        });
        (prop_oneof![area().prop_map(Change::Drawn), copied], any::<bool>())
    }

    fn copy_of(screen: &mut Screen, from: &Screen, area: Area) {
        for y in area.y..area.y + area.height {
            screen
                .line_mut(area.x, y, area.width)
                .copy_from_slice(from.line(area.x, y, area.width));
        }
    }

    proptest! {
        #[test]
        fn copies_then_tiles_give_the_whole_picture(changes in vec(change(), 0..60)) {
            let mut screen = Screen::new(SIZE.0, SIZE.1).unwrap();
            let mut seen = screen.clone();
            let mut damage = Damage::default();
            damage.resize(SIZE.0, SIZE.1);
            for (i, (change, fetch)) in (0_u32..).zip(&changes) {
                match *change {
                    Change::Drawn(area) => for y in area.y..area.y + area.height {
                        screen.line_mut(area.x, y, area.width).fill(i * 7919 + u32::from(y));
                    },
                    Change::Copied { x, y, to } => screen.copy(x, y, to),
                    _ => unreachable!(),
                }
                damage.add(change);
                if *fetch {
                    let (copies, tiles) = damage.take();
                    for copy in copies {
                        seen.copy(copy.x, copy.y, copy.to);
                    }
                    for area in joined(&tiles) {
                        copy_of(&mut seen, &screen, area);
                    }
                    prop_assert_eq!(&seen, &screen);
                    prop_assert!(damage.is_empty());
                }
            }
        }

        #[test]
        fn joined_areas_cover_each_tile_once(areas in vec(area(), 0..20)) {
            let mut damage = Damage::default();
            damage.resize(SIZE.0, SIZE.1);
            damage.take();
            for area in areas {
                damage.mark(area);
            }
            let (_, tiles) = damage.take();
            let sum = |areas: &[Area]| areas.iter().map(|area| area.pixels()).sum::<usize>();
            let mut counts = Screen::new(SIZE.0, SIZE.1).unwrap();
            for area in joined(&tiles) {
                for y in area.y..area.y + area.height {
                    counts.line_mut(area.x, y, area.width).iter_mut().for_each(|n| *n += 1);
                }
            }
            prop_assert!(counts.pixels().iter().all(|&n| n <= 1));
            prop_assert_eq!(sum(&tiles), counts.pixels().iter().filter(|&&n| n == 1).count());
        }
    }
}
