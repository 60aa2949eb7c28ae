mod attacks;
mod export;
pub mod kit;
mod review;
mod rule_set;
mod together;
