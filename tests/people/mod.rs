pub mod authenticator;
mod habilitation;
mod institution;
mod login;
mod passkey;
mod peer;
mod person;
mod undertaking;
