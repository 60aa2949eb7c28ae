//! One page of a PDF: its letters laid out as a printer would, its markers, its images.

use std::collections::{BTreeMap, HashMap};

use lopdf::content::Content;
use lopdf::{Dictionary, Document, Encoding, Object, ObjectId};

use super::pdf::MAX_STREAM;
use super::reading::Budget;
use super::{Sight, Unread, points};

/// What was drawn on a page.
#[derive(Debug, Default)]
pub struct Drawn {
    /// Its letters in lines, with blanks in proportion to their places.
    pub text: String,
    /// Letters, and those among them that no table of the document explains.
    pub letters: usize,
    /// See `letters`.
    pub unknown_letters: usize,
    /// Text that nobody sees.
    pub hidden: Vec<(Sight, u32, String)>,
    /// Markers that look like single units.
    pub markers: Option<usize>,
    /// Images that are large enough to show something.
    pub images: Vec<ObjectId>,
    /// Whether most of it is lines and shapes: a plot.
    pub graphic: bool,
}

/// Operations of one page, with the forms it uses, that are followed at most.
const MAX_OPERATIONS: usize = 2_000_000;

/// Forms inside forms that are followed at most.
const MAX_DEPTH: usize = 8;

type Matrix = [f64; 6];

fn times(a: Matrix, b: Matrix) -> Matrix {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    ]
}

const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// A font as far as placing and reading its letters needs.
struct Font<'a> {
    encoding: Option<Encoding<'a>>,
    /// Widths by code in thousandths of the size, and the one for all others.
    widths: HashMap<u32, f64>,
    width: f64,
    bytes: usize,
    symbols: bool,
}

/// Letters at a place.
struct Run {
    x: f64,
    end: f64,
    y: f64,
    size: f64,
    text: String,
    hidden: Option<Sight>,
}

#[derive(Clone, Copy)]
struct State {
    ctm: Matrix,
    white: bool,
    mode: i64,
    size: f64,
    spacing: f64,
    word_spacing: f64,
    scale: f64,
    leading: f64,
}

struct Painter<'a> {
    document: &'a Document,
    state: State,
    stack: Vec<State>,
    text: Matrix,
    line: Matrix,
    runs: Vec<Run>,
    marks: BTreeMap<String, Vec<(f64, f64)>>,
    path: Vec<(f64, f64)>,
    curves: usize,
    shapes: usize,
    dark_fill: bool,
    operations: usize,
    images: Vec<ObjectId>,
    letters: usize,
    unknown: usize,
    font: Option<std::rc::Rc<Font<'a>>>,
}

/// Draws a page.
///
/// # Errors
/// What unpacks to more, or asks for more operations, than are followed.
pub fn draw(document: &Document, page: ObjectId, budget: &mut Budget) -> Result<Drawn, Unread> {
    let content =
        document.get_page_content_with_limit(page, MAX_STREAM).map_err(|_| Unread::Damaged)?;
    budget.spend(content.len())?;
    let mut resources = Vec::new();
    if let Ok((own, inherited)) = document.get_page_resources(page) {
        resources.extend(own);
        resources.extend(inherited.iter().filter_map(|id| document.get_dictionary(*id).ok()));
    }
    let state = State {
        ctm: IDENTITY,
        white: false,
        mode: 0,
        size: 1.0,
        spacing: 0.0,
        word_spacing: 0.0,
        scale: 1.0,
        leading: 0.0,
    };
    let mut painter = Painter {
        document,
        state,
        stack: Vec::new(),
        text: IDENTITY,
        line: IDENTITY,
        runs: Vec::new(),
        marks: BTreeMap::new(),
        path: Vec::new(),
        curves: 0,
        shapes: 0,
        dark_fill: false,
        operations: 0,
        images: Vec::new(),
        letters: 0,
        unknown: 0,
        font: None,
    };
    painter.run(&content, &resources, 0, budget)?;
    Ok(painter.finish())
}

fn numbers(operands: &[Object]) -> Vec<f64> {
    operands.iter().map(|o| o.as_float().map_or(0.0, f64::from)).collect()
}

