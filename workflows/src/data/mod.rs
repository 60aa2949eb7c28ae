//! Safe data: sources and their code books, vintages, deposits and their checks, the catalogue.

pub mod catalogue;
pub mod checks;
pub(crate) mod clocks;
pub mod codebook;
pub mod codebook_waiting;
pub(crate) mod consequences;
pub mod deposit;
pub mod desk;
mod label;
pub mod producer;
pub mod receipt;
mod refusal;
pub mod source;
pub(crate) mod sweep;
pub mod upload;
pub mod vintage;
