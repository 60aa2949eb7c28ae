//! Notices. They follow from events and are no events themselves, so they are written beside the
//! audit trail and not through a change.

use domain::{NoticeId, Person, PersonId, Role, office::Notice};
use sqlx::Row;

use crate::{QueuedMail, Store, StoreError, any::read_row, change::Value, entity::entity};

entity!(Notice, "notices", |this| if this.read_at.is_some() { "read" } else { "unread" }, {
    "person" => Some(this.person.to_string()),
    "event" => Some(this.event.to_string()),
    "topic" => Some(this.key.clone()),
});

impl Store {
    /// The notices of a person, oldest first.
    pub async fn notices_of(&self, id: PersonId) -> Result<Vec<Notice>, StoreError> {
        self.where_is(&[("person", &id.to_string())]).await
    }

    /// The newest notices of a person: those not read first, then by age.
    pub async fn latest_notices(
        &self,
        id: PersonId,
        limit: u32,
    ) -> Result<Vec<Notice>, StoreError> {
        let sql =
            "select id, body from notices where person = $1 order by state desc, id desc limit $2";
        self.read_rows(sql, vec![id.to_string().into(), i64::from(limit).into()]).await
    }

    /// How many notices a person has not read.
    pub async fn unread_notices(&self, id: PersonId) -> Result<usize, StoreError> {
        let sql = "select count(*) from notices where person = $1 and state = 'unread'";
        let rows = self.rows(sql, vec![id.to_string().into()]).await?;
        let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// The persons who hold a role, for whatever producer.
    pub async fn persons_with_role(&self, role: Role) -> Result<Vec<Person>, StoreError> {
        // The text narrows, the value decides.
        let sql = "select id, body from persons where body like $1 order by id";
        let text = format!("%\"{}\"%", role.name());
        let mut persons: Vec<Person> = self.read_rows(sql, vec![text.into()]).await?;
        persons.retain(|person| person.roles.iter().any(|grant| grant.role == role));
        Ok(persons)
    }

    /// Writes the notices that do not stand yet: one a person, event and key.
    ///
    /// # Panics
    /// Never: a notice is plain data.
    pub async fn add_notices(&self, notices: &[Notice]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for notice in notices {
            let body = serde_json::to_string(notice).expect("a notice is plain data");
            let sql = "insert into notices (id, version, state, person, event, topic, mailed, body) \
                       values ($1, 0, 'unread', $2, $3, $4, 0, $5) \
                       on conflict (person, event, topic) do nothing";
            sqlx::query(sql)
                .bind(notice.id.to_string())
                .bind(notice.person.to_string())
                .bind(notice.event.to_string())
                .bind(notice.key.clone())
                .bind(body)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Notices whose mail is not written yet, oldest first, from behind `after` on; with the last id
    /// of the page, where there is one. Each is read by itself.
    pub async fn notices_to_mail(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<Result<Notice, StoreError>>, Option<String>), StoreError> {
        let sql = "select id, body from notices where mailed = 0 and id > $1 order by id limit $2";
        let values = vec![after.unwrap_or_default().into(), i64::from(limit).into()];
        let rows = self.rows(sql, values).await?;
        let last = rows.last().map(|row| row.try_get("id")).transpose()?;
        Ok((rows.iter().map(read_row).collect(), last))
    }

    /// Queues the mail of a notice, or none where nobody is to be mailed, and notes that it was: both
    /// or neither, so that a notice has one mail whatever crashes between.
    pub async fn queue_notice_mail(
        &self,
        id: NoticeId,
        mail: Option<&QueuedMail>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        if let Some(mail) = mail {
            mail.insert(&mut tx, Some(id)).await?;
        }
        sqlx::query("update notices set mailed = 1 where id = $1")
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Writes when a notice was read or its mail handed over.
    ///
    /// # Panics
    /// Never: a notice is plain data.
    pub async fn update_notice(&self, notice: &Notice) -> Result<(), StoreError> {
        let body = serde_json::to_string(notice).expect("a notice is plain data");
        let state = crate::Entity::state(notice);
        let sql = "update notices set state = $2, body = $3, version = version + 1 where id = $1";
        let values: Vec<Value> = vec![notice.id.to_string().into(), state.into(), body.into()];
        self.run(sql, values).await.map(drop)
    }

    /// The instant of a mail's hand-over, on the notice that it tells.
    pub(crate) async fn notice_mailed(
        &self,
        id: NoticeId,
        at: domain::Timestamp,
    ) -> Result<(), StoreError> {
        let Some(mut notice) = self.get::<Notice>(id).await? else { return Ok(()) };
        notice.mailed_at = Some(at);
        self.update_notice(&notice).await
    }
}
