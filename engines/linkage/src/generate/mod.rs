//! Made-up persons and firms with known truth, to measure a linkage on.
//!
//! Everything follows from a seed. Names of the lists in `data/` are common French ones; rarer
//! ones are made of syllables. Nobody in a generated file exists.

mod errors;
mod firms;
mod names;
mod persons;
mod random;

pub use errors::Profile;
pub use firms::firms;
pub use persons::persons;

/// Two files with the truth, as CSV.
#[derive(Debug, Clone, Default)]
pub struct Generated {
    /// The left file.
    pub left: String,
    /// The right file.
    pub right: String,
    /// `id_a,id_b` of each true pair.
    pub truth: String,
}
