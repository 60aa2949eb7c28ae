//! The centre's pages and its JSON API.
//!
//! Knows `workflows` and `domain`. One folder a column, one file a noun, its templates in the same
//! place below `templates/`, its words in `locales/{en,fr}/<column>.ftl`. A handler extracts, calls
//! one use case and answers. Start with `app.rs` (routes and layers), then `outputs/export.rs`.

mod answers;
pub mod app;
mod assets;
mod data;
mod describe;
mod error;
mod extract;
mod fields;
mod form;
mod home;
mod i18n;
mod limits;
mod office;
mod outputs;
mod parts;
mod pdf;
mod peer;
mod people;
mod projects;
mod settings;
mod ui;

pub use app::router;
