//! What a verification found, for people and for programs.

use std::fmt;

use serde::Serialize;

use crate::hash::Hash;

/// The outcome of [`verify_folder`](crate::verify_folder).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The log's name, as the checkpoint states it.
    pub origin: String,
    /// The number of entries that the checkpoint promises.
    pub size: u64,
    /// The root that the checkpoint promises.
    pub root: Hash,
    /// The id of the key that the checkpoint was held against, in hexadecimal.
    pub key_id: String,
    /// Whether the caller gave that key. Otherwise it came from the folder, and whoever could write
    /// the folder may have replaced key, checkpoint and entries together.
    pub key_given: bool,
    /// What is wrong: altered entries first, in order of index.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Whether everything is as it was signed.
    pub fn is_intact(&self) -> bool {
        self.problems.is_empty()
    }

    /// The first entry that was altered, dropped, inserted or appended, if one could be named.
    pub fn first_altered(&self) -> Option<u64> {
        self.problems.iter().filter_map(Problem::entry).min()
    }
}

/// What happened to an entry, as far as the stored leaf hashes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Another text stands in its place.
    Altered,
    /// The entry that followed it stands in its place.
    Dropped,
    /// A text that was never sealed stands before it.
    Inserted,
    /// Nothing stands in its place: the file is missing or cut.
    Missing,
}

/// One thing that is not as it was signed. Files are named below the log's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// An entry is not the one that was sealed.
    Entry {
        /// Its index.
        index: u64,
        /// The bundle it stands in.
        file: String,
        /// What happened to it.
        change: Change,
        /// How many entries of this bundle, this one included, are not as sealed.
        count: u64,
        /// What stands in its place now, if it is printable.
        text: Option<String>,
    },
    /// One of these entries was replaced together with its leaf hash, so that only the hashes above
    /// tell that it happened.
    Rewritten {
        /// The first entry that it may be.
        first: u64,
        /// The last entry that it may be.
        last: u64,
        /// The file whose hash tells.
        file: String,
    },
    /// An entry stands past the end of the signed log. A crash may leave such entries (opening the
    /// log removes them); so may a copy made while the log was being written.
    Unsealed {
        /// Its index.
        index: u64,
        /// The bundle it stands in.
        file: String,
        /// The entry, if it is printable.
        text: Option<String>,
    },
    /// Hashes are not those of the entries, which are as they were sealed.
    Tile {
        /// The tile.
        file: String,
        /// The first entry below the first wrong hash.
        first: u64,
        /// What is wrong with it.
        what: String,
    },
    /// An earlier state of an unfinished file is not the beginning of what stands there now.
    History {
        /// The earlier file.
        file: String,
    },
    /// The checkpoint is malformed or was not signed by the key.
    Checkpoint {
        /// Why it was refused.
        reason: String,
    },
    /// The folder names another verifier key than the one given.
    OtherKey {
        /// What stands in `verifier.key`.
        found: String,
    },
    /// The entries do not lead to the signed root.
    Root {
        /// The root that they lead to; `None` if entries are missing.
        found: Option<Hash>,
    },
}

impl Problem {
    /// The entry that this is about, if it is about one.
    pub fn entry(&self) -> Option<u64> {
        match self {
            Self::Entry { index, .. } | Self::Unsealed { index, .. } => Some(*index),
            _ => None,
        }
    }

    /// Order of report: entries by index, then the rest as found.
    pub(super) fn rank(&self) -> (u8, u64) {
        match self {
            Self::Entry { index, .. } | Self::Unsealed { index, .. } => (0, *index),
            Self::Rewritten { first, .. } => (1, *first),
            Self::Root { .. } => (2, 0),
            Self::Checkpoint { .. } | Self::OtherKey { .. } => (3, 0),
            Self::Tile { first, .. } => (4, *first),
            Self::History { .. } => (5, 0),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry { index, file, change, count, text } => {
                let verb = match change {
                    Change::Altered => "was altered",
                    Change::Dropped => "was dropped",
                    Change::Inserted => "was pushed aside by an inserted one",
                    Change::Missing => "is missing",
                };
                write!(f, "entry {index} {verb} ({file}")?;
                if *count > 1 {
                    write!(f, "; {count} entries differ from there")?;
                }
                f.write_str(")")?;
                now_reads(f, text.as_deref())
            }
            Self::Rewritten { first, last, file } => {
                write!(
                    f,
                    "one of the entries {first} to {last} was altered together with its hash (told by {file})"
                )
            }
            Self::Unsealed { index, file, text } => {
                write!(f, "entry {index} stands past the end of the signed log ({file})")?;
                now_reads(f, text.as_deref())
            }
            Self::Tile { file, first, what } => write!(f, "{file} {what}, from entry {first} on"),
            Self::History { file } => {
                write!(f, "{file}, an earlier state, is not the beginning of the present one")
            }
            Self::Checkpoint { reason } => f.write_str(reason),
            Self::OtherKey { found } => write!(f, "verifier.key names another key: {found}"),
            Self::Root { found: Some(root) } => {
                write!(f, "the entries lead to the root {root}, which is not the signed one")
            }
            Self::Root { found: None } => f.write_str("without them the root cannot be computed"),
        }
    }
}

fn now_reads(f: &mut fmt::Formatter<'_>, text: Option<&str>) -> fmt::Result {
    text.map_or(Ok(()), |text| write!(f, "; there stands: {text}"))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, size, root, key_id, .. } = self;
        let verdict = if self.is_intact() { "intact" } else { "NOT INTACT" };
        write!(f, "{origin}: {verdict}, {size} entries, root {root}, key {key_id}")?;
        if !self.key_given {
            f.write_str(" (from the folder itself: compare it with one that you know)")?;
        }
        self.problems.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}
