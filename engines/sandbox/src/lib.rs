//! The sandbox in which researchers' programs run: a bubble has no network, sees the granted data
//! read-only, and cannot pass its ceilings. See this crate's README for the threat model.
//!
//! Knows nobody in the workspace. Start reading at [`launch::launch`]; `args` holds what bwrap is
//! told, `seccomp` what the kernel refuses, `child` what happens between fork and exec.

pub mod args;
pub mod beneath;
pub mod cgroup;
mod child;
pub mod doctor;
mod doctor_host;
mod doctor_image;
pub mod image;
pub mod init;
pub mod launch;
pub mod limit;
pub mod picture;
pub mod profile;
pub mod reader;
pub mod run;
pub mod seccomp;
pub mod selftest;
pub mod space;
mod stage;
pub mod terminal;
pub mod volume;

pub use launch::{Bubble, Image, Launch, LaunchError, Streams, launch};
pub use limit::{Limits, Means};
pub use profile::Profile;
pub use run::{Run, RunError, run_command};
pub use space::{DataMount, Spaces, Tool};
