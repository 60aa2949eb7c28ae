//! Where everything stands on the pages. Lengths are in points, from the top left of an A4 page.

use super::{
    Block, Paper, Table,
    face::{Face, Fonts},
    wrap::wrap,
};

/// A4 (ISO 216).
pub(super) const WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;
const LEFT: f32 = 56.7;
const INNER: f32 = WIDTH - 2.0 * LEFT;
/// Where the text of a page begins and ends; the running head and foot stand outside.
const TOP: f32 = 84.0;
const BOTTOM: f32 = HEIGHT - 62.0;
const CELL: f32 = 4.0;

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    pub size: f32,
    pub bold: bool,
    pub grey: bool,
    /// From one line to the next.
    pub leading: f32,
}

const fn style(size: f32, bold: bool, grey: bool) -> Style {
    Style { size, bold, grey, leading: size * 1.35 }
}

const TITLE: Style = style(18.0, true, false);
const HEADING: Style = style(13.0, true, false);
const SUBHEADING: Style = style(10.5, true, false);
const TEXT: Style = style(9.5, false, false);
const LABEL: Style = style(8.5, true, true);
const CELLS: Style = style(8.5, false, false);
const HEADS: Style = style(8.5, true, false);
const RUNNING: Style = style(7.5, false, true);

/// Something on a page.
pub(super) enum What {
    /// A line of text on its base line.
    Line { x: f32, y: f32, style: Style, text: String },
    /// A thin rule.
    Rule { x: f32, y: f32, width: f32 },
}

/// Something on a page, and the node of the structure that it belongs to; what belongs to none
/// (rules, running heads) is not read aloud.
pub(super) struct Mark {
    pub what: What,
    pub node: Option<usize>,
}

/// A part of the structure that screen readers follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Heading { level: u16, title: String },
    Paragraph,
    Table,
    Row,
    ColumnHead,
    RowHead,
    Cell,
}

/// A node of the structure; its parent stands before it.
pub(super) struct Node {
    pub kind: Kind,
    pub parent: Option<usize>,
}

/// An entry of the outline.
pub(super) struct Entry {
    pub title: String,
    pub page: usize,
    pub y: f32,
}

/// Pages, ready to be written.
#[derive(Default)]
pub(super) struct Laid {
    pub pages: Vec<Vec<Mark>>,
    pub nodes: Vec<Node>,
    pub outline: Vec<Entry>,
}

/// Puts the paper onto pages.
pub(super) fn lay_out(
    paper: &Paper,
    fonts: &Fonts,
    page_of: impl Fn(usize, usize) -> String,
) -> Laid {
    let laid = Laid { pages: vec![Vec::new()], ..Laid::default() };
    let mut at = Layout { laid, y: TOP, fonts };
    for block in &paper.blocks {
        at.block(block);
    }
    let mut laid = at.laid;
    let count = laid.pages.len();
    for (place, page) in laid.pages.iter_mut().enumerate() {
        run(page, paper, fonts, &page_of(place + 1, count));
    }
    laid
}

/// The head and the foot of a page.
fn run(page: &mut Vec<Mark>, paper: &Paper, fonts: &Fonts, foot: &str) {
    let face = fonts.face(RUNNING.bold);
    let mut line = |x: f32, y: f32, text: String| {
        page.push(Mark { what: What::Line { x, y, style: RUNNING, text }, node: None });
    };
    let mut y = 34.0;
    for text in &paper.running {
        let text = face.showable(text).replace('\n', " ");
        let text = wrap(&text, INNER, |c| face.advance(c) * RUNNING.size).swap_remove(0);
        line(LEFT, y, text);
        y += RUNNING.leading;
    }
    let foot = face.showable(foot);
    line(LEFT + INNER - face.width(&foot, RUNNING.size), HEIGHT - 34.0, foot);
    let rule = What::Rule { x: LEFT, y: y - 4.0, width: INNER };
    page.push(Mark { what: rule, node: None });
}

struct Layout<'f> {
    laid: Laid,
    y: f32,
    fonts: &'f Fonts,
}

