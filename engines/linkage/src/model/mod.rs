//! From patterns to probabilities.
//!
//! Pairs that are no match are not of one kind: twins share family name, date, place and house;
//! a father and his son may share both names; two strangers share a date. A model with one class
//! of non-matches takes all fields for independent in it and is surest exactly where it is wrong.
//! Here each kind is a class of its own (a mixture, as in latent-class analysis), found by EM
//! over the counts of patterns, with no label.

mod cascade;
mod classes;
pub mod cut;
mod em;
pub mod given;
mod kept;

pub use cascade::{Cascade, Steps, Unit};
pub use classes::{Class, Shape, start};
pub use cut::{Cut, Share};
pub use em::{Model, Row, Settings, Truth, fit};
pub use kept::Kept;
