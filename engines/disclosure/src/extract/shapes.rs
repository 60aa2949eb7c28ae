//! The shapes of a picture beside its letters: whether what was read of it explains all of its ink.
//!
//! Long straight runs (rules, axes, bars) are taken away; what is left are letters, figures, markers
//! and curves. A picture of a table has as many pieces as the letters that were read of it; a cloud
//! of points has many more. Only PNG as plotting programs write them is looked at: 8 bits, not
//! interlaced; every other picture stays with a person.

use std::io::Read;

use flate2::read::ZlibDecoder;
use serde::{Deserialize, Serialize};

use super::image::png_chunks;
use crate::words::{fold, tokens};

/// Pixels of a picture that is looked at, at most.
const MAX_PIXELS: usize = 4_000_000;
/// Runs of ink from this length on, in pixels, are no part of a letter.
const LONG: usize = 25;
/// The largest letter, in pixels.
const LETTER: usize = 24;
/// How much darker or lighter than the ground ink is, of 255.
const INK: u8 = 60;

/// What is left of a picture without its long straight runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shapes {
    /// Pieces as large as letters or smaller.
    pub small: u32,
    /// Larger ones: curves.
    pub large: u32,
    /// Those of them that are no thin line: blots, clouds that ran together.
    pub thick: u32,
}

/// A picture as bits, row by row: where its ink is.
struct Ink {
    wide: usize,
    high: usize,
    bits: Vec<bool>,
}

/// The shapes of a PNG; `None` for another picture, and for one that is damaged or too large.
pub fn of(bytes: &[u8]) -> Option<Shapes> {
    let ink = ink(bytes)?;
    Some(pieces(&ink, &long_runs(&ink)))
}

/// Four bytes as a number.
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(four)).ok()
}

fn ink(bytes: &[u8]) -> Option<Ink> {
    if !bytes.starts_with(&[0x89, b'P', b'N', b'G']) {
        return None;
    }
    let chunks = png_chunks(bytes).0;
    let named = |name: [u8; 4]| chunks.iter().filter(move |c| c.0 == name).map(|c| c.1);
    let head = named(*b"IHDR").next()?;
    let (wide, high) = (number(head, 0)?, number(head, 4)?);
    let (depth, kind, laced) = (*head.get(8)?, *head.get(9)?, *head.get(12)?);
    let channels = match kind {
        0 | 3 => 1,
        2 => 3,
        4 => 2,
        6 => 4,
        _ => return None,
    };
    let pixels = wide.checked_mul(high).filter(|p| (1..=MAX_PIXELS).contains(p))?;
    if depth != 8 || laced != 0 {
        return None;
    }
    let packed: Vec<u8> = named(*b"IDAT").flatten().copied().collect();
    let line = wide * channels;
    let mut raw = Vec::new();
    let limit = u64::try_from((line + 1) * high).ok()?;
    ZlibDecoder::new(packed.as_slice()).take(limit).read_to_end(&mut raw).ok()?;
    if raw.len() != (line + 1) * high {
        return None;
    }
    unfilter(&mut raw, line, channels)?;
    let palette = named(*b"PLTE").next().unwrap_or_default();
    let mut colours = Vec::with_capacity(pixels);
    for row in raw.chunks_exact(line + 1) {
        colours.extend(row[1..].chunks_exact(channels).map(|p| colour(p, kind, palette)));
    }
    let ground = most(&colours);
    let far = |c: &[u8; 3]| c.iter().zip(ground).any(|(a, b)| a.abs_diff(b) > INK);
    Some(Ink { wide, high, bits: colours.iter().map(far).collect() })
}

