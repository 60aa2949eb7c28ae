//! The shapes of a picture beside its letters: whether what was read of it explains all of its ink.
//!
//! Long straight runs (rules, axes, bars) are taken away; what is left are letters, figures, markers
//! and curves. A picture of a table has as many pieces as the letters that were read of it; a cloud
//! of points has many more. Only PNG as plotting programs write them is looked at: 8 bits, not
//! interlaced; every other picture stays with a person.

use serde::{Deserialize, Serialize};

use super::png_ink::{self, Ink};
use crate::words::{fold, tokens};

/// Runs of ink from this length on, in pixels, are no part of a letter.
const LONG: usize = 25;
/// The largest letter, in pixels.
const LETTER: usize = 24;
/// How much darker or lighter than the ground ink is, of 255. The blurred edges of letters are not.
const INK: u8 = 60;
/// The same of what is drawn in pale grey alone.
const PALE: u8 = 16;
/// Lines across or down of a chart, at most: thin bars are the values of units as markers are.
const BARS: u32 = 14;
/// The widest of such lines, in pixels.
const THIN: usize = 6;
/// Of a picture's width or height, what a run has at least that is a frame, an axis or a rule.
const FRAME: usize = 5;

/// What is left of a picture without its long straight runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shapes {
    /// Pieces as large as letters or smaller.
    pub small: u32,
    /// Larger ones: curves.
    pub large: u32,
    /// Those of them that are no thin line: blots, clouds that ran together.
    pub thick: u32,
    /// Thin lines that a row or a column of pixels crosses, at most.
    #[serde(default)]
    pub lines: u32,
}

/// The shapes of a PNG; `None` for another picture, and for one that is damaged or too large.
pub fn of(bytes: &[u8]) -> Option<Shapes> {
    let (ink, pale) = png_ink::read(bytes, INK, PALE)?;
    let (long, fine) = (long_runs(&ink), long_runs(&pale));
    let mut shapes = Shapes { lines: lines(&ink, &long), ..Shapes::default() };
    pieces(&ink, &long, None, &mut shapes);
    // What has a dark pixel was told above.
    pieces(&pale, &fine, Some(&ink.bits), &mut shapes);
    Some(shapes)
}

/// How many thin lines a row or a column of pixels crosses, at most.
fn lines(ink: &Ink, long: &[bool]) -> u32 {
    let count = |places: &mut dyn Iterator<Item = usize>| {
        let (mut lines, mut run) = (0, 0);
        for at in places.chain([usize::MAX]) {
            let on = long.get(at).copied().unwrap_or(false);
            lines += u32::from(!on && (1..=THIN).contains(&run));
            run = if on { run + 1 } else { 0 };
        }
        lines
    };
    let across = (0..ink.high).map(|y| count(&mut (y * ink.wide..(y + 1) * ink.wide)));
    let down = (0..ink.wide).map(|x| count(&mut (x..long.len()).step_by(ink.wide)));
    across.chain(down).max().unwrap_or(0)
}

/// Where long straight runs are that hang together with a frame, an axis or a rule. The arms of a
/// large marker are runs too, alone in the field.
fn long_runs(ink: &Ink) -> Vec<bool> {
    let mut long = straight(ink);
    for piece in hanging(ink, &long) {
        let across = piece.iter().map(|at| at % ink.wide);
        let down = piece.iter().map(|at| at / ink.wide);
        let spread = |places: &mut dyn Iterator<Item = usize>| {
            let (least, most) = places.fold((usize::MAX, 0), |(a, b), p| (a.min(p), b.max(p)));
            most.saturating_sub(least) + 1
        };
        let (wide, high) = (spread(&mut across.clone()), spread(&mut down.clone()));
        if wide * FRAME < ink.wide && high * FRAME < ink.high {
            for at in piece {
                long[at] = false;
            }
        }
    }
    long
}

/// The places of `long` that hang together, piece by piece.
fn hanging(ink: &Ink, long: &[bool]) -> Vec<Vec<usize>> {
    let mut open = long.to_vec();
    let mut pieces = Vec::new();
    for start in 0..open.len() {
        if !std::mem::take(&mut open[start]) {
            continue;
        }
        let (mut piece, mut next) = (vec![start], 0);
        while let Some(at) = piece.get(next).copied() {
            next += 1;
            let (x, y) = (at % ink.wide, at / ink.wide);
            for ny in y.saturating_sub(1)..=(y + 1).min(ink.high - 1) {
                for nx in x.saturating_sub(1)..=(x + 1).min(ink.wide - 1) {
                    if std::mem::take(&mut open[ny * ink.wide + nx]) {
                        piece.push(ny * ink.wide + nx);
                    }
                }
            }
        }
        pieces.push(piece);
    }
    pieces
}

/// Where long straight runs are, across or down.
fn straight(ink: &Ink) -> Vec<bool> {
    let mut long = vec![false; ink.bits.len()];
    let mut mark = |places: &mut dyn Iterator<Item = usize>| {
        let mut run: Vec<usize> = Vec::new();
        for at in places {
            if ink.bits[at] {
                run.push(at);
                continue;
            }
            if run.len() >= LONG {
                for at in &run {
                    long[*at] = true;
                }
            }
            run.clear();
        }
        if run.len() >= LONG {
            for at in run {
                long[at] = true;
            }
        }
    };
    (0..ink.high).for_each(|y| mark(&mut (y * ink.wide..(y + 1) * ink.wide)));
    (0..ink.wide).for_each(|x| mark(&mut (x..ink.bits.len()).step_by(ink.wide)));
    long
}

