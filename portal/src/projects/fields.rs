//! A form of this column that was not accepted.

use std::borrow::Borrow;

pub(super) use crate::fields::Fields;
use crate::{form::Fault, i18n, ui::Ui};

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
    pub fn new(ui: &Ui, form: &str, fields: Fields, fault: &Fault) -> Self {
        let field = fault.field().to_owned();
        let message = match field.as_str() {
            "" => fault.message().to_owned(),
            field => message(ui, field, fault.key()),
        };
        Self { form: form.to_owned(), fields, field, message }
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
