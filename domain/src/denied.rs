//! Why a command was refused: who may not do it, or why not now.

use serde::Serialize;

/// A rule about *who* refused the command. Each one becomes an event, and a page in the reader's
/// language by its `key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
pub enum Denied {
    /// The command needs a role that the person does not have.
    #[error("this needs the role {0}")]
    NeedsRole(&'static str),
    /// The object belongs to a project that the person is not a member of.
    #[error("only members of the project may do this")]
    NotAMember,
    /// Only the scientific lead may do this.
    #[error("only the lead of the application may do this")]
    NotTheLead,
    /// Only the author may do this.
    #[error("only the author may do this")]
    NotTheAuthor,
    /// The object belongs to a producer that the person does not act for.
    #[error("only agents of the producer may do this")]
    NotOfTheProducer,
    /// Author and members of a project never review its exports.
    #[error("a member of the project cannot review its exports")]
    OwnProject,
    /// A checker votes once in a turn.
    #[error("this checker has already voted")]
    AlreadyVoted,
    /// A second, different person must do this.
    #[error("a second person must do this")]
    NeedsSecondPerson,
    /// Two roles that one person may not hold together.
    #[error("the roles {0} and {1} exclude each other")]
    IncompatibleRoles(&'static str, &'static str),
    /// No live habilitation covers the bubble.
    #[error("no live habilitation of this person covers the bubble")]
    NoHabilitation,
    /// The account is suspended, closed or not yet enrolled.
    #[error("the account is not active")]
    AccountNotActive,
    /// A decider cannot decide on an application of their own.
    #[error("nobody decides on their own application")]
    OwnApplication,
    /// Only the person concerned may do this.
    #[error("only the person concerned may do this")]
    NotYourself,
    /// A producer has stopped the project's right to one of its sources.
    #[error("a producer has stopped a source of the project")]
    SourceStopped,
    /// The object exists for others only; shown as missing to the person.
    #[error("this is not visible to the person")]
    Hidden,
}

impl Denied {
    /// A stable word for events and for the message in each language (`denied-<key>`).
    pub fn key(&self) -> &'static str {
        match self {
            Self::NeedsRole(_) => "needs-role",
            Self::NotAMember => "not-a-member",
            Self::NotTheLead => "not-the-lead",
            Self::NotTheAuthor => "not-the-author",
            Self::NotOfTheProducer => "not-of-the-producer",
            Self::OwnProject => "own-project",
            Self::AlreadyVoted => "already-voted",
            Self::NeedsSecondPerson => "needs-second-person",
            Self::IncompatibleRoles(..) => "incompatible-roles",
            Self::NoHabilitation => "no-habilitation",
            Self::AccountNotActive => "account-not-active",
            Self::OwnApplication => "own-application",
            Self::NotYourself => "not-yourself",
            Self::SourceStopped => "source-stopped",
            Self::Hidden => "hidden",
        }
    }
}

/// The command exists, but not in the state where the object stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("cannot {verb} {noun} in state `{state}`")]
pub struct WrongState {
    /// The command, e.g. `review`.
    pub verb: &'static str,
    /// The kind of object, e.g. `export`.
    pub noun: &'static str,
    /// Its state's name.
    pub state: &'static str,
}

/// Either of the two, or a guard about the content: what a transition can refuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
pub enum Refusal {
    /// Who may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not now.
    #[error(transparent)]
    WrongState(#[from] WrongState),
    /// What was given is not acceptable: the field and a stable key of the message
    /// (`invalid-<key>`).
    #[error("{field}: {key}")]
    Invalid {
        /// The form field that is wrong.
        field: &'static str,
        /// What is wrong with it.
        key: &'static str,
    },
}

impl Refusal {
    /// A refusal of a field's content.
    pub fn invalid(field: &'static str, key: &'static str) -> Self {
        Self::Invalid { field, key }
    }
}
