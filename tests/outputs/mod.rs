mod attacks;
mod export;
pub mod import;
pub mod kit;
mod review;
mod rule_set;
mod together;
