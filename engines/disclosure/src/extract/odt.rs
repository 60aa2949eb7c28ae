//! ODT documents and ODP presentations.

use super::archive::Package;
use super::flow::Flow;
use super::odf::{self, Styles};
use super::reading::Reading;
use super::xml::{self, Xml};
use super::{Part, Sight, Unread, props};
use crate::content::Kind;
use crate::report::Location;

/// Reads a document.
///
/// # Errors
/// What is damaged or too large.
pub fn read(reading: &mut Reading, package: &mut Package<'_>) -> Result<(), Unread> {
    let mut styles = Styles::default();
    let named = package.bytes("styles.xml", &mut reading.budget)?;
    if let Some(bytes) = &named {
        odf::styles(bytes, &mut styles)?;
    }
    let bytes = package.bytes("content.xml", &mut reading.budget)?.ok_or(Unread::Damaged)?;
    odf::styles(&bytes, &mut styles)?;
    let part = text(reading, &bytes, styles)?;
    reading.part(part);
    if let Some(bytes) = &named {
        margins(reading, bytes)?;
    }
    odf::objects(reading, package)?;
    props::odf(reading, package)
}

/// Headers, footers and masters: `styles.xml` holds their text.
///
/// # Errors
/// What is not well-formed.
pub fn margins(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    reading.inside(
        |within| within.part = Some("styles.xml".into()),
        |reading| {
            let mut part = text(reading, bytes, Styles::default())?;
            part.loose = true;
            if !part.tables.is_empty() || !part.lines.is_empty() {
                reading.part(part);
            }
            Ok(())
        },
    )
}

fn text(reading: &mut Reading, bytes: &[u8], styles: Styles) -> Result<Part, Unread> {
    let mut text =
        Text { flow: Flow::new(Kind::Office), styles, sights: Vec::new(), stack: Vec::new() };
    xml::walk(bytes, |event| text.event(event))?;
    let Text { flow, sights, .. } = text;
    for (sight, line, what) in sights {
        if !what.trim().is_empty() {
            let at = Location { line: Some(line), ..Location::default() };
            reading.see(sight, at, what.trim());
        }
    }
    flow.finish()
}

struct Text {
    flow: Flow,
    styles: Styles,
    sights: Vec<(Sight, u32, String)>,
    /// Open elements that hide their text, with the sight that their text belongs to.
    stack: Vec<(String, Option<usize>)>,
}

impl Text {
    fn event(&mut self, event: Xml<'_, '_>) -> Result<(), Unread> {
        match event {
            Xml::Open(name, a) => {
                let style = a.get("style-name").unwrap_or_default();
                let sight = match name {
                    "tracked-changes" => Some(Sight::TrackedChange),
                    "annotation" | "notes" => Some(Sight::Comment),
                    "hidden-text" | "hidden-paragraph" => Some(Sight::HiddenText),
                    _ if a.get("display").as_deref() == Some("none") => Some(Sight::HiddenText),
                    "span" | "p" | "h" if self.styles.hidden_texts.contains(&style) => {
                        Some(Sight::HiddenText)
                    }
                    "span" | "p" | "h" if self.styles.white.contains(&style) => {
                        Some(Sight::InvisibleFont)
                    }
                    _ => None,
                };
                let sight = sight.filter(|_| self.sights.len() < 2000).map(|sight| {
                    let value = a.get("string-value").unwrap_or_default();
                    self.sights.push((sight, self.flow.line(), value));
                    self.sights.len() - 1
                });
                self.stack.push((name.to_owned(), sight));
                match name {
                    "table" => self.flow.open_table()?,
                    "table-row" => self.flow.open_row(),
                    "table-cell" => {
                        self.flow.open_cell(a.number("number-columns-spanned").unwrap_or(1), 1);
                    }
                    "tab" | "line-break" | "s" => self.flow.text(" "),
                    _ => {}
                }
            }
            Xml::Close(name) => {
                self.stack.pop();
                match name {
                    "table" => self.flow.close_table()?,
                    "table-row" => self.flow.close_row(),
                    "table-cell" => self.flow.close_cell(),
                    "p" | "h" => self.flow.paragraph(),
                    _ => {}
                }
            }
            Xml::Text(text) => self.text(text),
            Xml::Comment => {}
        }
        Ok(())
    }

    /// Text outside `text:p` and `text:h` is layout.
    fn text(&mut self, text: &str) {
        if !self.stack.iter().any(|(name, _)| matches!(name.as_str(), "p" | "h")) {
            return;
        }
        if let Some(at) = self.stack.iter().rev().find_map(|(_, sight)| *sight)
            && let Some((_, _, what)) = self.sights.get_mut(at)
        {
            what.push_str(text);
        }
        self.flow.text(text);
    }
}
