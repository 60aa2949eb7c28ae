//! The two fonts, their widths, and what they cannot show.

use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::{
    FontRef, MetadataProvider as _,
    charmap::Charmap,
    instance::{LocationRef, Size},
    metrics::GlyphMetrics,
};
use unicode_normalization::UnicodeNormalization as _;

use super::PdfError;
use crate::assets;

/// Shown for a character that the font does not have.
const UNKNOWN: char = '\u{fffd}';

/// The regular and the bold font.
pub(super) struct Fonts {
    regular: Face,
    bold: Face,
}

impl Fonts {
    pub fn face(&self, bold: bool) -> &Face {
        if bold { &self.bold } else { &self.regular }
    }
}

/// One font. Characters stand one after the other: no ligatures, no kerning, no joining of letters,
/// so that what is measured is exactly what is drawn.
pub(super) struct Face {
    pub font: Font,
    map: Charmap<'static>,
    widths: GlyphMetrics<'static>,
    units: f32,
}

/// The fonts in the program.
pub(super) fn fonts() -> Result<&'static Fonts, PdfError> {
    static FONTS: LazyLock<Result<Fonts, &'static str>> = LazyLock::new(|| {
        let regular = Face::load("vendor/DejaVuSansCondensed.ttf")?;
        let bold = Face::load("vendor/DejaVuSansCondensed-Bold.ttf")?;
        Ok(Fonts { regular, bold })
    });
    FONTS.as_ref().map_err(|missing| PdfError::NoFont(missing))
}

impl Face {
    fn load(name: &'static str) -> Result<Self, &'static str> {
        let bytes: &'static [u8] = match assets::bytes(name).ok_or(name)? {
            std::borrow::Cow::Borrowed(bytes) => bytes,
            // A debug build reads assets from disk; each font once, for the life of the process.
            std::borrow::Cow::Owned(bytes) => bytes.leak(),
        };
        let read = FontRef::new(bytes).map_err(|_| name)?;
        let font = Font::new(bytes.into(), 0).ok_or(name)?;
        let units = font.units_per_em();
        let widths = read.glyph_metrics(Size::unscaled(), LocationRef::default());
        Ok(Self { map: read.charmap(), widths, units, font })
    }

    /// The width of a character, as a part of the font's size.
    pub fn advance(&self, c: char) -> f32 {
        let glyph = self.map.map(c).unwrap_or_default();
        self.widths.advance_width(glyph).unwrap_or_default() / self.units
    }

    /// The width of a text at the size.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.advance(c)).sum::<f32>() * size
    }

    /// The text as glyphs.
    pub fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let glyph = |(at, c): (usize, char)| {
            let id = GlyphId::new(self.map.map(c).unwrap_or_default().to_u32());
            let advance = self.advance(c);
            KrillaGlyph::new(id, advance, 0.0, 0.0, 0.0, at..at + c.len_utf8(), None)
        };
        text.char_indices().map(glyph).collect()
    }

    /// The text as the font can show it: composed letters, no control characters, [`UNKNOWN`] for
    /// what the font does not have.
    pub fn showable(&self, text: &str) -> String {
        let shown = |c: char| match c {
            '\n' => Some('\n'),
            '\t' => Some(' '),
            // PDF/UA wants a meaning for each character: these two have none (krilla refuses a
            // file with them, `InvalidCodepointMapping`), and U+FEFF is in the font.
            '\u{feff}' | '\u{fffe}' => None,
            c if c.is_control() => None,
            c if self.map.map(c).is_some() => Some(c),
            _ => Some(UNKNOWN),
        };
        text.nfc().filter_map(shown).collect()
    }
}
