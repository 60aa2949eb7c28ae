mod authenticator;
mod habilitation;
mod login;
mod passkey;
mod person;
mod undertaking;
