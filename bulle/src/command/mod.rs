//! The commands, one file each.

pub mod agent;
pub mod bubble;
pub mod check;
pub mod convert;
pub mod ddi;
pub mod demo;
pub mod deposit;
pub mod doctor;
pub mod link;
pub mod log;
mod log_pack;
mod log_show;
pub mod protect;
pub mod read_file;
pub mod reader;
pub mod risk;
mod sarif;
pub mod serve;
mod spot;
pub mod telemetry;
