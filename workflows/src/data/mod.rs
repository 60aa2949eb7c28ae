//! Use cases of this column.

pub mod catalogue;
pub(crate) mod clocks;
pub(crate) mod consequences;
