//! HTML pages: what is shown, what is hidden, and the data behind what is drawn.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::flow::Flow;
use super::html_style::{hides, hiding_classes};
use super::markup::{Piece, Pieces, attribute, unescape};
use super::reading::Reading;
use super::{Sight, Unread, console, json, plotly, props, svg, text};
use crate::content::Kind;
use crate::report::Location;

/// Whether markup is HTML and no other XML.
pub fn is(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default().to_ascii_lowercase();
    let has = |mark: &[u8]| memchr::memmem::find(&head, mark).is_some();
    has(b"<html") || has(b"<!doctype html") || has(b"<table") || has(b"<body") || has(b"<div")
}

/// Whether text is a piece of HTML: a table as R's and pandas' writers give it.
pub fn is_fragment(text: &str) -> bool {
    let head = text.trim_start().get(..2048.min(text.trim_start().len())).unwrap_or_default();
    head.starts_with('<') && {
        let lower = head.to_ascii_lowercase();
        lower.contains("<table") || lower.contains("<div") || lower.contains("<p>")
    }
}

/// Elements without an end.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// Reads a page.
///
/// # Errors
/// What is no text, or has more cells than are read.
pub fn read(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    let encoding = tabular::encoding::detect(bytes);
    let page = tabular::encoding::decode(bytes, encoding).map_err(|_| Unread::NotText)?;
    let hiding = hiding_classes(&page);
    let mut reader = Page {
        reading,
        flow: Flow::new(Kind::Markup),
        hiding,
        stack: Vec::new(),
        hidden: None,
        script: String::new(),
        line: 1,
        counted: 0,
        blobs: Vec::new(),
        printed: None,
        drawing: None,
        drawings: Vec::new(),
    };
    for (at, piece) in Pieces::new(&page) {
        reader.drawn(&piece, at);
        let new_lines = page.as_bytes().get(reader.counted..at).unwrap_or_default();
        reader.line += u32::try_from(memchr::memchr_iter(b'\n', new_lines).count()).unwrap_or(0);
        reader.counted = at;
        reader.piece(piece)?;
    }
    reader.close_printed()?;
    let Page { flow, blobs, drawing, mut drawings, reading, .. } = reader;
    let part = flow.finish()?;
    reading.part(part);
    drawings.extend(drawing.map(|(from, _)| (from, page.len())));
    for drawing in drawings.into_iter().filter_map(|(from, to)| page.get(from..to)) {
        reading.budget.open()?;
        svg::read(reading, drawing.as_bytes())?;
    }
    for (kind, bytes) in blobs {
        reading.embedded(&kind, &bytes);
    }
    Ok(())
}

struct Page<'a> {
    reading: &'a mut Reading,
    flow: Flow,
    hiding: Vec<String>,
    /// Open elements.
    stack: Vec<String>,
    /// The depth of the element that hides what is in it, with its text so far and its line.
    hidden: Option<(usize, String, u32)>,
    /// The type of the open script.
    script: String,
    line: u32,
    counted: usize,
    blobs: Vec<(String, Vec<u8>)>,
    /// The lines of an open `pre`, with the line where they start.
    printed: Option<(u32, String)>,
    /// Where the open SVG graphic starts, and how many are open inside each other.
    drawing: Option<(usize, usize)>,
    /// From where to where the SVG graphics of the page stand.
    drawings: Vec<(usize, usize)>,
}

