//! What every page shows around its content, and how templates say words, dates and states.

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::{Lang, Role, Text, Timestamp};

use workflows::office;

use crate::{
    app::App,
    assets,
    error::PageError,
    extract::{Identity, Known},
    i18n,
};

/// A page's surroundings: language, person, navigation. The first field of every page's struct.
#[derive(Clone)]
pub(crate) struct Ui {
    pub lang: Lang,
    pub path: String,
    pub query: String,
    pub centre: String,
    pub demo: bool,
    pub me: Option<Identity>,
    pub unread: usize,
    /// What was just done, as the key of a message (`done-<key>`), from `?done=`.
    pub done: Option<String>,
}

/// One entry of the navigation.
pub(crate) struct Entry {
    pub href: &'static str,
    pub label: String,
    pub current: bool,
}

/// Pages whose address does not begin like that of the entry that leads to them. Of several entries
/// the first one is theirs that the person has.
const ELSEWHERE: [(&str, &str); 3] =
    [("/imports", "/checks"), ("/imports", "/bubbles"), ("/deposits", "/data")];

impl FromRequestParts<App> for Ui {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let known = Known::from_request_parts(parts, app).await?;
        let unread = match &known.identity {
            Some(me) => office::notice::unread(&app.centre, &me.actor).await?,
            None => 0,
        };
        Ok(Self::new(app, known, unread))
    }
}

impl Ui {
    /// The surroundings of a page for what is known of its request.
    pub(crate) fn new(app: &App, known: Known, unread: usize) -> Self {
        let pairs = known.query.split('&').filter_map(|pair| pair.split_once('='));
        let done = pairs.filter(|(name, _)| *name == "done").map(|(_, key)| key.to_owned()).next();
        Self {
            lang: known.lang,
            path: known.path,
            query: known.query,
            centre: app.centre.config.name.clone(),
            demo: app.centre.config.demo,
            me: known.identity,
            unread,
            done: done.filter(|key| i18n::has(&format!("done-{key}"))),
        }
    }

    /// The message `key`.
    pub fn t(&self, key: &str) -> String {
        i18n::translate(self.lang, key, &[])
    }

    /// The message `key` with one argument.
    pub fn t1(&self, key: &str, name: &'static str, value: impl ToString) -> String {
        i18n::translate(self.lang, key, &[(name, value.to_string())])
    }

    /// The message `key` with two arguments.
    pub fn t2(
        &self,
        key: &str,
        a: (&'static str, impl ToString),
        b: (&'static str, impl ToString),
    ) -> String {
        i18n::translate(self.lang, key, &[(a.0, a.1.to_string()), (b.0, b.1.to_string())])
    }

    /// The message `<family>-<word>`: names of states, roles, rules.
    pub fn word(&self, family: &str, word: impl AsRef<str>) -> String {
        i18n::translate(self.lang, &format!("{family}-{}", word.as_ref().replace('_', "-")), &[])
    }

    /// The message `<family>-<word>` if there is one, otherwise the word itself.
    pub fn word_or(&self, family: &str, word: impl AsRef<str>) -> String {
        let key = format!("{family}-{}", word.as_ref().replace(['.', '_'], "-"));
        if i18n::has(&key) { self.t(&key) } else { word.as_ref().to_owned() }
    }

    /// A text in the page's language.
    pub fn text<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.lang)
    }

    /// A date, e.g. `21 Nov 2026` or `21 nov. 2026`.
    pub fn date(&self, at: &Timestamp) -> String {
        let civil = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let month = self.t(&format!("month-{}", civil.month()));
        format!("{} {month} {}", civil.day(), civil.year())
    }

    /// A date with its time in UTC.
    pub fn time(&self, at: &Timestamp) -> String {
        let civil = at.to_zoned(jiff::tz::TimeZone::UTC);
        format!("{} {:02}:{:02} UTC", self.date(at), civil.hour(), civil.minute())
    }

