//! JSON: notebooks, plots with their data, and records as programs write them.

use std::collections::HashSet;

use serde_json::Value;

use super::grid::{self, GridRow};
use super::reading::Reading;
use super::{Line, MAX_CELLS, Part, Sight, Unread, json_keys, notebook, plotly};
use crate::content::Kind;
use crate::report::Location;
use crate::value::Decimal;

pub use super::json_held::{holds_data, is_rich};
pub use plotly::{literal as plot_literal, text as plot};

/// Bytes that are read at most: a value takes about thirty times its shortest text.
const MAX_BYTES: usize = 16 << 20;

/// Reads a JSON file.
///
/// # Errors
/// What is no JSON, or too large.
pub fn read(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    if bytes.len() > MAX_BYTES {
        return Err(Unread::TooLarge);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    // JSON lines: an object a line.
    let values: Result<Vec<Value>, _> =
        serde_json::Deserializer::from_slice(bytes).into_iter::<Value>().collect();
    let mut values = values.map_err(|_| Unread::Damaged)?;
    if json_keys::twice(bytes) {
        let what = "a name twice in one object: readers keep one of the values";
        reading.see(Sight::Unread, Location::default(), what);
    }
    let value = if values.len() == 1 { values.remove(0) } else { Value::Array(values) };
    if value.get("cells").is_some_and(Value::is_array) && value.get("nbformat").is_some() {
        return notebook::read(reading, &value);
    }
    if value.get("learner").is_some()
        || value.get("tree_info").is_some()
        || value.get("oblivious_trees").is_some()
    {
        reading.see(Sight::Model, Location::default(), "boosted trees");
        return Ok(());
    }
    if plotly::value(reading, &value, Location::default()) {
        return Ok(());
    }
    let part = if is_schema(&value) { schema(&value) } else { records(&value)? };
    reading.part(part);
    Ok(())
}

/// Whether a value describes the variables of records and holds none: a JSON schema, whose numbers
/// are bounds and a few rising codes. Values of units under other names make it data as any.
fn is_schema(value: &Value) -> bool {
    let typed = |one: &Value| one.get("type").is_some() || one.get("enum").is_some();
    let properties = value.get("properties").and_then(Value::as_object);
    properties.is_some_and(|own| !own.is_empty() && own.values().all(typed))
        && value.get("type").and_then(Value::as_str) == Some("object")
        && is_bounded(value, "", 0)
}

/// Names of bounds in a schema.
const BOUNDS: [&str; 8] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
];

/// Codes of one variable of a schema at most.
const CODES: usize = 20;

fn is_bounded(value: &Value, name: &str, depth: usize) -> bool {
    match value {
        Value::Object(fields) => {
            depth < 20 && fields.iter().all(|(key, inner)| is_bounded(inner, key, depth + 1))
        }
        Value::Array(items) if items.iter().all(Value::is_number) => {
            let codes: Vec<f64> = items.iter().filter_map(Value::as_f64).collect();
            let rising =
                codes.windows(2).all(|p| p[0] < p[1]) && codes.iter().all(|c| c.fract() == 0.0);
            name == "enum" && codes.len() <= CODES && rising
        }
        Value::Array(items) => items.iter().all(|inner| is_bounded(inner, name, depth + 1)),
        Value::Number(_) => BOUNDS.contains(&name),
        _ => true,
    }
}

/// The words of a schema.
fn schema(value: &Value) -> Part {
    fn walk(value: &Value, name: &str, lines: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(key, inner)| walk(inner, key, lines));
            }
            Value::Array(items) => items.iter().for_each(|inner| walk(inner, name, lines)),
            Value::String(text) => lines.push(format!("{name} {text}")),
            _ => {}
        }
    }
    let (mut part, mut lines) = (Part::new(Kind::Json), Vec::new());
    walk(value, "", &mut lines);
    let line = |(number, text)| Line { number, text };
    part.lines = (1_u32..).zip(lines).map(line).collect();
    part
}

/// The tables in a value: lists of objects, lists of lists, objects of objects; what is left is
/// read as lines of names and values.
///
/// # Errors
/// More cells than are read.
pub fn records(value: &Value) -> Result<Part, Unread> {
    let mut part = Part::new(Kind::Json);
    let mut line = 1;
    collect(value, "", &mut line, &mut part, 0)?;
    Ok(part)
}

