//! The images of a PDF's page: which of them may show something, and as what files they are read.

use std::collections::HashMap;

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::pdf::unpacked;
use super::reading::Reading;

/// The sides of an image below which it is an icon, in pixels.
const LEAST_WIDE: usize = 48;
const LEAST_HIGH: usize = 24;

/// The images that were drawn on a page.
#[derive(Debug, Default)]
pub struct Images {
    /// Those that are large enough to show something.
    pub whole: Vec<ObjectId>,
    /// Strips and slices: too low or too narrow to show something alone, with their area.
    strips: HashMap<ObjectId, usize>,
    /// Those that are written between the operations.
    inline: usize,
}

impl Images {
    /// Keeps an image that may show something.
    pub fn add(&mut self, document: &Document, id: Option<ObjectId>, dict: &Dictionary) {
        let side = |key: &[u8]| {
            let object = dict.get(key).ok()?;
            usize::try_from(document.dereference(object).ok()?.1.as_i64().ok()?).ok()
        };
        // A side that nobody can tell may be of any length.
        let (wide, high) = (side(b"Width").unwrap_or(9_999), side(b"Height").unwrap_or(9_999));
        let Some(id) = id else { return };
        if wide >= LEAST_WIDE && high >= LEAST_HIGH {
            if !self.whole.contains(&id) {
                self.whole.push(id);
            }
        } else if wide >= LEAST_WIDE || high >= LEAST_HIGH {
            self.strips.insert(id, wide.saturating_mul(high));
        }
    }

    /// Keeps an image that is written between the operations.
    pub fn add_inline(&mut self, operands: &[Object]) {
        let side = |dict: &Dictionary, short: &[u8], long: &[u8]| {
            let side = dict.get(short).or_else(|_| dict.get(long)).and_then(Object::as_i64);
            side.ok().and_then(|side| usize::try_from(side).ok()).unwrap_or(9_999)
        };
        let large = match operands {
            [Object::Stream(image)] => {
                let (wide, high) =
                    (side(&image.dict, b"W", b"Width"), side(&image.dict, b"H", b"Height"));
                wide.saturating_mul(high) >= LEAST_WIDE * LEAST_HIGH
            }
            // What could not be parsed may be of any size.
            _ => true,
        };
        self.inline += usize::from(large);
    }

    /// Whether something may be shown by images that are not among the whole ones.
    pub fn others(&self) -> bool {
        let area = self.strips.values().fold(0_usize, |all, own| all.saturating_add(*own));
        self.inline > 0 || self.strips.len() > 1 && area >= LEAST_WIDE * LEAST_HIGH
    }
}

/// An image as a file that a reader of pictures takes: JPEG as it is, plain pixels as PNM.
pub fn picture(document: &Document, id: ObjectId, reading: &mut Reading) -> Option<Vec<u8>> {
    let stream = document.get_object(id).ok()?.as_stream().ok()?;
    let number = |key: &[u8]| {
        let object = stream.dict.get(key).ok()?;
        usize::try_from(document.dereference(object).ok()?.1.as_i64().ok()?).ok()
    };
    let filters = stream.filters().unwrap_or_default();
    if filters.last().is_some_and(|f| *f == b"DCTDecode") && filters.len() == 1 {
        return Some(stream.content.clone());
    }
    let (width, height) = (number(b"Width")?, number(b"Height")?);
    let bits = number(b"BitsPerComponent").unwrap_or(1);
    let pixels = unpacked(stream)?;
    reading.budget.spend(pixels.len()).ok()?;
    let size = width.checked_mul(height)?;
    let (magic, length) = match bits {
        8 if pixels.len() >= size.checked_mul(3)? => ("P6", size * 3),
        8 if pixels.len() >= size => ("P5", size),
        _ => return None,
    };
    let mut out = format!("{magic}\n{width} {height}\n255\n").into_bytes();
    out.extend_from_slice(pixels.get(..length)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lopdf::dictionary;

    #[test]
    fn sides_elsewhere_strips_and_images_between_operations_are_kept() {
        let mut document = Document::with_version("1.5");
        let height = document.add_object(400);
        let mut images = Images::default();
        let far = dictionary! { "Width" => 600, "Height" => height };
        images.add(&document, Some((7, 0)), &far);
        assert_eq!(images.whole, [(7, 0)]);
        assert!(!images.others());
        for id in 8..11 {
            let strip = dictionary! { "Width" => 600, "Height" => 16 };
            images.add(&document, Some((id, 0)), &strip);
        }
        assert_eq!(images.whole.len(), 1);
        assert!(images.others());
        let mut icons = Images::default();
        for id in 8..11 {
            icons.add(&document, Some((id, 0)), &dictionary! { "Width" => 16, "Height" => 16 });
        }
        let icon = dictionary! { "W" => 12, "H" => 12 };
        icons.add_inline(&[Object::Stream(lopdf::Stream::new(icon, Vec::new()))]);
        assert!(!icons.others());
        let chart = dictionary! { "W" => 400, "H" => 300 };
        icons.add_inline(&[Object::Stream(lopdf::Stream::new(chart, Vec::new()))]);
        assert!(icons.others());
    }
}
