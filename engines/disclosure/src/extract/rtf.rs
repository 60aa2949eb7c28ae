//! RTF documents: text, tables, hidden and revised text, comments, pictures and objects.

use super::flow::Flow;
use super::reading::Reading;
use super::{Sight, Unread, props};
use crate::content::Kind;
use crate::report::Location;

/// Groups inside each other that are read at most.
const MAX_DEPTH: usize = 200;

/// What a group does with its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    /// The document.
    Body,
    /// Nothing: fonts, colours, styles.
    Nowhere,
    /// A comment.
    Comment,
    /// The author of the document.
    Author,
    /// A picture, in hexadecimal.
    Picture,
    /// An embedded object, in hexadecimal.
    Object,
}

/// What is true inside a group.
#[derive(Debug, Clone, Copy)]
struct State {
    to: To,
    hidden: bool,
    revised: bool,
    white: bool,
    /// Characters that follow `\u` for readers without Unicode.
    skip: usize,
}

/// Reads a document.
///
/// # Errors
/// What is damaged or has more cells than are read.
pub fn read(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    let mut reader = Rtf {
        reading,
        flow: Flow::new(Kind::Office),
        state: State { to: To::Body, hidden: false, revised: false, white: false, skip: 1 },
        stack: Vec::new(),
        other: String::new(),
        in_table: false,
        in_row: false,
        cell_closed: false,
        skipping: 0,
        star: false,
        colours: Vec::new(),
        in_colours: false,
        sights: Vec::new(),
        blobs: Vec::new(),
        code_page: encoding_rs::WINDOWS_1252,
    };
    reader.run(bytes)?;
    let Rtf { flow, sights, blobs, reading, .. } = reader;
    for (sight, line, what) in sights {
        if !what.trim().is_empty() {
            reading.see(sight, Location::line(line), what.trim());
        }
    }
    let part = flow.finish()?;
    reading.part(part);
    for (sight, bytes) in blobs {
        if sight == Sight::EmbeddedFile {
            reading.see_many(sight, "object", bytes.len());
        } else {
            reading.embedded("picture", &bytes);
        }
    }
    Ok(())
}

struct Rtf<'a> {
    reading: &'a mut Reading,
    flow: Flow,
    state: State,
    stack: Vec<State>,
    /// The text of the open comment, author, picture or object.
    other: String,
    in_table: bool,
    in_row: bool,
    /// A cell was closed; the next text opens another.
    cell_closed: bool,
    skipping: usize,
    star: bool,
    colours: Vec<bool>,
    in_colours: bool,
    sights: Vec<(Sight, u32, String)>,
    blobs: Vec<(Sight, Vec<u8>)>,
    code_page: &'static encoding_rs::Encoding,
}

