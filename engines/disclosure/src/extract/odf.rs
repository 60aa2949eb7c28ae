//! What ODS and ODT share: styles that hide, comments, pictures and embedded objects.

use std::collections::{HashMap, HashSet};

use super::archive::Package;
use super::reading::Reading;
use super::xlsx_styles::near_white;
use super::xml::{self, Xml};
use super::{Sight, Unread};
use crate::report::Location;

/// Names of styles by what they do.
#[derive(Debug, Default)]
pub struct Styles {
    /// Tables that are not shown.
    pub hidden_tables: HashSet<String>,
    /// Text that is not shown.
    pub hidden_texts: HashSet<String>,
    /// White letters on no background.
    pub white: HashSet<String>,
    /// Cells whose number format shows nothing.
    pub hiding: HashSet<String>,
}

/// Reads the automatic styles of `content.xml` or the named ones of `styles.xml`.
///
/// # Errors
/// What is not well-formed.
pub fn styles(bytes: &[u8], out: &mut Styles) -> Result<(), Unread> {
    let (mut name, mut white, mut filled) = (String::new(), false, false);
    let mut formats: HashMap<String, bool> = HashMap::new();
    let (mut format, mut data) = (String::new(), HashMap::new());
    xml::walk(bytes, |event| {
        match event {
            Xml::Open("style", a) => {
                name = a.get("name").unwrap_or_default();
                (white, filled) = (false, false);
                if let Some(format) = a.get("data-style-name") {
                    data.insert(name.clone(), format);
                }
            }
            Xml::Open("table-properties", a) if a.get("display").as_deref() == Some("false") => {
                out.hidden_tables.insert(name.clone());
            }
            Xml::Open("text-properties", a) => {
                if a.get("display").as_deref() == Some("none") {
                    out.hidden_texts.insert(name.clone());
                }
                white |= a.get("fo:color").is_some_and(|color| near_white(&color));
            }
            Xml::Open("table-cell-properties" | "paragraph-properties", a) => {
                let ground = a.get("background-color");
                filled |= ground.is_some_and(|c| c != "transparent" && !near_white(&c));
            }
            Xml::Close("style") if white && !filled => {
                out.white.insert(name.clone());
            }
            Xml::Open("number-style" | "percentage-style" | "date-style" | "currency-style", a) => {
                format = a.get("name").unwrap_or_default();
                formats.insert(format.clone(), true);
            }
            Xml::Open(
                "number" | "scientific-number" | "fraction" | "year" | "month" | "day" | "hours"
                | "text-content",
                _,
            ) => {
                formats.insert(format.clone(), false);
            }
            _ => {}
        }
        Ok(())
    })?;
    for (style, format) in data {
        if formats.get(&format) == Some(&true) {
            out.hiding.insert(style);
        }
    }
    Ok(())
}

/// Pictures, charts and other objects in the package.
///
/// # Errors
/// What the package cannot give.
pub fn objects(reading: &mut Reading, package: &mut Package<'_>) -> Result<(), Unread> {
    for name in package.named("Pictures/", "") {
        let bytes = package.bytes(&name, &mut reading.budget)?.ok_or(Unread::Damaged)?;
        reading.embedded(&name, &bytes);
    }
    for name in package.named("Object ", "") {
        // A chart keeps its values in a folder of its own: `Object 1/content.xml`.
        if name.ends_with("/content.xml") {
            let bytes = package.bytes(&name, &mut reading.budget)?.ok_or(Unread::Damaged)?;
            let values = xml::texts(&bytes, "table-cell", "")?.len();
            if values > 0 {
                reading
                    .inside(|w| w.part = Some(name), |r| r.see_many(Sight::ChartCache, "", values));
            }
        } else if !name.contains('/') {
            reading.inside(
                |within| within.part = Some(name.clone()),
                |reading| reading.see(Sight::EmbeddedFile, Location::default(), name.clone()),
            );
        }
    }
    Ok(())
}
