//! The reading of one file with all that is packed in it, under one budget.

use base64::Engine as _;

use super::{Document, Part, Picture, Seen, Sight, Unread};
use super::{archive, docx, html, image, json, latex, ods, odt, pdf, pptx, rtf, smcl, stats, svg};
use super::{eps, leftovers, shapes, text, xlsx, xml_lines};
use crate::content::{self, Kind};
use crate::report::{Location, Within};

/// Bytes of a file that are read at most, whatever the rule set allows; bounds time and memory.
pub const MAX_BYTES: usize = 64 << 20;

/// What a file may cost, with all files packed in it together.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Bytes that may still be unpacked.
    pub bytes: usize,
    /// Entries of archives and parts that may still be opened.
    pub entries: usize,
    /// How deep the present file is packed.
    pub depth: usize,
    /// Bytes of pictures that may still be handed on.
    pub pictures: usize,
    /// Sights that may still be noted; more say nothing new.
    pub sights: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: 128 << 20, entries: 4_000, depth: 0, pictures: 24 << 20, sights: 4_000 }
    }
}

/// Archives inside archives that are opened at most.
const MAX_DEPTH: usize = 6;

impl Budget {
    /// Takes `bytes` of unpacked content from the budget.
    pub fn spend(&mut self, bytes: usize) -> Result<(), Unread> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or(Unread::TooLarge)?;
        Ok(())
    }

    /// Opens one entry.
    pub fn open(&mut self) -> Result<(), Unread> {
        self.entries = self.entries.checked_sub(1).ok_or(Unread::TooManyEntries)?;
        Ok(())
    }
}

/// What readers write into.
#[derive(Debug)]
pub struct Reading {
    /// What was read so far.
    pub document: Document,
    /// What may still be spent.
    pub budget: Budget,
    /// The part that is being read.
    pub within: Within,
}

/// Reads a file: `name` is only compared with the content, never believed.
///
/// Never panics on any bytes; time and memory grow linearly up to fixed bounds.
pub fn read(name: &str, bytes: &[u8]) -> Document {
    let mut reading = Reading {
        document: Document {
            kind: Kind::Unknown,
            parts: Vec::new(),
            seen: Vec::new(),
            pictures: Vec::new(),
        },
        budget: Budget::default(),
        within: Within::default(),
    };
    reading.document.kind = if bytes.len() > MAX_BYTES {
        let kind = content::foreign(bytes).unwrap_or(Kind::Unknown);
        reading.unread(Unread::TooLarge);
        kind
    } else {
        reading.file(name, bytes)
    };
    reading.document
}

impl Reading {
    /// Notes something at a line or nowhere in particular of the present part.
    pub fn see(&mut self, sight: Sight, at: Location, what: impl Into<String>) {
        self.note(Seen { sight, at, what: what.into(), ..Seen::default() });
    }

    /// Notes `count` things of one kind.
    pub fn see_many(&mut self, sight: Sight, what: impl Into<String>, count: usize) {
        let count = u64::try_from(count).ok();
        self.note(Seen { sight, what: what.into(), count, ..Seen::default() });
    }

    fn note(&mut self, mut seen: Seen) {
        // Beyond the budget the first of each kind is kept: what a rule says of it must be said.
        let left = self.budget.sights.checked_sub(1);
        let first = || self.document.seen.iter().all(|known| known.sight != seen.sight);
        if left.is_some() || first() {
            self.budget.sights = left.unwrap_or(0);
            seen.what = seen.what.chars().take(200).collect();
            let cell = seen.within.cell.take();
            seen.within = self.within.clone();
            seen.within.cell = cell;
            self.document.seen.push(seen);
        }
    }

    /// Notes something in a cell of the present sheet.
    pub fn see_cell(&mut self, sight: Sight, cell: &str, what: impl Into<String>) {
        let within = Within { cell: Some(cell.to_owned()), ..Within::default() };
        let line = cell.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse().ok();
        let at = Location { line, ..Location::default() };
        self.note(Seen { sight, what: what.into(), at, within, count: None });
    }

    /// Notes that the present part was not read.
    pub fn unread(&mut self, why: Unread) {
        self.see(Sight::Unread, Location::default(), why.to_string());
    }

    /// Adds a part at the present place.
    pub fn part(&mut self, mut part: Part) {
        part.within = self.within.clone();
        self.document.parts.push(part);
    }

    /// Does something in a part of the file: `change` says in which.
    pub fn inside<T>(
        &mut self,
        change: impl FnOnce(&mut Within),
        act: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.within.clone();
        change(&mut self.within);
        let answer = act(self);
        self.within = before;
        answer
    }

    /// Reads a member of an archive.
    pub fn member(&mut self, name: &str, bytes: &[u8]) {
        let path = match &self.within.member {
            Some(outer) => format!("{outer}/{name}"),
            None => name.to_owned(),
        };
        self.nested(name, bytes, |within| {
            *within = Within { member: Some(path), ..Within::default() }
        });
    }

    /// Reads a file that stands inside the present document as its part `name`.
    pub fn embedded(&mut self, name: &str, bytes: &[u8]) {
        let part = name.to_owned();
        self.nested(name, bytes, |within| within.part = Some(part));
    }

    fn nested(&mut self, name: &str, bytes: &[u8], change: impl FnOnce(&mut Within)) {
        self.inside(change, |reading| {
            if reading.budget.depth >= MAX_DEPTH {
                return reading.unread(Unread::TooDeep);
            }
            reading.budget.depth += 1;
            reading.file(name, bytes);
            reading.budget.depth -= 1;
        });
    }

