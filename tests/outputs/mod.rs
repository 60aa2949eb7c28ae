mod attacks;
mod export;
mod import;
pub mod kit;
mod review;
mod rule_set;
mod together;
