//! Pages and API of this column: the catalogue for everybody, sources and deposits for those who
//! bring data.

mod api;
mod catalogue;
mod codebook;
mod deposit;
mod report;
mod source;
mod source_form;
mod upload;
mod vintage;

use axum::Router;
use domain::{Lang, Text};
use utoipa_axum::router::OpenApiRouter;
use workflows::Failure;

use crate::{app::App, ui::Ui};

/// The pages of this column.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .merge(catalogue::routes())
        .merge(source::routes())
        .merge(source_form::routes())
        .merge(codebook::routes())
        .merge(vintage::routes())
        .merge(deposit::routes())
        .merge(upload::routes())
}

/// The acts of this column under `/api/v1`, each with its description.
pub(crate) fn api() -> OpenApiRouter<App> {
    api::routes()
}

/// The themes that a form offers (`theme-<word>`); sources may have others.
const THEMES: [&str; 15] = [
    "agriculture",
    "behaviour",
    "culture",
    "demography",
    "economy",
    "education",
    "elections",
    "enterprises",
    "environment",
    "family",
    "health",
    "housing",
    "justice",
    "taxation",
    "work",
];

/// A text with the language to mark it with, where it is not the page's.
struct Marked {
    text: String,
    lang: Option<String>,
}

impl Marked {
    fn new(text: &Text, lang: Lang) -> Self {
        let (own, other, tag) = match lang {
            Lang::Fr => (&text.fr, &text.en, "en"),
            Lang::En => (&text.en, &text.fr, "fr"),
        };
        let is_other = own.is_empty() && !other.is_empty();
        Self { text: text.get(lang).to_owned(), lang: is_other.then(|| tag.to_owned()) }
    }
}

impl From<workflows::data::catalogue::Said> for Marked {
    fn from(said: workflows::data::catalogue::Said) -> Self {
        Self { text: said.text, lang: said.lang }
    }
}

/// What a form shows about the field that was refused.
#[derive(Default)]
struct Fault {
    field: String,
    message: String,
}

impl Fault {
    /// The fault of a refused field; other failures go on to the page that tells them.
    fn of(ui: &Ui, failure: Failure) -> Result<Self, Failure> {
        match failure {
            Failure::Invalid { field, key, detail } => {
                let message = words(ui, &key, &detail);
                Ok(Self { field, message })
            }
            other => Err(other),
        }
    }

    fn is(&self, field: &str) -> bool {
        self.field == field
    }

    fn is_any(&self) -> bool {
        !self.message.is_empty()
    }
}

/// The message about a refused field.
fn words(ui: &Ui, key: &str, detail: &str) -> String {
    ui.t1(&format!("problem-invalid-{key}"), "detail", detail)
}
