//! The office: log, notices, mail.

mod event;
mod kit;
mod log;
mod mail;
mod notice;
mod trace;
