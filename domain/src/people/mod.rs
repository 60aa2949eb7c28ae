//! Safe people: accounts, credentials, undertakings, habilitations.

pub mod habilitation;
pub mod habilitation_revocation;
pub mod habilitation_steps;
pub mod person;
pub mod person_enrolment;
pub mod person_institution;
pub mod person_roles;
pub mod person_standing;
pub mod undertaking;
pub mod undertaking_acts;

#[cfg(test)]
pub(crate) mod person_tests;

pub use habilitation::Habilitation;
pub use person::Person;
pub use undertaking::Undertaking;
