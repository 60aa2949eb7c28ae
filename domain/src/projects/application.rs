//! The file by which a lead asks for items (JOURNEYS 1.5); authorised, it is the project.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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

impl Application {
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