fn collect(
    value: &Value,
    name: &str,
    line: &mut u32,
    part: &mut Part,
    depth: usize,
) -> Result<(), Unread> {
    if depth > 40 {
        return Err(Unread::TooDeep);
    }
    if let Some(rows) = table(value)? {
        let mut grid = Vec::with_capacity(rows.len());
        if !name.is_empty() {
            grid.push(GridRow { line: *line, cells: vec![(0, name.to_owned())] });
        }
        for row in rows {
            *line = line.saturating_add(1);
            grid.push(GridRow { line: *line, cells: row.into_iter().enumerate().collect() });
        }
        let (tables, lines) = grid::cut(&grid, Some(Decimal::Point))?;
        part.tables.extend(tables);
        part.lines.extend(lines);
        *line = line.saturating_add(3);
        return Ok(());
    }
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                // A name under which more names stand is said nowhere else.
                if inner.is_object() && (key.contains(char::is_alphabetic) || key.len() >= 9) {
                    part.lines.push(Line { number: *line, text: key.clone() });
                    *line = line.saturating_add(1);
                }
                collect(inner, key, line, part, depth + 1)?;
            }
        }
        Value::Array(items) => {
            for inner in items {
                collect(inner, name, line, part, depth + 1)?;
            }
        }
        Value::String(text) => {
            // A text may be a printed table.
            for own in text.lines() {
                part.lines.push(Line { number: *line, text: format!("{name} {own}") });
                *line = line.saturating_add(1);
            }
        }
        leaf => {
            part.lines.push(Line { number: *line, text: format!("{name}: {}", text_of(leaf)) });
            *line = line.saturating_add(1);
        }
    }
    Ok(())
}

