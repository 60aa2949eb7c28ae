//! Outgoing mail: queued in the database, then handed to the SMTP server, or written to `outbox/`
//! where there is none.
//!
//! No command waits for a mail server, and no mail is lost by one that fails: it is tried again,
//! after a minute, two, four, up to four hours, for five days. A crash between the hand-over and its
//! note sends a mail twice, under the same `Message-ID`.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use domain::{Lang, Notice, Person, Timestamp};
use jiff::ToSpan;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::{
        Mailbox, MessageBuilder,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use store::{QueuedMail, Store};
use url::Url;
use uuid::Uuid;

use super::sealer::make_private;
use crate::{Centre, Clock, Config, Failure, clock, consequences::Round, failure::causes};

/// How many mails one round handles.
const ROUND: u32 = 100;
/// For how long sending is tried.
const PATIENCE_DAYS: i64 = 5;
/// The longest pause between two attempts, minutes: four hours.
const LONGEST_PAUSE: i64 = 240;
/// How many mails a demonstration's page lists.
const LISTED: u32 = 200;

/// Says a message of the translations in a language; `portal` has them.
pub type Words = fn(Lang, &str, &[(&'static str, String)]) -> String;

/// A mail to one person.
pub struct Message {
    /// The reader's name.
    pub to_name: String,
    /// The reader's address.
    pub to: String,
    /// The language of its text.
    pub lang: Lang,
    /// The subject.
    pub subject: String,
    /// The text. It may hold a one-use link: it is kept only until it is sent.
    pub text: String,
}

/// Outgoing mail. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    from: Mailbox,
    host: String,
    centre: String,
    public_url: Url,
    outbox: PathBuf,
    demo: bool,
    smtp: Option<AsyncSmtpTransport<Tokio1Executor>>,
    words: OnceLock<Words>,
    /// One round at a time, so that no mail is sent by two.
    sending: tokio::sync::Mutex<()>,
}

/// Why a mail was not handed over.
#[derive(Debug, thiserror::Error)]
enum Undelivered {
    #[error("the mail cannot be written")]
    Malformed(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the mail server refused it")]
    Refused(#[source] lettre::transport::smtp::Error),
    #[error("the mail server did not take it")]
    Later(#[source] lettre::transport::smtp::Error),
    #[error("the outbox cannot be written")]
    Outbox(#[source] std::io::Error),
}

impl Undelivered {
    /// Whether another attempt may end otherwise.
    fn is_final(&self) -> bool {
        matches!(self, Self::Malformed(_) | Self::Refused(_))
    }
}

impl Mailer {
    /// Opens it for the centre of `config`.
    ///
    /// # Errors
    /// The sender's address or the server's URL cannot be read.
    pub fn open(config: &Config, store: &Store, clock: &Clock) -> Result<Self, Failure> {
        let host = config.public_url.domain().unwrap_or("localhost").to_owned();
        let from = config.mail.from.clone().unwrap_or_else(|| format!("bulle@{host}"));
        let from: Mailbox = from.parse().map_err(Failure::engine("read the mails' sender"))?;
        let from = Mailbox { name: from.name.or_else(|| Some(config.name.clone())), ..from };
        let smtp = config.mail.smtp.as_deref().map(AsyncSmtpTransport::<Tokio1Executor>::from_url);
        let smtp = smtp.transpose().map_err(Failure::engine("read the mail server's URL"))?;
        let outbox = config.dir.join("outbox");
        if smtp.is_none() {
            make_private(&outbox).map_err(Failure::engine("make the folder of the mails"))?;
        }
        Ok(Self(Arc::new(Inner {
            store: store.clone(),
            clock: clock.clone(),
            from,
            host,
            centre: config.name.clone(),
            public_url: config.public_url.clone(),
            outbox,
            demo: config.demo,
            smtp: smtp
                .map(|server| server.timeout(Some(std::time::Duration::from_secs(30))).build()),
            words: OnceLock::new(),
            sending: tokio::sync::Mutex::new(()),
        })))
    }

    /// Gives it the translations. Until then the mails of notices wait.
    pub fn set_words(&self, words: Words) {
        // The first one stays: there is one set of translations in a program.
        let _ = self.0.words.set(words);
    }

    /// Sends a mail that tells no notice. Once this returns it is queued durably; a server that does
    /// not answer is tried again by the worker.
    pub async fn send_now(&self, message: Message) -> Result<(), Failure> {
        self.0.store.queue_mail(&self.queued(message)).await?;
        self.deliver().await
    }

    /// Queues the mails of new notices and hands over what is due.
    pub async fn send_due(&self) -> Result<(), Failure> {
        let mut round = Round::default();
        if let Some(words) = self.0.words.get() {
            round.ran(self.queue_new(*words).await);
        }
        round.ran(self.deliver().await);
        round.end()
    }

    /// Queues the mail of every new notice, page by page: what cannot be read or told stays, and
    /// stands in the way of none behind it, however many there are.
    async fn queue_new(&self, words: Words) -> Result<(), Failure> {
        let (mut round, mut after) = (Round::default(), None::<String>);
        loop {
            let (page, last) = self.0.store.notices_to_mail(after.as_deref(), ROUND).await?;
            if last.is_none() {
                return round.end();
            }
            after = last;
            for notice in round.readable(Ok(page)) {
                round.ran(self.queue(words, &notice).await);
            }
        }
    }

    async fn queue(&self, words: Words, notice: &Notice) -> Result<(), Failure> {
        let reader = self.0.store.get::<Person>(notice.person).await?;
        let mail = reader.map(|reader| self.queued(self.tell(words, &reader, notice)));
        Ok(self.0.store.queue_notice_mail(notice.id, mail.as_ref()).await?)
    }

    /// The mail of a notice: what happened and a link, no data.
    fn tell(&self, words: Words, reader: &Person, notice: &Notice) -> Message {
        let lang = reader.language;
        let known = ["title", "source", "vintage", "days", "count"];
        let args: Vec<(&'static str, String)> = known
            .into_iter()
            .filter_map(|name| Some((name, notice.args.get(name)?.clone())))
            .collect();
        let what = words(lang, &format!("notice-{}", notice.key), &args);
        let link =
            self.0.public_url.join(&notice.link).unwrap_or_else(|_| self.0.public_url.clone());
        let around = [
            ("name", reader.name.clone()),
            ("what", what.clone()),
            ("link", link.to_string()),
            ("centre", self.0.centre.clone()),
        ];
        Message {
            to_name: reader.name.clone(),
            to: reader.email.clone(),
            lang,
            subject: format!("[{}] {what}", self.0.centre),
            text: words(lang, "mail-of-notice", &around),
        }
    }

    fn queued(&self, message: Message) -> QueuedMail {
        let now = self.0.clock.now();
        QueuedMail {
            id: clock::next_id(),
            notice: None,
            to_name: message.to_name,
            address: message.to,
            lang: message.lang,
            subject: message.subject,
            text: message.text,
            queued_at: now,
            attempts: 0,
            next_at: Some(now),
            sent_at: None,
            problem: None,
        }
    }

    /// Hands over what is due: at once into the outbox, in a task of its own to a server, which may
    /// take its time.
    async fn deliver(&self) -> Result<(), Failure> {
        if self.0.smtp.is_none() {
            let _one_at_a_time = self.0.sending.lock().await;
            return self.round().await;
        }
        let mailer = self.clone();
        tokio::spawn(async move {
            // A round that runs already takes what was queued, or the worker's next one does.
            let Ok(_one_at_a_time) = mailer.0.sending.try_lock() else { return };
            if let Err(failure) = mailer.round().await {
                tracing::error!(error = causes(&failure), "mails are left over");
            }
        });
        Ok(())
    }

    /// Tries each due mail once.
    async fn round(&self) -> Result<(), Failure> {
        loop {
            let due = self.0.store.mails_due(self.0.clock.now(), ROUND).await?;
            if due.is_empty() {
                return Ok(());
            }
            for mail in due {
                match self.hand_over(&mail).await {
                    Ok(()) => {
                        let now = self.0.clock.now();
                        self.0.store.mail_sent(&mail, now, self.0.demo).await?;
                    }
                    Err(error) => self.put_off(&mail, &error).await?,
                }
            }
        }
    }

    async fn hand_over(&self, mail: &QueuedMail) -> Result<(), Undelivered> {
        let message = self.message(mail).map_err(Undelivered::Malformed)?;
        let Some(server) = &self.0.smtp else {
            return self
                .write_out(mail.id, &message.formatted())
                .await
                .map_err(Undelivered::Outbox);
        };
        match server.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(Undelivered::Refused(error)),
            Err(error) => Err(Undelivered::Later(error)),
        }
    }

    fn message(
        &self,
        mail: &QueuedMail,
    ) -> Result<lettre::Message, Box<dyn std::error::Error + Send + Sync>> {
        let to = Mailbox::new(Some(one_line(&mail.to_name)), mail.address.parse()?);
        let header = |name: &'static str, value: &str| {
            HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
        };
        let builder: MessageBuilder = lettre::Message::builder()
            .from(self.0.from.clone())
            .to(to)
            .date(SystemTime::from(mail.queued_at))
            .message_id(Some(format!("<{}@{}>", mail.id, self.0.host)))
            .subject(one_line(&mail.subject))
            .header(ContentType::TEXT_PLAIN)
            // No answering machine answers a machine (RFC 3834).
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("Content-Language", mail.lang.tag()));
        Ok(builder.body(mail.text.clone())?)
    }

    /// Writes a mail so that a reader of the folder finds it whole or not at all.
    async fn write_out(&self, id: Uuid, bytes: &[u8]) -> std::io::Result<()> {
        let unfinished = self.0.outbox.join(format!("{id}.part"));
        write_private(&unfinished, bytes).await?;
        tokio::fs::rename(unfinished, self.0.outbox.join(format!("{id}.eml"))).await
    }

    /// Notes a failed attempt and when the next one is.
    async fn put_off(&self, mail: &QueuedMail, error: &Undelivered) -> Result<(), Failure> {
        let next = if error.is_final() { None } else { next_attempt(mail, self.0.clock.now()) };
        if next.is_none() {
            // The id only: the error may name the address.
            tracing::warn!(mail.id = %mail.id, attempts = mail.attempts + 1, "a mail was given up");
        }
        let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        Ok(self.0.store.mail_failed(mail, &format!("{error}: {cause}"), next).await?)
    }
}

/// A header's text on one line. Threat: a line break in a name, which would begin another header;
/// the mail library panics on it.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// When a mail that failed is tried again: twice as late each time, for five days.
fn next_attempt(mail: &QueuedMail, now: Timestamp) -> Option<Timestamp> {
    let end = mail.queued_at.checked_add((PATIENCE_DAYS * 24).hours()).ok()?;
    let pause = (1_i64 << mail.attempts.min(8)).min(LONGEST_PAUSE);
    let next = now.checked_add(pause.minutes()).ok()?;
    (next <= end).then_some(next)
}

async fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use tokio::io::AsyncWriteExt as _;
    let mut options = tokio::fs::OpenOptions::new();
    let mut file = options.create(true).truncate(true).write(true).mode(0o600).open(path).await?;
    file.write_all(bytes).await?;
    file.flush().await?; // `sync_all` alone is silent about a last write that failed
    file.sync_all().await
}

/// A mail as a demonstration shows it, so that its visitors can follow the links.
#[derive(Clone)]
pub struct Shown {
    /// Which.
    pub id: Uuid,
    /// To whom: name and address.
    pub to: String,
    /// The language of its text.
    pub lang: Lang,
    /// The subject.
    pub subject: String,
    /// The text, with links within the portal as paths.
    pub text: String,
    /// When it was written.
    pub at: Timestamp,
}

/// The mails of a demonstration, the newest first. In a real centre there is no such page: nobody
/// reads others' mail.
pub async fn list_mails(centre: &Centre) -> Result<Vec<Shown>, Failure> {
    only_in_a_demo(centre)?;
    let mails = centre.store.latest_mails(LISTED).await?;
    Ok(mails.into_iter().map(|mail| shown(centre, mail)).collect())
}

/// One mail of a demonstration.
pub async fn show_mail(centre: &Centre, id: Uuid) -> Result<Shown, Failure> {
    only_in_a_demo(centre)?;
    let mail = centre.store.mail(id).await?.ok_or_else(|| Failure::missing("mail", id))?;
    Ok(shown(centre, mail))
}

fn only_in_a_demo(centre: &Centre) -> Result<(), Failure> {
    if centre.config.demo { Ok(()) } else { Err(Failure::missing("page", "outbox")) }
}

fn shown(centre: &Centre, mail: QueuedMail) -> Shown {
    let base = centre.config.public_url.as_str();
    Shown {
        id: mail.id,
        to: format!("{} <{}>", mail.to_name, mail.address),
        lang: mail.lang,
        subject: mail.subject,
        // The demonstration may be opened under another address than the configured one.
        text: mail.text.replace(base, "/"),
        at: mail.queued_at,
    }
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
