//! Signed-in browsers. Only hashes are stored.

use domain::{LoginId, PersonId, Timestamp};
use sqlx::{Row, any::AnyRow};

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
    /// The name that a person gave to an access token.
    pub label: Option<String>,
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
        let sql = "insert into logins (id, secret_hash, person, device, via, label, created_at, seen_at, ends_at) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let values = vec![
            self.id.to_string().into(),
            self.secret_hash.as_str().into(),
            self.person.to_string().into(),
            self.device.as_str().into(),
            self.via.as_str().into(),
            self.label.clone().into(),
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

const COLUMNS: &str =
    "select id, secret_hash, person, device, via, label, created_at, seen_at, ends_at from logins";

impl Store {
    /// The login whose cookie secret has this hash.
    pub async fn login(&self, secret_hash: &str) -> Result<Option<Login>, StoreError> {
        let sql = format!("{COLUMNS} where secret_hash = $1");
        let rows = self.rows(sql, vec![secret_hash.into()]).await?;
        rows.first().map(login).transpose().map(Option::flatten)
    }

    /// The logins and access tokens of a person, oldest first.
    pub async fn logins_of(&self, person: PersonId) -> Result<Vec<Login>, StoreError> {
        let sql = format!("{COLUMNS} where person = $1 order by id");
        let rows = self.rows(sql, vec![person.to_string().into()]).await?;
        let read: Result<Vec<_>, _> = rows.iter().map(login).collect();
        Ok(read?.into_iter().flatten().collect())
    }

    /// Notes that a login was used.
    pub async fn login_seen(&self, id: LoginId, at: Timestamp) -> Result<(), StoreError> {
        let sql = "update logins set seen_at = $2 where id = $1";
        self.run(sql, vec![id.to_string().into(), micros(at).into()]).await.map(drop)
    }

    /// Forgets logins that are over at `now` or were last used before `idle`, tokens apart.
    pub async fn forget_logins(&self, now: Timestamp, idle: Timestamp) -> Result<u64, StoreError> {
        let sql = "delete from logins where ends_at <= $1 or (seen_at <= $2 and via <> 'token')";
        self.run(sql, vec![micros(now).into(), micros(idle).into()]).await
    }
}

/// A row as a login; none where its ids cannot be read, which `insertion` never writes.
fn login(row: &AnyRow) -> Result<Option<Login>, StoreError> {
    let (id, person): (String, String) = (row.try_get("id")?, row.try_get("person")?);
    let (Ok(id), Ok(person)) = (id.parse(), person.parse()) else { return Ok(None) };
    Ok(Some(Login {
        id,
        secret_hash: row.try_get("secret_hash")?,
        person,
        device: row.try_get("device")?,
        via: row.try_get("via")?,
        label: row.try_get("label")?,
        created_at: instant(row.try_get("created_at")?),
        seen_at: instant(row.try_get("seen_at")?),
        ends_at: instant(row.try_get("ends_at")?),
    }))
}
