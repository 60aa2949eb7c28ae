//! Interactive plots carry their data with them.

use base64::Engine as _;
use serde_json::Value;

use super::reading::Reading;
use super::{Sight, points};
use crate::report::Location;

/// Notes a plot that is written as JSON text; whether it was one.
pub fn text(reading: &mut Reading, text: &str, at: Location) -> bool {
    serde_json::from_str(text).is_ok_and(|parsed: Value| value(reading, &parsed, at))
}

/// Notes a plot given by a call: the first list after `newPlot(` holds its traces.
pub fn literal(reading: &mut Reading, script: &str, at: Location) {
    let Some(call) = script.rfind("newPlot(").and_then(|at| script.get(at..)) else { return };
    let Some(list) = call.find('[').and_then(|at| call.get(at..)) else { return };
    let traces = serde_json::Deserializer::from_str(list).into_iter::<Value>().next();
    if let Some(Ok(traces)) = traces {
        clouds(reading, &traces, at);
    }
}

/// Notes the points of a vega graphic that a script holds as a literal.
pub fn vega_literal(reading: &mut Reading, script: &str, at: Location) {
    /// Objects of a script that are tried.
    const TRIED: usize = 8;
    for (from, _) in script.match_indices("{\"").take(TRIED) {
        let object = script.get(from..).unwrap_or_default();
        let value = serde_json::Deserializer::from_str(object).into_iter::<Value>().next();
        let Some(Ok(value)) = value else { continue };
        let schema = value.get("$schema").and_then(Value::as_str).unwrap_or_default();
        if schema.contains("vega") {
            return vega_points(reading, &value, at);
        }
    }
}

/// Notes a plotly, vega or htmlwidgets value; whether it was one.
pub fn value(reading: &mut Reading, value: &Value, at: Location) -> bool {
    let inner = value.get("x").filter(|x| x.get("data").is_some()).unwrap_or(value);
    let schema = value.get("$schema").and_then(Value::as_str).unwrap_or_default();
    if schema.contains("vega") {
        let rows = value.to_string().matches("},{").count();
        reading.see(Sight::PlotData, at, format!("vega, {rows} records"));
        vega_points(reading, value, at);
        return true;
    }
    let Some(traces) = inner.get("data").filter(|data| data.is_array()) else { return false };
    let is_trace = |t: &Value| {
        let keys = ["x", "y", "z", "values", "labels", "lat", "r", "locations"];
        t.is_object()
            && (t.get("type").is_some() || t.get("mode").is_some())
            && keys.iter().any(|k| t.get(k).is_some())
    };
    if !traces.as_array().is_some_and(|list| list.iter().any(is_trace)) {
        return false;
    }
    let count = traces.as_array().map_or(0, Vec::len);
    reading.see(Sight::PlotData, at, format!("{count} traces"));
    clouds(reading, traces, at);
    true
}

fn clouds(reading: &mut Reading, traces: &Value, at: Location) {
    for trace in traces.as_array().into_iter().flatten() {
        let kind = trace.get("type").and_then(Value::as_str).unwrap_or("scatter");
        let mode = trace.get("mode").and_then(Value::as_str).unwrap_or("markers");
        let (x, y) = match kind {
            _ if kind.starts_with("scatter") && mode.contains("markers") => {
                (numbers(trace, "x"), numbers(trace, "y"))
            }
            // Boxes and histograms are drawn from the values of the units themselves.
            "box" | "violin" | "histogram" | "histogram2d" | "strip" => {
                let values = [numbers(trace, "y"), numbers(trace, "x")].concat();
                let places = (0_u32..).map(f64::from).zip(values).collect::<Vec<_>>();
                if places.len() >= points::LEAST {
                    reading.see(
                        Sight::Points,
                        at,
                        format!("{} values behind a {kind}", places.len()),
                    );
                }
                continue;
            }
            _ => continue,
        };
        let places: Vec<(f64, f64)> = x.into_iter().zip(y).collect();
        if let Some(count) = points::individuals(&places) {
            reading.see(Sight::Points, at, format!("{count} markers"));
        }
    }
}

fn vega_points(reading: &mut Reading, value: &Value, at: Location) {
    let whole = value.to_string();
    if !whole.contains("\"point\"") && !whole.contains("\"circle\"") {
        return;
    }
    let sets = value.get("datasets").and_then(Value::as_object);
    let inline = value.pointer("/data/values").and_then(Value::as_array);
    let sets = sets.into_iter().flat_map(|s| s.values().filter_map(Value::as_array)).chain(inline);
    if let Some(most) = sets.map(Vec::len).max().filter(|most| *most >= points::LEAST) {
        reading.see(Sight::Points, at, format!("{most} markers"));
    }
}

/// The numbers of a field: a list, or a typed array in base64 (plotly from version 6).
fn numbers(trace: &Value, name: &str) -> Vec<f64> {
    match trace.get(name) {
        Some(Value::Array(items)) => {
            let place = |(at, v): (usize, &Value)| {
                // Categories have their place in the list.
                v.as_f64().unwrap_or_else(|| f64::from(u32::try_from(at).unwrap_or(0)))
            };
            items.iter().enumerate().map(place).collect()
        }
        Some(Value::Object(typed)) => {
            let text = |key: &str| typed.get(key).and_then(Value::as_str).unwrap_or_default();
            let bytes =
                base64::engine::general_purpose::STANDARD.decode(text("bdata")).unwrap_or_default();
            typed_array(text("dtype"), &bytes)
        }
        _ => Vec::new(),
    }
}

fn typed_array(kind: &str, bytes: &[u8]) -> Vec<f64> {
    fn each<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        bytes.chunks_exact(N).filter_map(|c| c.try_into().ok()).map(read).collect()
    }
    match kind {
        "f8" => each(bytes, f64::from_le_bytes),
        "f4" => each(bytes, |b| f32::from_le_bytes(b).into()),
        "i4" => each(bytes, |b| i32::from_le_bytes(b).into()),
        "u4" => each(bytes, |b| u32::from_le_bytes(b).into()),
        "i2" => each(bytes, |b| i16::from_le_bytes(b).into()),
        "u2" => each(bytes, |b| u16::from_le_bytes(b).into()),
        "i1" => each(bytes, |b| i8::from_le_bytes(b).into()),
        "u1" => each(bytes, |b| u8::from_le_bytes(b).into()),
        _ => Vec::new(),
    }
}
