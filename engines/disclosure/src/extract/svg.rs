//! SVG graphics: their letters, and the markers that stand for single units.

use std::collections::HashSet;

use base64::Engine as _;

use super::markup::{Piece, Pieces, attribute, unescape};
use super::reading::Reading;
use super::{Line, Part, Sight, Unread, points, props, svg_path};
use crate::content::Kind;
use crate::report::Location;

/// Whether markup is an SVG graphic.
pub fn is(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    memchr::memmem::find(head, b"<svg").is_some() && memchr::memmem::find(head, b"<html").is_none()
}

/// What is open around an element.
#[derive(Default)]
struct State {
    text: Option<String>,
    metadata: bool,
    hidden: Option<usize>,
    depth: usize,
    /// Small markers: `use`, small circles, small closed paths.
    markers: Vec<(f64, f64)>,
    translate: Vec<(f64, f64)>,
    names: Vec<String>,
    /// Marks of axes by their ids: lines from where they stand outwards.
    ticks: HashSet<String>,
}

/// Reads a graphic.
///
/// # Errors
/// What is no text.
pub fn read(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    let encoding = tabular::encoding::detect(bytes);
    let page = tabular::encoding::decode(bytes, encoding).map_err(|_| Unread::NotText)?;
    let mut state = State::default();
    let mut part = Part::new(Kind::Markup);
    part.loose = true;
    let (mut line, mut counted) = (1_u32, 0);
    let mut pictures = Vec::new();
    for (at, piece) in Pieces::new(&page) {
        let new_lines = page.as_bytes().get(counted..at).unwrap_or_default();
        line += u32::try_from(memchr::memchr_iter(b'\n', new_lines).count()).unwrap_or(0);
        counted = at;
        match piece {
            Piece::Open(name, attributes, closed) => {
                open(reading, &mut state, &name, attributes, closed, &mut pictures);
            }
            Piece::Close(name) => close(reading, &mut state, &name, line, &mut part),
            Piece::Text(text) => {
                if let Some(own) = &mut state.text {
                    own.push_str(&unescape(text));
                }
                if state.metadata {
                    props::path(reading, "metadata", text);
                }
            }
            // matplotlib draws its letters as paths and names each text in a comment beside.
            Piece::Comment(text) => {
                part.lines.push(Line { number: line, text: unescape(text.trim()) });
            }
            Piece::Raw(_) => {}
        }
        if state.depth > 5000 {
            return Err(Unread::TooDeep);
        }
    }
    if let Some(count) = points::individuals(&state.markers) {
        reading.see_many(Sight::Points, "", count);
    }
    part.lines.retain(|l| !l.text.trim().is_empty());
    reading.part(part);
    for bytes in pictures {
        reading.embedded("image", &bytes);
    }
    Ok(())
}

