//! Values as they are compared: each distinct one is normalised once.

pub mod date;
pub mod firm;
pub mod name;
pub mod place;
pub mod text;
pub mod token;
