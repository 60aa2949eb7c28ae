mod attacks;
mod export;
pub mod import;
mod import_agent;
pub mod kit;
mod review;
mod rule_set;
mod together;