impl Rtf<'_> {
    fn run(&mut self, bytes: &[u8]) -> Result<(), Unread> {
        let mut at = 0;
        while let Some(&b) = bytes.get(at) {
            at += 1;
            match b {
                b'{' => {
                    if self.stack.len() >= MAX_DEPTH {
                        return Err(Unread::TooDeep);
                    }
                    self.stack.push(self.state);
                    self.star = false;
                }
                b'}' => self.close(),
                b'\\' => at = self.control(bytes, at)?,
                b'\r' | b'\n' => {}
                b if b < 0x80 => self.text(char::from(b).encode_utf8(&mut [0; 4]))?,
                b => self.byte(b)?,
            }
        }
        if self.stack.is_empty() { Ok(()) } else { Err(Unread::Damaged) }
    }

    fn byte(&mut self, b: u8) -> Result<(), Unread> {
        let text = self.code_page.decode_without_bom_handling(&[b]).0.into_owned();
        self.text(&text)
    }

    fn control(&mut self, bytes: &[u8], mut at: usize) -> Result<usize, Unread> {
        let Some(&first) = bytes.get(at) else { return Ok(at) };
        if !first.is_ascii_alphabetic() {
            at += 1;
            match first {
                b'\'' => {
                    let hex = bytes.get(at..at + 2).and_then(|h| std::str::from_utf8(h).ok());
                    let byte = hex.and_then(|h| u8::from_str_radix(h, 16).ok());
                    at += 2;
                    if let Some(byte) = byte {
                        self.byte(byte)?;
                    }
                }
                b'*' => self.star = true,
                b'~' => self.text("\u{a0}")?,
                b'\\' | b'{' | b'}' => self.text(char::from(first).encode_utf8(&mut [0; 4]))?,
                b'\n' | b'\r' => self.word("par", None)?,
                _ => {}
            }
            return Ok(at);
        }
        let start = at;
        while bytes.get(at).is_some_and(u8::is_ascii_alphabetic) && at - start < 40 {
            at += 1;
        }
        let name = String::from_utf8_lossy(&bytes[start..at]).into_owned();
        let digits = at;
        if bytes.get(at) == Some(&b'-') {
            at += 1;
        }
        while bytes.get(at).is_some_and(u8::is_ascii_digit) && at - digits < 12 {
            at += 1;
        }
        let number =
            std::str::from_utf8(&bytes[digits..at]).ok().and_then(|d| d.parse::<i64>().ok());
        if bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        if name == "bin" {
            let length = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
            let end = at.saturating_add(length);
            self.raw(bytes.get(at..end).ok_or(Unread::Damaged)?)?;
            return Ok(end);
        }
        self.word(&name, number)?;
        Ok(at)
    }

    /// Raw bytes (`\bin`): those of a picture or an object are read as such; elsewhere no program
    /// shows them.
    fn raw(&mut self, bytes: &[u8]) -> Result<(), Unread> {
        self.reading.budget.spend(bytes.len())?;
        match self.state.to {
            _ if bytes.is_empty() => {}
            To::Picture => self.blobs.push((Sight::PictureUnread, bytes.to_vec())),
            _ => self.blobs.push((Sight::EmbeddedFile, bytes.to_vec())),
        }
        Ok(())
    }

    fn word(&mut self, name: &str, number: Option<i64>) -> Result<(), Unread> {
        let on = number != Some(0);
        let star = std::mem::take(&mut self.star);
        match name {
            "fonttbl" | "stylesheet" | "listtable" | "generator" | "xmlnstbl" | "themedata"
            | "datastore" | "fldinst" | "latentstyles" | "rsidtbl" | "pnseclvl" | "mmathPr" => {
                self.state.to = To::Nowhere;
            }
            "colortbl" => {
                self.state.to = To::Nowhere;
                self.in_colours = true;
                self.colours = vec![true];
            }
            "red" | "green" | "blue" if self.in_colours => {
                if let Some(white) = self.colours.last_mut() {
                    *white &= number.is_some_and(|n| n >= 248);
                }
            }
            "info" => self.state.to = To::Nowhere,
            "author" | "operator" | "manager" | "company" => self.begin(To::Author),
            "annotation" | "atnauthor" => self.begin(To::Comment),
            "pict" => self.begin(To::Picture),
            "objdata" => self.begin(To::Object),
            "result" | "shptxt" | "fldrslt" => {}
            "v" => self.state.hidden = on,
            "revised" | "deleted" => self.state.revised = on,
            "cf" => {
                let index = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
                // Colour 0 is the reader's own.
                self.state.white = index > 0 && self.colours.get(index).copied().unwrap_or(false);
            }
            "plain" => (self.state.hidden, self.state.white) = (false, false),
            "uc" => self.state.skip = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(8),
            "u" => {
                let code = number.unwrap_or(32);
                let code = u32::try_from(if code < 0 { code + 65_536 } else { code }).unwrap_or(32);
                let c = char::from_u32(code).unwrap_or(' ');
                self.text(c.encode_utf8(&mut [0; 4]))?;
                self.skipping = self.state.skip;
            }
            "par" | "sect" | "page" => {
                self.leave_table()?;
                self.body(Flow::paragraph);
            }
            "line" | "tab" => self.text(" ")?,
            "emdash" => self.text("—")?,
            "endash" => self.text("–")?,
            "trowd" => {
                if !self.in_table {
                    self.in_table = true;
                    self.flow.open_table()?;
                }
                if !self.in_row {
                    self.in_row = true;
                    self.flow.open_row();
                    self.flow.open_cell(1, 1);
                }
            }
            "cell" if self.in_row => {
                self.flow.close_cell();
                self.cell_closed = true;
            }
            "row" if self.in_row => {
                self.flow.close_row();
                (self.in_row, self.cell_closed) = (false, false);
            }
            "ansicpg" => {
                let label = format!("windows-{}", number.unwrap_or(1252));
                self.code_page = encoding_rs::Encoding::for_label(label.as_bytes())
                    .unwrap_or(encoding_rs::WINDOWS_1252);
            }
            // `{\*\name` holds what a reader that does not know the name shall pass over.
            _ if star => self.state.to = To::Nowhere,
            _ => {}
        }
        Ok(())
    }

    /// A paragraph between rows ends the table.
    fn leave_table(&mut self) -> Result<(), Unread> {
        if self.in_table && !self.in_row && self.state.to == To::Body {
            self.in_table = false;
            self.flow.close_table()?;
        }
        Ok(())
    }

    fn begin(&mut self, to: To) {
        if self.state.to != To::Comment || to != To::Comment {
            self.other.clear();
        }
        self.state.to = to;
    }

    fn body(&mut self, act: impl FnOnce(&mut Flow)) {
        if self.state.to == To::Body {
            act(&mut self.flow);
        }
    }

    fn close(&mut self) {
        let inner = self.state;
        let Some(outer) = self.stack.pop() else { return };
        self.state = outer;
        self.in_colours = false;
        if inner.to == outer.to {
            return;
        }
        let text = std::mem::take(&mut self.other);
        match inner.to {
            To::Comment => self.sights.push((Sight::Comment, self.flow.line(), text)),
            To::Author => props::person(self.reading, "author", &text),
            To::Picture | To::Object => {
                let bytes = unhex(&text);
                if self.reading.budget.spend(bytes.len()).is_err() {
                    self.reading.unread(Unread::TooLarge);
                } else if !bytes.is_empty() {
                    let sight = if inner.to == To::Object {
                        Sight::EmbeddedFile
                    } else {
                        Sight::PictureUnread
                    };
                    self.blobs.push((sight, bytes));
                }
            }
            To::Body | To::Nowhere => {}
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Unread> {
        if self.skipping > 0 {
            self.skipping -= 1;
            return Ok(());
        }
        if self.in_colours && text == ";" {
            self.colours.push(true);
        }
        match self.state.to {
            To::Nowhere => {}
            To::Body => {
                if !text.trim().is_empty() {
                    self.leave_table()?;
                }
                if std::mem::take(&mut self.cell_closed) {
                    self.flow.open_cell(1, 1);
                }
                self.flow.text(text);
                let sight = match () {
                    () if self.state.revised => Sight::TrackedChange,
                    () if self.state.hidden => Sight::HiddenText,
                    () if self.state.white => Sight::InvisibleFont,
                    () => return Ok(()),
                };
                let line = self.flow.line();
                let room = self.sights.len() < 2000;
                match self.sights.last_mut() {
                    Some(last) if last.0 == sight && last.1 == line => last.2.push_str(text),
                    _ if room => self.sights.push((sight, line, text.to_owned())),
                    _ => {}
                }
            }
            _ => self.other.push_str(text),
        }
        Ok(())
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter_map(|b| char::from(b).to_digit(16))
        .filter_map(|d| u8::try_from(d).ok())
        .collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