/// A pixel as red, green and blue on white.
fn colour(pixel: &[u8], kind: u8, palette: &[u8]) -> [u8; 3] {
    let on_white = |value: u8, alpha: u8| {
        let mixed = (u32::from(value) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255;
        u8::try_from(mixed).unwrap_or(255)
    };
    match (kind, pixel) {
        (3, [at]) => {
            let at = usize::from(*at) * 3;
            palette.get(at..at + 3).and_then(|p| p.try_into().ok()).unwrap_or([255; 3])
        }
        (2, [r, g, b]) => [*r, *g, *b],
        (6, [r, g, b, a]) => [on_white(*r, *a), on_white(*g, *a), on_white(*b, *a)],
        (4, [v, a]) => [on_white(*v, *a); 3],
        (_, [v, ..]) => [*v; 3],
        _ => [255; 3],
    }
}

/// The colour of the ground: the one of most pixels.
fn most(colours: &[[u8; 3]]) -> [u8; 3] {
    let mut sorted = colours.to_vec();
    sorted.sort_unstable();
    let longest = sorted.chunk_by(|a, b| a == b).max_by_key(|run| run.len());
    longest.and_then(|run| run.first().copied()).unwrap_or([255; 3])
}

/// Undoes the filters of a PNG's lines (ISO/IEC 15948, 9).
fn unfilter(raw: &mut [u8], line: usize, channels: usize) -> Option<()> {
    let mut before = vec![0_u8; line];
    for row in raw.chunks_exact_mut(line + 1) {
        let (filter, row) = row.split_first_mut()?;
        for at in 0..line {
            let left = if at >= channels { row[at - channels] } else { 0 };
            let corner = if at >= channels { before[at - channels] } else { 0 };
            let above = before[at];
            let guess = match *filter {
                0 => 0,
                1 => left,
                2 => above,
                3 => u8::midpoint(left, above),
                4 => paeth(left, above, corner),
                _ => return None,
            };
            row[at] = row[at].wrapping_add(guess);
        }
        before.copy_from_slice(row);
    }
    Some(())
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(above), i16::from(corner));
    let (pa, pb, pc) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
    if pa <= pb && pa <= pc {
        left
    } else if pb <= pc {
        above
    } else {
        corner
    }
}

/// Where long straight runs are, across or down.
fn long_runs(ink: &Ink) -> Vec<bool> {
    let mut long = vec![false; ink.bits.len()];
    let mut mark = |places: &mut dyn Iterator<Item = usize>| {
        let mut run: Vec<usize> = Vec::new();
        for at in places {
            if ink.bits[at] {
                run.push(at);
                continue;
            }
            if run.len() >= LONG {
                run.iter().for_each(|at| long[*at] = true);
            }
            run.clear();
        }
        if run.len() >= LONG {
            run.iter().for_each(|at| long[*at] = true);
        }
    };
    (0..ink.high).for_each(|y| mark(&mut (y * ink.wide..(y + 1) * ink.wide)));
    (0..ink.wide).for_each(|x| mark(&mut (x..ink.bits.len()).step_by(ink.wide)));
    long
}

/// The pieces of what is left, each told by its size.
fn pieces(ink: &Ink, long: &[bool]) -> Shapes {
    let mut open: Vec<bool> = ink.bits.iter().zip(long).map(|(ink, long)| *ink && !*long).collect();
    let mut shapes = Shapes::default();
    let mut stack = Vec::new();
    for start in 0..open.len() {
        if !open[start] {
            continue;
        }
        open[start] = false;
        stack.push(start);
        let (mut area, mut touches) = (0_usize, false);
        let (mut left, mut right, mut top, mut low) = (usize::MAX, 0, usize::MAX, 0);
        while let Some(at) = stack.pop() {
            let (x, y) = (at % ink.wide, at / ink.wide);
            area += 1;
            (left, right, top, low) = (left.min(x), right.max(x), top.min(y), low.max(y));
            for ny in y.saturating_sub(1)..=(y + 1).min(ink.high - 1) {
                for nx in x.saturating_sub(1)..=(x + 1).min(ink.wide - 1) {
                    let next = ny * ink.wide + nx;
                    touches |= long[next];
                    if std::mem::take(&mut open[next]) {
                        stack.push(next);
                    }
                }
            }
        }
        shapes.add((right - left + 1, low - top + 1), area, touches);
    }
    shapes
}

impl Shapes {
    fn add(&mut self, (wide, high): (usize, usize), area: usize, touches: bool) {
        let (least, most) = (wide.min(high), wide.max(high));
        // The mark of an axis, or the blurred edge of a bar.
        if touches && least <= 2 && most <= 10 {
            return;
        }
        if most <= LETTER {
            self.small += 1;
            return;
        }
        self.large += 1;
        self.thick += u32::from(area > 8 * most);
    }

    /// Whether the letters of a table explain all that is drawn.
    pub fn is_table_of(self, text: &str) -> bool {
        let read = text.chars().map(strokes).sum::<u32>();
        self.large == 0 && read >= 8 && self.small <= read && read <= self.small + self.small / 12
    }

