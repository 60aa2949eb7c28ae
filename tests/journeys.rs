//! Tests through HTTP on a real database, one module a column, one file a noun.

mod data;
mod office;
mod outputs;
mod people;
mod projects;
mod settings;