impl Layout<'_> {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Title(text) => self.heading(1, TITLE, text),
            Block::Heading(text) => {
                self.y += 14.0;
                self.heading(2, HEADING, text);
            }
            Block::Subheading(text) => {
                self.y += 6.0;
                self.heading(3, SUBHEADING, text);
            }
            Block::Text(text) => {
                let node = self.node(Kind::Paragraph, None);
                self.lines(text, TEXT, node);
                self.y += 5.0;
            }
            Block::Pair(label, value) => {
                self.keep(LABEL.leading + 2.0 * TEXT.leading);
                let node = self.node(Kind::Paragraph, None);
                self.lines(label, LABEL, node);
                let node = self.node(Kind::Paragraph, None);
                self.lines(value, TEXT, node);
                self.y += 5.0;
            }
            Block::Table(table) => self.table(table),
        }
    }

    /// A heading never stands alone at the foot of a page.
    fn heading(&mut self, level: u16, style: Style, text: &str) {
        self.keep(style.leading + LABEL.leading + 3.0 * TEXT.leading);
        let title = self.fonts.face(style.bold).showable(text).replace('\n', " ");
        let page = self.laid.pages.len() - 1;
        self.laid.outline.push(Entry { title: title.clone(), page, y: self.y });
        let node = self.node(Kind::Heading { level, title }, None);
        self.lines(text, style, node);
        self.y += 4.0;
    }

    fn node(&mut self, kind: Kind, parent: Option<usize>) -> usize {
        self.laid.nodes.push(Node { kind, parent });
        self.laid.nodes.len() - 1
    }

    fn mark(&mut self, what: What, node: Option<usize>) {
        let page = self.laid.pages.last_mut().expect("there is always a page");
        page.push(Mark { what, node });
    }

    /// Begins a new page where less than `height` is left.
    fn keep(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.turn();
        }
    }

    fn turn(&mut self) {
        self.laid.pages.push(Vec::new());
        self.y = TOP;
    }

    fn face(&self, style: Style) -> &Face {
        self.fonts.face(style.bold)
    }

    fn wrapped(&self, text: &str, style: Style, width: f32) -> Vec<String> {
        let face = self.face(style);
        wrap(&face.showable(text), width, |c| face.advance(c) * style.size)
    }

    /// Lines over the whole width, on as many pages as they need.
    fn lines(&mut self, text: &str, style: Style, node: usize) {
        for text in self.wrapped(text, style, INNER) {
            self.keep(style.leading);
            self.line(LEFT, self.y, text, style, Some(node));
            self.y += style.leading;
        }
    }

    /// One line whose box begins at `y`.
    fn line(&mut self, x: f32, y: f32, text: String, style: Style, node: Option<usize>) {
        if !text.is_empty() {
            self.mark(What::Line { x, y: y + style.size, style, text }, node);
        }
    }

    fn table(&mut self, table: &Table) {
        let all: f32 = table.shares.iter().sum();
        let widths: Vec<f32> = table.shares.iter().map(|share| share / all * INNER).collect();
        let head: Vec<Vec<String>> = self.cells(&table.heads, &widths, HEADS);
        self.keep(4.0 * CELLS.leading + 4.0 * CELL);
        let node = self.node(Kind::Table, None);
        let row = self.node(Kind::Row, Some(node));
        let heads: Vec<usize> =
            table.heads.iter().map(|_| self.node(Kind::ColumnHead, Some(row))).collect();
        self.head(&head, &widths, Some(&heads));
        for row in &table.rows {
            let cells = self.cells(row, &widths, CELLS);
            let row = self.node(Kind::Row, Some(node));
            let kind = |place| if place == 0 { Kind::RowHead } else { Kind::Cell };
            let nodes: Vec<usize> =
                (0..cells.len()).map(|place| self.node(kind(place), Some(row))).collect();
            self.row(&cells, &widths, &nodes, &head);
        }
        self.y += 8.0;
    }

    fn cells(&self, row: &[String], widths: &[f32], style: Style) -> Vec<Vec<String>> {
        let cell = |(text, width): (&String, &f32)| self.wrapped(text, style, width - 2.0 * CELL);
        row.iter().zip(widths).map(cell).collect()
    }

    /// The heads of the columns; repeated on another page they are not read aloud again.
    fn head(&mut self, cells: &[Vec<String>], widths: &[f32], nodes: Option<&[usize]>) {
        let lines = cells.iter().map(Vec::len).max().unwrap_or_default();
        self.some_lines(cells, widths, 0..lines, HEADS, nodes);
    }

    /// A row, over as many pages as its longest cell needs.
    fn row(
        &mut self,
        cells: &[Vec<String>],
        widths: &[f32],
        nodes: &[usize],
        head: &[Vec<String>],
    ) {
        let count = cells.iter().map(Vec::len).max().unwrap_or_default();
        let (mut from, mut is_fresh) = (0, false);
        while from < count {
            let room = ((BOTTOM - self.y - 2.0 * CELL) / CELLS.leading).floor();
            let fits = (0..count - from).take_while(|n| number(*n) < room).count();
            // One line alone is not worth the break of a row.
            if fits < (count - from).min(2) && !is_fresh {
                self.turn();
                self.head(head, widths, None);
                is_fresh = true; // heads that fill a page must not turn it for ever
                continue;
            }
            let fits = fits.max(1);
            is_fresh = false;
            self.some_lines(cells, widths, from..from + fits, CELLS, Some(nodes));
            from += fits;
        }
    }

    fn some_lines(
        &mut self,
        cells: &[Vec<String>],
        widths: &[f32],
        which: std::ops::Range<usize>,
        style: Style,
        nodes: Option<&[usize]>,
    ) {
        let mut x = LEFT;
        for (place, (lines, width)) in cells.iter().zip(widths).enumerate() {
            let node = nodes.map(|nodes| nodes[place]);
            let mut y = self.y + CELL;
            for text in lines.iter().take(which.end).skip(which.start) {
                self.line(x + CELL, y, text.clone(), style, node);
                y += style.leading;
            }
            x += width;
        }
        self.y += number(which.len()) * style.leading + 2.0 * CELL;
        self.mark(What::Rule { x: LEFT, y: self.y, width: INNER }, None);
    }
}

/// A count of lines as a length.
fn number(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}
