//! Protects tables: finds which further cells to suppress so that no primary cell can be
//! estimated too closely, and proves it.
//!
//! Start reading at [`solve`], then [`guard`] (what a valid pattern is) and [`audit`] (how it is
//! checked). `docs/protect.md` has the theory and its sources.

pub mod audit;
pub mod bound;
pub mod cheapest;
pub mod construct;
pub mod cut;
pub mod demand;
pub mod files;
pub mod guard;
pub mod improve;
pub mod lp;
pub mod model;
pub mod random;
pub mod solve;

pub use demand::{Demand, Impossible, Reach, Way};
pub use model::{Cell, Instance, ModelError, Status, Sum};
pub use solve::{Effort, Protected, SolveError, solve};
