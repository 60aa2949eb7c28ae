//! Whether an answer of the API is what its description says: the kit compares the answer to every
//! request of a test that succeeds. What is asked for, and how refusals look, is not compared.

use reqwest::Method;
use serde_json::Value;
use tokio::sync::OnceCell;

/// The description, read once in a process: it is the same for every centre.
static DESCRIBED: OnceCell<Value> = OnceCell::const_new();

/// Compares an answer below `/api/v1`.
///
/// # Panics
/// Where the answer is not as described: the test that asked fails.
pub(crate) async fn check(
    http: &reqwest::Client,
    url: &str,
    (method, path): (&Method, &str),
    status: u16,
    body: &str,
) {
    let read = async || {
        let answer = http.get(format!("{url}/api/v1/openapi.json")).send().await;
        answer.expect("an answer").json().await.expect("a description")
    };
    let whole = DESCRIBED.get_or_init(read).await;
    let path = path.split('?').next().unwrap_or_default();
    let verb = method.as_str().to_lowercase();
    let Some(operation) = find(whole, path, &verb) else {
        assert!(path.ends_with("/openapi.json"), "{method} {path} answers and is not described");
        return;
    };
    let answer = &operation["responses"][status.to_string()];
    assert!(!answer.is_null(), "{method} {path} answers {status}, which is not described");
    let schema = &answer["content"]["application/json"]["schema"];
    if schema.is_null() {
        return;
    }
    let value: Value = serde_json::from_str(body).expect("JSON, as described");
    let mut faults = Vec::new();
    compare(whole, schema, &value, "answer", &mut faults);
    assert!(faults.is_empty(), "{method} {path} does not answer what is described: {faults:#?}");
}

/// The operation at an address: of several patterns that fit, the one with the fewest parameters.
fn find<'w>(whole: &'w Value, path: &str, verb: &str) -> Option<&'w Value> {
    let pieces: Vec<&str> = path.split('/').collect();
    let fits = |pattern: &str| {
        let parts: Vec<&str> = pattern.split('/').collect();
        parts.len() == pieces.len()
            && parts.iter().zip(&pieces).all(|(part, piece)| part.starts_with('{') || part == piece)
    };
    let paths = whole["paths"].as_object()?;
    let fitting = paths.iter().filter(|(pattern, item)| fits(pattern) && item[verb].is_object());
    let found = fitting.min_by_key(|(pattern, _)| pattern.matches('{').count())?;
    Some(&found.1[verb])
}

/// Follows a reference to its schema.
fn resolve<'w>(whole: &'w Value, schema: &'w Value) -> &'w Value {
    match schema["$ref"].as_str() {
        Some(place) => whole.pointer(place.trim_start_matches('#')).unwrap_or(&Value::Null),
        None => schema,
    }
}

fn compare(whole: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let schema = resolve(whole, schema);
    let choices = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
    if let Some(choices) = choices {
        let fits = |choice: &Value| {
            let mut own = Vec::new();
            compare(whole, choice, value, at, &mut own);
            own
        };
        let tried: Vec<_> = choices.iter().map(fits).collect();
        if tried.iter().all(|own| !own.is_empty()) {
            faults.extend(tried.into_iter().flatten());
        }
        return;
    }
    if !is_of_type(schema, value) {
        faults.push(format!("{at} is {value} and not {}", schema["type"]));
        return;
    }
    if let Some(items) = value.as_array() {
        for (place, item) in items.iter().enumerate() {
            compare(whole, &schema["items"], item, &format!("{at}[{place}]"), faults);
        }
    }
    if let Some(fields) = value.as_object() {
        compare_fields(whole, schema, fields, at, faults);
    }
}

/// The parts of a schema that is put together (`allOf`), or the schema alone.
fn parts<'w>(whole: &'w Value, schema: &'w Value) -> Vec<&'w Value> {
    match schema["allOf"].as_array() {
        Some(all) => all.iter().flat_map(|part| parts(whole, resolve(whole, part))).collect(),
        None => vec![schema],
    }
}

fn compare_fields(
    whole: &Value,
    schema: &Value,
    fields: &serde_json::Map<String, Value>,
    at: &str,
    faults: &mut Vec<String>,
) {
    let parts = parts(whole, schema);
    let others = parts.iter().map(|part| &part["additionalProperties"]).find(|it| !it.is_null());
    let described = parts.iter().any(|part| part["properties"].is_object());
    for (name, value) in fields {
        let own = parts.iter().map(|part| &part["properties"][name]).find(|it| !it.is_null());
        match own.or(others) {
            Some(schema) => compare(whole, schema, value, &format!("{at}.{name}"), faults),
            None if described => faults.push(format!("{at}.{name} is not described")),
            None => {}
        }
    }
    for name in parts.iter().filter_map(|part| part["required"].as_array()).flatten() {
        let name = name.as_str().unwrap_or_default();
        if !fields.contains_key(name) {
            faults.push(format!("{at}.{name} is missing"));
        }
    }
}

fn is_of_type(schema: &Value, value: &Value) -> bool {
    let is = |kind: &str| match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match &schema["type"] {
        Value::String(kind) => is(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(schema: &Value, value: &Value) -> Vec<String> {
        let whole = json!({ "components": { "schemas": {
            "One": { "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } },
        } } });
        let mut faults = Vec::new();
        compare(&whole, schema, value, "answer", &mut faults);
        faults
    }

    #[test]
    fn what_is_missing_wrong_or_not_described_is_found() {
        let one = json!({ "$ref": "#/components/schemas/One" });
        assert!(faults(&one, &json!({ "id": "a" })).is_empty());
        assert_eq!(faults(&one, &json!({})), ["answer.id is missing"]);
        assert_eq!(faults(&one, &json!({ "id": "a", "b": 1 })), ["answer.b is not described"]);
        assert_eq!(faults(&one, &json!({ "id": 1 })).len(), 1);
        let list = json!({ "type": "array", "items": one });
        assert_eq!(faults(&list, &json!([{ "id": "a" }, {}])), ["answer[1].id is missing"]);
        let none = json!({ "oneOf": [{ "type": "null" }, one] });
        assert!(faults(&none, &Value::Null).is_empty());
        let more = json!({ "allOf": [one, { "type": "object", "required": ["n"],
            "properties": { "n": { "type": "integer" } } }] });
        assert!(faults(&more, &json!({ "id": "a", "n": 1 })).is_empty());
        assert_eq!(faults(&more, &json!({ "id": "a" })), ["answer.n is missing"]);
    }
}
