mod application;
mod attacks;
mod consultation;
mod item;
mod kit;
