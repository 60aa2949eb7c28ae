//! From bytes to tables, prose and sights: one file a format, told by content and never by name.
//!
//! [`read`] is what runs in a sandbox: it takes bytes and gives a [`Document`] that can be written
//! and read back, and it decides nothing. Whatever the bytes, it ends: sizes, depths, entries and
//! expansions are counted by one [`Budget`] for the file and all that is packed in it.

mod archive;
pub mod console;
mod console_align;
mod console_box;
mod console_marks;
mod console_place;
mod console_records;
mod console_table;
mod docx;
mod eps;
mod flow;
pub mod grid;
mod html;
mod html_style;
mod image;
mod json;
mod json_held;
mod json_keys;
mod latex;
mod leftovers;
mod markup;
mod notebook;
mod odf;
mod ods;
mod odt;
mod ooxml_chart;
mod pdf;
mod pdf_font;
mod pdf_image;
mod pdf_layout;
mod pdf_marks;
mod pdf_page;
mod pictured;
mod plotly;
mod png_ink;
mod points;
mod pptx;
mod props;
mod reading;
mod rtf;
mod shapes;
mod sight;
mod smcl;
mod stats;
mod svg;
mod svg_path;
pub mod text;
mod xlsx;
mod xlsx_cells;
mod xlsx_styles;
mod xml;
mod xml_lines;
mod xml_records;
mod zip_gaps;

use serde::{Deserialize, Serialize};

use crate::content::Kind;
use crate::report::Within;
use crate::table::{Block, Table};
use crate::value::Decimal;

pub(crate) use archive::is_tar;
pub use reading::{Budget, Reading, read};
pub use shapes::Shapes;
pub use sight::{Seen, Sight};

/// A line outside tables, or a whole line of console text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: u32,
    /// Its text.
    pub text: String,
}

/// Rows of a file that may be a table, with the writing of its numbers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RawTable {
    /// The rows.
    pub block: Block,
    /// How it writes decimals.
    pub decimal: Decimal,
}

/// A part of a file that is read on its own: a sheet, a page, a member, or the whole of a text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Part {
    /// Which part of the file it is.
    pub within: Within,
    /// What its content is.
    pub kind: Kind,
    /// Its tables.
    pub tables: Vec<RawTable>,
    /// Its lines outside tables.
    pub lines: Vec<Line>,
    /// All of it, decoded, where it is text or code; empty otherwise.
    pub text: String,
    /// Whether figures outside tables are no sign of a table that was missed: axes of a picture,
    /// numbers of pages.
    pub loose: bool,
}

impl Part {
    /// A part of `kind` without content yet.
    pub fn new(kind: Kind) -> Self {
        Self {
            within: Within::default(),
            kind,
            tables: Vec::new(),
            lines: Vec::new(),
            text: String::new(),
            loose: false,
        }
    }

    /// The cells of its tables once each row is as wide as the widest of its table.
    fn spread(&self) -> usize {
        let widest = |rows: &[Vec<crate::table::RawCell>]| rows.iter().map(Vec::len).max();
        let cells = |table: &RawTable| {
            let rows = &table.block.rows;
            rows.len().saturating_mul(widest(rows).unwrap_or(0))
        };
        self.tables.iter().map(cells).fold(0, usize::saturating_add)
    }
}

/// A picture whose text only another program can read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Picture {
    /// Which part of the file it is.
    pub within: Within,
    /// PNG, JPEG, TIFF, GIF or BMP, in base64.
    pub base64: String,
    /// What it shows beside its letters, where that was looked at.
    #[serde(default)]
    pub shapes: Option<Shapes>,
}

/// What was read of a file. Nothing is decided yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Document {
    /// What its content is.
    pub kind: Kind,
    /// What was read as text and tables.
    pub parts: Vec<Part>,
    /// What is no text and no table: hidden things, embedded files, properties, what was not read.
    pub seen: Vec<Seen>,
    /// Pictures that wait for a reader of pictures.
    pub pictures: Vec<Picture>,
}

