//! PPTX presentations: slides, their tables, notes, comments and charts.

use super::archive::Package;
use super::flow::Flow;
use super::reading::Reading;
use super::xml::{self, Xml};
use super::{Part, Sight, Unread, ooxml_chart, props, xlsx};
use crate::content::Kind;
use crate::report::Location;

/// Reads a presentation.
///
/// # Errors
/// What is damaged or too large.
pub fn read(reading: &mut Reading, package: &mut Package<'_>) -> Result<(), Unread> {
    for name in package.named("ppt/slides/slide", ".xml") {
        let bytes = package.bytes(&name, &mut reading.budget)?.ok_or(Unread::Damaged)?;
        reading.inside(|w| w.page = number(&name), |reading| slide(reading, &bytes))?;
    }
    for name in package.named("ppt/notesSlides/notesSlide", ".xml") {
        let bytes = package.bytes(&name, &mut reading.budget)?.ok_or(Unread::Damaged)?;
        let text =
            xml::texts(&bytes, "t", "")?.into_iter().map(|(_, text)| text).collect::<Vec<_>>();
        // The number of the slide stands on its notes too.
        if text.iter().any(|text| text.trim().parse::<u32>().is_err() && !text.trim().is_empty()) {
            reading.inside(
                |within| (within.page, within.part) = (number(&name), Some("notes".into())),
                |reading| reading.see(Sight::Comment, Location::default(), text.join(" ")),
            );
        }
    }
    for name in package.named("ppt/comments/", ".xml") {
        let bytes = package.bytes(&name, &mut reading.budget)?.ok_or(Unread::Damaged)?;
        for (_, text) in xml::texts(&bytes, "text", "")? {
            reading.inside(
                |within| within.part = Some(name.clone()),
                |reading| reading.see(Sight::Comment, Location::default(), text),
            );
        }
    }
    ooxml_chart::read(reading, package, "ppt/", None)?;
    xlsx::media(reading, package, "ppt/")?;
    props::ooxml(reading, package)
}

/// The number in `slide12.xml`.
fn number(name: &str) -> Option<u32> {
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Reads a master or a layout: what it says stands on each slide that is made after it.
///
/// # Errors
/// What is not well-formed.
pub fn master(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    let part = drawn(reading, bytes, true)?;
    reading.part(part);
    Ok(())
}

fn slide(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    let part = drawn(reading, bytes, false)?;
    reading.part(part);
    Ok(())
}

/// The text and tables of a slide. Its number, its date and other fields are written anew when it
/// is shown: they are no figures.
fn drawn(reading: &mut Reading, bytes: &[u8], loose: bool) -> Result<Part, Unread> {
    let mut flow = Flow::new(Kind::Office);
    let (mut in_text, mut field, mut hidden) = (false, String::new(), false);
    let page = reading.within.page.map(|page| page.to_string());
    xml::walk(bytes, |event| {
        match event {
            Xml::Open("sld", a) => hidden = matches!(a.get("show").as_deref(), Some("0" | "false")),
            Xml::Open("tbl", _) => flow.open_table()?,
            Xml::Close("tbl") => flow.close_table()?,
            Xml::Open("tr", _) => flow.open_row(),
            Xml::Close("tr") => flow.close_row(),
            Xml::Open("tc", a) => flow.open_cell(a.number("gridSpan").unwrap_or(1), 1),
            Xml::Close("tc") => flow.close_cell(),
            Xml::Close("p") => flow.paragraph(),
            Xml::Open("t", _) => in_text = true,
            Xml::Close("t") => in_text = false,
            Xml::Open("fld", a) => {
                field = a.get("type").unwrap_or_default();
            }
            Xml::Close("fld") => field.clear(),
            Xml::Text(text) if in_text && !is_written_anew(&field, text) => flow.text(text),
            _ => {}
        }
        Ok(())
    })?;
    if hidden {
        reading.see(Sight::HiddenSheet, Location::default(), "hidden slide");
    }
    let mut part = flow.finish()?;
    // The slide's own number stands alone; any other is a figure.
    part.lines.retain(|line| page.as_deref() != Some(line.text.trim()));
    part.loose = loose;
    Ok(part)
}

/// Whether `text` is what a program leaves in a field of this kind: it is written anew whenever the
/// slide is shown, so that a few letters and digits are all that it may be.
fn is_written_anew(field: &str, text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let length = text.chars().count();
    match field {
        "slidenum" => length <= 3,
        kind if kind.starts_with("datetime") => length <= 30 && digits <= 12,
        _ => false,
    }
}
