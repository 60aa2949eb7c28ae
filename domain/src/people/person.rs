//! A person's account (JOURNEYS 1.1).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Lang, PersonId, RoleGrant};

/// An account. One person, one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// Counts the changes; compared and swapped by `store`.
    pub version: i64,
    /// The name as in the identity document.
    pub name: String,
    /// The professional address, unique, in lower case.
    pub email: String,
    /// The language of mails.
    pub language: Lang,
    /// The employer.
    pub institution: String,
    /// The name by which a demonstration's visitor steps in; none in a real centre.
    pub demo_name: Option<String>,
    /// What the person does in a demonstration, for the list of persons to be.
    #[serde(default)]
    pub demo_part: crate::Text,
    /// Roles given by the centre.
    pub roles: Vec<RoleGrant>,
    /// Where the account stands.
    pub state: PersonState,
}

/// Where an account stands; each state carries what is true in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum PersonState {
    /// A mail with a link was sent.
    Invited {
        /// Who invited.
        by: PersonId,
        /// When the link ends.
        until: Timestamp,
        /// SHA-256 of the link's secret, hexadecimal.
        token_hash: String,
    },
    /// The link was used once; the person can sign in.
    Registered,
    /// An enrolment agent has seen the identity document.
    IdentityChecked {
        /// The enrolment agent.
        by: PersonId,
        /// When.
        at: Timestamp,
        /// The kind of document and level of proof.
        evidence: String,
    },
    /// A credential is bound and the charter's training is recorded.
    Enrolled {
        /// When.
        since: Timestamp,
    },
    /// At least one live habilitation.
    Active {
        /// When.
        since: Timestamp,
    },
    /// All sessions are cut, the credentials locked.
    Suspended {
        /// Who suspended; the restoring needs somebody else too.
        by: PersonId,
        /// Why.
        reason: String,
        /// When.
        since: Timestamp,
        /// The state to go back to.
        previous: Box<PersonState>,
        /// Who asked for the restoring, when one of the two persons has.
        restore_asked_by: Option<PersonId>,
    },
    /// Over; the record is kept.
    Closed {
        /// When.
        at: Timestamp,
    },
}

impl PersonState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Invited { .. } => "invited",
            Self::Registered => "registered",
            Self::IdentityChecked { .. } => "identity_checked",
            Self::Enrolled { .. } => "enrolled",
            Self::Active { .. } => "active",
            Self::Suspended { .. } => "suspended",
            Self::Closed { .. } => "closed",
        }
    }
}

impl Person {
    /// Whether the account may act at all.
    pub fn may_act(&self) -> bool {
        use PersonState::{Active, Enrolled, IdentityChecked, Registered};
        matches!(self.state, Registered | IdentityChecked { .. } | Enrolled { .. } | Active { .. })
    }

    /// Whether identity, training and credential are proved: needed to enter a bubble.
    pub fn is_enrolled(&self) -> bool {
        matches!(self.state, PersonState::Enrolled { .. } | PersonState::Active { .. })
    }
}
