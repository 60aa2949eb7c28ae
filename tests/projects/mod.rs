mod application;
mod attachment;
mod attacks;
mod consultation;
mod frozen;
mod item;
pub mod kit;
mod notice;
mod register;
