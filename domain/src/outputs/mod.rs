//! Safe outputs: exports, the rule sets by which they are checked, and imports.

pub mod credit;
mod credit_order;
pub mod export;
pub mod export_author;
pub mod export_release;
pub mod export_review;
pub mod export_route;
mod export_sight;
pub mod export_state;
pub mod import;
pub mod import_state;
pub mod judgement;
pub mod quarantine;
pub mod review_time;
pub mod risk_model;
pub mod rule_set;
pub mod working_time;

#[cfg(test)]
mod export_tests;

pub use export::Export;
pub use import::Import;
pub use risk_model::RiskModel;
pub use rule_set::RuleSet;