    /// Hands a picture on to the reader of pictures, after its own text was looked at.
    pub fn picture(&mut self, bytes: &[u8]) {
        image::read(self, bytes);
        let left = self.budget.pictures.checked_sub(bytes.len());
        match left.filter(|_| !image::is_too_large(bytes)) {
            Some(left) => {
                self.budget.pictures = left;
                let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
                let (within, shapes) = (self.within.clone(), shapes::of(bytes));
                self.document.pictures.push(Picture { within, base64, shapes });
            }
            None => {
                self.see(Sight::PictureUnread, Location::default(), Unread::TooLarge.to_string());
            }
        }
    }

    /// Reads a whole file into the present place and says what it is.
    fn file(&mut self, name: &str, bytes: &[u8]) -> Kind {
        let foreign = content::foreign(bytes);
        let (kind, outcome) = match foreign {
            None => match text::read(bytes) {
                Ok(part) => {
                    let kind = part.kind;
                    (kind, self.text(part))
                }
                Err(why) => (Kind::Unknown, Err(why)),
            },
            Some(kind) => (kind, self.foreign(kind, name, bytes)),
        };
        if let Err(why) = outcome {
            self.unread(why);
        }
        self.compare(name, kind, bytes);
        kind
    }

    /// Text: what writes tables in its own way has its own reader.
    fn text(&mut self, part: Part) -> Result<(), Unread> {
        if stats::text_model(self, &part.text) {
            return Ok(());
        }
        if smcl::is(&part.text) {
            let part = smcl::read(&part.text)?;
            self.part(part);
        } else if latex::is(&part.text) {
            let part = latex::read(&part.text)?;
            self.part(part);
        } else if eps::is(&part.text) {
            eps::read(self, &part.text);
        } else if html::is_fragment(&part.text) {
            return html::read(self, part.text.as_bytes());
        } else {
            self.part(part);
        }
        Ok(())
    }

    fn foreign(&mut self, kind: Kind, name: &str, bytes: &[u8]) -> Result<(), Unread> {
        match kind {
            Kind::StatisticalFile | Kind::Serialized | Kind::Model => {
                stats::read(self, kind, bytes);
                Ok(())
            }
            Kind::Encrypted if bytes.starts_with(b"PK") => archive::read(self, name, bytes),
            Kind::Encrypted => {
                self.see(Sight::Encrypted, Location::default(), "");
                Ok(())
            }
            Kind::Image => {
                self.picture(bytes);
                Ok(())
            }
            Kind::Pdf => pdf::read(self, bytes),
            Kind::Json => json::read(self, bytes),
            Kind::Markup if svg::is(bytes) => svg::read(self, bytes),
            Kind::Markup if html::is(bytes) => html::read(self, bytes),
            Kind::Markup => xml_lines::read(self, bytes),
            Kind::Office if bytes.starts_with(b"{\\rtf") => rtf::read(self, bytes),
            Kind::Office if bytes.starts_with(b"PK") => self.office(bytes),
            Kind::Archive => archive::read(self, name, bytes),
            _ => Err(Unread::NoParser),
        }
    }

    /// An office document by its main part.
    fn office(&mut self, bytes: &[u8]) -> Result<(), Unread> {
        let mut package = archive::Package::open(bytes, &mut self.budget)?;
        package.gaps(self)?;
        if package.has("xl/workbook.xml") {
            xlsx::read(self, &mut package)?;
        } else if package.has("word/document.xml") {
            docx::read(self, &mut package)?;
        } else if package.has("ppt/presentation.xml") {
            pptx::read(self, &mut package)?;
        } else {
            match package.text("mimetype", &mut self.budget)?.as_deref().map(str::trim) {
                Some("application/vnd.oasis.opendocument.spreadsheet") => {
                    ods::read(self, &mut package)?;
                }
                Some(mime)
                    if mime.contains("opendocument.text")
                        || mime.contains("opendocument.presentation") =>
                {
                    odt::read(self, &mut package)?;
                }
                _ => return Err(Unread::NoParser),
            }
        }
        leftovers::read(self, &mut package)
    }

    /// What the name promises, and what stands behind the end.
    fn compare(&mut self, name: &str, kind: Kind, bytes: &[u8]) {
        let promised = content::promised(name);
        // What has no magic bytes proves nothing: `unknown` goes to a person by `UNREADABLE`.
        let known = !matches!(kind, Kind::Unknown | Kind::Encrypted);
        if known && !promised.is_empty() && !promised.contains(&kind) {
            self.see(Sight::Mismatch, Location::default(), format!("{kind:?}"));
        }
        if let Some(count) = content::appended(bytes) {
            self.see_many(Sight::Appended, "", count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_sights_of_one_kind_do_not_crowd_out_the_first_of_another() {
        let mut reading = Reading {
            document: Document {
                kind: Kind::Unknown,
                parts: Vec::new(),
                seen: Vec::new(),
                pictures: Vec::new(),
            },
            budget: Budget::default(),
            within: Within::default(),
        };
        for _ in 0..5_000 {
            reading.see(Sight::Person, Location::default(), "author: Anne");
        }
        reading.unread(Unread::Damaged);
        reading.unread(Unread::Damaged);
        let count = |sight| reading.document.seen.iter().filter(|seen| seen.sight == sight).count();
        assert_eq!((count(Sight::Person), count(Sight::Unread)), (4_000, 1));
    }
}
