mod application;
mod item;
