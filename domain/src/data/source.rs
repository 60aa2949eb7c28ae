//! A data series documented in the catalogue (JOURNEYS 1.15).

use serde::{Deserialize, Serialize};

use crate::{Actor, Denied, ProducerId, Refusal, Role, SourceId, Text, WrongState};

/// A source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Which.
    pub id: SourceId,
    /// Counts the changes.
    pub version: i64,
    /// Whose.
    pub producer: ProducerId,
    /// The short name used in addresses and in `data/<slug>/<vintage>` of a bubble.
    pub slug: String,
    /// The acronym shown on the card.
    pub acronym: String,
    /// The title.
    pub title: Text,
    /// Two lines for the card.
    pub summary: Text,
    /// The themes, as stable words translated by `theme-<word>` where known.
    pub themes: Vec<String>,
    /// How access is decided.
    pub route: Route,
    /// Where it stands.
    pub state: SourceState,
}

/// How access to a source is decided (JOURNEYS 1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Opinion of the committee, then the producer.
    Committee,
    /// The producer alone.
    ProducerOnly,
}

/// Where a source stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Being described.
    Draft,
    /// Its code book is imported and checked.
    Documented,
    /// In the public catalogue.
    Published,
    /// Listed only to accredited persons.
    Hidden,
    /// No new application.
    Retired,
}

impl SourceState {
    /// The state's stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Documented => "documented",
            Self::Published => "published",
            Self::Hidden => "hidden",
            Self::Retired => "retired",
        }
    }
}

/// What people write about a source in its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The short name.
    pub slug: String,
    /// The acronym.
    pub acronym: String,
    /// The title.
    pub title: Text,
    /// Two lines for the card.
    pub summary: Text,
    /// The themes.
    pub themes: Vec<String>,
    /// How access is decided.
    pub route: Route,
}

/// Longest title and longest summary, in characters: what a card can show.
const TITLE_MAX: usize = 200;
const SUMMARY_MAX: usize = 600;

impl Description {
    /// Refuses what the catalogue could not show or a bubble could not mount.
    fn check(&self) -> Result<(), Refusal> {
        let too_long =
            |text: &Text, max| text.fr.chars().count() > max || text.en.chars().count() > max;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let first = self.slug.chars().next();
        let starts = first.is_some_and(|c| c.is_ascii_alphanumeric());
        if !starts || self.slug.len() > 40 || !self.slug.chars().all(plain) {
            return Err(Refusal::invalid("slug", "source-slug"));
        }
        if self.title.is_empty() {
            return Err(Refusal::invalid("title", "source-title-missing"));
        }
        if too_long(&self.title, TITLE_MAX) {
            return Err(Refusal::invalid("title", "source-title-long"));
        }
        if too_long(&self.summary, SUMMARY_MAX) {
            return Err(Refusal::invalid("summary", "source-summary-long"));
        }
        let is_word = |theme: &String| !theme.is_empty() && theme.chars().all(plain);
        if self.themes.len() > 8 || !self.themes.iter().all(is_word) {
            return Err(Refusal::invalid("themes", "source-themes"));
        }
        Ok(())
    }
}

/// The right to describe the sources of one producer. Its field is private: only
/// [`may_describe`] makes one.
#[derive(Debug)]
pub struct DescribePermit {
    producer: ProducerId,
}

/// Agents of the producer and data managers describe its sources (JOURNEYS 2.3.2, 2.7). To others
/// the draft does not exist.
pub fn may_describe(actor: &Actor, producer: ProducerId) -> Result<DescribePermit, Denied> {
    match may_work_on(actor, producer) {
        true => Ok(DescribePermit { producer }),
        false => Err(Denied::Hidden),
    }
}

fn may_work_on(actor: &Actor, producer: ProducerId) -> bool {
    actor.has_for(Role::ProducerAgent, producer) || actor.has(Role::DataManager)
}

/// Who sees a producer's drafts, deposits and reports: those who may change them, its deciders, and
/// the auditor.
pub fn may_see(actor: &Actor, producer: ProducerId) -> Result<(), Denied> {
    let sees = actor.is_of(producer) || actor.has(Role::DataManager) || actor.has(Role::Auditor);
    if sees { Ok(()) } else { Err(Denied::Hidden) }
}

impl DescribePermit {
    /// A new source, to be documented.
    pub fn create(self, id: SourceId, given: Description) -> Result<Source, Refusal> {
        given.check()?;
        let Description { slug, acronym, title, summary, themes, route } = given;
        let (producer, state) = (self.producer, SourceState::Draft);
        Ok(Source { id, version: 0, producer, slug, acronym, title, summary, themes, route, state })
    }

    /// The source with another description. Its short name is the folder in bubbles and the page's
    /// address, so it stays once the source has been published.
    pub fn edit(self, source: &Source, given: Description) -> Result<Source, Refusal> {
        self.is_for(source)?;
        given.check()?;
        if source.state == SourceState::Retired {
            return Err(source.wrong("edit").into());
        }
        let is_public = matches!(source.state, SourceState::Published | SourceState::Hidden);
        if is_public && given.slug != source.slug {
            return Err(Refusal::invalid("slug", "source-slug-fixed"));
        }
        let Description { slug, acronym, title, summary, themes, route } = given;
        Ok(Source { slug, acronym, title, summary, themes, route, ..source.clone() })
    }

    /// A code book was imported: a draft is documented, other states stay.
    pub fn document(self, source: &Source) -> Result<Source, Refusal> {
        self.is_for(source)?;
        let state = match source.state {
            SourceState::Draft => SourceState::Documented,
            SourceState::Retired => return Err(source.wrong("document").into()),
            other => other,
        };
        Ok(Source { state, ..source.clone() })
    }

