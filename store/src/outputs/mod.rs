mod credit;
mod export;
mod import;
pub(crate) mod risk;
mod rule_set;
