//! Outgoing mail, kept until it is handed over.

use domain::{Lang, NoticeId, Timestamp};
use sqlx::{Any, Row, Transaction, any::AnyRow};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    change::Value,
    entity::{instant, micros},
};

/// A mail that waits, or was sent.
#[derive(Clone)]
pub struct QueuedMail {
    /// Which.
    pub id: Uuid,
    /// The notice that it tells, if it tells one.
    pub notice: Option<NoticeId>,
    /// The reader's name.
    pub to_name: String,
    /// The reader's address.
    pub address: String,
    /// The language of its text.
    pub lang: Lang,
    /// The subject.
    pub subject: String,
    /// The text; empty once it is sent or given up.
    pub text: String,
    /// When it was written.
    pub queued_at: Timestamp,
    /// How often sending was tried.
    pub attempts: u32,
    /// When it is tried next; `None` once it is sent or given up.
    pub next_at: Option<Timestamp>,
    /// When it was handed over.
    pub sent_at: Option<Timestamp>,
    /// What the last attempt failed of.
    pub problem: Option<String>,
}

impl std::fmt::Debug for QueuedMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "QueuedMail({})", self.id) // the rest is personal, and may hold a one-use link
    }
}

const COLUMNS: &str = "select id, notice, to_name, address, lang, subject, body, queued_at, \
                       attempts, next_at, sent_at, problem from mails";

impl QueuedMail {
    /// Adds the row.
    pub(super) async fn insert(
        &self,
        tx: &mut Transaction<'static, Any>,
        notice: Option<NoticeId>,
    ) -> Result<(), StoreError> {
        let sql = "insert into mails (id, notice, to_name, address, lang, subject, body, queued_at, \
                   attempts, next_at) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9) \
                   on conflict (notice) do nothing";
        sqlx::query(sql)
            .bind(self.id.to_string())
            .bind(notice.map(|id| id.to_string()))
            .bind(self.to_name.clone())
            .bind(self.address.clone())
            .bind(self.lang.tag())
            .bind(self.subject.clone())
            .bind(self.text.clone())
            .bind(micros(self.queued_at))
            .bind(micros(self.queued_at))
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}

impl Store {
    /// Queues a mail that tells no notice.
    pub async fn queue_mail(&self, mail: &QueuedMail) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        mail.insert(&mut tx, None).await?;
        Ok(tx.commit().await?)
    }

    /// Mails that are to be tried by `now`, oldest first.
    pub async fn mails_due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<QueuedMail>, StoreError> {
        let sql = format!("{COLUMNS} where next_at <= $1 order by id limit $2");
        let values = vec![now.into(), i64::from(limit).into()];
        self.rows(sql, values).await?.iter().map(mail).collect()
    }

    /// The newest mails, newest first.
    pub async fn latest_mails(&self, limit: u32) -> Result<Vec<QueuedMail>, StoreError> {
        let sql = format!("{COLUMNS} order by id desc limit $1");
        self.rows(sql, vec![i64::from(limit).into()]).await?.iter().map(mail).collect()
    }

    /// One mail.
    pub async fn mail(&self, id: Uuid) -> Result<Option<QueuedMail>, StoreError> {
        let rows = self.rows(format!("{COLUMNS} where id = $1"), vec![id.to_string().into()]);
        rows.await?.first().map(mail).transpose()
    }

    /// Notes that a mail was handed over at `at`, and empties its text unless it is kept.
    pub async fn mail_sent(
        &self,
        mail: &QueuedMail,
        at: Timestamp,
        keep_text: bool,
    ) -> Result<(), StoreError> {
        let text = if keep_text { mail.text.as_str() } else { "" };
        let sql = "update mails set sent_at = $2, next_at = null, problem = null, \
                   attempts = attempts + 1, body = $3 where id = $1";
        let values: Vec<Value> = vec![mail.id.to_string().into(), at.into(), text.into()];
        self.run(sql, values).await?;
        match mail.notice {
            Some(notice) => self.notice_mailed(notice, at).await,
            None => Ok(()),
        }
    }

    /// Notes that an attempt failed; with no next one, the mail is given up and its text emptied.
    pub async fn mail_failed(
        &self,
        mail: &QueuedMail,
        problem: &str,
        next_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let text = if next_at.is_some() { mail.text.as_str() } else { "" };
        let sql = "update mails set attempts = attempts + 1, problem = $2, next_at = $3, body = $4 \
                   where id = $1";
        let next = next_at.map(micros);
        let id = mail.id.to_string();
        self.run(sql, vec![id.into(), problem.into(), next.into(), text.into()]).await.map(drop)
    }
}

fn mail(row: &AnyRow) -> Result<QueuedMail, StoreError> {
    let text = |at: usize| -> Result<String, StoreError> { Ok(row.try_get(at)?) };
    let maybe = |at: usize| -> Result<Option<i64>, StoreError> { Ok(row.try_get(at)?) };
    let notice: Option<String> = row.try_get(1)?;
    Ok(QueuedMail {
        // An id that this program wrote is read back; another is nobody's.
        id: text(0)?.parse().unwrap_or_default(),
        notice: notice.and_then(|id| id.parse().ok()),
        to_name: text(2)?,
        address: text(3)?,
        lang: Lang::parse(&text(4)?).unwrap_or_default(),
        subject: text(5)?,
        text: text(6)?,
        queued_at: instant(row.try_get(7)?),
        attempts: u32::try_from(row.try_get::<i64, _>(8)?).unwrap_or(u32::MAX),
        next_at: maybe(9)?.map(instant),
        sent_at: maybe(10)?.map(instant),
        problem: row.try_get(11)?,
    })
}
