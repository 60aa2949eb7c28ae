//! Tests through HTTP on a real database, one module a column, one file a noun;
//! `clocks` breaks some, `navigation` walks every link as every person, `real` starts the built binary.

mod clocks;
mod data;
mod limits;
mod navigation;
mod office;
mod outputs;
mod people;
mod projects;
mod real;
mod settings;
