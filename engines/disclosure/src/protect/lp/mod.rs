//! A small linear programming kernel in double precision: bounded-variable primal and dual simplex
//! on sparse LU factors.
//!
//! Why not `HiGHS`: its crate builds C++ by cmake and needs libclang on every machine that builds
//! Bulle, and the programs here are small, degenerate, of 0 and 1 entries, and solved by the
//! ten-thousand from a point that is always feasible; `docs/protect.md` has the measurement.
//! Nothing downstream trusts the pivots: points are checked against the data (`audit::Check`, to
//! 1e-8 of what is asked), bounds are computed again from the duals (`bound::Master`). Tolerances
//! are absolute: callers bring each program to units in which its demand is about a thousand.

mod active;
mod dual;
pub mod lu;
mod primal;
pub mod simplex;
pub mod sparse;

pub use simplex::{End, OUT, Simplex};
pub use sparse::Sparse;