fn open(
    reading: &mut Reading,
    state: &mut State,
    name: &str,
    attributes: &str,
    closed: bool,
    pictures: &mut Vec<Vec<u8>>,
) {
    let number = |name: &str| {
        attribute(attributes, name)
            .and_then(|v| v.trim_end_matches("px").trim().parse::<f64>().ok())
    };
    let (dx, dy) = state.translate.last().copied().unwrap_or_default();
    let (mx, my) = attribute(attributes, "transform").map_or((0.0, 0.0), |t| translated(&t));
    let (x, y) = (dx + mx, dy + my);
    match name {
        "text" => state.text = Some(String::new()),
        "metadata" => state.metadata = true,
        "circle" | "ellipse" if number("r").or(number("rx")).unwrap_or(0.0) <= 12.0 => {
            state.markers.push((x + number("cx").unwrap_or(0.0), y + number("cy").unwrap_or(0.0)));
        }
        // Letters drawn as paths are used too, inside groups that are scaled.
        "use"
            if (attribute(attributes, "x").is_some() || (mx, my) != (0.0, 0.0))
                && !in_letters(state, attributes)
                && !state.ticks.contains(target(attributes).trim_start_matches('#')) =>
        {
            state.markers.push((x + number("x").unwrap_or(0.0), y + number("y").unwrap_or(0.0)));
        }
        "path" if state.names.iter().any(|n| n == "defs") => {
            let (id, d) = (attribute(attributes, "id"), attribute(attributes, "d"));
            state.ticks.extend(id.filter(|_| d.as_deref().is_some_and(is_tick)));
        }
        "path" | "polygon" if !state.names.iter().any(|n| n == "defs" || n == "clippath") => {
            let points = attribute(attributes, "points");
            let place = match points.filter(|_| name == "polygon") {
                Some(points) => svg_path::corners(&points),
                None => attribute(attributes, "d").as_deref().and_then(svg_path::marker),
            };
            if let Some((cx, cy)) = place {
                state.markers.push((x + cx, y + cy));
            }
        }
        // Squares; a bar of a histogram is higher than wide.
        "rect" if !state.names.iter().any(|n| n == "defs" || n == "clippath") => {
            let (wide, high) = (number("width").unwrap_or(0.0), number("height").unwrap_or(0.0));
            if (0.5..=12.0).contains(&wide) && (wide - high).abs() <= 0.5 {
                let (left, top) = (number("x").unwrap_or(0.0), number("y").unwrap_or(0.0));
                state.markers.push((x + left, y + top));
            }
        }
        "image" => {
            let url = attribute(attributes, "xlink:href").or_else(|| attribute(attributes, "href"));
            if let Some((_, body)) = url.as_deref().and_then(|u| u.split_once(";base64,")) {
                let clean: String = body.chars().filter(|c| !c.is_whitespace()).collect();
                if let Ok(bytes) =
                    base64::engine::general_purpose::STANDARD.decode(clean.as_bytes())
                    && reading.budget.spend(bytes.len()).is_ok()
                {
                    pictures.push(bytes);
                }
            }
        }
        _ => {}
    }
    for property in ["sodipodi:docname", "inkscape:export-filename", "sodipodi:absref"] {
        if let Some(value) = attribute(attributes, property) {
            props::path(reading, property, &value);
        }
    }
    if closed {
        return;
    }
    state.depth += 1;
    state.names.push(name.to_owned());
    state.translate.push((x, y));
    let style = attribute(attributes, "style").unwrap_or_default().replace(' ', "");
    let gone = attribute(attributes, "display").as_deref() == Some("none")
        || attribute(attributes, "visibility").as_deref() == Some("hidden")
        || attribute(attributes, "opacity").as_deref() == Some("0")
        || style.contains("display:none")
        || style.contains("visibility:hidden");
    if gone && state.hidden.is_none() {
        state.hidden = Some(state.depth);
    }
}

fn close(reading: &mut Reading, state: &mut State, name: &str, line: u32, part: &mut Part) {
    if name == "metadata" {
        state.metadata = false;
    }
    if name == "text"
        && let Some(text) = state.text.take()
    {
        if state.hidden.is_some() && !text.trim().is_empty() {
            reading.see(Sight::HiddenText, Location::line(line), text.trim());
        }
        part.lines.push(Line { number: line, text: text.trim().to_owned() });
    }
    if state.hidden.is_some_and(|depth| depth >= state.depth) {
        state.hidden = None;
    }
    state.depth = state.depth.saturating_sub(1);
    state.names.pop();
    state.translate.pop();
}

/// What a `use` draws.
fn target(attributes: &str) -> String {
    attribute(attributes, "xlink:href")
        .or_else(|| attribute(attributes, "href"))
        .unwrap_or_default()
}

/// A line of two ends, the first of them the place itself: `M 0 0 L 0 3.5`, the mark of an axis. A
/// marker lies around its place.
fn is_tick(d: &str) -> bool {
    let numbers: Vec<Option<f64>> = d
        .split(|c: char| matches!(c, 'M' | 'L' | ',') || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .map(|word| word.parse().ok())
        .collect();
    matches!(numbers.as_slice(), [Some(x), Some(y), Some(_), Some(_)] if *x == 0.0 && *y == 0.0)
}

/// Whether a `use` draws a letter: fonts are named `glyph`, `DejaVu...` or `font...`.
fn in_letters(state: &State, attributes: &str) -> bool {
    let lower = target(attributes).to_lowercase();
    let fonts = ["glyph", "dejavu", "font", "sans", "arial", "cmr", "stix", "-"];
    fonts.iter().any(|font| lower.contains(font)) || state.text.is_some()
}

/// The offset of `translate(x, y)` or `matrix(a b c d x y)`.
fn translated(transform: &str) -> (f64, f64) {
    let Some((head, rest)) = transform.split_once('(') else { return (0.0, 0.0) };
    let inner = rest.split(')').next().unwrap_or_default();
    let numbers: Vec<f64> = inner
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|n| !n.is_empty())
        .filter_map(|n| n.parse().ok())
        .collect();
    match (head.trim(), numbers.as_slice()) {
        ("translate", [x]) => (*x, 0.0),
        ("translate", [x, y, ..]) | ("matrix", [_, _, _, _, x, y]) => (*x, *y),
        _ => (0.0, 0.0),
    }
}
