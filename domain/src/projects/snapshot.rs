//! The file as it is frozen at a submission: canonical JSON, so that anybody who has the same
//! content gets the same bytes and the same hash.

use serde_json::{Value, json};

use crate::projects::{Application, Item};

/// The content of a file in canonical form: keys in the order of their bytes, no blank outside
/// strings, numbers whole (after RFC 8785, whose rules for fractions are not needed here).
pub fn snapshot(application: &Application, number: &str, items: &[Item]) -> String {
    let mut items: Vec<&Item> = items.iter().filter(|item| !item.state.is_final()).collect();
    items.sort_by_key(|item| item.id);
    let items: Vec<Value> = items
        .into_iter()
        .map(|item| {
            json!({
                "id": item.id, "source": item.source, "producer": item.producer,
                "vintages": item.vintages, "justification": item.justification,
                "answer": item.state.name(), "conditions": item.conditions,
            })
        })
        .collect();
    canonical(&json!({
        "application": application.id, "number": number,
        "turn": application.submissions.len() + 1, "lead": application.lead,
        "members": application.members, "fields": application.fields, "items": items,
    }))
}

/// A JSON value in canonical form.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            // Sorted here and not by the map: a feature of another crate may change the map's order.
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by_key(|(key, _)| key.as_bytes());
            let pair = |(key, value): (&String, &Value)| {
                format!("{}:{}", Value::from(key.as_str()), canonical(value))
            };
            format!("{{{}}}", pairs.into_iter().map(pair).collect::<Vec<_>>().join(","))
        }
        Value::Array(values) => {
            format!("[{}]", values.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

/// A field that differs between two submissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field's name.
    pub field: String,
    /// What it said.
    pub before: String,
    /// What it says.
    pub after: String,
}

/// The fields in which `after` differs from `before`, by name.
pub fn differences(
    before: &std::collections::BTreeMap<String, String>,
    after: &std::collections::BTreeMap<String, String>,
) -> Vec<Difference> {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let at = |fields: &std::collections::BTreeMap<String, String>, name: &String| {
        fields.get(name).cloned().unwrap_or_default()
    };
    names
        .into_iter()
        .map(|name| Difference {
            field: name.clone(),
            before: at(before, name),
            after: at(after, name),
        })
        .filter(|difference| difference.before != difference.after)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_json_sorts_keys_and_leaves_no_blank() {
        let value = json!({"b": [1, "a b", null], "a": {"z": true, "é": "\"\n"}});
        assert_eq!(
            canonical(&value),
            "{\"a\":{\"z\":true,\"é\":\"\\\"\\n\"},\"b\":[1,\"a b\",null]}"
        );
    }

    #[test]
    fn differences_name_what_came_what_went_and_what_changed() {
        let map = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        let found = differences(
            &map(&[("a", "1"), ("b", "2"), ("c", "3")]),
            &map(&[("a", "1"), ("b", "x")]),
        );
        let found: Vec<_> =
            found.iter().map(|d| (d.field.as_str(), d.before.as_str(), d.after.as_str())).collect();
        assert_eq!(found, [("b", "2", "x"), ("c", "3", "")]);
    }
}
