//! `METADATA_LEAK`: persons and paths in the properties of a file.

use crate::extract::{Seen, Sight};
use crate::report::{Finding, Severity};

/// The rule's id.
pub const ID: &str = "METADATA_LEAK";

/// The finding for a property; `None` for other sights.
pub fn finding(seen: &Seen) -> Option<Finding> {
    let (key, text) = match seen.sight {
        Sight::Person => ("metadata_person", "the properties name a person"),
        Sight::Path => ("metadata_path", "the properties hold a path of a computer"),
        _ => return None,
    };
    Some(super::seen::finding(ID, Severity::Warning, key, text, seen))
}
