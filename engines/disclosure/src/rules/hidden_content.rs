//! `HIDDEN_CONTENT`: what leaves with a file and is not seen in it.

use crate::extract::{Seen, Sight};
use crate::report::{Finding, Severity};

/// The rule's id.
pub const ID: &str = "HIDDEN_CONTENT";

/// The finding for something hidden; `None` for other sights.
pub fn finding(seen: &Seen) -> Option<Finding> {
    let (key, text) = match seen.sight {
        Sight::HiddenSheet => ("hidden_sheet", "a sheet or a slide is hidden"),
        Sight::HiddenRow => ("hidden_row", "a row is hidden"),
        Sight::HiddenColumn => ("hidden_column", "a column is hidden"),
        Sight::HidingFormat => {
            ("hidden_format", "the format of this cell shows nothing of its value")
        }
        Sight::InvisibleFont => {
            ("hidden_font", "letters in the colour of the page, or too small to be seen")
        }
        Sight::Comment => ("hidden_comment", "a comment or a note leaves with the file"),
        Sight::TrackedChange => ("hidden_change", "a change was kept and not accepted"),
        Sight::HiddenText => ("hidden_text", "text that a reader does not see"),
        Sight::MarkupComment => ("hidden_markup", "a comment of the page holds figures"),
        Sight::HiddenName => ("hidden_name", "a hidden name of the workbook"),
        _ => return None,
    };
    Some(super::seen::finding(ID, Severity::Error, key, text, seen))
}
