//! The office: sealing, notices, mail.

pub mod event;
pub mod mail;
pub mod notice;
pub mod sealer;
