//! Safe outputs: exports and the rule sets by which they are checked.

pub mod export;
pub mod rule_set;

pub use export::Export;
pub use rule_set::RuleSet;
