mod credit;
mod export;
mod import;
mod rule_set;
