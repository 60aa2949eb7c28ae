//! Jupyter notebooks: each cell with its outputs, by the cell's place in the list.

use std::collections::HashMap;

use base64::Engine as _;
use serde_json::Value;

use super::markup::{Piece, Pieces, unescape};
use super::reading::Reading;
use super::{Sight, Unread, html, json, latex, plotly, props, svg, text};
use crate::report::Location;

/// Reads a notebook.
///
/// # Errors
/// More cells than are read.
pub fn read(reading: &mut Reading, notebook: &Value) -> Result<(), Unread> {
    beside(reading, notebook, &["cells", "metadata", "nbformat", "nbformat_minor"]);
    let cells = notebook.get("cells").and_then(Value::as_array);
    for (index, cell) in cells.into_iter().flatten().enumerate() {
        let index = u32::try_from(index).map_err(|_| Unread::TooManyEntries)?;
        reading.budget.open()?;
        reading.inside(|w| w.cell_index = Some(index), |reading| read_cell(reading, cell))?;
    }
    let empty = Value::Null;
    let metadata = notebook.get("metadata").unwrap_or(&empty);
    for author in metadata.get("authors").and_then(Value::as_array).into_iter().flatten() {
        let name = author.get("name").or(Some(author)).and_then(Value::as_str).unwrap_or_default();
        props::person(reading, "author", name);
    }
    for key in ["papermill", "vscode", "toc"] {
        if let Some(value) = metadata.get(key) {
            props::path(reading, key, &value.to_string());
        }
    }
    settings(reading, metadata);
    Ok(())
}

/// Settings beside cells and outputs are a few words; what holds data there leaves unseen.
fn settings(reading: &mut Reading, metadata: &Value) {
    for (key, value) in metadata.as_object().into_iter().flatten() {
        let text = value.to_string();
        if json::is_rich(&text) || text.len() > 4_000 {
            reading.see_many(Sight::Blob, key.clone(), text.len());
        }
    }
}

/// Notes what stands in `value` under names that the format does not know: no program shows it.
fn beside(reading: &mut Reading, value: &Value, known: &[&str]) {
    for (key, value) in value.as_object().into_iter().flatten() {
        if !known.contains(&key.as_str())
            && (value.is_object() || value.is_array() || value.is_string())
        {
            reading.see_many(Sight::Blob, key.clone(), value.to_string().len());
        }
    }
}

/// What the format says of a cell.
const CELL: [&str; 8] = [
    "cell_type",
    "source",
    "metadata",
    "outputs",
    "execution_count",
    "attachments",
    "id",
    "collapsed",
];

/// What the format says of an output.
const OUTPUT: [&str; 10] = [
    "output_type",
    "data",
    "metadata",
    "execution_count",
    "name",
    "text",
    "traceback",
    "ename",
    "evalue",
    "transient",
];

/// Texts of a notebook are lists of lines or one text.
fn joined(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}

fn read_cell(reading: &mut Reading, cell: &Value) -> Result<(), Unread> {
    beside(reading, cell, &CELL);
    settings(reading, cell.get("metadata").unwrap_or(&Value::Null));
    let source = joined(cell.get("source"));
    match cell.get("cell_type").and_then(Value::as_str) {
        Some("code") => {
            let part = text::program(source)?;
            reading.part(part);
        }
        _ => console(reading, &source)?,
    }
    for (name, bundle) in cell.get("attachments").and_then(Value::as_object).into_iter().flatten() {
        for data in bundle.as_object().into_iter().flat_map(|b| b.values()) {
            picture(reading, name, &joined(Some(data)));
        }
    }
    let outputs = cell.get("outputs").and_then(Value::as_array);
    let hidden =
        cell.pointer("/metadata/jupyter/outputs_hidden").or(cell.pointer("/metadata/collapsed"));
    if hidden == Some(&Value::Bool(true)) && outputs.is_some_and(|o| !o.is_empty()) {
        reading.see(Sight::HiddenText, Location::default(), "folded outputs");
    }
    for output in outputs.into_iter().flatten() {
        read_output(reading, output)?;
    }
    Ok(())
}

fn console(reading: &mut Reading, printed: &str) -> Result<(), Unread> {
    let printed = text::without_escapes(printed);
    if !printed.trim().is_empty() {
        let mut part = text::read_str(&printed)?;
        // A printed number alone is an answer to a question, not a table.
        part.loose = part.lines.len() <= 1 && part.tables.is_empty();
        reading.part(part);
    }
    Ok(())
}

fn picture(reading: &mut Reading, name: &str, base64: &str) {
    let clean: String = base64.chars().filter(|c| !c.is_whitespace()).collect();
    match base64::engine::general_purpose::STANDARD.decode(clean.as_bytes()) {
        Ok(bytes) if reading.budget.spend(bytes.len()).is_ok() => reading.embedded(name, &bytes),
        _ => reading.unread(Unread::Damaged),
    }
}

