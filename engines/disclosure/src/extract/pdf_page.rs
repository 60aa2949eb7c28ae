//! One page of a PDF: its letters laid out as a printer would, its markers, its images.

use std::collections::{HashMap, HashSet};

use lopdf::content::Content;
use lopdf::{Dictionary, Document, Object, ObjectId};

use super::pdf::MAX_STREAM;
use super::pdf_font::Font;
use super::pdf_image::Images;
use super::pdf_layout::{Run, lay_out};
use super::pdf_marks::{IDENTITY, Marks, Matrix, times};
use super::reading::Budget;
use super::{Sight, Unread};

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
    /// Letters of fonts that the document does not explain at all, and texts without a font.
    pub unexplained: usize,
    /// Images that are large enough to show something.
    pub images: Vec<ObjectId>,
    /// Whether there is a picture that is written into the page, or put together from strips.
    pub other_images: bool,
    /// Whether the page goes on where its operations could not be read any more.
    pub cut: bool,
    /// Whether most of it is lines and shapes: a plot.
    pub graphic: bool,
}

/// Operations of one page, with the forms it uses, that are followed at most.
const MAX_OPERATIONS: usize = 2_000_000;

/// Forms inside forms that are followed at most.
const MAX_DEPTH: usize = 8;

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
    marks: Marks,
    shapes: usize,
    dark_fill: bool,
    operations: usize,
    images: Images,
    letters: usize,
    unknown: usize,
    unexplained: usize,
    placed: usize,
    cut: bool,
    /// Forms that were drawn once at least.
    forms: HashSet<ObjectId>,
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
        marks: Marks::default(),
        shapes: 0,
        dark_fill: false,
        operations: 0,
        images: Images::default(),
        letters: 0,
        unknown: 0,
        unexplained: 0,
        placed: 0,
        cut: false,
        forms: HashSet::new(),
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
        // The forgiving reader ends in silence at what it does not know: a viewer may go on.
        let operations = match Content::decode_strict(content) {
            Ok(whole) => whole.operations,
            Err(_) => {
                self.cut = true;
                Content::decode(content).map_err(|_| Unread::Damaged)?.operations
            }
        };
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
                            let object = self.named(b"Font", name, resources)?;
                            let dict = self.document.dereference(object).ok()?.1.as_dict().ok()?;
                            let font = std::rc::Rc::new(Font::load(self.document, dict));
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
                "BI" => self.images.add_inline(operands),
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
            self.images.add(self.document, id, &stream.dict);
            return Ok(());
        }
        let place = (self.state.ctm[4], self.state.ctm[5]);
        self.marks.put(format!("/{}", String::from_utf8_lossy(name)), place);
        if depth >= MAX_DEPTH {
            return Err(Unread::TooDeep);
        }
        // The same marker a thousand times is drawn once; what comes for the first time is read.
        self.placed += 1;
        let known = id.is_some_and(|id| !self.forms.insert(id));
        if known && self.placed > 2_000 {
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
            "m" | "l" | "c" | "v" | "y" | "re" | "n" => self.marks.follow(operator, n),
            "f" | "F" | "f*" | "B" | "B*" | "b" | "b*" | "S" | "s" => {
                self.shapes += 1;
                self.dark_fill |= operator.starts_with(['f', 'F', 'B', 'b']) && !self.state.white;
                self.marks.draw(self.state.ctm);
            }
            _ => {}
        }
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line = times([1.0, 0.0, 0.0, 1.0, x, y], self.line);
        self.text = self.line;
    }

    fn show(&mut self, operator: &str, operands: &[Object]) {
        if matches!(operator, "'" | "\"") {
            self.next_line(0.0, -self.state.leading);
        }
        let Some(font) = self.font.clone() else {
            // A viewer takes a font of its own; which letters it shows, nobody here knows.
            self.unexplained += 1;
            return;
        };
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
            wide += font.width(code) / 1000.0 * self.state.size + self.state.spacing;
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
            self.marks.put("letters".to_owned(), (placed[4], placed[5]));
            return;
        }
        let text = font.text(bytes);
        let count = bytes.len().div_ceil(font.bytes);
        self.letters += count;
        let unknown = text
            .chars()
            .filter(|c| c.is_control() || *c == '\u{fffd}' || ('\u{e000}'..='\u{f8ff}').contains(c))
            .count();
        self.unknown += if text.is_empty() { 0 } else { unknown };
        self.unexplained += if text.is_empty() { count } else { 0 };
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
        let markers = self.marks.individuals();
        // A scan with its recognised text under it: the letters are those of the picture.
        let scanned =
            !self.images.whole.is_empty() && self.runs.iter().all(|run| run.hidden.is_some());
        let (text, hidden) = lay_out(&mut self.runs, scanned);
        let words = text.split_whitespace().count();
        Drawn {
            graphic: self.shapes >= 8 && (self.shapes > words / 2 || words < 40),
            text,
            letters: self.letters,
            unknown_letters: self.unknown,
            hidden,
            markers,
            unexplained: self.unexplained,
            other_images: self.images.others(),
            cut: self.cut,
            images: self.images.whole,
        }
    }
}
