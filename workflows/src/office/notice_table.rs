//! Who is told of what (JOURNEYS 3.3): one line an event, one row a kind of reader.
//!
//! The words are `notice-<key>` in `portal/locales`. A person is told once of an event, by the first
//! row that names them; who did it is not told of it, except as an author.

use super::recipients::To::{
    self, Author, BillingManagers, CheckerLeads, Checkers, Deciders, Holders, HopefulLeads, Lead,
    NamedCheckers, Operators, Producers, ProducersConcerned, ProjectManagers, Secretaries,
    SecretariesOnceSubmitted, Security, Subject, SubjectsLeads, Takers, Team,
};

/// Where a notice leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// The application's page.
    Application,
    /// The project's credits.
    Credits,
    /// The producer's inbox.
    Inbox,
    /// The bubble's page.
    Bubble,
    /// The export's page.
    Export,
    /// The import's page.
    Import,
    /// The checker's page of the export.
    Check,
    /// The reader's own page.
    Me,
    /// The deposit's page.
    Deposit,
    /// The data manager's and producer agent's space.
    Data,
    /// The person's page.
    Person,
    /// The security officer's space.
    Security,
    /// The event's page in the log.
    Log,
    /// The operator's page.
    Host,
    /// The source's page in the catalogue.
    Source,
    /// The list of the person's applications.
    Applications,
    /// The operator's list of exports that stopped.
    FailedExports,
    /// The risk model's page.
    Risk,
}

/// One kind of reader of an event.
pub(super) struct Row {
    /// Who.
    pub to: To,
    /// The message.
    pub key: &'static str,
    /// Where it leads.
    pub link: Link,
}

const fn row(to: To, key: &'static str, link: Link) -> Row {
    Row { to, key, link }
}

/// The rows of an event of this kind about this noun.
pub(super) fn rows(kind: &str, noun: &str) -> &'static [Row] {
    let found = TABLE
        .iter()
        .find(|(kinds, about, _)| kinds.contains(&kind) && (about.is_empty() || *about == noun));
    found.map_or(&[], |(_, _, rows)| rows)
}

/// A line of the table: the event's kinds, the noun where a kind is used for several, and the rows.
type Line = (&'static [&'static str], &'static str, &'static [Row]);

