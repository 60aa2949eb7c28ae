//! What is wrong with a form that a person sent, shown beside its field with all that they typed.

use workflows::Failure;

use crate::{error::PageError, i18n, ui::Ui};

/// The field that is wrong and why, in the reader's language; nothing where all is well.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fault(Option<(String, String)>);

impl Fault {
    /// What is wrong with `field`.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.as_ref().filter(|(name, _)| name == field).map(|(_, text)| text.as_str())
    }

    /// Whether `field` is wrong.
    pub fn is(&self, field: &str) -> bool {
        self.of(field).is_some()
    }
}

/// Tells a field that is not acceptable, which its form shows, from every other failure.
pub(crate) fn catch<T>(ui: &Ui, result: Result<T, Failure>) -> Result<Result<T, Fault>, PageError> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Failure::Invalid { field, key, detail }) => {
            let exact = format!("problem-invalid-{key}");
            let key = if i18n::has(&exact) { exact } else { "problem-invalid".to_owned() };
            let about = if detail.is_empty() { field.clone() } else { detail };
            Ok(Err(Fault(Some((field, ui.t1(&key, "detail", about))))))
        }
        Err(other) => Err(other.into()),
    }
}
