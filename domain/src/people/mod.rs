//! Safe people: accounts, credentials, undertakings, habilitations.

pub mod habilitation;
pub mod person;
pub mod undertaking;

pub use habilitation::Habilitation;
pub use person::Person;
pub use undertaking::Undertaking;
