pub mod challenge;
pub mod credential;
mod habilitation;
pub mod login;
mod person;
mod undertaking;
