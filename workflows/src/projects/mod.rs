//! Use cases of this column.

pub(crate) mod clocks;
pub(crate) mod consequences;
