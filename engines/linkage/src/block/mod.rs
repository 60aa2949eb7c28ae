//! Which pairs are worth comparing: those that share a key of at least one rule.

mod index;
pub mod rule;
mod stream;

pub use index::{Indexes, RuleReport};
pub use rule::{Part, Rule};
pub use stream::{Candidates, MOST_RULES, candidates};
