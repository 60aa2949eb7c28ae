//! Protects tables: finds which further cells to suppress so that no primary cell can be
//! estimated too closely, and proves it.
//!
//! Start reading at [`solve`], then [`guard`] (what a valid pattern is) and [`audit`] (how it is
//! checked). `docs/protect.md` has the theory and its sources.

mod attack;
pub mod audit;
pub mod bound;
pub mod cheapest;
pub mod construct;
pub mod core;
pub mod csv;
pub mod cut;
pub mod demand;
pub mod files;
pub mod guard;
pub mod hrc;
pub mod improve;
pub mod jj;
pub mod lp;
pub mod model;
pub mod random;
pub mod recoding;
pub mod rounding;
pub mod scale;
mod search;
pub mod singletons;
pub mod solve;
pub mod spec;
pub mod tabulate;

pub use demand::{Demand, Impossible, Reach, Way};
pub use model::{Cell, Instance, ModelError, Status, Sum};
pub use solve::{Options, Protected, SolveError, solve};