fn read_output(reading: &mut Reading, output: &Value) -> Result<(), Unread> {
    beside(reading, output, &OUTPUT);
    settings(reading, output.get("metadata").unwrap_or(&Value::Null));
    match output.get("output_type").and_then(Value::as_str) {
        Some("stream") => return console(reading, &joined(output.get("text"))),
        Some("error") => {
            let lines = output.get("traceback").and_then(Value::as_array);
            let lines: Vec<&str> = lines.into_iter().flatten().filter_map(Value::as_str).collect();
            return console(reading, &lines.join("\n"));
        }
        _ => {}
    }
    let Some(data) = output.get("data").and_then(Value::as_object) else { return Ok(()) };
    let page = data.get("text/html").map(|html| joined(Some(html))).unwrap_or_default();
    if !page.is_empty() {
        html::read(reading, page.as_bytes())?;
    }
    for (mime, value) in data {
        match mime.as_str() {
            "text/html" => {}
            // The twin of a page: what it says and the page does not is read too.
            "text/plain" => {
                let plain = joined(Some(value));
                if !(is_object_name(&plain) || !page.is_empty() && says_all(&page, &plain)) {
                    console(reading, &plain)?;
                }
            }
            "text/markdown" => console(reading, &joined(Some(value)))?,
            "text/latex" => {
                let tex = joined(Some(value));
                if latex::is(&tex) {
                    let part = latex::read(&tex)?;
                    reading.part(part);
                } else {
                    console(reading, &tex)?;
                }
            }
            "image/svg+xml" => svg::read(reading, joined(Some(value)).as_bytes())?,
            _ if mime.starts_with("image/") => picture(reading, mime, &joined(Some(value))),
            _ if mime.contains("plotly") || mime.contains("vega") || mime.contains("bokeh") => {
                if !plotly::value(reading, value, Location::default()) {
                    reading.see(Sight::PlotData, Location::default(), mime.clone());
                }
            }
            "application/json" => {
                let part = json::records(value)?;
                reading.part(part);
            }
            "application/vnd.jupyter.widget-view+json" => {}
            "application/javascript" => {
                let script = joined(Some(value));
                if json::holds_data(&script) {
                    reading.see_many(Sight::Blob, mime.clone(), script.len());
                }
            }
            _ => reading.see(Sight::Blob, Location::default(), mime.clone()),
        }
    }
    Ok(())
}

/// `<Figure size 640x480 with 1 Axes>`, `<Axes: >`, `<x.Y at 0x7f3c>`: the name of the object that is
/// shown. Its figures are those of a size, a number of axes or an address.
fn is_object_name(plain: &str) -> bool {
    let plain = plain.trim();
    let Some(inner) = plain.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) else {
        return false;
    };
    let words: Vec<&str> = inner.split_whitespace().collect();
    let digits = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    let size = |word: &str| {
        word.split_once('x')
            .is_some_and(|(a, b)| a.parse::<u16>().is_ok() && b.parse::<u16>().is_ok())
            || word.strip_prefix("0x").is_some_and(|hex| u64::from_str_radix(hex, 16).is_ok())
    };
    let harmless = |at: usize| {
        !digits(words[at])
            || size(words[at])
            || words.get(at + 1).is_some_and(|next| next.starts_with("Axes"))
    };
    plain.len() <= 200 && !plain.contains('\n') && (0..words.len()).all(harmless)
}

/// Whether what a page shows has each figure of its twin in plain text, as often as it is there.
fn says_all(page: &str, plain: &str) -> bool {
    let mut shown: HashMap<String, usize> = HashMap::new();
    for (_, piece) in Pieces::new(page) {
        if let Piece::Text(text) = piece {
            for word in figures(&unescape(text)) {
                *shown.entry(word.to_owned()).or_default() += 1;
            }
        }
    }
    figures(plain).all(|word| match shown.get_mut(word) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    })
}

/// The words of a text with a digit in them.
fn figures(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | ',' | '-')))
        .filter(|word| word.contains(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_object_is_told_from_figures_between_brackets() {
        for name in ["<Figure size 640x480 with 1 Axes>", "<Axes: >", "<a.B at 0x7f3c12>"] {
            assert!(is_object_name(name), "{name}");
        }
        for text in ["<Nord 3 Sud 4>", "<a\n3\n>", "3"] {
            assert!(!is_object_name(text), "{text}");
        }
    }

    #[test]
    fn a_page_says_what_its_twin_says_only_where_it_shows_it_as_often() {
        let page = "<table width=3><tr><td>Nord</td><td>12</td></tr></table>";
        assert!(says_all(page, "Nord   12"));
        assert!(!says_all(page, "Nord   12\nSud     2"), "`2` is only a part of `12`");
        assert!(!says_all(page, "Nord    3"), "an attribute is not shown");
        assert!(!says_all(page, "Nord   12  12"));
    }
}
