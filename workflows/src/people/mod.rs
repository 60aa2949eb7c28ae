//! Use cases of this column.

pub(crate) mod clocks;
pub(crate) mod consequences;
pub mod enrolment;
pub mod habilitation;
pub mod invitation;
mod letter;
mod link;
pub mod login;
pub mod passkey;
pub mod person;
pub mod recovery;
pub mod token;
pub mod undertaking;
