//! Signed-in browsers. Only hashes are stored.

use domain::{LoginId, PersonId, Timestamp};
use sqlx::Row;

use crate::{
    Store, StoreError,
    change::Write,
    entity::{instant, micros},
};

/// A browser that is signed in.
#[derive(Clone, Debug)]
pub struct Login {
    /// Which.
    pub id: LoginId,
    /// SHA-256 of the session cookie's secret, hexadecimal.
    pub secret_hash: String,
    /// Who.
    pub person: PersonId,
    /// SHA-256 of the device cookie's secret, hexadecimal.
    pub device: String,
    /// `passkey`, `demo`, `recovery` or `token`.
    pub via: String,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// The last request.
    pub seen_at: Timestamp,
    /// The absolute end.
    pub ends_at: Timestamp,
}

impl Login {
    /// Adds the row.
    pub fn insertion(&self) -> Write {
        let sql = "insert into logins (id, secret_hash, person, device, via, created_at, seen_at, ends_at) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values = vec![
            self.id.to_string().into(),
            self.secret_hash.as_str().into(),
            self.person.to_string().into(),
            self.device.as_str().into(),
            self.via.as_str().into(),
            self.created_at.into(),
            self.seen_at.into(),
            self.ends_at.into(),
        ];
        Write::new(sql, values)
    }

    /// Takes the row away.
    pub fn removal(id: LoginId) -> Write {
        Write::new("delete from logins where id = $1", vec![id.to_string().into()])
    }

    /// Takes away every login of a person.
    pub fn removal_of(person: PersonId) -> Write {
        Write::new("delete from logins where person = $1", vec![person.to_string().into()])
    }
}

impl Store {
    /// The login whose cookie secret has this hash.
    pub async fn login(&self, secret_hash: &str) -> Result<Option<Login>, StoreError> {
        let sql = "select id, secret_hash, person, device, via, created_at, seen_at, ends_at \
                   from logins where secret_hash = $1";
        let rows = self.rows(sql, vec![secret_hash.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (id, person): (String, String) = (row.try_get(0)?, row.try_get(2)?);
        let (Ok(id), Ok(person)) = (id.parse(), person.parse()) else { return Ok(None) };
        Ok(Some(Login {
            id,
            secret_hash: row.try_get(1)?,
            person,
            device: row.try_get(3)?,
            via: row.try_get(4)?,
            created_at: instant(row.try_get(5)?),
            seen_at: instant(row.try_get(6)?),
            ends_at: instant(row.try_get(7)?),
        }))
    }

    /// Notes that a login was used.
    pub async fn login_seen(&self, id: LoginId, at: Timestamp) -> Result<(), StoreError> {
        let sql = "update logins set seen_at = $2 where id = $1";
        self.run(sql, vec![id.to_string().into(), micros(at).into()]).await.map(drop)
    }
}
