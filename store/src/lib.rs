//! The centre's database: SQLite or PostgreSQL by one URL, with the same SQL on both.
//!
//! Knows `domain` and `ledger`. Pool, row and SQL types stay private here. Start with `change.rs`:
//! it is the only way to write, and it writes every change with its event in one transaction.

mod any;
mod change;
mod data;
mod entity;
mod error;
mod office;
mod outputs;
mod people;
mod projects;
mod settings;

pub use any::{Store, create_database};
pub use change::{Change, Value};
pub use data::codebook::{CodebookSummary, StoredCodebook};
pub use data::upload::Upload;
pub use entity::Entity;
pub use error::{StoreError, Unreadable};
pub use office::{
    event::{EventFilter, Extent, SealedEvent},
    mail::QueuedMail,
};
pub use outputs::risk::RiskDecision;
pub use people::{
    challenge::{Challenge, Recovery},
    credential::Credential,
    login::Login,
};
pub use projects::InvitedMember;
pub use settings::session::accept_banner;
