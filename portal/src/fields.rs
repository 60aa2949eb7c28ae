//! What a person typed into a form, or a program sent as JSON.

use std::str::FromStr;

use serde_json::Value;
use workflows::Failure;

/// Names and values as they came; a name may come several times.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The first value of a name, or nothing.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    }

    /// Every value of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box is ticked.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), "on" | "yes" | "true" | "1")
    }

    /// Every value of a name as ids.
    pub fn ids<T: FromStr>(&self, name: &'static str) -> Result<Vec<T>, Failure> {
        let read = |text: &str| text.parse().map_err(|_| Failure::invalid(name, "unknown"));
        self.all(name).map(read).collect()
    }

    /// The first value of a name as an id.
    pub fn id<T: FromStr>(&self, name: &'static str) -> Result<T, Failure> {
        self.get(name).parse().map_err(|_| Failure::invalid(name, "unknown"))
    }
}

impl From<Value> for Fields {
    /// Objects give their names; lists give a name several times; what is deeper is left out.
    fn from(value: Value) -> Self {
        let Value::Object(map) = value else { return Self::default() };
        let mut fields = Vec::new();
        for (name, value) in map {
            let values = match value {
                Value::Array(values) => values,
                other => vec![other],
            };
            for value in values {
                match value {
                    Value::String(text) => fields.push((name.clone(), text)),
                    Value::Bool(_) | Value::Number(_) => {
                        fields.push((name.clone(), value.to_string()));
                    }
                    _ => {}
                }
            }
        }
        Self(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_a_form_give_the_same_fields() {
        let json = serde_json::json!({
            "without": ["a", "b"], "months": 12, "named_persons": true, "deep": {"x": 1}
        });
        let fields = Fields::from(json);
        assert_eq!(fields.all("without").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((fields.get("months"), fields.flag("named_persons")), ("12", true));
        assert_eq!(fields.get("deep"), "");
    }
}