impl<'a> Painter<'a> {
    fn run(
        &mut self,
        content: &[u8],
        resources: &[&'a Dictionary],
        depth: usize,
        budget: &mut Budget,
    ) -> Result<(), Unread> {
        let operations = Content::decode(content).map_err(|_| Unread::Damaged)?.operations;
        let mut fonts: HashMap<Vec<u8>, std::rc::Rc<Font<'a>>> = HashMap::new();
        for operation in &operations {
            self.operations += 1;
            if self.operations > MAX_OPERATIONS {
                return Err(Unread::TooLarge);
            }
            let operands = operation.operands.as_slice();
            match operation.operator.as_str() {
                "Tf" => {
                    if let Some(Ok(name)) = operands.first().map(Object::as_name) {
                        let known = fonts.get(name).cloned();
                        let font = known.or_else(|| {
                            let font = std::rc::Rc::new(self.load(name, resources)?);
                            fonts.insert(name.to_vec(), font.clone());
                            Some(font)
                        });
                        self.font = font;
                    }
                    self.state.size = numbers(operands).get(1).copied().unwrap_or(1.0);
                }
                "Do" => {
                    if let Some(Ok(name)) = operands.first().map(Object::as_name) {
                        self.object(name, resources, depth, budget)?;
                    }
                }
                "Tj" | "'" | "\"" | "TJ" => self.show(&operation.operator, operands),
                other => self.step(other, &numbers(operands)),
            }
        }
        Ok(())
    }

    fn named(&self, kind: &[u8], name: &[u8], resources: &[&'a Dictionary]) -> Option<&'a Object> {
        resources.iter().find_map(|dict| {
            let group = self.document.dereference(dict.get(kind).ok()?).ok()?.1.as_dict().ok()?;
            group.get(name).ok()
        })
    }

    /// A form is drawn in its place; an image is kept; both may be the marker of a plot.
    fn object(
        &mut self,
        name: &[u8],
        resources: &[&'a Dictionary],
        depth: usize,
        budget: &mut Budget,
    ) -> Result<(), Unread> {
        let Some(object) = self.named(b"XObject", name, resources) else { return Ok(()) };
        let Ok((id, object)) = self.document.dereference(object) else { return Ok(()) };
        let Ok(stream) = object.as_stream() else { return Ok(()) };
        if stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|s| s == b"Image") {
            let side = |key: &[u8]| stream.dict.get(key).and_then(Object::as_i64).unwrap_or(0);
            if let Some(id) = id.filter(|id| {
                side(b"Width") >= 48 && side(b"Height") >= 24 && !self.images.contains(id)
            }) {
                self.images.push(id);
            }
            return Ok(());
        }
        let place = (self.state.ctm[4], self.state.ctm[5]);
        self.marks.entry(format!("/{}", String::from_utf8_lossy(name))).or_default().push(place);
        // The same marker a thousand times is drawn once.
        let drawn = self.marks.values().map(Vec::len).sum::<usize>();
        if depth >= MAX_DEPTH || drawn > 2_000 {
            return Ok(());
        }
        let Ok(content) = stream
            .decompressed_content_with_limit(MAX_STREAM)
            .or_else(|_| Ok::<_, ()>(stream.content.clone()))
        else {
            return Ok(());
        };
        budget.spend(content.len())?;
        let before = self.state;
        if let Ok(matrix) = stream.dict.get(b"Matrix").and_then(Object::as_array)
            && let Ok(matrix) = <Matrix>::try_from(numbers(matrix))
        {
            self.state.ctm = times(matrix, self.state.ctm);
        }
        let own =
            stream.dict.get(b"Resources").ok().and_then(|o| self.document.dereference(o).ok());
        let own: Vec<&Dictionary> = own
            .and_then(|(_, o)| o.as_dict().ok())
            .into_iter()
            .chain(resources.iter().copied())
            .collect();
        let outcome = self.run(&content, &own, depth + 1, budget);
        self.state = before;
        outcome
    }

    fn load(&self, name: &[u8], resources: &[&'a Dictionary]) -> Option<Font<'a>> {
        let object = self.named(b"Font", name, resources)?;
        let dict = self.document.dereference(object).ok()?.1.as_dict().ok()?;
        let composite = dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|s| s == b"Type0");
        let base = dict.get(b"BaseFont").and_then(Object::as_name).unwrap_or_default();
        let mut font = Font {
            encoding: dict.get_font_encoding_with_limit(self.document, MAX_STREAM).ok(),
            widths: HashMap::new(),
            width: 500.0,
            bytes: if composite { 2 } else { 1 },
            symbols: base.ends_with(b"ZapfDingbats"),
        };
        if composite {
            self.composite_widths(dict, &mut font);
        } else {
            let first = dict.get(b"FirstChar").and_then(Object::as_i64).unwrap_or(0);
            let widths = dict.get(b"Widths").ok().and_then(|o| self.document.dereference(o).ok());
            for (at, width) in widths
                .and_then(|(_, o)| o.as_array().ok())
                .into_iter()
                .flatten()
                .enumerate()
                .take(256)
            {
                let code = u32::try_from(first)
                    .unwrap_or(0)
                    .saturating_add(u32::try_from(at).unwrap_or(0));
                font.widths.insert(code, width.as_float().map_or(500.0, f64::from));
            }
        }
        Some(font)
    }

    /// `/W [c [w1 w2] cfirst clast w]` of the descendant font.
    fn composite_widths(&self, dict: &Dictionary, font: &mut Font<'a>) {
        let descendant = (|| {
            let list = self
                .document
                .dereference(dict.get(b"DescendantFonts").ok()?)
                .ok()?
                .1
                .as_array()
                .ok()?;
            self.document.dereference(list.first()?).ok()?.1.as_dict().ok()
        })();
        let Some(descendant) = descendant else { return };
        font.width = descendant.get(b"DW").and_then(Object::as_float).map_or(1000.0, f64::from);
        let Some(list) = descendant.get(b"W").ok().and_then(|o| self.document.dereference(o).ok())
        else {
            return;
        };
        let Ok(list) = list.1.as_array() else { return };
        let code = |o: &Object| o.as_i64().ok().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        let mut at = 0;
        while at + 1 < list.len() && font.widths.len() < 70_000 {
            match self.document.dereference(&list[at + 1]).map(|(_, o)| o) {
                Ok(Object::Array(widths)) => {
                    for (own, width) in (code(&list[at])..).zip(widths) {
                        font.widths.insert(own, width.as_float().map_or(500.0, f64::from));
                    }
                    at += 2;
                }
                _ => {
                    let (from, to) = (
                        code(&list[at]),
                        code(&list[at + 1]).min(code(&list[at]).saturating_add(70_000)),
                    );
                    let width =
                        list.get(at + 2).and_then(|w| w.as_float().ok()).map_or(500.0, f64::from);
                    font.widths.extend((from..=to).map(|own| (own, width)));
                    at += 3;
                }
            }
        }
    }

    fn step(&mut self, operator: &str, n: &[f64]) {
        let at = |i: usize| n.get(i).copied().unwrap_or(0.0);
        match operator {
            "q" if self.stack.len() < 1000 => self.stack.push(self.state),
            "Q" => self.state = self.stack.pop().unwrap_or(self.state),
            "cm" => {
                if let Ok(matrix) = <Matrix>::try_from(n.to_vec()) {
                    self.state.ctm = times(matrix, self.state.ctm);
                }
            }
            "BT" => (self.text, self.line) = (IDENTITY, IDENTITY),
            "Tm" => {
                if let Ok(matrix) = <Matrix>::try_from(n.to_vec()) {
                    (self.text, self.line) = (matrix, matrix);
                }
            }
            "Td" | "TD" => {
                if operator == "TD" {
                    self.state.leading = -at(1);
                }
                self.next_line(at(0), at(1));
            }
            "T*" => self.next_line(0.0, -self.state.leading),
            "TL" => self.state.leading = at(0),
            "Tc" => self.state.spacing = at(0),
            "Tw" => self.state.word_spacing = at(0),
            "Tz" => self.state.scale = at(0) / 100.0,
            #[expect(clippy::cast_possible_truncation, reason = "a mode is 0 to 7")]
            "Tr" => self.state.mode = at(0) as i64,
            "rg" | "sc" | "scn" | "k" | "g" => {
                self.state.white = match n.len() {
                    1 | 3 => n.iter().all(|v| *v >= 0.97),
                    4 => n.iter().all(|v| *v <= 0.03),
                    _ => false,
                };
            }
            "m" => {
                self.path = vec![(at(0), at(1))];
                self.curves = 0;
            }
            "l" | "c" | "v" | "y" => {
                self.curves += usize::from(operator != "l");
                if self.path.len() < 64 {
                    self.path.push((at(n.len().saturating_sub(2)), at(n.len().saturating_sub(1))));
                }
            }
            "re" => self.path = vec![(at(0), at(1)), (at(0) + at(2), at(1) + at(3))],
            "f" | "F" | "f*" | "B" | "B*" | "b" | "b*" | "S" | "s" => {
                self.shapes += 1;
                self.dark_fill |= operator.starts_with(['f', 'F', 'B', 'b']) && !self.state.white;
                self.mark();
            }
            "n" => self.path.clear(),
            _ => {}
        }
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line = times([1.0, 0.0, 0.0, 1.0, x, y], self.line);
        self.text = self.line;
    }

    /// A small round shape is a marker.
    fn mark(&mut self) {
        let path = std::mem::take(&mut self.path);
        if self.curves < 3 || path.len() > 40 {
            return;
        }
        let m = self.state.ctm;
        let placed: Vec<(f64, f64)> = path
            .iter()
            .map(|(x, y)| (x * m[0] + y * m[2] + m[4], x * m[1] + y * m[3] + m[5]))
            .collect();
        let span = |of: fn(&(f64, f64)) -> f64| {
            let low = placed.iter().map(of).fold(f64::MAX, f64::min);
            let high = placed.iter().map(of).fold(f64::MIN, f64::max);
            (low, high - low)
        };
        let ((x, wide), (y, tall)) = (span(|p| p.0), span(|p| p.1));
        if wide > 0.0 && tall > 0.0 && wide <= 14.0 && tall <= 14.0 {
            self.marks.entry("path".to_owned()).or_default().push((x + wide / 2.0, y + tall / 2.0));
        }
    }

    fn show(&mut self, operator: &str, operands: &[Object]) {
        if matches!(operator, "'" | "\"") {
            self.next_line(0.0, -self.state.leading);
        }
        let Some(font) = self.font.clone() else { return };
        match operands.last() {
            Some(Object::Array(pieces)) if operator == "TJ" => {
                for piece in pieces {
                    match piece {
                        Object::String(bytes, _) => self.letters(&font, bytes),
                        other => {
                            let shift = other.as_float().map_or(0.0, f64::from);
                            let x = -shift / 1000.0 * self.state.size * self.state.scale;
                            self.text = times([1.0, 0.0, 0.0, 1.0, x, 0.0], self.text);
                        }
                    }
                }
            }
            Some(Object::String(bytes, _)) => self.letters(&font, bytes),
            _ => {}
        }
    }

    fn letters(&mut self, font: &Font<'a>, bytes: &[u8]) {
        let mut wide = 0.0;
        for code in bytes.chunks(font.bytes) {
            let number = code.iter().fold(0_u32, |all, b| all << 8 | u32::from(*b));
            let width = font.widths.get(&number).copied().unwrap_or(font.width);
            wide += width / 1000.0 * self.state.size + self.state.spacing;
            if code == [b' '] {
                wide += self.state.word_spacing;
            }
        }
        wide *= self.state.scale;
        let placed = times(self.text, self.state.ctm);
        let after = times([1.0, 0.0, 0.0, 1.0, wide, 0.0], self.text);
        let end = times(after, self.state.ctm);
        self.text = after;
        if font.symbols {
            // R draws the markers of its plots with the round letter of this font.
            self.marks.entry("letters".to_owned()).or_default().push((placed[4], placed[5]));
            return;
        }
        let text = match &font.encoding {
            Some(encoding) => encoding.bytes_to_string(bytes).unwrap_or_default(),
            None => String::new(),
        };
        let count = bytes.len().div_ceil(font.bytes);
        self.letters += count;
        let unknown = text
            .chars()
            .filter(|c| c.is_control() || *c == '\u{fffd}' || ('\u{e000}'..='\u{f8ff}').contains(c))
            .count();
        self.unknown += if text.is_empty() { count } else { unknown };
        let size = (self.state.size * (placed[2].hypot(placed[3]))).abs();
        let hidden = match () {
            () if self.state.mode == 3 => Some(Sight::HiddenText),
            () if size > 0.0 && size < 1.2 => Some(Sight::InvisibleFont),
            () if self.state.white && self.state.mode == 0 && !self.dark_fill => {
                Some(Sight::InvisibleFont)
            }
            () => None,
        };
        // Letters that stand upright: an axis' title turned on its side is laid out in its own line.
        let turned = placed[1].abs() > placed[0].abs();
        let (x, end) = if turned { (placed[4], placed[4] + size) } else { (placed[4], end[4]) };
        self.runs.push(Run { x, end, y: placed[5], size: size.max(1.0), text, hidden });
    }

    fn finish(mut self) -> Drawn {
        let markers = self.marks.values().filter_map(|places| points::individuals(places)).max();
        // A scan with its recognised text under it: the letters are those of the picture.
        let scanned = !self.images.is_empty() && self.runs.iter().all(|run| run.hidden.is_some());
        let (text, hidden) = lay_out(&mut self.runs, scanned);
        let words = text.split_whitespace().count();
        Drawn {
            graphic: self.shapes >= 8 && (self.shapes > words / 2 || words < 40),
            text,
            letters: self.letters,
            unknown_letters: self.unknown,
            hidden,
            markers,
            images: self.images,
        }
    }
}

/// Lines from top to bottom, each with blanks in proportion to the gaps between its runs.
fn lay_out(runs: &mut Vec<Run>, scanned: bool) -> (String, Vec<(Sight, u32, String)>) {
    runs.retain(|run| !run.text.is_empty() && run.x.is_finite() && run.y.is_finite());
    runs.sort_by(|a, b| b.y.total_cmp(&a.y));
    let mut widths: Vec<f64> = runs
        .iter()
        .filter(|run| !run.text.trim().is_empty())
        .map(|run| {
            (run.end - run.x).abs()
                / f64::from(u32::try_from(run.text.chars().count()).unwrap_or(1).max(1))
        })
        .filter(|w| *w > 0.5)
        .collect();
    widths.sort_by(f64::total_cmp);
    let unit = widths.get(widths.len() / 2).copied().unwrap_or(5.0).clamp(1.0, 50.0);
    let (mut text, mut hidden, mut number) = (String::new(), Vec::new(), 1_u32);
    let mut at = 0;
    let mut above: Option<f64> = None;
    while at < runs.len() {
        let (top, size) = (runs[at].y, runs[at].size);
        let length =
            runs[at..].iter().take_while(|run| top - run.y <= 0.45 * size.max(run.size)).count();
        let line = &mut runs[at..at + length.max(1)];
        line.sort_by(|a, b| a.x.total_cmp(&b.x));
        // A wide gap between lines parts tables from paragraphs.
        if above.is_some_and(|above| above - top > 2.2 * size) {
            text.push('\n');
            number += 1;
        }
        above = Some(top);
        let mut laid = String::new();
        let mut end = f64::MIN;
        for run in line.iter() {
            let gap = run.x - end;
            let column = column(run.x / unit);
            let length = laid.chars().count();
            if !laid.is_empty() && gap > 1.2 * unit {
                let blanks = column.saturating_sub(length).max(2);
                laid.push_str(&" ".repeat(blanks.min(200)));
            } else if !laid.is_empty() && gap > 0.18 * run.size && !laid.ends_with(' ') {
                laid.push(' ');
            } else if laid.is_empty() {
                laid.push_str(&" ".repeat(column.min(200)));
            }
            laid.push_str(&run.text.replace(['\n', '\r', '\t'], " "));
            end = end.max(run.end);
            if let Some(sight) =
                run.hidden.filter(|_| !scanned && !run.text.trim().is_empty() && hidden.len() < 200)
            {
                hidden.push((sight, number, run.text.clone()));
            }
        }
        text.push_str(laid.trim_end());
        text.push('\n');
        number += 1;
        at += length.max(1);
    }
    (text, hidden)
}

fn column(place: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped in the same line"
    )]
    let column = place.round().clamp(0.0, 400.0) as usize;
    column
}
