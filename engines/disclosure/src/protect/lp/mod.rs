//! A small exact-by-certificate linear programming kernel: bounded-variable primal and dual
//! simplex on sparse LU factors.
//!
//! Why not `HiGHS`: its crate builds C++ by cmake and needs libclang on every machine that builds
//! Bulle, and the programs here are small, degenerate, of 0 and 1 entries, and solved by the
//! ten-thousand from a point that is always feasible; `docs/protect.md` has the measurement.
//! Nothing downstream trusts the pivots: points and duals are checked against the data.

mod dual;
pub mod lu;
mod primal;
pub mod simplex;
pub mod sparse;

pub use simplex::{End, OUT, Simplex};
pub use sparse::Sparse;
