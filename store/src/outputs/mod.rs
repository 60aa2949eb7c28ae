mod export;
mod rule_set;
