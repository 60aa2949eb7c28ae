//! The file by which a lead asks for items (JOURNEYS 1.5); authorised, it is the project.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::attachment::Attachment;
use crate::{ApplicationId, PersonId};

/// An application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Which.
    pub id: ApplicationId,
    /// Counts the changes.
    pub version: i64,
    /// The number given at the first submission, e.g. `2026-0007`.
    pub number: Option<String>,
    /// The scientific lead.
    pub lead: PersonId,
    /// Members besides the lead.
    pub members: Vec<Member>,
    /// The form's fields by stable name (`title_fr`, `purpose`, ...), saved one by one.
    pub fields: BTreeMap<String, String>,
    /// The files that come with it.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// How often it was submitted.
    pub submissions: Vec<Submission>,
    /// When its content last changed.
    pub changed_at: Timestamp,
    /// Where it stands.
    pub state: ApplicationState,
}

/// A member of the team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// Whether the person asks for access to the bubble.
    pub bubble: bool,
    /// Whether the person may edit the file.
    pub edits: bool,
}

/// What was frozen at a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// When.
    pub at: Timestamp,
    /// SHA-256 of the file as submitted, hexadecimal.
    pub sha256: String,
    /// The fields as submitted, to show the difference at the next one.
    pub fields: BTreeMap<String, String>,
    /// The whole file as submitted, canonical JSON: what `sha256` is the hash of.
    #[serde(default)]
    pub snapshot: String,
    /// The files that came with it.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
}

/// What the committee says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opinion {
    /// Yes.
    Favourable,
    /// Yes, if.
    FavourableWithConditions,
    /// Later.
    Deferred,
    /// No.
    Unfavourable,
}

impl Opinion {
    /// Every opinion, in the order in which pages list them.
    pub const ALL: [Self; 4] =
        [Self::Favourable, Self::FavourableWithConditions, Self::Deferred, Self::Unfavourable];

    /// The opinion's stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Favourable => "favourable",
            Self::FavourableWithConditions => "favourable_with_conditions",
            Self::Deferred => "deferred",
            Self::Unfavourable => "unfavourable",
        }
    }

    /// Reads an opinion's stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|opinion| opinion.name() == name)
    }

    /// Whether the producers are asked to decide after it.
    pub fn is_favourable(self) -> bool {
        matches!(self, Self::Favourable | Self::FavourableWithConditions)
    }
}

/// Where an application stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ApplicationState {
    /// Being written.
    Draft,
    /// The producers are asked.
    Consultation {
        /// When they were asked.
        since: Timestamp,
        /// Until when they are asked to answer.
        target: Timestamp,
    },
    /// Every producer answered, or may stay silent.
    Ready,
    /// Sent to the secretary, frozen.
    Submitted {
        /// When.
        at: Timestamp,
    },
    /// The secretary checks the file.
    Admissibility {
        /// Who.
        by: PersonId,
        /// What the secretary has judged by reading (`Checklist::JUDGED`).
        #[serde(default)]
        judged: BTreeSet<String>,
    },
    /// Sent back with a reason for each page.
    Returned {
        /// Page and reason.
        reasons: Vec<(String, String)>,
    },
    /// On the agenda of a session.
    Scheduled {
        /// The session's date, ISO.
        session: String,
    },
    /// Being examined.
    InSession {
        /// The session's date, ISO.
        session: String,
    },
    /// The opinion is recorded.
    Opinion {
        /// What it says.
        opinion: Opinion,
        /// Its text.
        text: String,
        /// When.
        at: Timestamp,
    },
    /// The producers decide, item by item.
    Decisions {
        /// When the opinion was given; the six years run from here.
        opinion_at: Timestamp,
    },
    /// Contract and other formalities.
    Formalities {
        /// When the opinion was given.
        opinion_at: Timestamp,
    },
    /// A project.
    Authorised {
        /// When.
        since: Timestamp,
        /// The latest end of any granted item.
        until: Timestamp,
    },
    /// Over.
    Ended {
        /// When.
        at: Timestamp,
    },
    /// Withdrawn by the lead.
    Withdrawn {
        /// Why.
        reason: String,
    },
    /// The committee said no.
    Unfavourable {
        /// The opinion's text.
        text: String,
    },
    /// Nothing happened for twelve months.
    Lapsed {
        /// When.
        at: Timestamp,
    },
}

impl ApplicationState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Consultation { .. } => "consultation",
            Self::Ready => "ready",
            Self::Submitted { .. } => "submitted",
            Self::Admissibility { .. } => "admissibility",
            Self::Returned { .. } => "returned",
            Self::Scheduled { .. } => "scheduled",
            Self::InSession { .. } => "in_session",
            Self::Opinion { .. } => "opinion",
            Self::Decisions { .. } => "decisions",
            Self::Formalities { .. } => "formalities",
            Self::Authorised { .. } => "authorised",
            Self::Ended { .. } => "ended",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Unfavourable { .. } => "unfavourable",
            Self::Lapsed { .. } => "lapsed",
        }
    }
}

impl ApplicationState {
    /// Whether the team may change the file.
    pub fn is_open(&self) -> bool {
        matches!(
            self,
            Self::Draft | Self::Consultation { .. } | Self::Ready | Self::Returned { .. }
        )
    }

    /// Whether nothing can follow.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Ended { .. }
                | Self::Withdrawn { .. }
                | Self::Unfavourable { .. }
                | Self::Lapsed { .. }
        )
    }
}

impl Application {
    /// An empty draft.
    pub fn new(id: ApplicationId, lead: PersonId, at: Timestamp) -> Self {
        Self {
            id,
            version: 0,
            number: None,
            lead,
            members: Vec::new(),
            fields: BTreeMap::new(),
            attachments: Vec::new(),
            submissions: Vec::new(),
            changed_at: at,
            state: ApplicationState::Draft,
        }
    }

    /// Whether the person is the lead or a member.
    pub fn involves(&self, person: PersonId) -> bool {
        self.lead == person || self.members.iter().any(|member| member.person == person)
    }

    /// The lead and the members, the lead first.
    pub fn people(&self) -> Vec<PersonId> {
        let others = self.members.iter().map(|member| member.person);
        std::iter::once(self.lead).chain(others.filter(|person| *person != self.lead)).collect()
    }

    /// The title in `lang`, or in the other language; never empty.
    pub fn title(&self, lang: crate::Lang) -> String {
        let field = |name: &str| self.fields.get(name).cloned().unwrap_or_default();
        let title = crate::Text::new(field("title_fr"), field("title_en"));
        match title.get(lang) {
            "" => self.number.clone().unwrap_or_else(|| self.id.to_string()[..8].to_owned()),
            given => given.to_owned(),
        }
    }
}