impl Document {
    /// A document that nobody could read, for `why`.
    pub fn unread(kind: Kind, why: impl Into<String>) -> Self {
        let seen = Seen { sight: Sight::Unread, what: why.into(), ..Seen::default() };
        Self { kind, parts: Vec::new(), seen: vec![seen], pictures: Vec::new() }
    }

    /// How many tables a report on it would have: rows that are no table, such as a title alone, do
    /// not count, nor those of parts that are too large to be looked at.
    pub fn tables(&self) -> usize {
        let read = self.parts.iter().filter(|part| part.spread() <= MAX_CELLS);
        let built = |raw: &&RawTable| Table::build(&raw.block, 1, raw.decimal).is_some();
        read.flat_map(|part| &part.tables).filter(built).count()
    }

    /// Leaves out, and notes, the tables of parts that would take more than [`MAX_CELLS`].
    ///
    /// Threat: one line of a hundred thousand fields among as many short ones costs a few bytes a
    /// line in the file, and terabytes where every row is as wide as the widest.
    #[must_use]
    pub(crate) fn bounded(mut self) -> Self {
        for part in self.parts.iter_mut().filter(|part| part.spread() > MAX_CELLS) {
            part.tables.clear();
            self.seen.push(Seen {
                sight: Sight::Unread,
                what: Unread::TooManyCells.to_string(),
                within: part.within.clone(),
                ..Seen::default()
            });
        }
        self
    }

    /// Whether the document has nearly all numbers of a text that was read from a small picture.
    ///
    /// Threat: the thumbnail of an earlier state of the document, or of another one, leaves with it.
    fn says(&self, text: &str) -> bool {
        let digits = |text: &str| -> Vec<String> {
            let words = text.split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')));
            let words = words.map(|w| w.trim_matches(['.', ',']).replace(',', "."));
            words.filter(|w| w.len() >= 2).collect()
        };
        let cells = self.parts.iter().flat_map(|part| &part.tables).flat_map(|t| &t.block.rows);
        let cells = cells.flatten().map(|cell| cell.text.as_str());
        let lines = self.parts.iter().flat_map(|part| &part.lines).map(|line| line.text.as_str());
        let own: std::collections::HashSet<String> = cells.chain(lines).flat_map(digits).collect();
        let read = digits(text);
        let known = read.iter().filter(|number| own.contains(*number)).count();
        known * 10 >= read.len() * 7
    }

    /// Has each picture read by `reader`, which gives its text. A picture that it cannot read, or
    /// in which it finds no text, is noted for a person to look at.
    pub fn read_pictures(&mut self, reader: &dyn Fn(&[u8]) -> Result<String, String>) {
        use base64::Engine as _;
        for picture in std::mem::take(&mut self.pictures) {
            let bytes = base64::engine::general_purpose::STANDARD.decode(&picture.base64);
            let text = bytes.map_err(|e| e.to_string()).and_then(|bytes| reader(&bytes));
            let note = |sight, what| Seen {
                sight,
                what,
                within: picture.within.clone(),
                ..Seen::default()
            };
            match text {
                Err(why) => self.seen.push(note(Sight::PictureUnread, why)),
                Ok(text) if text.chars().filter(|c| c.is_alphanumeric()).count() < 3 => {
                    // Office programs keep a small picture of the first page, whose text is read
                    // on the page itself; one with letters that can be read is looked at.
                    if !picture.within.part.as_deref().is_some_and(is_thumbnail) {
                        self.seen.push(note(Sight::PictureBlank, String::new()));
                    }
                }
                // The page that it is a picture of has been read itself.
                Ok(text)
                    if picture.within.part.as_deref().is_some_and(is_thumbnail)
                        && self.says(&text) => {}
                Ok(text) => {
                    let (part, explained) = pictured::read(&text, picture.shapes);
                    if !explained {
                        let why = "its letters were read, its shapes were not".to_owned();
                        self.seen.push(note(Sight::PictureUnread, why));
                    }
                    self.parts.push(Part { within: picture.within, ..part });
                }
            }
        }
    }
}