    /// A whole number with the language's group separator.
    pub fn number(&self, number: impl TryInto<i64>) -> String {
        let Ok(number) = number.try_into() else { return String::new() };
        let separator = if self.lang == Lang::Fr { '\u{202f}' } else { ',' };
        let digits = number.unsigned_abs().to_string();
        let mut out = String::new();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i) % 3 == 0 {
                out.push(separator);
            }
            out.push(digit);
        }
        if number < 0 { format!("-{out}") } else { out }
    }

    /// A length in bytes as people read it.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    #[expect(clippy::cast_precision_loss, reason = "two or three digits are shown")]
    pub fn bytes(&self, bytes: &u64) -> String {
        let unit = if self.lang == Lang::Fr { "o" } else { "B" };
        let mut value = *bytes as f64;
        for prefix in ["", "k", "M", "G", "T"] {
            if value < 1000.0 || prefix == "T" {
                let digits = usize::from(value < 10.0 && !prefix.is_empty());
                let text = format!("{value:.digits$}");
                let text = if self.lang == Lang::Fr { text.replace('.', ",") } else { text };
                return format!("{text}\u{a0}{prefix}{unit}");
            }
            value /= 1000.0;
        }
        unreachable!("the last prefix returns")
    }

    /// Whether the person holds the role with this name.
    pub fn has(&self, role: &str) -> bool {
        let role = Role::parse(role);
        self.me.as_ref().is_some_and(|me| role.is_some_and(|role| me.actor.has(role)))
    }

    /// The address of this page, to come back to.
    pub fn here(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }

    /// Changes with the assets.
    pub fn stamp(&self) -> &'static str {
        assets::stamp()
    }

    /// The navigation for this person.
    pub fn nav(&self) -> Vec<Entry> {
        use Role::{
            Auditor, BillingManager, Chair, Checker, CheckerLead, CommitteeMember, DataManager,
            EnrolmentAgent, Operator, ProducerAgent, ProducerDecider, ProjectManager, Secretary,
            SecurityOfficer,
        };
        let any = |roles: &[Role]| {
            self.me.as_ref().is_some_and(|me| roles.iter().any(|role| me.actor.has(*role)))
        };
        let signed = self.me.is_some();
        let of_a_producer = any(&[ProducerAgent, ProducerDecider]);
        let back_office = any(&[ProjectManager, Secretary, SecurityOfficer, Auditor]);
        // Members of projects find the rules on their exports' pages.
        let reads_rules = any(&[Secretary, Chair, CommitteeMember, Checker, CheckerLead])
            || any(&[DataManager, SecurityOfficer, Auditor]);
        let entries = [
            ("/catalogue", "nav-catalogue", true),
            ("/register", "nav-register", true),
            ("/applications", "nav-applications", signed),
            ("/undertakings", "nav-undertakings", signed),
            ("/bubbles", "nav-bubbles", signed),
            ("/exports", "nav-exports", signed),
            ("/producer", "nav-producer", of_a_producer),
            ("/producer/rules", "nav-rules", of_a_producer || reads_rules),
            ("/producers", "nav-producers", of_a_producer || back_office || any(&[DataManager])),
            ("/data", "nav-data", of_a_producer || any(&[DataManager, Auditor])),
            ("/secretary", "nav-secretary", any(&[Secretary, Chair, CommitteeMember, Auditor])),
            ("/checks", "nav-checks", any(&[Checker, CheckerLead])),
            ("/risk", "nav-risk", any(&[CheckerLead, SecurityOfficer, Auditor])),
            ("/risk/missed", "nav-missed", of_a_producer),
            ("/credits", "nav-credits", any(&[BillingManager, ProjectManager])),
            ("/people", "nav-people", back_office || any(&[EnrolmentAgent])),
            ("/security", "nav-security", any(&[SecurityOfficer, Auditor])),
            ("/host", "nav-host", any(&[Operator])),
            ("/log", "nav-log", any(&[SecurityOfficer, Auditor, Operator])),
        ];
        let shown = entries.into_iter().filter(|(_, _, shown)| *shown);
        let mut nav: Vec<Entry> = shown
            .map(|(href, key, _)| Entry { href, label: self.t(key), current: false })
            .collect();
        let below = |folder: &str| {
            self.path
                .strip_prefix(folder)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // A page below two entries is the longer one's: the rules stand below the producer.
        let here = nav.iter().map(|entry| entry.href).filter(|href| below(href));
        let elsewhere = || {
            let mut leads = ELSEWHERE.iter().filter(|(folder, _)| below(folder)).map(|lead| lead.1);
            leads.find(|href| nav.iter().any(|entry| entry.href == *href))
        };
        let here = here.max_by_key(|href| href.len()).or_else(elsewhere);
        for entry in &mut nav {
            entry.current = Some(entry.href) == here;
        }
        nav
    }
}
