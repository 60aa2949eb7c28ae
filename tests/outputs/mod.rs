mod attacks;
mod export;
pub mod import;
pub mod kit;
mod review;
mod risk;
mod rule_set;
mod together;
