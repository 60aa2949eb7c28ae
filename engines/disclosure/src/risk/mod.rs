//! The risk of a request, learnt from decisions: it ranks what the rules let pass, and refuses
//! nothing (rules refuse, the model only ranks).
//!
//! Start with [`features`] (what is seen of a request), then [`train`] (decisions in, model out)
//! and [`model`] (the file that a centre keeps). [`missed`] estimates what slipped through a route
//! without review, [`drift`] tells when requests no longer look like those of the training,
//! [`simulate`] makes decisions to start and to test with. Everything is deterministic: the same
//! bytes and the same seed give the same model.

pub mod boost;
pub mod conformal;
pub mod decisions;
pub mod drift;
pub mod features;
pub mod figures;
pub mod isotonic;
pub mod missed;
pub mod model;
mod numbers;
pub mod shapes;
pub mod simulate;
pub mod train;
pub mod trees;

#[cfg(test)]
mod targets;

pub use decisions::{Decision, Decisions, DecisionsError};
pub use features::{FEATURES, Feature, History, Seen, Way};
pub use figures::Figures;
pub use model::{Assessment, Model, ModelError, Reason};
pub use train::{Options, TrainError, train};
