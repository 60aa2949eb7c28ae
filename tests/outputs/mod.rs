mod attacks;
mod export;
mod kit;
mod review;
mod rule_set;
mod together;
