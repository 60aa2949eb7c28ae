pub mod event;
pub mod mail;
mod notice;