fn is_thumbnail(part: &str) -> bool {
    ["Thumbnails/thumbnail.", "docProps/thumbnail."].iter().any(|own| part.starts_with(own))
}

/// Where a PNG ends.
pub(crate) fn png_end(bytes: &[u8]) -> Option<usize> {
    image::png_chunks(bytes).1
}

/// Where a JPEG ends.
pub(crate) fn jpeg_end(bytes: &[u8]) -> Option<usize> {
    image::jpeg_segments(bytes).1
}

/// A part whose tables are understood.
#[derive(Debug)]
pub struct Extract {
    /// Which part of the file it is.
    pub within: Within,
    /// What its content is.
    pub kind: Kind,
    /// Its tables.
    pub tables: Vec<Table>,
    /// Its lines outside tables.
    pub prose: Vec<Line>,
    /// All of it, decoded, where it is text or code.
    pub text: String,
    /// See [`Part::loose`].
    pub loose: bool,
}

impl Extract {
    /// Understands the tables of a part; `before` tables of the same file were numbered already.
    pub fn of(part: Part, before: usize) -> Self {
        let Part { within, kind, tables: raw, lines: mut prose, text, loose } = part;
        let mut tables = Vec::new();
        for RawTable { block, decimal } in raw {
            let index = u32::try_from(before + tables.len() + 1).unwrap_or(u32::MAX);
            let line = |row: &Vec<crate::table::RawCell>| Line {
                number: row.first().map_or(0, |c| c.line),
                text: row.iter().map(|c| c.text.as_str()).collect::<Vec<_>>().join(" "),
            };
            match Table::build(&block, index, decimal) {
                Some(mut table) => {
                    prose.extend(block.rows.iter().filter(|row| row.len() == 1).map(line));
                    table.view.within.clone_from(&within);
                    tables.push(table);
                }
                None => prose.extend(block.rows.iter().map(line)),
            }
        }
        prose.sort_by_key(|line| line.number);
        crate::residuals::settle(&mut tables, &prose);
        Self { within, kind, tables, prose, text, loose }
    }
}

/// Why a file or a part of it was not read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Bytes that are no text.
    #[error("it is not text in any known encoding")]
    NotText,
    /// More cells than the checker reads.
    #[error("it has more cells than the checker reads")]
    TooManyCells,
    /// A line longer than the checker reads.
    #[error("it has a line longer than the checker reads")]
    LineTooLong,
    /// More bytes, packed or unpacked, than the checker reads.
    #[error("it holds more bytes than the checker reads")]
    TooLarge,
    /// More entries than the checker reads.
    #[error("it has more entries than the checker reads")]
    TooManyEntries,
    /// Archives or elements inside each other, too deep.
    #[error("it is nested deeper than the checker reads")]
    TooDeep,
    /// An entry that unpacks to so much more than it is packed in that it is no work of people.
    #[error("it unpacks to far more than it is packed in")]
    Bomb,
    /// Entries of an archive that share bytes.
    #[error("entries of the archive overlap")]
    Overlap,
    /// The structure breaks the format's rules.
    #[error("it is damaged, or does not keep to its format")]
    Damaged,
    /// A variant of the format, or a format, that no parser here reads.
    #[error("no parser for this kind of content")]
    NoParser,
}

/// Cells that are read at most; about 200 MB of memory.
pub const MAX_CELLS: usize = 1_000_000;

/// Bytes of a line that are read at most.
pub const MAX_LINE: usize = 1 << 18;

/// Columns of a table that are compared at most: some rules look at each pair of a row's cells.
pub const MAX_COLUMNS: usize = 500;