impl Page<'_> {
    /// Keeps the places of graphics that are written into the page: they have their own reader.
    fn drawn(&mut self, piece: &Piece<'_>, at: usize) {
        self.drawing = match (piece, self.drawing) {
            (Piece::Open(name, _, false), None) if name == "svg" => Some((at, 1)),
            (Piece::Open(name, _, false), Some((from, depth))) if name == "svg" => {
                Some((from, depth + 1))
            }
            (Piece::Close(name), Some((from, 1))) if name == "svg" => {
                self.drawings.push((from, at));
                None
            }
            (Piece::Close(name), Some((from, depth))) if name == "svg" => Some((from, depth - 1)),
            (_, open) => open,
        };
    }

    fn here(&self) -> Location {
        Location::line(self.line)
    }

    fn piece(&mut self, piece: Piece<'_>) -> Result<(), Unread> {
        match piece {
            Piece::Open(name, attributes, closed) => self.open(&name, attributes, closed)?,
            Piece::Close(name) => self.close(&name)?,
            Piece::Text(text) => self.text(&unescape(text)),
            Piece::Raw(raw) => self.raw(raw),
            Piece::Comment(comment) => {
                if comment_tells(comment) {
                    self.reading.see(Sight::MarkupComment, self.here(), comment.trim());
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if matches!(self.stack.last().map(String::as_str), Some("style" | "title" | "noscript")) {
            return;
        }
        if let Some((_, hidden, _)) = &mut self.hidden
            && hidden.len() < 400
        {
            hidden.push_str(text);
        }
        match &mut self.printed {
            Some((_, printed)) => printed.push_str(text),
            None => self.flow.text(text),
        }
    }

    /// What a program printed keeps its lines and columns.
    fn close_printed(&mut self) -> Result<(), Unread> {
        let Some((line, printed)) = self.printed.take() else { return Ok(()) };
        let shift = line.saturating_sub(1);
        let (mut tables, mut lines) = console::read(&printed)?;
        for cell in tables.iter_mut().flat_map(|t| t.block.rows.iter_mut().flatten()) {
            cell.line = cell.line.saturating_add(shift);
        }
        for line in &mut lines {
            line.number = line.number.saturating_add(shift);
        }
        self.flow.part.tables.append(&mut tables);
        self.flow.part.lines.append(&mut lines);
        Ok(())
    }

    fn open(&mut self, name: &str, attributes: &str, closed: bool) -> Result<(), Unread> {
        self.flow.set_line(self.line);
        match name {
            "table" => self.flow.open_table()?,
            "pre" if !self.flow.in_table() => {
                self.flow.paragraph();
                self.close_printed()?;
                self.printed = Some((self.line, String::new()));
            }
            "tr" => self.flow.open_row(),
            "td" | "th" => {
                let span = |name| attribute(attributes, name).and_then(|v| v.trim().parse().ok());
                self.flow.open_cell(span("colspan").unwrap_or(1), span("rowspan").unwrap_or(1));
            }
            "br" | "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "li" | "section"
            | "caption" => {
                self.flow.paragraph();
            }
            "script" => {
                self.script = attribute(attributes, "type").unwrap_or_default();
            }
            "meta" => {
                let is_author =
                    attribute(attributes, "name").is_some_and(|n| n.eq_ignore_ascii_case("author"));
                if is_author && let Some(value) = attribute(attributes, "content") {
                    props::person(self.reading, "author", &value);
                }
            }
            _ => {}
        }
        for source in ["src", "href", "data", "xlink:href", "srcset", "poster", "action"] {
            if let Some(url) = attribute(attributes, source).as_deref().and_then(data_of) {
                self.data_url(name, url);
            }
        }
        // A frame is a page of its own.
        if let Some(inner) = attribute(attributes, "srcdoc").filter(|_| name == "iframe") {
            let page = format!("<html>{inner}</html>").into_bytes();
            self.blobs.push((format!("frame at line {}", self.line), page));
        }
        if closed || VOID.contains(&name) {
            return Ok(());
        }
        self.stack.push(name.to_owned());
        if self.stack.len() > 2000 {
            return Err(Unread::TooDeep);
        }
        if self.hidden.is_none()
            && !matches!(name, "script" | "style")
            && self.is_hidden(name, attributes)
        {
            self.hidden = Some((self.stack.len(), String::new(), self.line));
        }
        Ok(())
    }

    fn is_hidden(&self, name: &str, attributes: &str) -> bool {
        let style = attribute(attributes, "style").is_some_and(|style| hides(&style));
        // Where a background is set inside, white letters are seen; `template` is never drawn.
        let known = |mark: char, text: Option<String>| {
            text.is_some_and(|text| {
                text.split_whitespace()
                    .any(|name| self.hiding.iter().any(|h| h.strip_prefix(mark) == Some(name)))
            })
        };
        style
            || name == "template"
            || attribute(attributes, "hidden").is_some()
            || known('.', attribute(attributes, "class"))
            || known('#', attribute(attributes, "id"))
    }

    fn close(&mut self, name: &str) -> Result<(), Unread> {
        self.flow.set_line(self.line);
        match name {
            "pre" if self.printed.is_some() => self.close_printed()?,
            "table" => self.flow.close_table()?,
            "tr" => self.flow.close_row(),
            "td" | "th" => self.flow.close_cell(),
            "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "li" | "pre" => {
                self.flow.paragraph();
            }
            _ => {}
        }
        // Elements that nobody closed end with the one around them.
        if let Some(at) = self.stack.iter().rposition(|open| open == name) {
            self.stack.truncate(at);
        }
        if self.hidden.as_ref().is_some_and(|(depth, ..)| *depth > self.stack.len())
            && let Some((_, text, line)) = self.hidden.take()
        {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            // A menu or a button hidden until it is needed is no data.
            if text.contains(|c: char| c.is_ascii_digit()) {
                self.reading.see(Sight::HiddenText, Location::line(line), text);
            }
        }
        Ok(())
    }

    /// Scripts: JSON of widgets, and literals of plots.
    fn raw(&mut self, raw: &str) {
        match self.stack.last().map(String::as_str) {
            Some("script") => self.program(raw),
            Some("textarea") => self.text(raw),
            _ => {}
        }
    }

    fn program(&mut self, raw: &str) {
        if !self.script.contains("json") {
            return self.javascript(raw);
        }
        let data = raw.trim();
        if json::plot(self.reading, data, self.here()) || json::is_rich(data) {
            self.reading.see_many(Sight::PlotData, self.script.clone(), data.len());
        }
    }

    fn javascript(&mut self, raw: &str) {
        if raw.contains("Plotly.newPlot(")
            || raw.contains("vegaEmbed(")
            || raw.contains("Bokeh.embed")
            || raw.contains("echarts.init(")
            || raw.contains("Highcharts.chart(")
        {
            // The library itself names its functions too; a call with data has long arrays.
            if json::is_rich(raw) || json::holds_data(raw) {
                self.reading.see_many(Sight::PlotData, "script", raw.len());
                json::plot_literal(self.reading, raw, self.here());
                plotly::vega_literal(self.reading, raw, self.here());
            }
        } else if json::holds_data(raw) {
            self.reading.see_many(Sight::Blob, "script", raw.len());
        }
    }

    /// `data:` addresses: pictures are read as pictures, fonts and programs are passed over, and
    /// data are data.
    fn data_url(&mut self, element: &str, url: &str) {
        let Some((head, body)) = url.split_once(',') else { return };
        let head = head.to_ascii_lowercase();
        let mime = head.split(';').next().unwrap_or_default().to_owned();
        let mut bytes = text::percent(body);
        if head.contains("base64") {
            bytes.retain(|b| !b.is_ascii_whitespace());
            match FORGIVING.decode(&bytes) {
                Ok(decoded) => bytes = decoded,
                // A browser may read more of it than this does.
                Err(_) => return self.reading.unread(Unread::Damaged),
            }
        }
        if self.reading.budget.spend(bytes.len()).is_err() {
            self.reading.unread(Unread::TooLarge);
            return;
        }
        let passive = mime.contains("font") || mime == "text/css" || mime.contains("x-woff");
        if mime.starts_with("image/") {
            self.blobs.push((format!("image at line {}", self.line), bytes));
        } else if element == "script" || mime.contains("javascript") {
            self.program(&String::from_utf8_lossy(&bytes));
        } else if !(passive || bytes.is_empty()) {
            self.reading.see_many(Sight::Blob, mime, bytes.len());
            self.blobs.push((format!("data at line {}", self.line), bytes));
        }
    }
}

/// Base64 as browsers take it: with or without padding, whatever the last bits.
const FORGIVING: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What follows `data:` in an address, however it is written.
fn data_of(url: &str) -> Option<&str> {
    let url = url.trim_start();
    let mark = url.get(..5)?;
    mark.eq_ignore_ascii_case("data:").then(|| &url[5..])
}

/// Whether a comment tells figures: not the signature of a program, a condition or a date.
pub(super) fn comment_tells(comment: &str) -> bool {
    let lower = comment.to_lowercase();
    let signed = [
        "generated",
        "created",
        "made with",
        "licen",
        "copyright",
        "[if ",
        "[endif",
        "http",
        "doctype",
        "version",
    ];
    let digits = lower.chars().filter(char::is_ascii_digit).count();
    let date = ["mon ", "tue ", "wed ", "thu ", "fri ", "sat ", "sun "]
        .iter()
        .any(|d| lower.trim_start().starts_with(d));
    digits > 0
        && !date
        && !signed.iter().any(|mark| lower.contains(mark))
        && !lower.contains("viewport")
}
