//! Safe projects: applications and their items.

pub mod application;
pub mod item;

pub use application::Application;
pub use item::Item;
