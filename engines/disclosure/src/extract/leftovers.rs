//! The entries of an office package that no reader of its format opened.
//!
//! Threat: an office file is an archive, and its programs show only the parts that they know; what
//! else lies in it (a table of patients beside the sheets, a sheet that no workbook lists) leaves
//! unseen. So each entry is read, or known to hold no data by its name and by what is in it, or
//! noted for a person.

use sha2::{Digest as _, Sha256};

use super::archive::Package;
use super::reading::Reading;
use super::xml::{self, Xml};
use super::{Unread, docx, pptx, props};

/// The previews that python-docx and python-pptx put into every document that they make.
const PREVIEWS: [&str; 2] = [
    "96367138dc44ce09bf2c8f0f8e49348a1478d2c5c0af69bbc2bbc38b63cdcead",
    "116f9aa8ea038e39ef47ee99a23592ab569cf77feafecd0a30e222369e931d25",
];

/// The settings of a printer that openxlsx and python-pptx put into every file that they make.
const PRINTERS: [&str; 2] = [
    "480952293cdacce99a1fcf5605f7b195dd6d278786c9e271e4a8b1c8710926f1",
    "d7768f87e07d29634782e448ece1cddd05a52b9499254222b1190bc8f6dc579e",
];

/// Bytes of a font that are looked through for the names of its tables.
const FONT_HEAD: usize = 512;

/// Reads, or notes as unread, each entry of `package` that was not opened.
///
/// # Errors
/// What the budget does not allow.
pub fn read(reading: &mut Reading, package: &mut Package<'_>) -> Result<(), Unread> {
    for name in package.unopened() {
        let part = name.clone();
        let outcome = reading.inside(
            |within| within.part = Some(part),
            |reading| {
                let bytes = package.bytes(&name, &mut reading.budget)?.unwrap_or_default();
                if bytes.is_empty() { Ok(()) } else { entry(reading, &name, &bytes) }
            },
        );
        match outcome {
            Ok(()) => {}
            Err(why @ (Unread::TooManyEntries | Unread::TooLarge)) => return Err(why),
            Err(why) => reading.inside(|w| w.part = Some(name), |reading| reading.unread(why)),
        }
    }
    Ok(())
}

fn entry(reading: &mut Reading, name: &str, bytes: &[u8]) -> Result<(), Unread> {
    let last = name.rsplit('/').next().unwrap_or(name);
    let below = |folder: &str| name.starts_with(folder) && last.to_lowercase().ends_with(".xml");
    match () {
        () if last.starts_with("thumbnail.") => {
            preview(reading, name, bytes);
            Ok(())
        }
        () if below("ppt/slideLayouts/")
            || below("ppt/slideMasters/")
            || below("ppt/notesMasters/")
            || below("ppt/handoutMasters/") =>
        {
            pptx::master(reading, bytes)
        }
        () if name == "word/glossary/document.xml" => docx::body(reading, bytes),
        () if matches!(name, "word/people.xml" | "xl/persons/person.xml") => people(reading, bytes),
        () if last.to_lowercase().ends_with(".rels") => links(reading, bytes),
        () if is_font(name) => holds(is_font_file(last, bytes)),
        () if last.starts_with("printerSettings") => holds(is_one_of(&PRINTERS, bytes)),
        () if below("customXml/item") && !last.starts_with("itemProps") => {
            holds(is_empty_bibliography(bytes)?)
        }
        () if name == "settings.xml" => holds(are_settings(bytes)?),
        () if name == "layout-cache" => holds(bytes.len() <= 4096 && !has_words(bytes)),
        () if is_harmless(name, last) => holds(is_quiet(bytes)?),
        () => Err(Unread::NoParser),
    }
}

fn holds(known: bool) -> Result<(), Unread> {
    if known { Ok(()) } else { Err(Unread::NoParser) }
}

/// Parts that say how a document looks and is put together. They hold no text: see [`is_quiet`].
fn is_harmless(name: &str, last: &str) -> bool {
    let theme = name.contains("/theme/") && last.starts_with("theme");
    let properties = name.starts_with("customXml/itemProps");
    theme
        || properties
        || matches!(
            name,
            "[Content_Types].xml"
                | "META-INF/manifest.xml"
                | "manifest.rdf"
                | "xl/calcChain.xml"
                | "xl/metadata.xml"
                | "xl/styles.xml"
                | "ppt/presentation.xml"
                | "ppt/presProps.xml"
                | "ppt/viewProps.xml"
                | "ppt/tableStyles.xml"
                | "word/commentsExtended.xml"
        )
        || name.starts_with("word/")
            && matches!(
                last,
                "styles.xml"
                    | "stylesWithEffects.xml"
                    | "settings.xml"
                    | "webSettings.xml"
                    | "fontTable.xml"
                    | "numbering.xml"
            )
}

