//! Sessions, requests to replay them, and the rules that were accepted before one.

use domain::{
    BubbleId, LoginId, PersonId, SessionId, Timestamp,
    settings::{Session, session::Replay},
};
use sqlx::Row;

use crate::{
    Store, StoreError,
    change::Write,
    entity::{entity, instant},
};

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

    /// The sessions of a person that are open in a bubble.
    pub async fn open_sessions_of(
        &self,
        person: PersonId,
        bubble: BubbleId,
    ) -> Result<Vec<Session>, StoreError> {
        let (person, bubble) = (person.to_string(), bubble.to_string());
        self.where_is(&[("state", "open"), ("person", &person), ("bubble", &bubble)]).await
    }

    /// The newest sessions that are over, newest first.
    pub async fn latest_sessions(&self, limit: u32) -> Result<Vec<Session>, StoreError> {
        let sql = "select id, body from sessions where state <> 'open' order by id desc limit $1";
        self.read_rows(sql, vec![i64::from(limit).into()]).await
    }

    /// The requests to replay a session.
    pub async fn replays_of(&self, id: SessionId) -> Result<Vec<Replay>, StoreError> {
        self.where_is(&[("session", &id.to_string())]).await
    }

    /// When a login was used last, and when it ends whatever happens; nothing where it was closed.
    pub async fn login_times(
        &self,
        id: LoginId,
    ) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        let sql = "select seen_at, ends_at from logins where id = $1";
        let rows = self.rows(sql, vec![id.to_string().into()]).await?;
        let times = |row: &sqlx::any::AnyRow| -> Result<_, StoreError> {
            Ok((instant(row.try_get(0)?), instant(row.try_get(1)?)))
        };
        rows.first().map(times).transpose()
    }

    /// Whether the person has accepted the bubble's rules on this day (ISO date).
    pub async fn banner_accepted(
        &self,
        bubble: BubbleId,
        person: PersonId,
        day: &str,
    ) -> Result<bool, StoreError> {
        let sql = "select 1 from banners where bubble = $1 and person = $2 and day = $3";
        let values = vec![bubble.to_string().into(), person.to_string().into(), day.into()];
        Ok(!self.rows(sql, values).await?.is_empty())
    }
}

/// Notes that the person has accepted the bubble's rules on this day (ISO date).
pub fn accept_banner(bubble: BubbleId, person: PersonId, day: &str) -> Write {
    let sql = "insert into banners (bubble, person, day) values ($1, $2, $3) \
               on conflict (bubble, person, day) do nothing";
    Write::new(sql, vec![bubble.to_string().into(), person.to_string().into(), day.into()])
}
