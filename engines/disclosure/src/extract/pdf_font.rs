//! The fonts of a PDF: which letters its codes are, and how wide.

use std::collections::HashMap;

use lopdf::{Dictionary, Document, Encoding, Object};

use super::pdf::MAX_STREAM;

/// A font as far as placing and reading its letters needs.
pub struct Font<'a> {
    encoding: Option<Encoding<'a>>,
    /// Widths by code in thousandths of the size, and the one for all others.
    widths: HashMap<u32, f64>,
    width: f64,
    /// Bytes of a code.
    pub bytes: usize,
    /// Whether its letters are the signs of `ZapfDingbats`, with which R draws markers.
    pub symbols: bool,
}

impl<'a> Font<'a> {
    /// Reads a font.
    pub fn load(document: &'a Document, dict: &'a Dictionary) -> Self {
        let composite = dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|s| s == b"Type0");
        let base = dict.get(b"BaseFont").and_then(Object::as_name).unwrap_or_default();
        // A font that brings its own letters, or says what they mean, is not the standard one.
        let own = dict.has(b"FontDescriptor") || dict.has(b"ToUnicode") || composite;
        let mut font = Self {
            encoding: dict.get_font_encoding_with_limit(document, MAX_STREAM).ok(),
            widths: HashMap::new(),
            width: 500.0,
            bytes: if composite { 2 } else { 1 },
            symbols: base == b"ZapfDingbats" && !own,
        };
        if composite {
            font.composite_widths(document, dict);
        } else {
            font.simple_widths(document, dict);
        }
        font
    }

    /// The letters of these codes; empty where nothing explains them.
    pub fn text(&self, codes: &[u8]) -> String {
        let text = self.encoding.as_ref().and_then(|known| known.bytes_to_string(codes).ok());
        text.unwrap_or_default()
    }

    /// The width of a code in thousandths of the size.
    pub fn width(&self, code: &[u8]) -> f64 {
        let number = code.iter().fold(0_u32, |all, b| all << 8 | u32::from(*b));
        self.widths.get(&number).copied().unwrap_or(self.width)
    }

    fn simple_widths(&mut self, document: &Document, dict: &Dictionary) {
        let first = dict.get(b"FirstChar").and_then(Object::as_i64).unwrap_or(0);
        let widths = dict.get(b"Widths").ok().and_then(|o| document.dereference(o).ok());
        let widths = widths.and_then(|(_, o)| o.as_array().ok()).into_iter().flatten();
        for (code, width) in (u32::try_from(first).unwrap_or(0)..).zip(widths.take(256)) {
            self.widths.insert(code, width.as_float().map_or(500.0, f64::from));
        }
    }

    /// `/W [c [w1 w2] cfirst clast w]` of the descendant font.
    fn composite_widths(&mut self, document: &Document, dict: &Dictionary) {
        let descendant = (|| {
            let list = document.dereference(dict.get(b"DescendantFonts").ok()?).ok()?.1;
            document.dereference(list.as_array().ok()?.first()?).ok()?.1.as_dict().ok()
        })();
        let Some(descendant) = descendant else { return };
        self.width = descendant.get(b"DW").and_then(Object::as_float).map_or(1000.0, f64::from);
        let list = descendant.get(b"W").ok().and_then(|o| document.dereference(o).ok());
        let Some(Ok(list)) = list.map(|(_, o)| o.as_array()) else { return };
        let code = |o: &Object| o.as_i64().ok().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        let mut at = 0;
        while at + 1 < list.len() && self.widths.len() < 70_000 {
            let first = code(&list[at]);
            if let Ok(Object::Array(widths)) = document.dereference(&list[at + 1]).map(|(_, o)| o) {
                for (own, width) in (first..).zip(widths) {
                    self.widths.insert(own, width.as_float().map_or(500.0, f64::from));
                }
                at += 2;
            } else {
                let last = code(&list[at + 1]).min(first.saturating_add(70_000));
                let width =
                    list.get(at + 2).and_then(|w| w.as_float().ok()).map_or(500.0, f64::from);
                self.widths.extend((first..=last).map(|own| (own, width)));
                at += 3;
            }
        }
    }
}
