mod application;
mod attacks;
mod consultation;
mod item;
pub mod kit;