/// Whether XML has no text and no comment: elements and their settings alone.
fn is_quiet(bytes: &[u8]) -> Result<bool, Unread> {
    let mut quiet = true;
    xml::walk(bytes, |event| {
        quiet &= match event {
            Xml::Text(text) => text.trim().is_empty(),
            Xml::Comment => false,
            _ => true,
        };
        Ok(())
    })?;
    Ok(quiet)
}

/// The list of sources that Word keeps although nobody cites any.
fn is_empty_bibliography(bytes: &[u8]) -> Result<bool, Unread> {
    let (mut elements, mut sources) = (0, false);
    xml::walk(bytes, |event| {
        if let Xml::Open(name, _) = event {
            elements += 1;
            sources |= name == "Sources";
        }
        Ok(())
    })?;
    Ok(elements == 1 && sources && bytes.len() < 1024 && is_quiet(bytes)?)
}

/// Settings of an `OpenDocument` file: switches, numbers, names of devices, and the printer's own.
fn are_settings(bytes: &[u8]) -> Result<bool, Unread> {
    let items = xml::texts(bytes, "config-item", "name")?;
    let short = |(name, text): &(String, String)| {
        let most = if name.contains("Printer") || name == "ColorTableURL" { 4096 } else { 80 };
        text.len() <= most
    };
    Ok(items.iter().all(short))
}

/// A preview shows the document as it was when somebody saved it: a picture like any other.
fn preview(reading: &mut Reading, name: &str, bytes: &[u8]) {
    if !is_one_of(&PREVIEWS, bytes) {
        reading.embedded(name, bytes);
    }
}

/// Whether bytes have one of these digests.
fn is_one_of(digests: &[&str], bytes: &[u8]) -> bool {
    let digest = Sha256::digest(bytes);
    let known = |hex: &&str| {
        let pairs = hex.as_bytes().chunks_exact(2).zip(digest.iter());
        pairs.clone().count() == 32
            && pairs.into_iter().all(|(pair, byte)| pair == format!("{byte:02x}").as_bytes())
    };
    digests.iter().any(known)
}

/// The authors of comments and changes.
fn people(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    let mut names = Vec::new();
    xml::walk(bytes, |event| {
        if let Xml::Open("person", a) = event {
            names.extend(a.get("author").or_else(|| a.get("displayName")));
        }
        Ok(())
    })?;
    for name in &names {
        props::person(reading, "author", name);
    }
    holds(is_quiet(bytes)?)
}

/// Where the relations of a part lead: a template or a picture on somebody's disk is told.
fn links(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    let mut targets = Vec::new();
    xml::walk(bytes, |event| {
        if let Xml::Open("Relationship", a) = event
            && a.get("TargetMode").as_deref() == Some("External")
        {
            targets.extend(a.get("Target"));
        }
        Ok(())
    })?;
    for target in &targets {
        props::path(reading, "link", target);
    }
    holds(is_quiet(bytes)?)
}

fn is_font(name: &str) -> bool {
    ["word/fonts/", "ppt/fonts/", "Fonts/"].iter().any(|folder| name.starts_with(folder))
}

/// Whether the names of the tables that every font has stand where its directory is. Word hides
/// the first 32 bytes.
fn is_font_file(name: &str, bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(FONT_HEAD)).unwrap_or_default();
    let has = |mark: &[u8]| memchr::memmem::find(head, mark).is_some();
    let named = [".odttf", ".ttf", ".otf", ".fntdata"].iter().any(|end| name.ends_with(end));
    named && has(b"head") && has(b"hmtx") && (has(b"glyf") || has(b"CFF "))
}

/// Whether bytes that should be numbers hold letters or digits in a row.
fn has_words(bytes: &[u8]) -> bool {
    bytes.windows(6).any(|six| six.iter().all(|b| b.is_ascii_graphic() || *b == b' '))
}
