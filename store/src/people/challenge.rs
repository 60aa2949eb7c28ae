//! What is open for a short time and used once: `WebAuthn` ceremonies and recovery links.

use domain::{PersonId, Timestamp};
use sqlx::Row;
use uuid::Uuid;

use crate::{
    Store, StoreError,
    change::Write,
    entity::{instant, micros},
};

/// An open `WebAuthn` ceremony.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// Which.
    pub id: Uuid,
    /// `sign_in` or `register`.
    pub purpose: &'static str,
    /// SHA-256 of the device cookie of the browser that asked, hexadecimal.
    pub device: String,
    /// For whom a passkey is registered; nobody for a sign-in, which finds out.
    pub person: Option<PersonId>,
    /// What the `WebAuthn` library needs to check the answer, JSON.
    pub body: String,
    /// Until when an answer is taken.
    pub ends_at: Timestamp,
}

/// A one-time link to register a passkey.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// Which.
    pub id: Uuid,
    /// SHA-256 of the link's secret, hexadecimal.
    pub secret_hash: String,
    /// Whose passkeys it replaces.
    pub person: PersonId,
    /// The enrolment agent.
    pub agent: PersonId,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works.
    pub ends_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

impl Recovery {
    /// Adds the row.
    pub fn insertion(&self) -> Write {
        let sql = "insert into recoveries (id, secret_hash, person, agent, created_at, ends_at) \
                   values ($1, $2, $3, $4, $5, $6)";
        let values = vec![
            self.id.to_string().into(),
            self.secret_hash.as_str().into(),
            self.person.to_string().into(),
            self.agent.to_string().into(),
            self.created_at.into(),
            self.ends_at.into(),
        ];
        Write::new(sql, values)
    }

    /// Ends every unused link of a person: a new one replaces it.
    pub fn ending_of(person: PersonId, at: Timestamp) -> Write {
        let sql = "update recoveries set used_at = $2 where person = $1 and used_at is null";
        Write::new(sql, vec![person.to_string().into(), at.into()])
    }
}

impl Store {
    /// Keeps a ceremony that was begun.
    pub async fn keep_challenge(&self, challenge: &Challenge) -> Result<(), StoreError> {
        let sql = "insert into challenges (id, purpose, device, person, body, ends_at) \
                   values ($1, $2, $3, $4, $5, $6)";
        let values = vec![
            challenge.id.to_string().into(),
            challenge.purpose.into(),
            challenge.device.as_str().into(),
            challenge.person.map(|person| person.to_string()).into(),
            challenge.body.as_str().into(),
            challenge.ends_at.into(),
        ];
        self.run(sql, values).await.map(drop)
    }

    /// Takes a ceremony out, for one answer: of two answers at once, one alone gets it.
    pub async fn take_challenge(
        &self,
        id: Uuid,
        purpose: &'static str,
    ) -> Result<Option<Challenge>, StoreError> {
        let sql =
            "select device, person, body, ends_at from challenges where id = $1 and purpose = $2";
        let id_text = id.to_string();
        let rows = self.rows(sql, vec![id_text.as_str().into(), purpose.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let person: Option<String> = row.try_get("person")?;
        let found = Challenge {
            id,
            purpose,
            device: row.try_get("device")?,
            person: person.and_then(|person| person.parse().ok()),
            body: row.try_get("body")?,
            ends_at: instant(row.try_get("ends_at")?),
        };
        let delete = "delete from challenges where id = $1";
        let taken = self.run(delete, vec![id_text.into()]).await? == 1;
        Ok(taken.then_some(found))
    }

    /// Forgets ceremonies that nobody answered.
    pub async fn forget_challenges(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.run("delete from challenges where ends_at <= $1", vec![micros(now).into()]).await
    }

    /// The recovery whose secret has this hash.
    pub async fn recovery(&self, secret_hash: &str) -> Result<Option<Recovery>, StoreError> {
        let sql = "select id, person, agent, created_at, ends_at, used_at from recoveries \
                   where secret_hash = $1";
        let rows = self.rows(sql, vec![secret_hash.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let text = |column: &str| row.try_get::<String, _>(column);
        let ids = (text("id")?.parse(), text("person")?.parse(), text("agent")?.parse());
        let (Ok(id), Ok(person), Ok(agent)) = ids else { return Ok(None) };
        Ok(Some(Recovery {
            id,
            secret_hash: secret_hash.to_owned(),
            person,
            agent,
            created_at: instant(row.try_get("created_at")?),
            ends_at: instant(row.try_get("ends_at")?),
            used_at: row.try_get::<Option<i64>, _>("used_at")?.map(instant),
        }))
    }

    /// Uses a recovery link up at `now`; `false` where it was used or is over.
    pub async fn use_recovery(&self, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "update recoveries set used_at = $2 \
                   where id = $1 and used_at is null and ends_at > $2";
        Ok(self.run(sql, vec![id.to_string().into(), micros(now).into()]).await? == 1)
    }
}
