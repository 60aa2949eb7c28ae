//! The office: the audit trail, sealing, notices, mail.

pub mod denial;
pub mod event;
pub mod log;
pub mod mail;
pub mod notice;
mod notice_table;
mod recipients;
pub mod sealer;
mod sight;
