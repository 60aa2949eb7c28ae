//! Playing a chunk: the picture at any of its times.

use std::time::Duration;

use super::codec::{small, take};
use super::records::{self, kind};
use super::{Chunk, FilmError, Note};
use crate::rfb::{Area, Cursor, Screen};

/// Where the pointer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pointer {
    /// From the left, in pixels.
    pub x: u16,
    /// From above.
    pub y: u16,
    /// The buttons held, a bit each, the lowest for the left one.
    pub buttons: u8,
}

/// A place in a chunk; it goes forwards only. Times are since the session's start.
#[derive(Debug)]
pub struct Player<'a> {
    rest: &'a [u8],
    at: Duration,
    screen: Screen,
    tiles: Vec<(&'a [u8], (u16, u16))>,
    cursor: Option<Cursor>,
    pointer: Option<Pointer>,
    notes: Vec<(Duration, Note)>,
}

impl Chunk {
    /// A player at the chunk's start.
    pub fn play(&self) -> Player<'_> {
        Player {
            rest: &self.plain,
            at: self.header.start,
            screen: Screen::default(),
            tiles: Vec::new(),
            cursor: None,
            pointer: None,
            notes: Vec::new(),
        }
    }
}

impl Player<'_> {
    /// Goes on to a time: the picture is then the last one recorded up to it.
    ///
    /// # Errors
    /// [`FilmError::Broken`].
    pub fn seek(&mut self, time: Duration) -> Result<(), FilmError> {
        while self.next_time()?.is_some_and(|next| next <= time) {
            self.step()?;
        }
        Ok(())
    }

    /// Goes on to the end, and gives its time.
    ///
    /// # Errors
    /// [`FilmError::Broken`].
    pub fn finish(&mut self) -> Result<Duration, FilmError> {
        self.seek(Duration::MAX).map(|()| self.at)
    }

    /// The time of the next record, `None` at the end.
    ///
    /// # Errors
    /// [`FilmError::Broken`].
    pub fn next_time(&self) -> Result<Option<Duration>, FilmError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.at.saturating_add(Duration::from_millis(small(&mut { self.rest })?))))
    }

    /// The picture; empty before the first key frame.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// The picture as the person saw it, with the pointer.
    pub fn picture(&self) -> Screen {
        let mut picture = self.screen.clone();
        if let (Some(cursor), Some(pointer)) = (&self.cursor, self.pointer) {
            cursor.draw(&mut picture, pointer.x, pointer.y);
        }
        picture
    }

    /// Where the pointer is, if it was moved.
    pub fn pointer(&self) -> Option<Pointer> {
        self.pointer
    }

    /// What was noted beside the picture since the last call.
    pub fn take_notes(&mut self) -> Vec<(Duration, Note)> {
        std::mem::take(&mut self.notes)
    }

    fn step(&mut self) -> Result<(), FilmError> {
        self.at = self.at.saturating_add(Duration::from_millis(small(&mut self.rest)?));
        match take(&mut self.rest, 1)?[0] {
            kind::KEYFRAME => {
                let (width, height) = (small(&mut self.rest)?, small(&mut self.rest)?);
                let failed = |_| FilmError::Broken("a screen of a size that is not allowed");
                self.screen = Screen::new(width, height).map_err(failed)?;
            }
            kind::TILE => {
                let area = self.tile_area()?;
                let pixels = take(&mut self.rest, area.pixels() * 3)?;
                self.tiles.push((pixels, (area.width, area.height)));
                self.draw(area, pixels);
            }
            kind::TILEREF => {
                let area = self.tile_area()?;
                let id: usize = small(&mut self.rest)?;
                let tile =
                    self.tiles.get(id).filter(|(_, size)| *size == (area.width, area.height));
                let &(pixels, _) = tile.ok_or(FilmError::Broken("a tile that is not there"))?;
                self.draw(area, pixels);
            }
            kind::COPY => {
                let copy = records::copy(&mut self.rest)?;
                let (width, height) = (self.screen.width(), self.screen.height());
                let from = Area { x: copy.x, y: copy.y, ..copy.to };
                if !from.fits(width, height) || !copy.to.fits(width, height) {
                    return Err(FilmError::Broken("a copy outside the screen"));
                }
                self.screen.copy(copy.x, copy.y, copy.to);
            }
            kind::CURSOR => self.cursor = Some(records::cursor(&mut self.rest)?),
            kind::POINTER => {
                let (x, y) = (small(&mut self.rest)?, small(&mut self.rest)?);
                self.pointer = Some(Pointer { x, y, buttons: small(&mut self.rest)? });
            }
            other => self.notes.push((self.at, Note::read(other, &mut self.rest)?)),
        }
        Ok(())
    }

    fn tile_area(&mut self) -> Result<Area, FilmError> {
        let (column, row) = (small(&mut self.rest)?, small(&mut self.rest)?);
        let size = (self.screen.width(), self.screen.height());
        records::tile_area(column, row, size).ok_or(FilmError::Broken("a tile outside the screen"))
    }

    fn draw(&mut self, area: Area, pixels: &[u8]) {
        for (y, line) in (area.y..).zip(pixels.chunks_exact(usize::from(area.width) * 3)) {
            let into = self.screen.line_mut(area.x, y, area.width);
            for (pixel, bytes) in into.iter_mut().zip(line.chunks_exact(3)) {
                *pixel = records::pixel(bytes);
            }
        }
    }
}
