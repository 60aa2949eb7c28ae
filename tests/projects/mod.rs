mod application;
mod attachment;
mod attacks;
mod consultation;
mod frozen;
mod item;
mod kit;
mod notice;
