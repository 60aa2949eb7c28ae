//! The centre's entities, state machines and permits. Pure: no clock, no randomness, no I/O; what
//! time it is and which id is next are arguments.
//!
//! One folder a column of the house (the Five Safes, and the office), one file a noun. A noun's
//! file holds its states, its `may_…` functions and its transitions; a transition takes a permit
//! that only the `may_…` function of the same file can make. Start with `outputs/export.rs`.

pub mod actor;
pub mod data;
pub mod denied;
pub mod ids;
pub mod office;
pub mod outputs;
pub mod people;
pub mod projects;
pub mod settings;
#[cfg(test)]
mod table;
#[cfg(test)]
mod tables;
pub mod text;

pub use actor::{Actor, Role, RoleGrant};
pub use denied::{Denied, Refusal, WrongState};
pub use ids::*;
pub use jiff::Timestamp;
pub use text::{Lang, Text};

pub use data::{Deposit, Producer, Source, Vintage};
pub use office::{Event, Notice};
pub use outputs::{Export, Import, RiskModel, RuleSet};
pub use people::{Habilitation, Person, Undertaking};
pub use projects::{Application, Item};
pub use settings::{Bubble, Session};