/// The pieces of what is left, each told by its size; those that hold a place of `but` are told
/// elsewhere.
fn pieces(ink: &Ink, long: &[bool], but: Option<&[bool]>, shapes: &mut Shapes) {
    let mut open: Vec<bool> = ink.bits.iter().zip(long).map(|(ink, long)| *ink && !*long).collect();
    let mut stack = Vec::new();
    for start in 0..open.len() {
        if !open[start] {
            continue;
        }
        open[start] = false;
        stack.push(start);
        let (mut area, mut touches, mut told) = (0_usize, false, false);
        let (mut left, mut right, mut top, mut low) = (usize::MAX, 0, usize::MAX, 0);
        while let Some(at) = stack.pop() {
            let (x, y) = (at % ink.wide, at / ink.wide);
            area += 1;
            told |= but.is_some_and(|but| but[at]);
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
        if !told {
            shapes.add((right - left + 1, low - top + 1), area, touches);
        }
    }
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
            && self.lines <= BARS
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
        let long = long_runs(&ink);
        let mut shapes = Shapes { lines: lines(&ink, &long), ..Shapes::default() };
        pieces(&ink, &long, None, &mut shapes);
        shapes
    }

    #[test]
    fn rules_and_bars_are_taken_away_and_letters_and_curves_are_left() {
        let shapes = drawn(200, 200, &[(0, 0, 200, 2), (20, 40, 30, 100), (100, 100, 6, 9)]);
        assert_eq!(shapes, Shapes { small: 1, lines: 1, ..Shapes::default() });
        let marks: Vec<_> = (0..40).map(|i| (4 * i, 10 + (i * 37) % 150, 3, 3)).collect();
        assert_eq!(drawn(200, 200, &marks).small, 40);
    }

    #[test]
    fn large_markers_are_no_axes_and_pale_ones_are_ink() {
        let frame = [(20, 20, 300, 1), (20, 220, 300, 1), (20, 20, 1, 200), (320, 20, 1, 201)];
        let plus = |x: usize, y: usize| [(x, y + 15, 31, 1), (x + 15, y, 1, 31)];
        let marks = (0..16).flat_map(|i| plus(30 + 62 * (i % 4), 25 + 47 * (i / 4)));
        let shapes = drawn(340, 240, &frame.into_iter().chain(marks).collect::<Vec<_>>());
        assert_eq!((shapes.small, shapes.large, shapes.thick), (0, 16, 0));
        assert!(!shapes.is_chart_of("Taux de pauvreté (%) 20 40 60 80 100"));
        // Sixteen pale points of a picture of one channel, 40 by 40.
        let mut raw = Vec::new();
        for y in 0..40 {
            raw.push(0);
            raw.extend((0..40).map(|x| if x % 10 < 4 && y % 10 < 4 { 0xd0_u8 } else { 0xff }));
        }
        let pale = of(&png(40, 40, &raw)).expect("a picture");
        assert_eq!((pale.small, pale.large), (16, 0));
    }

    #[test]
    fn many_thin_bars_on_an_axis_are_values_of_units() {
        let axis = (20, 220, 300, 1);
        let bars = |count: usize, wide: usize| {
            let bars =
                (0..count).map(move |i| (25 + i * 290 / count, 60 + i * 3, wide, 160 - i * 3));
            drawn(340, 240, &std::iter::once(axis).chain(bars).collect::<Vec<_>>())
        };
        let told = "Taux de pauvreté (%) 20 40 60 80 100";
        assert!(!bars(30, 3).is_chart_of(told));
        assert!(bars(5, 30).is_chart_of(told));
    }

    /// A PNG of one channel; nothing here compares its check sums.
    fn png(wide: u32, high: u32, raw: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(raw).expect("in memory");
        let head = [&wide.to_be_bytes()[..], &high.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
        let chunk = |name: &[u8; 4], data: &[u8]| {
            let length = u32::try_from(data.len()).expect("small");
            [&length.to_be_bytes()[..], name, data, &[0; 4]].concat()
        };
        let packed = packed.finish().expect("in memory");
        let chunks = [chunk(b"IHDR", &head), chunk(b"IDAT", &packed), chunk(b"IEND", &[])];
        [&b"\x89PNG\r\n\x1a\n"[..], &chunks.concat()].concat()
    }

    #[test]
    fn a_missing_figure_or_a_cloud_is_not_explained_by_what_was_read() {
        let table = Shapes { small: 22, ..Shapes::default() };
        assert!(table.is_table_of("Nord 2348 Sud 4102 Est 3605"));
        assert!(!Shapes { small: 24, ..table }.is_table_of("Nord 2348 Sud 4102 Est 3605"));
        let chart = "Taux (%) 2010 2012 2014 10 20 30";
        assert!(Shapes { small: 30, large: 1, thick: 0, lines: 0 }.is_chart_of(chart));
        assert!(!Shapes { small: 90, large: 1, thick: 0, lines: 0 }.is_chart_of(chart));
        assert!(!Shapes { small: 30, large: 1, thick: 1, lines: 0 }.is_chart_of(chart));
        assert!(
            !Shapes { small: 30, large: 1, thick: 0, lines: 0 }
                .is_chart_of("Effectif 2010 2012 % 2014 10")
        );
    }

    #[test]
    fn a_damaged_picture_has_no_shapes() {
        assert_eq!(of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), None);
        assert_eq!(of(&[]), None);
    }
}
