mod habilitation;
pub mod login;
mod person;
mod undertaking;
