//! Passkeys: the public half, as the `WebAuthn` library keeps it.

use domain::{CredentialId, PersonId, Timestamp};
use sqlx::{Row, any::AnyRow};

use crate::{Store, StoreError, change::Write, entity::instant};

/// A passkey of a person.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Which.
    pub id: CredentialId,
    /// Whose.
    pub person: PersonId,
    /// The authenticator's own id for it, base64url; unique in the centre.
    pub raw_id: String,
    /// The name that the person gave to it.
    pub label: String,
    /// Public key and signature counter, JSON of the `WebAuthn` library.
    pub passkey: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last signed in.
    pub used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Credential {
    /// Adds the row; refused where the authenticator's id is registered already.
    pub fn insertion(&self) -> Write {
        let sql = "insert into credentials (id, person, raw_id, label, passkey, created_at) \
                   values ($1, $2, $3, $4, $5, $6)";
        let values = vec![
            self.id.to_string().into(),
            self.person.to_string().into(),
            self.raw_id.as_str().into(),
            self.label.as_str().into(),
            self.passkey.as_str().into(),
            self.created_at.into(),
        ];
        Write::new(sql, values)
    }

    /// Keeps what a sign-in changed: counter and time.
    pub fn usage(id: CredentialId, passkey: &str, at: Timestamp) -> Write {
        let sql = "update credentials set passkey = $2, used_at = $3 where id = $1";
        Write::new(sql, vec![id.to_string().into(), passkey.into(), at.into()])
    }

    /// Gives it another name.
    pub fn renaming(id: CredentialId, label: &str) -> Write {
        let sql = "update credentials set label = $2 where id = $1";
        Write::new(sql, vec![id.to_string().into(), label.into()])
    }

    /// Revokes it for ever; the row stays, so that its id is never registered again.
    pub fn revocation(id: CredentialId, at: Timestamp) -> Write {
        let sql = "update credentials set revoked_at = $2 where id = $1 and revoked_at is null";
        Write::new(sql, vec![id.to_string().into(), at.into()])
    }

    /// Revokes every passkey of a person.
    pub fn revocation_of(person: PersonId, at: Timestamp) -> Write {
        let sql = "update credentials set revoked_at = $2 where person = $1 and revoked_at is null";
        Write::new(sql, vec![person.to_string().into(), at.into()])
    }
}

const COLUMNS: &str = "select id, person, raw_id, label, passkey, created_at, used_at, revoked_at \
                       from credentials";

impl Store {
    /// The passkey with the authenticator's id `raw_id`, revoked or not.
    pub async fn credential_by_raw_id(
        &self,
        raw_id: &str,
    ) -> Result<Option<Credential>, StoreError> {
        let sql = format!("{COLUMNS} where raw_id = $1");
        let rows = self.rows(sql, vec![raw_id.into()]).await?;
        rows.first().map(credential).transpose().map(Option::flatten)
    }

    /// The passkeys of a person that are not revoked, oldest first.
    pub async fn credentials_of(&self, person: PersonId) -> Result<Vec<Credential>, StoreError> {
        let sql = format!("{COLUMNS} where person = $1 and revoked_at is null order by id");
        let rows = self.rows(sql, vec![person.to_string().into()]).await?;
        let read: Result<Vec<_>, _> = rows.iter().map(credential).collect();
        Ok(read?.into_iter().flatten().collect())
    }
}

fn credential(row: &AnyRow) -> Result<Option<Credential>, StoreError> {
    let (id, person): (String, String) = (row.try_get("id")?, row.try_get("person")?);
    let (Ok(id), Ok(person)) = (id.parse(), person.parse()) else { return Ok(None) };
    let moment = |column: &str| -> Result<Option<Timestamp>, StoreError> {
        Ok(row.try_get::<Option<i64>, _>(column)?.map(instant))
    };
    Ok(Some(Credential {
        id,
        person,
        raw_id: row.try_get("raw_id")?,
        label: row.try_get("label")?,
        passkey: row.try_get("passkey")?,
        created_at: instant(row.try_get("created_at")?),
        used_at: moment("used_at")?,
        revoked_at: moment("revoked_at")?,
    }))
}
