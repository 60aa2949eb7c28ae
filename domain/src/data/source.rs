//! A data series documented in the catalogue (JOURNEYS 1.15).

use serde::{Deserialize, Serialize};

use crate::{ProducerId, SourceId, Text};

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
