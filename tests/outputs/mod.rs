mod attacks;
mod export;
mod import;
mod kit;
mod review;
mod rule_set;
