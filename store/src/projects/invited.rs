//! People whom a lead wants in the team and who have no account yet.

use domain::{ApplicationId, Timestamp};
use sqlx::Row;

use crate::{Store, StoreError, change::Write};

/// Somebody who becomes a member once the account exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitedMember {
    /// In which application.
    pub application: ApplicationId,
    /// The address, in lower case.
    pub email: String,
    /// The name that the lead gave.
    pub name: String,
    /// Whether the person asks for access to the bubble.
    pub bubble: bool,
    /// Whether the person may edit the file.
    pub edits: bool,
}

impl InvitedMember {
    /// Adds or replaces the row.
    pub fn insertion(&self, at: Timestamp) -> Write {
        let sql = "insert into invited_members (application, email, name, bubble, edits, invited_at) \
                   values ($1, $2, $3, $4, $5, $6) on conflict (application, email) do update set \
                   name = excluded.name, bubble = excluded.bubble, edits = excluded.edits";
        let values = vec![
            self.application.to_string().into(),
            self.email.as_str().into(),
            self.name.as_str().into(),
            i64::from(self.bubble).into(),
            i64::from(self.edits).into(),
            at.into(),
        ];
        Write::new(sql, values)
    }

    /// Takes the row away.
    pub fn removal(application: ApplicationId, email: &str) -> Write {
        let sql = "delete from invited_members where application = $1 and email = $2";
        Write::new(sql, vec![application.to_string().into(), email.into()])
    }
}

impl Store {
    /// Who is invited into an application and has no account yet.
    pub async fn invited_into(&self, id: ApplicationId) -> Result<Vec<InvitedMember>, StoreError> {
        self.invited("application", &id.to_string()).await
    }

    /// Where somebody with this address is invited.
    pub async fn invited_as(&self, email: &str) -> Result<Vec<InvitedMember>, StoreError> {
        self.invited("email", email).await
    }

    async fn invited(
        &self,
        column: &'static str,
        value: &str,
    ) -> Result<Vec<InvitedMember>, StoreError> {
        let sql = format!(
            "select application, email, name, bubble, edits from invited_members \
             where {column} = $1 order by invited_at, email"
        );
        let rows = self.rows(sql, vec![value.into()]).await?;
        let read = |row: &sqlx::any::AnyRow| -> Result<InvitedMember, StoreError> {
            let application: String = row.try_get("application")?;
            let application = application.parse().map_err(|_| {
                StoreError::from(sqlx::Error::Decode("not an application's id".into()))
            })?;
            Ok(InvitedMember {
                application,
                email: row.try_get("email")?,
                name: row.try_get("name")?,
                bubble: row.try_get::<i64, _>("bubble")? == 1,
                edits: row.try_get::<i64, _>("edits")? == 1,
            })
        };
        rows.iter().map(read).collect()
    }
}
