//! Checks what asks to leave a centre, whatever tool made it.
//!
//! It reads files through `tabular` and knows nobody else: no person, no database, no clock. A
//! rule refuses; nothing passes by default: what cannot be read goes to a person, and a report
//! says `checked: false` rather than pretend. Start reading at [`check`], then `rules/`.

mod check;
pub mod content;
mod contribution_file;
pub mod contributors;
pub mod extract;
pub mod kernel;
pub mod model;
mod outside;
pub mod protect;
pub mod relations;
pub mod repair;
pub mod report;
mod request;
mod residuals;
pub mod risk;
mod role_values;
mod roles;
pub mod rule_set;
pub mod rules;
pub mod structure;
mod sums;
pub mod table;
pub mod value;
mod word_lists;
pub mod words;

pub use check::{Input, check};
pub use content::Kind;
pub use extract::{Document, read};
pub use report::{
    CellView, Decision, Figure, FileReport, Finding, Findings, Location, Purpose, Severity, Spot,
    TableView, Within,
};
pub use request::{Found, Reader, Released, Request, Session, check_request};
pub use rule_set::{CountBasis, Dominance, Mode, Origin, RuleSet, RuleSetError, Strictest};
