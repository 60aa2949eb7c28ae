//! What every form does once its use case has answered: it goes on to where the effect can be
//! seen, or it shows itself again with all that was typed and with what is wrong.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use workflows::{Failure, failure::causes};

use crate::{error::PageError, i18n, ui::Ui};

/// The messages of forms that have no family of their own.
const GENERAL: &str = "problem-invalid";

/// What is wrong with a form: the field, and why in the reader's language. Nothing where all is
/// well.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fault {
    field: String,
    key: String,
    message: String,
}

impl Fault {
    /// What a failure says on the form that caused it, in the messages of `family`. What is denied,
    /// missing or not in a state for it goes on to a page of its own: no other text would be
    /// accepted either.
    pub fn told(ui: &Ui, family: &str, failure: Failure) -> Result<Self, PageError> {
        match failure {
            Failure::Invalid { field, key, detail } => {
                let message = words(ui, family, &field, &key, &detail);
                Ok(Self { field, key, message })
            }
            Failure::Conflict(_) => Ok(Self::general("conflict", ui.t("problem-conflict-form"))),
            failure if failure.is_disk_full() => {
                let error = causes(&failure);
                tracing::error!(error, "the disk is full: make room");
                Ok(Self::general("disk-full", ui.t("problem-disk-full-form")))
            }
            // The disk, the host or an engine: the cause goes to the log alone.
            Failure::Engine { attempt, source } => {
                let error = causes(source.as_ref());
                tracing::error!(attempt, error, "a form failed");
                Ok(Self::general("engine", ui.t("problem-engine-form")))
            }
            other => Err(other.into()),
        }
    }

    fn general(key: &str, message: String) -> Self {
        Self { field: String::new(), key: key.to_owned(), message }
    }

    /// What is wrong with `field`; the empty one stands for the form as a whole.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.is(field).then_some(self.message.as_str())
    }

    /// Whether `field` is wrong.
    pub fn is(&self, field: &str) -> bool {
        self.is_any() && self.field == field
    }

    /// Whether anything is.
    pub fn is_any(&self) -> bool {
        !self.message.is_empty()
    }

    /// The field.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The stable word of what is wrong.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Why, in words.
    pub fn message(&self) -> &str {
        &self.message
    }

    fn status(&self) -> StatusCode {
        match self.key.as_str() {
            "conflict" => StatusCode::CONFLICT,
            "disk-full" => StatusCode::INSUFFICIENT_STORAGE,
            "engine" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// The message of a field: the family's one of field and key or of the key alone, or a general one.
fn words(ui: &Ui, family: &str, field: &str, key: &str, detail: &str) -> String {
    let exact = format!("{family}-{field}-{key}").replace('_', "-");
    let candidates = [exact, format!("{family}-{key}"), format!("{GENERAL}-{key}")];
    let found = candidates.into_iter().find(|key| i18n::has(key));
    let detail = if detail.is_empty() { field } else { detail };
    ui.t1(&found.unwrap_or_else(|| "problem-invalid".to_owned()), "detail", detail)
}

/// Answers a form: a redirect `to` where it was done; otherwise the page that `again` makes of the
/// fault and of what was typed.
pub(crate) async fn answer<T, P: IntoResponse>(
    ui: Ui,
    done: Result<T, Failure>,
    to: impl FnOnce(T) -> String,
    again: impl AsyncFnOnce(Ui, Fault) -> Result<P, PageError>,
) -> Result<Response, PageError> {
    answer_in(GENERAL, ui, done, to, again).await
}

/// The same with the messages of a family: a word such as `missing` says more there.
pub(crate) async fn answer_in<T, P: IntoResponse>(
    family: &str,
    ui: Ui,
    done: Result<T, Failure>,
    to: impl FnOnce(T) -> String,
    again: impl AsyncFnOnce(Ui, Fault) -> Result<P, PageError>,
) -> Result<Response, PageError> {
    match done {
        Ok(value) => Ok(Redirect::to(&to(value)).into_response()),
        Err(failure) => refused_in(family, ui, failure, again).await,
    }
}

/// The form again, where success is not a redirect.
pub(crate) async fn refused<P: IntoResponse>(
    ui: Ui,
    failure: Failure,
    again: impl AsyncFnOnce(Ui, Fault) -> Result<P, PageError>,
) -> Result<Response, PageError> {
    refused_in(GENERAL, ui, failure, again).await
}

async fn refused_in<P: IntoResponse>(
    family: &str,
    ui: Ui,
    failure: Failure,
    again: impl AsyncFnOnce(Ui, Fault) -> Result<P, PageError>,
) -> Result<Response, PageError> {
    let fault = Fault::told(&ui, family, failure)?;
    let status = fault.status();
    Ok((status, again(ui, fault).await?).into_response())
}

#[cfg(test)]
mod tests {
    use domain::{Denied, Lang};

    use super::*;

    fn ui() -> Ui {
        Ui {
            lang: Lang::En,
            path: "/".to_owned(),
            query: String::new(),
            centre: "Bulle".to_owned(),
            demo: false,
            me: None,
            unread: 0,
            done: None,
        }
    }

    #[tokio::test]
    async fn a_refused_form_comes_back_with_what_was_typed_and_its_status() {
        let typed = "what was typed";
        for (failure, status) in [
            (Failure::invalid("reason", "reason-missing"), 422),
            (Failure::Conflict("producers"), 409),
            (Failure::engine("write")(std::io::Error::other("disk error 5")), 503),
            (Failure::engine("write")(std::io::Error::from(std::io::ErrorKind::StorageFull)), 507),
        ] {
            let again = async |_, fault: Fault| {
                assert!(fault.is_any());
                Ok(format!("{typed}: {}", fault.message()))
            };
            let answer = answer(ui(), Err::<(), _>(failure), |()| String::new(), again).await;
            let answer = answer.expect("a page");
            assert_eq!(answer.status(), status);
            let body = axum::body::to_bytes(answer.into_body(), 9_999).await.expect("a body");
            let body = String::from_utf8_lossy(&body).into_owned();
            assert!(
                body.starts_with("what was typed: ") && !body.contains("disk error 5"),
                "{body}"
            );
        }
    }

    #[test]
    fn what_no_other_text_would_mend_is_a_page_of_its_own() {
        for failure in [Failure::from(Denied::NotAMember), Failure::missing("producer", "")] {
            assert!(Fault::told(&ui(), GENERAL, failure).is_err());
        }
    }

    #[test]
    fn a_family_s_words_go_before_the_general_ones() {
        let told = |family, field, key| {
            let fault = Fault::told(&ui(), family, Failure::invalid(field, key)).expect("a fault");
            assert!(fault.of(field).is_some() && fault.of("other").is_none());
            fault.message().to_owned()
        };
        assert_eq!(told("export-error", "title", "missing"), "Give the export a title.");
        assert_eq!(told(GENERAL, "institution", "missing"), "Write the institution");
        assert_eq!(told("export-error", "email", "email-known"), told(GENERAL, "x", "email-known"));
        assert!(told(GENERAL, "strange", "never-heard-of").contains("strange"));
    }
}
