//! Jupyter notebooks: each cell with its outputs, by the cell's place in the list.

use base64::Engine as _;
use serde_json::Value;

use super::reading::Reading;
use super::{Part, Sight, Unread, html, json, latex, plotly, props, svg, text};
use crate::content::Kind;
use crate::report::Location;

/// Reads a notebook.
///
/// # Errors
/// More cells than are read.
pub fn read(reading: &mut Reading, notebook: &Value) -> Result<(), Unread> {
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
    if let Some(widgets) = metadata.get("widgets").map(Value::to_string)
        && json::is_rich(&widgets)
    {
        reading.see_many(Sight::Blob, "widgets", widgets.len());
    }
    Ok(())
}

/// Texts of a notebook are lists of lines or one text.
fn joined(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}

fn read_cell(reading: &mut Reading, cell: &Value) -> Result<(), Unread> {
    let source = joined(cell.get("source"));
    match cell.get("cell_type").and_then(Value::as_str) {
        Some("code") => {
            let mut part = Part::new(Kind::Code);
            part.loose = true;
            part.text.clone_from(&source);
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
                if page.is_empty() || figures(&plain).any(|figure| !page.contains(figure)) {
                    // `<Figure size 640x480 with 1 Axes>` names the object that is shown.
                    if !(plain.starts_with('<') && plain.ends_with('>')) {
                        console(reading, &plain)?;
                    }
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
                if json::longest_array(&script) >= 20 {
                    reading.see_many(Sight::Blob, mime.clone(), script.len());
                }
            }
            _ => reading.see(Sight::Blob, Location::default(), mime.clone()),
        }
    }
    Ok(())
}

fn figures(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
        .filter(|word| word.chars().all(|c| c.is_ascii_digit() || c == '.'))
        .filter(|w| w.len() > 1)
}
