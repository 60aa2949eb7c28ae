//! The office: log, notices, mail.

mod event;
pub mod kit;
mod log;
mod mail;
mod notice;
mod trace;
