//! PDF documents: their text by its place on the page, and what they carry beside it.

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId, Stream};

use super::pdf_image::picture;
use super::reading::Reading;
use super::{Part, Sight, Unread, console, pdf_page, props};
use crate::content::Kind;
use crate::report::Location;

/// Bytes that one stream may unpack to.
pub const MAX_STREAM: usize = 32 << 20;

/// Pages that are read at most.
const MAX_PAGES: usize = 1_000;

/// Reads a document.
///
/// # Errors
/// What is damaged, encrypted with a password, or has more pages than are read.
pub fn read(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    let options = LoadOptions { max_decompressed_size: Some(MAX_STREAM), ..LoadOptions::default() };
    let mut document = match Document::load_mem_with_options(bytes, options) {
        Ok(document) => document,
        Err(_) if memchr::memmem::find(bytes, b"/Encrypt").is_some() => {
            reading.see(Sight::Encrypted, Location::default(), "");
            return Ok(());
        }
        Err(_) => return Err(Unread::Damaged),
    };
    if document.is_encrypted() && document.decrypt("").is_err() {
        reading.see(Sight::Encrypted, Location::default(), "");
        return Ok(());
    }
    properties(reading, &document);
    carried(reading, &document);
    form(reading, &document);
    let pages = document.get_pages();
    if pages.len() > MAX_PAGES {
        return Err(Unread::TooManyEntries);
    }
    if pages.is_empty() {
        return Err(Unread::Damaged);
    }
    for (number, page) in pages {
        reading.budget.open()?;
        reading.inside(
            |within| within.page = Some(number),
            |reading| read_page(reading, &document, page),
        )?;
    }
    Ok(())
}

fn read_page(reading: &mut Reading, document: &Document, page: ObjectId) -> Result<(), Unread> {
    let drawn = pdf_page::draw(document, page, &mut reading.budget)?;
    if drawn.cut {
        reading.see(Sight::Unread, Location::default(), "a part of its page is not readable");
    }
    if drawn.unexplained > 3
        || drawn.unknown_letters > 20 && drawn.unknown_letters * 5 > drawn.letters
    {
        // Letters that only a picture of the page could tell.
        reading.see(Sight::Unread, Location::default(), "its letters have no known meaning");
    }
    for (sight, line, what) in &drawn.hidden {
        reading.see(*sight, Location::line(*line), what.clone());
    }
    if let Some(count) = drawn.markers {
        reading.see_many(Sight::Points, "", count);
    }
    for note in annotations(document, page) {
        reading.see(Sight::Comment, Location::default(), note);
    }
    let mut part = Part::new(Kind::Pdf);
    let text = without_number(&drawn.text, reading.within.page);
    (part.tables, part.lines) = console::read(&text)?;
    part.loose = drawn.graphic;
    let empty = drawn.text.trim().is_empty();
    reading.part(part);
    let pictures = drawn.images.len();
    for image in drawn.images {
        if let Some(bytes) = picture(document, image, reading) {
            reading.picture(&bytes);
        } else {
            reading.see(Sight::PictureUnread, Location::default(), "an image of a rare kind");
        }
    }
    if drawn.other_images {
        let what = "an image in strips or among the page's operations";
        reading.see(Sight::PictureUnread, Location::default(), what);
    }
    if empty && pictures == 0 && drawn.graphic {
        reading.see(Sight::PictureBlank, Location::default(), "");
    }
    Ok(())
}

/// The text of a page without its own number, where that stands alone in its first or last line; any
/// other number is a figure. Lines keep their places.
fn without_number(text: &str, page: Option<u32>) -> String {
    let own = page.map(|page| page.to_string());
    let mut lines: Vec<&str> = text.lines().collect();
    let filled = |line: &&str| !line.trim().is_empty();
    for end in [lines.iter().position(filled), lines.iter().rposition(filled)] {
        if let Some(line) = end.and_then(|at| lines.get_mut(at))
            && own.as_deref() == Some(line.trim())
        {
            *line = "";
        }
    }
    lines.join("\n")
}

/// A stream's bytes, within [`MAX_STREAM`].
pub fn unpacked(stream: &Stream) -> Option<Vec<u8>> {
    if stream.is_compressed() {
        stream.decompressed_content_with_limit(MAX_STREAM).ok()
    } else {
        Some(stream.content.clone())
    }
}

fn text_of(object: &Object) -> Option<String> {
    lopdf::decode_text_string(object).ok()
}

/// The document's own properties and its XMP packet.
fn properties(reading: &mut Reading, document: &Document) {
    let info = document.trailer.get(b"Info").ok().and_then(|o| document.dereference(o).ok());
    if let Some(info) = info.and_then(|(_, o)| o.as_dict().ok()) {
        for (key, value) in info {
            let value = document.dereference(value).ok().and_then(|(_, v)| text_of(v));
            let Some(value) = value else { continue };
            let name = String::from_utf8_lossy(key).into_owned();
            match name.as_str() {
                "Author" | "Company" | "Manager" => props::person(reading, &name, &value),
                _ => props::path(reading, &name, &value),
            }
        }
    }
}