    /// Into the public catalogue.
    pub fn publish(self, source: &Source) -> Result<Source, Refusal> {
        use SourceState::{Documented, Hidden, Published};
        self.go(source, "publish", &[Documented, Hidden], Published)
    }

    /// Out of the public catalogue; accredited persons still find it.
    pub fn hide(self, source: &Source) -> Result<Source, Refusal> {
        use SourceState::{Documented, Hidden, Published};
        self.go(source, "hide", &[Published, Documented], Hidden)
    }

    /// No new application may ask for it.
    pub fn retire(self, source: &Source) -> Result<Source, Refusal> {
        use SourceState::{Hidden, Published, Retired};
        self.go(source, "retire", &[Published, Hidden], Retired)
    }

    fn go(
        self,
        source: &Source,
        verb: &'static str,
        from: &[SourceState],
        state: SourceState,
    ) -> Result<Source, Refusal> {
        self.is_for(source)?;
        match from.contains(&source.state) {
            true => Ok(Source { state, ..source.clone() }),
            false => Err(source.wrong(verb).into()),
        }
    }

    fn is_for(&self, source: &Source) -> Result<(), Denied> {
        if self.producer == source.producer { Ok(()) } else { Err(Denied::Hidden) }
    }
}

impl Source {
    pub(crate) fn wrong(&self, verb: &'static str) -> WrongState {
        WrongState { verb, noun: "source", state: self.state.name() }
    }

    /// Whether the catalogue shows it: to everybody when published, when hidden to persons who are
    /// `accredited`, and to those also when it was retired.
    pub fn is_listed(&self, accredited: bool) -> bool {
        match self.state {
            SourceState::Published => true,
            SourceState::Hidden | SourceState::Retired => accredited,
            SourceState::Draft | SourceState::Documented => false,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{PersonId, RoleGrant};

    pub(crate) fn actor(id: u128, roles: &[(Role, Option<u128>)]) -> Actor {
        let grant = |(role, producer): &(Role, Option<u128>)| RoleGrant {
            role: *role,
            producer: producer.map(|n| ProducerId(Uuid::from_u128(n))),
        };
        Actor {
            id: PersonId(Uuid::from_u128(id)),
            roles: roles.iter().map(grant).collect(),
            works_in: vec![],
            may_act: true,
            is_enrolled: true,
        }
    }

    pub(crate) fn description() -> Description {
        Description {
            slug: "hie".into(),
            acronym: "HIE".into(),
            title: Text::new("Assurance", "Insurance"),
            summary: Text::default(),
            themes: vec!["health".into()],
            route: Route::Committee,
        }
    }

    pub(crate) fn source(state: SourceState) -> Source {
        let permit = DescribePermit { producer: ProducerId(Uuid::from_u128(1)) };
        let source = permit.create(SourceId(Uuid::from_u128(9)), description()).unwrap();
        Source { state, ..source }
    }

    #[test]
    fn every_verb_goes_through_every_state() {
        use SourceState::{Documented, Draft, Hidden, Published, Retired};
        let permit = || DescribePermit { producer: ProducerId(Uuid::from_u128(1)) };
        let after = |result: Result<Source, Refusal>| result.ok().map(|source| source.state);
        let table = [
            (Draft, [Some(Documented), None, None, None]),
            (Documented, [Some(Documented), Some(Published), Some(Hidden), None]),
            (Published, [Some(Published), None, Some(Hidden), Some(Retired)]),
            (Hidden, [Some(Hidden), Some(Published), None, Some(Retired)]),
            (Retired, [None, None, None, None]),
        ];
        for (state, expected) in table {
            let source = source(state);
            let found = [
                after(permit().document(&source)),
                after(permit().publish(&source)),
                after(permit().hide(&source)),
                after(permit().retire(&source)),
            ];
            assert_eq!(found, expected, "{state:?}");
        }
    }

    #[test]
    fn only_the_producer_s_agents_and_data_managers_describe() {
        let producer = ProducerId(Uuid::from_u128(1));
        for role in Role::ALL {
            let of = |n| actor(5, &[(role, role.is_of_a_producer().then_some(n))]);
            let expected = matches!(role, Role::ProducerAgent | Role::DataManager);
            assert_eq!(may_describe(&of(1), producer).is_ok(), expected, "{role:?}");
            let elsewhere = role == Role::DataManager;
            assert_eq!(may_describe(&of(2), producer).is_ok(), elsewhere, "{role:?}");
            let sees = expected || matches!(role, Role::ProducerDecider | Role::Auditor);
            assert_eq!(may_see(&of(1), producer).is_ok(), sees, "{role:?}");
        }
    }

    #[test]
    fn a_permit_of_one_producer_changes_no_source_of_another() {
        let permit = DescribePermit { producer: ProducerId(Uuid::from_u128(2)) };
        let refused = permit.publish(&source(SourceState::Documented));
        assert_eq!(refused, Err(Refusal::Denied(Denied::Hidden)));
    }

    #[test]
    fn a_short_name_that_could_not_be_a_folder_is_refused() {
        for slug in ["", "-a", "a b", "../x", "É", "A", &"a".repeat(41)] {
            let permit = DescribePermit { producer: ProducerId(Uuid::from_u128(1)) };
            let given = Description { slug: slug.into(), ..description() };
            assert!(permit.create(SourceId(Uuid::nil()), given).is_err(), "{slug}");
        }
    }

    #[test]
    fn a_published_source_keeps_its_short_name() {
        let permit = DescribePermit { producer: ProducerId(Uuid::from_u128(1)) };
        let given = Description { slug: "other".into(), ..description() };
        let refused = permit.edit(&source(SourceState::Published), given);
        assert_eq!(refused, Err(Refusal::invalid("slug", "source-slug-fixed")));
    }
}
