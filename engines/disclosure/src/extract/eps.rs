//! PostScript graphics, by their text alone: the language is never run.

use std::collections::HashMap;

use super::reading::Reading;
use super::{Line, Part, Sight, points};
use crate::content::Kind;
use crate::report::Location;

/// Whether text is PostScript.
pub fn is(text: &str) -> bool {
    text.starts_with("%!PS") || text.starts_with("%!Adobe")
}

/// Reads a graphic: strings that are shown, properties, and markers as programs write them, one a
/// line: numbers and the name of what draws it there.
pub fn read(reading: &mut Reading, text: &str) {
    let mut part = Part::new(Kind::Markup);
    part.loose = true;
    let mut letters = String::new();
    let mut drawn: HashMap<String, Vec<(f64, f64)>> = HashMap::new();
    for (number, line) in (1_u32..).zip(text.lines()) {
        for (property, what) in [("%%For:", true), ("%%Creator:", false), ("%%Title:", false)] {
            if let Some(value) = line.strip_prefix(property) {
                let value = value.trim().trim_matches(['(', ')']);
                if what {
                    super::props::person(reading, "For", value);
                } else {
                    super::props::path(reading, property.trim_matches(['%', ':']), value);
                }
            }
        }
        if line.starts_with('%') {
            continue;
        }
        if let Some(shown) = string(line) {
            part.lines.push(Line { number, text: shown });
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        // matplotlib shows one letter a line, by the letter's name.
        if let [.., name, "glyphshow"] = words.as_slice() {
            letters.push(letter(name));
            continue;
        }
        if words.as_slice() == ["grestore"] && !letters.is_empty() {
            part.lines.push(Line { number, text: std::mem::take(&mut letters) });
        }
        let figures = words.iter().take_while(|w| w.parse::<f64>().is_ok()).count();
        let rest = words.get(figures..).unwrap_or_default();
        if (2..=5).contains(&figures) && (1..=3).contains(&rest.len()) && !is_path(rest[0]) {
            let at = |i: usize| words[i].parse::<f64>().unwrap_or(0.0);
            drawn.entry(rest.join(" ")).or_default().push((at(0), at(1)));
        }
    }
    let most = drawn.values().filter_map(|places| points::individuals(places)).max();
    if let Some(count) = most {
        reading.see_many(Sight::Points, "", count);
    }
    if text.contains("/EmbeddedFile") {
        reading.see(Sight::EmbeddedFile, Location::default(), "PostScript");
    }
    if part.lines.is_empty() {
        reading.see(Sight::PictureBlank, Location::default(), "");
    }
    reading.part(part);
}

/// The letter of a glyph's name in Adobe's list, as far as figures and plain words need it.
fn letter(name: &str) -> char {
    const NAMES: [(&str, char); 20] = [
        ("zero", '0'),
        ("one", '1'),
        ("two", '2'),
        ("three", '3'),
        ("four", '4'),
        ("five", '5'),
        ("six", '6'),
        ("seven", '7'),
        ("eight", '8'),
        ("nine", '9'),
        ("period", '.'),
        ("comma", ','),
        ("hyphen", '-'),
        ("minus", '-'),
        ("space", ' '),
        ("percent", '%'),
        ("colon", ':'),
        ("equal", '='),
        ("parenleft", '('),
        ("parenright", ')'),
    ];
    let name = name.trim_start_matches('/');
    let known = NAMES.iter().find(|known| known.0 == name).map(|known| known.1);
    let mut own = name.chars();
    known.unwrap_or(match (own.next(), own.next()) {
        (Some(c), None) => c,
        _ => '?',
    })
}

/// Lines and curves are no markers.
fn is_path(word: &str) -> bool {
    matches!(
        word,
        "m" | "l"
            | "c"
            | "moveto"
            | "lineto"
            | "rlineto"
            | "rmoveto"
            | "curveto"
            | "v"
            | "y"
            | "w"
            | "d"
            | "setrgbcolor"
            | "rgb"
            | "setlinewidth"
            | "setdash"
            | "translate"
            | "scale"
            | "rm"
            | "lw"
            | "np"
            | "bp"
            | "cl"
            | "r"
            | "t"
            | "M"
            | "L"
            | "V"
            | "R"
            | "D"
            | "N"
    )
}

/// The string of a line that shows one: `(text) show`.
fn string(line: &str) -> Option<String> {
    let from = line.find('(')?;
    let to = line.rfind(')')?;
    let inner = line.get(from + 1..to)?;
    (!inner.is_empty()).then(|| inner.replace("\\(", "(").replace("\\)", ")"))
}
