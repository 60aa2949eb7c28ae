//! What stands in a chunk: `varint milliseconds since the record before | type | payload`.

use super::FilmError;
use super::codec::{put, small, take};
use crate::rfb::{Area, Clip, Copy, Cursor, Direction, TILE, Verdict};

/// Longer titles are cut.
const MAX_TITLE: usize = 512;

pub(super) mod kind {
    pub const KEYFRAME: u8 = 0;
    pub const TILE: u8 = 1;
    pub const TILEREF: u8 = 2;
    pub const COPY: u8 = 3;
    pub const CURSOR: u8 = 4;
    pub const POINTER: u8 = 5;
    pub const KEYCOUNT: u8 = 6;
    pub const CLIP: u8 = 7;
    pub const TITLE: u8 = 8;
    pub const MARK: u8 = 9;
    pub const STALL: u8 = 10;
    pub const END: u8 = 11;
}

/// A moment of the session that is worth finding again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// An export was asked for.
    ExportAsked,
    /// A file came in.
    Imported,
    /// The desktop was locked.
    Locked,
    /// And unlocked.
    Unlocked,
    /// A reviewer began to watch.
    WatcherJoined,
    /// And stopped.
    WatcherLeft,
}

const MARKS: [Mark; 6] = [
    Mark::ExportAsked,
    Mark::Imported,
    Mark::Locked,
    Mark::Unlocked,
    Mark::WatcherJoined,
    Mark::WatcherLeft,
];
const DIRECTIONS: [Direction; 2] = [Direction::ToBubble, Direction::FromBubble];
const VERDICTS: [Verdict; 5] =
    [Verdict::Passed, Verdict::Closed, Verdict::TooLong, Verdict::TooOften, Verdict::NotText];

/// What is recorded beside the picture. No key, no text of a clipboard, no name of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Keys pressed since the note before; how many, never which.
    Keys(u32),
    /// A transfer of the clipboard.
    Clip(Clip),
    /// The title of the window in front, as the bubble's agent says it: to be believed as far.
    Title(String),
    /// A moment.
    Mark(Mark),
    /// Milliseconds before it in which nothing could be recorded.
    Stall(u32),
    /// The session ended, and the recording with it.
    End,
}

impl Note {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Keys(count) => {
                out.push(kind::KEYCOUNT);
                put(out, (*count).into());
            }
            Self::Clip(clip) => {
                out.push(kind::CLIP);
                out.push(place(&DIRECTIONS, clip.direction));
                out.push(place(&VERDICTS, clip.verdict));
                put(out, clip.bytes.into());
            }
            Self::Title(title) => {
                let title = &title[..title.floor_char_boundary(MAX_TITLE)];
                out.push(kind::TITLE);
                put(out, title.len() as u64);
                out.extend_from_slice(title.as_bytes());
            }
            Self::Mark(mark) => out.extend_from_slice(&[kind::MARK, place(&MARKS, *mark)]),
            Self::Stall(ms) => {
                out.push(kind::STALL);
                put(out, (*ms).into());
            }
            Self::End => out.push(kind::END),
        }
    }

    pub(super) fn read(kind: u8, rest: &mut &[u8]) -> Result<Self, FilmError> {
        Ok(match kind {
            kind::KEYCOUNT => Self::Keys(small(rest)?),
            kind::CLIP => {
                let direction = pick(&DIRECTIONS, rest)?;
                let verdict = pick(&VERDICTS, rest)?;
                Self::Clip(Clip { direction, verdict, bytes: small(rest)? })
            }
            kind::TITLE => {
                let length: usize = small(rest)?;
                let title = take(rest, length.min(MAX_TITLE + 1))?;
                let title = str::from_utf8(title).ok().filter(|title| title.len() <= MAX_TITLE);
                Self::Title(title.ok_or(FilmError::Broken("a title"))?.to_owned())
            }
            kind::MARK => Self::Mark(pick(&MARKS, rest)?),
            kind::STALL => Self::Stall(small(rest)?),
            kind::END => Self::End,
            _ => return Err(FilmError::Broken("an unknown record")),
        })
    }
}

fn place<T: PartialEq>(all: &[T], one: T) -> u8 {
    let at = all.iter().position(|other| *other == one).expect("each is listed");
    u8::try_from(at).expect("a short list")
}

fn pick<T: std::marker::Copy>(all: &[T], rest: &mut &[u8]) -> Result<T, FilmError> {
    let at = usize::from(take(rest, 1)?[0]);
    all.get(at).copied().ok_or(FilmError::Broken("an unknown kind"))
}

pub(super) fn put_copy(copy: &Copy, out: &mut Vec<u8>) {
    out.push(kind::COPY);
    for field in [copy.x, copy.y, copy.to.x, copy.to.y, copy.to.width, copy.to.height] {
        put(out, field.into());
    }
}

pub(super) fn copy(rest: &mut &[u8]) -> Result<Copy, FilmError> {
    let (x, y) = (small(rest)?, small(rest)?);
    let to = Area { x: small(rest)?, y: small(rest)?, width: small(rest)?, height: small(rest)? };
    Ok(Copy { x, y, to })
}

pub(super) fn put_cursor(cursor: &Cursor, out: &mut Vec<u8>) {
    out.push(kind::CURSOR);
    for field in [cursor.width, cursor.height, cursor.hot.0, cursor.hot.1] {
        put(out, field.into());
    }
    cursor.pixels.iter().for_each(|&pixel| put_pixel(pixel, out));
    out.extend_from_slice(&cursor.mask);
}

pub(super) fn cursor(rest: &mut &[u8]) -> Result<Cursor, FilmError> {
    let (width, height): (u16, u16) = (small(rest)?, small(rest)?);
    let hot = (small(rest)?, small(rest)?);
    if width > crate::rfb::MAX_CURSOR || height > crate::rfb::MAX_CURSOR {
        return Err(FilmError::Broken("a cursor too large"));
    }
    let pixels = usize::from(width) * usize::from(height);
    let pixels = take(rest, pixels * 3)?.chunks_exact(3).map(pixel).collect();
    let mask = take(rest, usize::from(width).div_ceil(8) * usize::from(height))?.to_vec();
    Ok(Cursor { width, height, hot, pixels, mask })
}

/// Red, green, blue.
pub(super) fn put_pixel(pixel: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(&pixel.to_be_bytes()[1..]);
}

pub(super) fn pixel(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]])
}

/// The pixels of the tile at a place of a screen of this size; smaller at its edges.
pub(super) fn tile_area(column: u16, row: u16, size: (u16, u16)) -> Option<Area> {
    let (x, y) = (column.checked_mul(TILE)?, row.checked_mul(TILE)?);
    let area = Area { x, y, width: TILE, height: TILE }.within(size.0, size.1);
    (!area.is_empty()).then_some(area)
}