#[rustfmt::skip]
pub(super) const TABLE: &[Line] = &[
    // Applications and items.
    (&["item.asked"], "item", &[row(Producers, "item-asked", Link::Inbox)]),
    (&["item.due"], "item", &[row(Producers, "item-due", Link::Inbox)]),
    (&["item.changed"], "item", &[row(Producers, "item-changed", Link::Inbox)]),
    (&["lead.answered"], "item", &[row(Producers, "item-reply", Link::Inbox)]),
    (&["producer.asked"], "item", &[row(Lead, "item-question", Link::Application)]),
    (&["item.answered"], "item", &[row(Lead, "item-answered", Link::Application)]),
    (&["item.silent"], "item", &[row(Lead, "item-silent", Link::Application)]),
    (&["draft.lapses_soon"], "application", &[row(Lead, "draft-lapses", Link::Application)]),
    (&["application.submitted", "application.resubmitted"], "application", &[row(Secretaries, "application-submitted", Link::Application)]),
    (&["application.returned"], "application", &[row(Team, "application-returned", Link::Application)]),
    (&["session.assigned"], "application", &[row(Team, "application-scheduled", Link::Application)]),
    (&["opinion.recorded"], "application", &[row(Team, "opinion", Link::Application)]),
    (&["decisions.opened"], "application", &[row(Deciders, "decision-asked", Link::Inbox)]),
    (&["item.decided"], "item", &[row(Team, "item-decided", Link::Application)]),
    (&["application.authorised"], "application", &[row(Team, "application-authorised", Link::Application)]),
    (&["application.ended"], "application", &[row(Team, "application-ended", Link::Application)]),
    (&["item.suspended"], "item", &[row(Team, "item-suspended", Link::Application)]),
    (&["item.resumed"], "item", &[row(Team, "item-resumed", Link::Application)]),
    // Only a producer who was asked is told that it is no longer: `rows_of` sees to it.
    (&["item.removed"], "item", &[row(Producers, "item-removed", Link::Inbox)]),
    (&["item.ended"], "item", &[row(Team, "item-ended", Link::Application)]),
    (&["application.withdrawn"], "application", &[row(Team, "application-withdrawn", Link::Application), row(SecretariesOnceSubmitted, "application-withdrawn", Link::Application)]),
    (&["application.start_refused"], "application", &[row(Secretaries, "start-refused", Link::Application), row(Deciders, "start-refused", Link::Inbox)]),
    (&["application.lapsed"], "application", &[row(Team, "application-lapsed", Link::Application)]),
    (&["decisions.complete"], "application", &[row(Team, "decisions-complete", Link::Application), row(Secretaries, "decisions-complete", Link::Application)]),
    (&["item.revoked"], "item", &[row(Team, "item-revoked", Link::Application), row(Secretaries, "item-revoked", Link::Application)]),
    // Credits.
    (&["credit.low"], "application", &[row(Lead, "credit-low", Link::Credits), row(BillingManagers, "credit-low", Link::Credits)]),
    (&["credit.none"], "application", &[row(Lead, "credit-none", Link::Credits), row(BillingManagers, "credit-none", Link::Credits)]),
    (&["credit.ordered"], "application", &[row(BillingManagers, "credit-ordered", Link::Credits), row(ProjectManagers, "credit-ordered", Link::Credits)]),
    (&["credit.bought"], "application", &[row(Team, "credit-bought", Link::Credits)]),
    (&["credit.order_refused"], "application", &[row(Lead, "credit-order-refused", Link::Credits)]),
    // People.
    // Who did not ask for it must learn at once that somebody has opened their account.
    (&["credential.recovery_opened"], "person", &[row(Subject, "recovery-opened", Link::Me)]),
    (&["credential.recovered"], "person", &[row(Subject, "account-recovered", Link::Me)]),
    (&["undertaking.missing", "undertaking.asked", "undertaking.to_sign"], "undertaking", &[row(Subject, "undertaking-missing", Link::Me), row(Lead, "undertaking-missing-of-member", Link::Application)]),
    (&["undertaking.returned"], "undertaking", &[row(Subject, "undertaking-returned", Link::Me), row(Lead, "undertaking-missing-of-member", Link::Application)]),
    (&["undertaking.superseded"], "undertaking", &[row(Subject, "undertaking-superseded", Link::Me)]),
    (&["habilitation.active"], "habilitation", &[row(Subject, "habilitation-active", Link::Me)]),
    (&["habilitation.expiring"], "habilitation", &[row(Subject, "habilitation-expiring", Link::Me), row(Lead, "habilitation-expiring-of-member", Link::Application)]),
    (&["habilitation.suspended"], "habilitation", &[row(Subject, "habilitation-suspended", Link::Me)]),
    (&["habilitation.expired"], "habilitation", &[row(Subject, "habilitation-expired", Link::Me)]),
    (&["habilitation.after_end"], "habilitation", &[row(Subject, "habilitation-after-end", Link::Me), row(Lead, "habilitation-after-end-of-member", Link::Application)]),
    (&["habilitation.revoked"], "habilitation", &[row(Subject, "habilitation-revoked", Link::Me)]),
    (&["person.invited"], "person", &[row(ProjectManagers, "person-invited", Link::Person)]),
    (&["person.suspended"], "person", &[row(Subject, "account-suspended", Link::Me), row(SubjectsLeads, "person-suspended", Link::Application), row(ProjectManagers, "person-suspended", Link::Person)]),
    (&["person.restored"], "person", &[row(Subject, "account-restored", Link::Me)]),
    // Bubbles and sessions.
    (&["checks.opened", "prerequisites.missing"], "bubble", &[row(Lead, "prerequisite-missing", Link::Bubble), row(ProjectManagers, "prerequisite-missing", Link::Bubble)]),
    (&["prerequisites.complete"], "bubble", &[row(Lead, "prerequisites-complete", Link::Bubble), row(ProjectManagers, "prerequisites-complete", Link::Bubble)]),
    (&["bubble.ready"], "bubble", &[row(Team, "bubble-ready", Link::Bubble), row(ProducersConcerned, "bubble-ready-for-producer", Link::Inbox)]),
    (&["provision.error"], "bubble", &[row(Operators, "provision-failed", Link::Host)]),
    (&["bubble.suspended"], "bubble", &[row(Team, "bubble-suspended", Link::Bubble), row(ProducersConcerned, "bubble-suspended-for-producer", Link::Inbox)]),
    (&["bubble.restored"], "bubble", &[row(Team, "bubble-restored", Link::Bubble), row(ProducersConcerned, "bubble-restored-for-producer", Link::Inbox)]),
    (&["bubble.closing"], "bubble", &[row(Team, "bubble-closing", Link::Bubble), row(ProducersConcerned, "bubble-closing-for-producer", Link::Inbox)]),
    (&["archive.done"], "bubble", &[row(Team, "bubble-archived", Link::Bubble)]),
    (&["bubble.deleted"], "bubble", &[row(Team, "bubble-deleted", Link::Bubble)]),
    (&["session.cut"], "session", &[row(Subject, "session-cut", Link::Me), row(Security, "session-cut-for-security", Link::Security)]),
    // Exports.
    (&["export.sealed", "export.resealed"], "export", &[row(Author, "export-sealed", Link::Export), row(Checkers, "export-to-check", Link::Check)]),
    (&["scan.blocked"], "export", &[row(Author, "export-blocked", Link::Export), row(CheckerLeads, "export-in-quarantine", Link::Check), row(Security, "export-in-quarantine", Link::Log)]),
    (&["quarantine.examined"], "export", &[row(Author, "export-examined", Link::Export), row(Security, "export-examined", Link::Log)]),
    (&["export.reopened"], "export", &[row(Author, "export-reopened", Link::Export), row(Checkers, "export-reopened", Link::Check)]),
    (&["risk.drifted"], "risk_model", &[row(CheckerLeads, "risk-drifted", Link::Risk), row(Security, "risk-drifted", Link::Risk)]),
    (&["export.returned", "export.returned_early"], "export", &[row(Author, "export-returned", Link::Export), row(Lead, "export-returned", Link::Export)]),
    (&["export.approved", "export.partly_approved"], "export", &[row(Author, "export-approved", Link::Export), row(Lead, "export-approved", Link::Export)]),
    (&["export.withdrawn"], "export", &[row(NamedCheckers, "export-withdrawn", Link::Check)]),
    (&["export.frozen"], "export", &[row(Author, "export-frozen", Link::Export), row(CheckerLeads, "export-frozen", Link::Check)]),
    (&["export.unfrozen"], "export", &[row(Author, "export-unfrozen", Link::Export), row(CheckerLeads, "export-unfrozen", Link::Check)]),
    (&["export.refused"], "export", &[row(Author, "export-refused", Link::Export), row(Lead, "export-refused", Link::Export)]),
    (&["step.failed"], "export", &[row(Operators, "export-step-failed", Link::FailedExports), row(Security, "export-step-failed-for-security", Link::Log)]),
    (&["release.available", "release.done"], "export", &[row(Author, "release-available", Link::Export)]),
    (&["release.ending"], "export", &[row(Author, "release-expiring", Link::Export), row(Takers, "release-expiring", Link::Export)]),
    (&["release.expired", "export.expired"], "export", &[row(Author, "release-expired", Link::Export), row(Takers, "release-expired", Link::Export)]),
    (&["release.revoked", "export.revoked"], "export", &[row(Takers, "release-revoked-for-taker", Link::Export), row(Author, "release-revoked", Link::Export), row(Lead, "release-revoked", Link::Export), row(Security, "release-revoked", Link::Export), row(CheckerLeads, "release-revoked", Link::Export), row(ProducersConcerned, "release-revoked-for-producer", Link::Inbox)]),
    // Imports.
    (&["import.sent"], "import", &[row(Checkers, "import-to-check", Link::Import)]),
    (&["import.delivered"], "import", &[row(Author, "import-delivered", Link::Import)]),
    (&["import.refused"], "import", &[row(Author, "import-refused", Link::Import)]),
    (&["import.failed"], "import", &[row(Author, "import-failed", Link::Import), row(Checkers, "import-failed", Link::Import)]),
    // Deposits.
    (&["deposit.received"], "deposit", &[row(To::DataManagers, "deposit-received", Link::Deposit), row(Producers, "deposit-received", Link::Deposit)]),
    (&["deposit.accepted"], "deposit", &[row(Producers, "deposit-accepted", Link::Deposit)]),
    (&["deposit.rejected"], "deposit", &[row(Producers, "deposit-rejected", Link::Deposit), row(To::DataManagers, "deposit-rejected", Link::Deposit)]),
    (&["vintage.available"], "vintage", &[row(Producers, "vintage-available", Link::Data)]),
    (&["vintage.replaced"], "vintage", &[row(Holders, "vintage-replaced", Link::Source), row(HopefulLeads, "vintage-replaced", Link::Source)]),
    (&["vintage.withdrawn"], "vintage", &[row(Holders, "vintage-withdrawn", Link::Source), row(HopefulLeads, "vintage-withdrawn-asked", Link::Applications)]),
    // Only denials that were too many to write one by one make a pattern: `rows_of` sees to it.
    (&["policy.denied"], "person", &[row(Security, "denied-pattern", Link::Log)]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_event_stands_in_two_lines() {
        let mut seen = BTreeSet::new();
        for (kinds, noun, _) in TABLE {
            for kind in *kinds {
                assert!(seen.insert((kind, noun)), "{kind} of {noun} stands twice");
            }
        }
    }

    #[test]
    fn every_message_has_words_in_both_languages() {
        let words = |lang: &str| {
            let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
            std::fs::read_to_string(root.join("portal/locales").join(lang).join("office.ftl"))
                .unwrap()
        };
        let (en, fr) = (words("en"), words("fr"));
        for row in TABLE.iter().flat_map(|(_, _, rows)| *rows) {
            let line = format!("\nnotice-{} = ", row.key);
            assert!(en.contains(&line) && fr.contains(&line), "no words for {}", row.key);
        }
    }

    #[test]
    fn a_kind_used_for_two_nouns_is_told_for_its_own() {
        assert_eq!(rows("session.assigned", "application").len(), 1);
        assert!(rows("session.assigned", "session").is_empty());
    }
}
