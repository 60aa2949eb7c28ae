//! DOCX documents: text, tables, what was changed and not accepted, comments, hidden text.

use super::archive::Package;
use super::flow::Flow;
use super::reading::Reading;
use super::xlsx_styles::near_white;
use super::xml::{self, Xml};
use super::{Sight, Unread, ooxml_chart, props, xlsx};
use crate::content::Kind;
use crate::report::Location;

/// Reads a document.
///
/// # Errors
/// What is damaged or too large.
pub fn read(reading: &mut Reading, package: &mut Package<'_>) -> Result<(), Unread> {
    let mut parts = vec!["word/document.xml".to_owned()];
    for kind in ["header", "footer", "footnotes", "endnotes"] {
        parts.extend(package.named(&format!("word/{kind}"), ".xml"));
    }
    for name in parts {
        let Some(bytes) = package.bytes(&name, &mut reading.budget)? else { continue };
        let main = name == "word/document.xml";
        reading.inside(
            |within| within.part = (!main).then_some(name),
            |reading| body(reading, &bytes),
        )?;
    }
    for name in package.named("word/comments", ".xml") {
        let bytes = package.bytes(&name, &mut reading.budget)?.ok_or(Unread::Damaged)?;
        for (author, text) in xml::texts(&bytes, "comment", "author")? {
            reading.inside(
                |within| within.part = Some(name.clone()),
                |reading| {
                    reading.see(
                        Sight::Comment,
                        Location::default(),
                        format!("{author}: {}", text.trim()),
                    );
                },
            );
        }
    }
    ooxml_chart::read(reading, package, "word/", None)?;
    xlsx::media(reading, package, "word/")?;
    props::ooxml(reading, package)
}

/// What is true of the text that is being read.
#[derive(Default)]
struct Run {
    deleted: usize,
    inserted: usize,
    vanish: bool,
    white: bool,
    shaded: bool,
    in_style: bool,
    in_text: bool,
}

/// The text and tables of one part.
///
/// # Errors
/// What is not well-formed, or has more cells than are read.
pub fn body(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    let mut flow = Flow::new(Kind::Office);
    let mut run = Run::default();
    let mut sights: Vec<(Sight, u32, String)> = Vec::new();
    xml::walk(bytes, |event| step(&mut flow, &mut run, event, &mut sights))?;
    for (sight, line, what) in join(sights) {
        let at = Location { line: Some(line), ..Location::default() };
        reading.see(sight, at, what);
    }
    let part = flow.finish()?;
    reading.part(part);
    Ok(())
}

fn step(
    flow: &mut Flow,
    run: &mut Run,
    event: Xml<'_, '_>,
    sights: &mut Vec<(Sight, u32, String)>,
) -> Result<(), Unread> {
    match event {
        Xml::Open("tbl", _) => flow.open_table()?,
        Xml::Close("tbl") => flow.close_table()?,
        Xml::Open("tr", _) => flow.open_row(),
        Xml::Close("tr") => flow.close_row(),
        Xml::Open("tc", _) => flow.open_cell(1, 1),
        Xml::Close("tc") => flow.close_cell(),
        Xml::Open("gridSpan", a) => flow.widen_cell(a.number("val").unwrap_or(1)),
        Xml::Close("p") => flow.paragraph(),
        Xml::Open("br" | "tab" | "cr", _) => flow.text(" "),
        Xml::Open("del" | "moveFrom", _) => run.deleted += 1,
        Xml::Close("del" | "moveFrom") => run.deleted = run.deleted.saturating_sub(1),
        Xml::Open("ins" | "moveTo", _) => run.inserted += 1,
        Xml::Close("ins" | "moveTo") => run.inserted = run.inserted.saturating_sub(1),
        Xml::Open("r", _) => (run.vanish, run.white, run.shaded) = (false, false, false),
        Xml::Open("rPr", _) => run.in_style = true,
        Xml::Close("rPr") => run.in_style = false,
        Xml::Open("vanish" | "webHidden", a) if run.in_style => {
            run.vanish = !matches!(a.get("val").as_deref(), Some("0" | "false"));
        }
        Xml::Open("color", a) if run.in_style => {
            run.white = a.get("val").is_some_and(|v| near_white(&v));
        }
        Xml::Open("shd" | "highlight", _) => run.shaded = true,
        Xml::Open("sz", a) if run.in_style => {
            // Half points: a letter of one point is a dot.
            run.vanish |= a.number::<u32>("val").is_some_and(|size| size <= 4);
        }
        Xml::Open("t" | "delText", _) => run.in_text = true,
        Xml::Close("t" | "delText") => run.in_text = false,
        Xml::Text(text) if run.in_text => {
            flow.text(text);
            let sight = match () {
                () if run.deleted > 0 || run.inserted > 0 => Some(Sight::TrackedChange),
                () if run.vanish => Some(Sight::HiddenText),
                () if run.white && !run.shaded => Some(Sight::InvisibleFont),
                () => None,
            };
            if let Some(sight) = sight.filter(|_| !text.trim().is_empty() && sights.len() < 2000) {
                sights.push((sight, flow.line(), text.to_owned()));
            }
        }
        _ => {}
    }
    Ok(())
}

/// Joins what one paragraph hides in several runs.
fn join(sights: Vec<(Sight, u32, String)>) -> Vec<(Sight, u32, String)> {
    let mut out: Vec<(Sight, u32, String)> = Vec::new();
    for (sight, line, text) in sights {
        match out.last_mut() {
            Some(last) if last.0 == sight && last.1 == line => last.2.push_str(&text),
            _ => out.push((sight, line, text)),
        }
    }
    out
}