    /// Whether a picture is a chart of rates, means or indices, whose letters explain all but its
    /// bars and lines. Charts of counts show single units at their ends.
    pub fn is_chart_of(self, text: &str) -> bool {
        let folded = fold(text);
        let words = tokens(&folded);
        let any = |list: &[&str]| words.iter().any(|w| list.contains(w));
        let rates =
            ["taux", "part", "rate", "share", "moyen", "moyenne", "mean", "indice", "index"];
        let counts = [
            "effectif",
            "effectifs",
            "nombre",
            "count",
            "counts",
            "frequency",
            "frequence",
            "freq",
            "n",
            "nb",
            "number",
            "min",
            "max",
            "residus",
            "residuals",
            "density",
            "densite",
        ];
        let sane = text.split_whitespace().filter(|word| is_sane(word));
        let read = sane.flat_map(str::chars).map(strokes).sum::<u32>();
        (any(&rates) || text.contains('%'))
            && !any(&counts)
            && self.thick == 0
            && self.large <= 12
            && self.small <= read + read / 10 + 4
    }
}

/// Pieces of ink of a character.
fn strokes(c: char) -> u32 {
    match c {
        c if c.is_whitespace() => 0,
        'i' | 'j' | ':' | ';' | '=' | '!' | '?' | '"' | 'é' | 'è' | 'ê' | 'à' | 'â' | 'ù' | 'û'
        | 'ô' | 'î' | 'É' | 'È' | 'Ê' | 'À' => 2,
        '%' | 'ë' | 'ï' | 'ü' | '…' => 3,
        _ => 1,
    }
}

/// Whether a word is one of letters or a number, and not what is read out of markers.
fn is_sane(word: &str) -> bool {
    let core = word.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '%' | '-'));
    let number = core.len() >= 2 && core.chars().all(|c| c.is_ascii_digit() || ".,%-".contains(c));
    let folded = fold(core);
    let vowel = folded.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    let letters = folded.chars().filter(|c| c.is_ascii_lowercase() && *c != 'o').count();
    number || vowel && letters >= 3 || core == "%"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture with ink at some places.
    fn drawn(wide: usize, high: usize, places: &[(usize, usize, usize, usize)]) -> Shapes {
        let mut bits = vec![false; wide * high];
        for (x, y, w, h) in places {
            for at in (*y..y + h).flat_map(|row| (*x..x + w).map(move |col| row * wide + col)) {
                bits[at] = true;
            }
        }
        let ink = Ink { wide, high, bits };
        pieces(&ink, &long_runs(&ink))
    }

    #[test]
    fn rules_and_bars_are_taken_away_and_letters_and_curves_are_left() {
        let shapes = drawn(200, 200, &[(0, 0, 200, 2), (20, 40, 30, 100), (100, 100, 6, 9)]);
        assert_eq!(shapes, Shapes { small: 1, large: 0, thick: 0 });
        let marks: Vec<_> = (0..40).map(|i| (4 * i, 10 + (i * 37) % 150, 3, 3)).collect();
        assert_eq!(drawn(200, 200, &marks).small, 40);
    }

    #[test]
    fn a_missing_figure_or_a_cloud_is_not_explained_by_what_was_read() {
        let table = Shapes { small: 22, large: 0, thick: 0 };
        assert!(table.is_table_of("Nord 2348 Sud 4102 Est 3605"));
        assert!(!Shapes { small: 24, ..table }.is_table_of("Nord 2348 Sud 4102 Est 3605"));
        let chart = "Taux (%) 2010 2012 2014 10 20 30";
        assert!(Shapes { small: 30, large: 1, thick: 0 }.is_chart_of(chart));
        assert!(!Shapes { small: 90, large: 1, thick: 0 }.is_chart_of(chart));
        assert!(!Shapes { small: 30, large: 1, thick: 1 }.is_chart_of(chart));
        assert!(
            !Shapes { small: 30, large: 1, thick: 0 }.is_chart_of("Effectif 2010 2012 % 2014 10")
        );
    }

    #[test]
    fn a_damaged_picture_has_no_shapes() {
        assert_eq!(of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), None);
        assert_eq!(of(&[]), None);
    }
}
