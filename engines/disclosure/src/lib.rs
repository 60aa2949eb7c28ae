//! Checks what asks to leave a centre: text tables today, other formats as their parsers come.
//!
//! It reads files through `tabular` and knows nobody else: no person, no database, no clock. A
//! rule refuses; nothing passes by default: what cannot be read goes to a person, and a report
//! says `checked: false` rather than pretend. Start reading at [`check`], then `rules/`.

mod check;
pub mod content;
pub mod extract;
pub mod kernel;
pub mod protect;
pub mod repair;
pub mod report;
mod roles;
pub mod rule_set;
pub mod rules;
pub mod table;
pub mod value;
pub mod words;

pub use check::{Input, check};
pub use content::Kind;
pub use report::{
    CellView, Decision, Figure, FileReport, Finding, Findings, Location, Severity, TableView,
};
pub use rule_set::{CountBasis, Dominance, Origin, RuleSet, RuleSetError, Strictest};
