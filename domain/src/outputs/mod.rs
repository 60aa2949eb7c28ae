//! Safe outputs: exports, the rule sets by which they are checked, and imports.

pub mod export;
pub mod export_author;
pub mod export_release;
pub mod export_review;
pub mod export_state;
pub mod import;
pub mod import_state;
pub mod rule_set;
pub mod working_time;

#[cfg(test)]
mod export_tests;

pub use export::Export;
pub use import::Import;
pub use rule_set::RuleSet;
