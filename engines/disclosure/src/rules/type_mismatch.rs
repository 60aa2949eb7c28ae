//! `TYPE_MISMATCH`: the extension promises another content, or data stand behind the end.

use crate::extract::{Seen, Sight};
use crate::report::{Finding, Severity};

/// The rule's id.
pub const ID: &str = "TYPE_MISMATCH";

/// The finding for a name that promises another content, and for appended data; `None` for other
/// sights.
pub fn finding(seen: &Seen) -> Option<Finding> {
    let (key, text) = match seen.sight {
        Sight::Mismatch => ("type_mismatch", "the content is not what the file's extension says"),
        Sight::Appended => (
            "type_mismatch_appended",
            "data stand behind the end of the content, where no viewer shows them",
        ),
        _ => return None,
    };
    Some(super::seen::finding(ID, Severity::Error, key, text, seen))
}
