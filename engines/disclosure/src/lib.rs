//! Checks what asks to leave a centre, whatever tool made it.
//!
//! It reads files through `tabular` and knows nobody else: no person, no database, no clock. A
//! rule refuses; nothing passes by default: what cannot be read goes to a person, and a report
//! says `checked: false` rather than pretend. Start reading at [`check`], then `rules/`.

mod check;
pub mod content;
pub mod extract;
pub mod kernel;
pub mod repair;
pub mod report;
mod roles;
pub mod rule_set;
pub mod rules;
pub mod table;
pub mod value;
pub mod words;

pub use check::{Input, Read, check, judge};
pub use content::Kind;
pub use extract::{Document, read};
pub use report::{
    CellView, Decision, Figure, FileReport, Finding, Findings, Location, Severity, Spot, TableView,
    Within,
};
pub use rule_set::{CountBasis, Dominance, Origin, RuleSet, RuleSetError, Strictest};
