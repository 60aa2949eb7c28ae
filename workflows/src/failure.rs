//! Why a use case did not do what was asked. `portal` gives each variant a status; nobody matches
//! on text.

use std::io;

use domain::{Denied, Refusal, WrongState};
use store::StoreError;

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is no such object, or the person may not know of it.
    #[error("there is no {noun} {id}")]
    Missing {
        /// The noun.
        noun: &'static str,
        /// What was asked for.
        id: String,
    },
    /// The person may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The object is not in a state for it.
    #[error(transparent)]
    WrongState(#[from] WrongState),
    /// What was given is not acceptable.
    #[error("{field}: {key}")]
    Invalid {
        /// The field that is wrong.
        field: String,
        /// The message's key (`invalid-<key>`).
        key: String,
        /// What the message says about it; never confidential.
        detail: String,
    },
    /// Somebody else changed the object meanwhile.
    #[error("{0} was changed by somebody else meanwhile")]
    Conflict(&'static str),
    /// The database did not answer.
    #[error("the database did not do what was asked")]
    Store(#[source] StoreError),
    /// An engine, the disk or the node agent failed: what was attempted, and why.
    #[error("could not {attempt}")]
    Engine {
        /// What was attempted, e.g. `seal the export`.
        attempt: String,
        /// The cause, for the log alone.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Failure {
    /// A missing object.
    pub fn missing(noun: &'static str, id: impl ToString) -> Self {
        Self::Missing { noun, id: id.to_string() }
    }

    /// An unacceptable field.
    pub fn invalid(field: impl Into<String>, key: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), key: key.into(), detail: String::new() }
    }

    /// A failed engine, for `map_err(Failure::engine("seal the export"))`.
    pub fn engine<E>(attempt: impl Into<String>) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let attempt = attempt.into();
        move |source| Self::Engine { attempt, source: source.into() }
    }
}

impl Failure {
    /// Whether a stored row cannot be read: trying again reads the same, and an operator must look.
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Self::Store(StoreError::Corrupt { .. }))
    }

    /// Whether there was no room on a disk, the database's included: nothing was changed, and the
    /// same can be done again once the operator has made room.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::Store(error) => error.is_disk_full(),
            Self::Engine { source, .. } => is_disk_full(source.as_ref()),
            _ => false,
        }
    }
}

/// Whether an error or one of its causes is that of a full disk or of a used-up quota.
pub(crate) fn is_disk_full(error: &(dyn std::error::Error + 'static)) -> bool {
    use io::ErrorKind::{QuotaExceeded, StorageFull};
    if let Some(error) = error.downcast_ref::<StoreError>() {
        return error.is_disk_full();
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        // What was wrapped is not among the causes of the wrapper.
        let inner = error.get_ref().is_some_and(|inner| is_disk_full(inner));
        return inner || matches!(error.kind(), StorageFull | QuotaExceeded);
    }
    error.source().is_some_and(is_disk_full)
}

/// An error with its causes in one line, for logs: the JSON form of a log leaves out what is behind an
/// error.
pub fn causes(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { table, .. } => Self::Conflict(table),
            other => Self::Store(other),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Denied(denied) => Self::Denied(denied),
            Refusal::WrongState(wrong) => Self::WrongState(wrong),
            Refusal::Invalid { field, key } => Self::invalid(field, key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_through_every_wrapper() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let wrapped = io::Error::other(io::Error::other(full()));
        assert!(Failure::engine("seal")(full()).is_disk_full());
        assert!(Failure::engine("seal")(wrapped).is_disk_full());
        let other = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(!Failure::engine("seal")(other).is_disk_full());
        assert!(!Failure::Conflict("exports").is_disk_full());
    }

    #[test]
    fn a_log_tells_every_cause() {
        let wrapped = Failure::engine("seal")(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(causes(&wrapped), "could not seal: no storage space");
    }
}