fn is_leaf(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The rows of a table.
type Rows = Vec<Vec<String>>;

/// Refuses tables that would take more cells than are read before they are built.
fn within(rows: usize, columns: usize) -> Result<(), Unread> {
    if rows.saturating_mul(columns) > MAX_CELLS { Err(Unread::TooManyCells) } else { Ok(()) }
}

/// A value as rows, the first of them headers, where it is a table.
fn table(value: &Value) -> Result<Option<Rows>, Unread> {
    match value {
        // [{"a": 1, "n": 2}, ...]
        Value::Array(items) if items.len() > 1 && items.iter().all(Value::is_object) => {
            let (mut names, mut known): (Vec<&str>, HashSet<&str>) = (Vec::new(), HashSet::new());
            for (key, value) in items.iter().filter_map(Value::as_object).flatten() {
                if !is_leaf(value) {
                    return Ok(None);
                }
                if known.insert(key) {
                    names.push(key);
                }
            }
            if names.is_empty() {
                return Ok(None);
            }
            within(items.len() + 1, names.len())?;
            let head = names.iter().map(|name| (*name).to_owned()).collect();
            let row = |object: &Value| {
                names.iter().map(|name| object.get(*name).map_or(String::new(), text_of)).collect()
            };
            Ok(Some(std::iter::once(head).chain(items.iter().map(row)).collect()))
        }
        // [[1, 2], [3, 4]]
        Value::Array(items) if items.len() > 1 => {
            let row = |item: &Value| {
                let cells = item.as_array().filter(|c| c.len() > 1 && c.iter().all(is_leaf))?;
                Some(cells.iter().map(text_of).collect())
            };
            Ok(items.iter().map(row).collect())
        }
        Value::Object(fields) => object_table(fields),
        _ => Ok(None),
    }
}

/// pandas, orient="split": `{"columns": [...], "index": [...], "data": [[...]]}` and nothing else.
fn split(fields: &serde_json::Map<String, Value>) -> Option<Rows> {
    let (Some(Value::Array(columns)), Some(Value::Array(data))) =
        (fields.get("columns"), fields.get("data"))
    else {
        return None;
    };
    let known = |key: &String| matches!(key.as_str(), "columns" | "index" | "data");
    if !data.iter().all(Value::is_array) || !fields.keys().all(known) {
        return None;
    }
    let index = fields.get("index").and_then(Value::as_array);
    let label = |at: usize| index.and_then(|i| i.get(at)).map_or(String::new(), text_of);
    let head = std::iter::once(String::new()).chain(columns.iter().map(text_of)).collect();
    let row = |(at, row): (usize, &Value)| {
        let cells = row.as_array().into_iter().flatten().map(text_of);
        std::iter::once(label(at)).chain(cells).collect()
    };
    Some(std::iter::once(head).chain(data.iter().enumerate().map(row)).collect())
}

fn object_table(fields: &serde_json::Map<String, Value>) -> Result<Option<Rows>, Unread> {
    if let Some(rows) = split(fields) {
        return Ok(Some(rows));
    }
    if fields.is_empty() {
        return Ok(None);
    }
    // {"homme": 12, "femme": 3}
    if fields.len() > 1 && fields.values().all(is_leaf) {
        return Ok(Some(fields.iter().map(|(k, v)| vec![k.clone(), text_of(v)]).collect()));
    }
    // pandas, orient="columns": {"n": {"0": 1, "1": 2}, ...}; or columns of lists.
    let (mut keys, mut known): (Vec<String>, HashSet<&str>) = (Vec::new(), HashSet::new());
    for column in fields.values() {
        match column {
            Value::Object(cells) if !cells.is_empty() && cells.values().all(is_leaf) => {
                let new = cells.keys().filter(|key| known.insert(key));
                keys.extend(new.cloned());
            }
            Value::Array(cells) if cells.len() > 1 && cells.iter().all(is_leaf) => {
                while keys.len() < cells.len() {
                    keys.push(keys.len().to_string());
                }
            }
            _ => return Ok(None),
        }
        within(keys.len() + 1, fields.len() + 1)?;
    }
    let head = std::iter::once(String::new()).chain(fields.keys().cloned()).collect();
    let row = |(at, key): (usize, &String)| {
        let cell = |column: &Value| match column {
            Value::Object(cells) => cells.get(key).map_or(String::new(), text_of),
            Value::Array(cells) => cells.get(at).map_or(String::new(), text_of),
            _ => String::new(),
        };
        std::iter::once(key.clone()).chain(fields.values().map(cell)).collect()
    };
    Ok(Some(std::iter::once(head).chain(keys.iter().enumerate().map(row)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_each_shape_are_tables() {
        for text in [
            r#"[{"sexe":"H","n":3},{"sexe":"F","n":12}]"#,
            r#"{"columns":["n"],"index":["H","F"],"data":[[3],[12]]}"#,
            r#"{"n":{"H":3,"F":12}}"#,
            r#"{"H":3,"F":12}"#,
            r#"{"table":{"sexe":["H","F"],"n":[3,12]}}"#,
        ] {
            let part = records(&serde_json::from_str(text).unwrap()).unwrap();
            assert_eq!(part.tables.len(), 1, "{text} {part:?}");
        }
    }

    #[test]
    fn a_schema_holds_no_data_and_values_in_its_dress_do() {
        let schema = |more: &str| {
            let text = format!(
                r#"{{"type":"object","properties":{{"age":{{"type":"integer","maximum":120{more}}},"grade":{{"enum":[1,2,3]}}}}}}"#
            );
            is_schema(&serde_json::from_str(&text).unwrap())
        };
        assert!(schema(""));
        assert!(!schema(r#","examples":[34,21,56]"#));
        assert!(!schema(r#","enum":[34,21,56]"#));
        assert!(!schema(r#","mean":45"#));
    }

    #[test]
    fn no_name_and_no_field_is_lost() {
        let told = |text: &str| {
            let part = records(&serde_json::from_str(text).unwrap()).unwrap();
            format!("{part:?}")
        };
        let late: Vec<String> = (0..300).map(|at| format!("{{\"n\":{at},\"m{at}\":1}}")).collect();
        assert!(told(&format!("[{}]", late.join(","))).contains("m299"));
        let split = r#"{"columns":["n"],"index":["H"],"data":[[3]],"patients":["Durand","Anne"]}"#;
        assert!(told(split).contains("Durand"));
        assert!(told(r#"{"Durand":{"visite":{"jour":3}}}"#).contains("Durand"));
    }

    #[test]
    fn a_table_of_all_names_in_all_rows_is_refused_before_it_is_built() {
        let rows: Vec<String> = (0..3_000).map(|at| format!("{{\"m{at}\":1}}")).collect();
        let value = serde_json::from_str(&format!("[{}]", rows.join(","))).unwrap();
        assert!(matches!(records(&value), Err(Unread::TooManyCells)));
    }
}