/// What was filled into the fields of a form: viewers draw it, the pages do not hold it.
fn form(reading: &mut Reading, document: &Document) {
    let mut part = Part::new(Kind::Pdf);
    for object in document.objects.values() {
        let Object::Dictionary(dict) = object else { continue };
        if !(dict.has(b"FT") || dict.has(b"Parent") || dict.has(b"Kids")) {
            continue;
        }
        for key in [&b"V"[..], b"DV"] {
            let value = dict.get(key).ok().and_then(|o| document.dereference(o).ok());
            let Some((_, value)) = value else { continue };
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            for text in values.iter().filter_map(text_of).filter(|t| !t.trim().is_empty()) {
                part.lines.push(super::Line { number: 0, text });
            }
        }
    }
    if !part.lines.is_empty() {
        reading.inside(|within| within.part = Some("form".into()), |reading| reading.part(part));
    }
}

/// Files, scripts and hidden layers that the document carries.
fn carried(reading: &mut Reading, document: &Document) {
    let mut files = Vec::new();
    for object in document.objects.values() {
        let dict = match object {
            Object::Dictionary(dict) => dict,
            Object::Stream(stream) => &stream.dict,
            _ => continue,
        };
        if dict.get(b"S").and_then(Object::as_name).is_ok_and(|s| s == b"JavaScript")
            || dict.has(b"JS")
        {
            reading.see(Sight::Macro, Location::default(), "JavaScript");
        }
        if dict.has(b"EF") {
            match attached(document, dict) {
                Some(file) => files.push(file),
                None => reading.see(Sight::Unread, Location::default(), "an attached file"),
            }
        }
        if dict.get(b"Type").and_then(Object::as_name).is_ok_and(|t| t == b"Metadata")
            && let Object::Stream(stream) = object
            && let Some(packet) = unpacked(stream)
        {
            let packet = String::from_utf8_lossy(&packet).into_owned();
            for word in packet.split(['"', '>', '<', '\'']).filter(|w| props::has_path(w)) {
                props::path(reading, "xmp", word);
            }
        }
    }
    hidden_layers(reading, document);
    for (name, bytes) in files {
        reading.inside(
            |within| within.part = Some(name.clone()),
            |reading| reading.see(Sight::EmbeddedFile, Location::default(), name.clone()),
        );
        match reading.budget.spend(bytes.len()) {
            Ok(()) => reading.embedded(&name, &bytes),
            Err(why) => reading.unread(why),
        }
    }
}

/// The file that a file specification holds.
fn attached(document: &Document, dict: &Dictionary) -> Option<(String, Vec<u8>)> {
    let held = document.dereference(dict.get(b"EF").ok()?).ok()?.1.as_dict().ok()?;
    let stream = held.get(b"F").or_else(|_| held.get(b"UF")).ok()?;
    let stream = document.dereference(stream).ok()?.1.as_stream().ok()?;
    let name = dict.get(b"UF").or_else(|_| dict.get(b"F")).ok().and_then(text_of);
    Some((name.unwrap_or_else(|| "attachment".to_owned()), unpacked(stream)?))
}

/// Layers that are off when the document opens.
fn hidden_layers(reading: &mut Reading, document: &Document) {
    let off = (|| {
        let properties =
            document.dereference(document.catalog().ok()?.get(b"OCProperties").ok()?).ok()?.1;
        let default = document.dereference(properties.as_dict().ok()?.get(b"D").ok()?).ok()?.1;
        let off = document.dereference(default.as_dict().ok()?.get(b"OFF").ok()?).ok()?.1;
        Some(off.as_array().ok()?.len())
    })();
    if let Some(count) = off.filter(|count| *count > 0) {
        reading.see_many(Sight::HiddenText, "layers that are off", count);
    }
}

/// What annotations say; links say nothing.
fn annotations(document: &Document, page: ObjectId) -> Vec<String> {
    let annotations = document.get_page_annotations(page).unwrap_or_default();
    let note = |dict: &&Dictionary| {
        let kind = dict.get(b"Subtype").and_then(Object::as_name).ok()?;
        if matches!(kind, b"Link" | b"Widget" | b"FileAttachment") {
            return None;
        }
        // Stamps are drawn by operations of their own.
        let drawn = matches!(kind, b"Stamp" | b"FreeText") && dict.has(b"AP");
        let text = dict.get(b"Contents").ok().and_then(|o| document.dereference(o).ok());
        let text = text.and_then(|(_, o)| text_of(o)).filter(|text| !text.trim().is_empty());
        text.or_else(|| drawn.then(|| "a stamp".to_owned()))
    };
    annotations.iter().filter_map(note).take(200).collect()
}
