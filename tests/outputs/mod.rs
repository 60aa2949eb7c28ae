mod attacks;
mod credit;
mod export;
pub mod import;
pub mod kit;
mod pack;
mod review;
mod rule_set;
mod together;
