//! Sessions and requests to replay them.

use domain::{
    BubbleId, PersonId, SessionId,
    settings::{Session, session::Replay},
};

use crate::{Store, StoreError, entity::entity};

entity!(Session, "sessions", |this| this.state.name(), {
    "bubble" => Some(this.bubble.to_string()),
    "person" => Some(this.person.to_string()),
});

entity!(Replay, "replays", |this| if this.viewed_at.is_some() { "viewed" } else { "asked" }, {
    "session" => Some(this.session.to_string()),
    "person" => Some(this.by.to_string()),
});

impl Store {
    /// The sessions in a bubble.
    pub async fn sessions_in(&self, id: BubbleId) -> Result<Vec<Session>, StoreError> {
        self.where_is(&[("bubble", &id.to_string())]).await
    }

    /// The sessions of a person.
    pub async fn sessions_of(&self, id: PersonId) -> Result<Vec<Session>, StoreError> {
        self.where_is(&[("person", &id.to_string())]).await
    }

    /// The sessions that are open anywhere.
    pub async fn open_sessions(&self) -> Result<Vec<Session>, StoreError> {
        self.where_is(&[("state", "open")]).await
    }

    /// The requests to replay a session.
    pub async fn replays_of(&self, id: SessionId) -> Result<Vec<Replay>, StoreError> {
        self.where_is(&[("session", &id.to_string())]).await
    }
}
