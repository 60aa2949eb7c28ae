//! PPTX presentations: slides, their tables, notes, comments and charts.

use super::archive::Package;
use super::flow::Flow;
use super::reading::Reading;
use super::xml::{self, Xml};
use super::{Sight, Unread, ooxml_chart, props, xlsx};
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

fn slide(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    let mut flow = Flow::new(Kind::Office);
    let (mut in_text, mut hidden) = (false, false);
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
            Xml::Text(text) if in_text => flow.text(text),
            _ => {}
        }
        Ok(())
    })?;
    if hidden {
        reading.see(Sight::HiddenSheet, Location::default(), "hidden slide");
    }
    let mut part = flow.finish()?;
    // The number of the slide stands alone.
    part.lines.retain(|line| line.text.trim().parse::<u32>().is_err());
    reading.part(part);
    Ok(())
}
