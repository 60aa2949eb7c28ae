//! Pages and API of this column: the catalogue for everybody, sources and deposits for those who
//! bring data.

mod answers;
mod api;
mod api_source;
mod catalogue;
mod catalogue_source;
mod codebook;
mod deposit;
mod producer;
mod producer_api;
mod report;
mod source;
mod source_form;
mod upload;
mod vintage;

use axum::Router;
use domain::{Lang, Text};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The pages of this column.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .merge(catalogue::routes())
        .merge(catalogue_source::routes())
        .merge(producer::routes())
        .merge(source::routes())
        .merge(source_form::routes())
        .merge(codebook::routes())
        .merge(vintage::routes())
        .merge(deposit::routes())
        .merge(upload::routes())
}

/// The acts of this column under `/api/v1`, each with its description.
pub(crate) fn api() -> OpenApiRouter<App> {
    api::routes().merge(api_source::routes()).merge(producer_api::routes())
}

/// The themes that a form offers (`theme-<word>`); sources may have others.
pub(crate) const THEMES: [&str; 15] = [
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
