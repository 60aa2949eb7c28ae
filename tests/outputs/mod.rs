mod attacks;
mod export;
pub mod kit;
mod import;
mod review;
mod rule_set;
