//! What a person typed into a form, or a program sent as JSON.

use std::{borrow::Borrow, str::FromStr};

use serde_json::Value;
use workflows::Failure;

use crate::{i18n, ui::Ui};

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

/// A form that was not accepted: shown again with what was typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tried {
    form: String,
    fields: Fields,
    field: String,
    message: String,
}

impl Tried {
    /// The form `form` with what was typed and why it was not accepted.
    pub fn new(ui: &Ui, form: &str, fields: Fields, field: &str, key: &str) -> Self {
        let message = message(ui, field, key);
        Self { form: form.to_owned(), fields, field: field.to_owned(), message }
    }

    /// What was typed into a field of `form`, where that form was not accepted; otherwise `else_`.
    pub fn value<'a>(&'a self, form: &str, name: &str, else_: &'a str) -> &'a str {
        if self.form == form { self.fields.get(name) } else { else_ }
    }

    /// Whether a box of `form` was ticked; where the form was not tried, `else_`.
    pub fn ticked(&self, form: &str, name: &str, value: &str, else_: impl Borrow<bool>) -> bool {
        let tried = self.form == form;
        if tried { self.fields.all(name).any(|v| v == value) } else { *else_.borrow() }
    }

    /// Why `form` was not accepted.
    pub fn error(&self, form: &str) -> Option<&str> {
        (self.form == form).then_some(self.message.as_str())
    }

    /// Whether `field` of `form` is what was not accepted.
    pub fn is_wrong(&self, form: &str, field: &str) -> bool {
        self.form == form && self.field == field
    }
}

/// What is wrong with a field, in the page's language.
pub(crate) fn message(ui: &Ui, field: &str, key: &str) -> String {
    let exact = format!("application-invalid-{field}-{key}").replace('_', "-");
    if i18n::has(&exact) {
        return ui.t(&exact);
    }
    let label = ui.word_or("field", field);
    let what = ui.word_or("application-invalid", key);
    ui.t2("application-invalid", ("field", label), ("what", what))
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
