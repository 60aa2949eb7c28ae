pub mod event;
mod notice;
