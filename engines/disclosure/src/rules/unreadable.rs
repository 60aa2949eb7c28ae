//! `UNREADABLE`, `ARCHIVE_ENCRYPTED` and `BINARY_DATASET`: what no parser here reads, said plainly.

use crate::extract::{Seen, Sight, Unread};
use crate::report::{Finding, Location, Severity};
use crate::table::{Cell, Table};

/// The rule's id.
pub const ID: &str = "UNREADABLE";

/// The finding for what was not read, by its reason; `None` for other sights.
pub fn finding(seen: &Seen) -> Option<Finding> {
    let warning = Severity::Warning;
    let new = super::seen::finding;
    Some(match seen.sight {
        Sight::Dataset => {
            let text = "a data file of statistical software holds lines of single units";
            new("BINARY_DATASET", Severity::Error, "binary_dataset", text, seen)
        }
        Sight::Encrypted => {
            let text = "it is encrypted, so nobody can check it";
            new("ARCHIVE_ENCRYPTED", warning, "archive_encrypted", text, seen)
        }
        Sight::PictureUnread => {
            new(ID, warning, "picture_unread", "the picture was not read whole", seen)
        }
        Sight::PictureBlank => {
            new(ID, warning, "picture_blank", "no text was found in the picture", seen)
        }
        Sight::Unread if seen.what == Unread::NoParser.to_string() => {
            let text = "not checked: no parser for this kind of content yet";
            new(ID, warning, "no_parser", text, &Seen { what: String::new(), ..seen.clone() })
        }
        Sight::Unread => new(ID, warning, "unreadable", "not checked", seen),
        _ => return None,
    })
}

/// Says of a cell that it stands where a count should be and is none.
pub fn cell(name: &str, cell: &Cell) -> Finding {
    let text = format!("{name}: no number that can be compared stands here");
    Finding::new(ID, Severity::Warning, "not_a_count", text)
        .at(cell.place)
        .value(cell.text.chars().take(60).collect::<String>())
        .arg("cell", name)
}

/// Says of a table that it has more columns than the rules compare; none of them has looked at it.
pub fn too_wide(table: &Table) -> Finding {
    let columns = table.columns.len();
    let text = format!("{columns} columns are more than are compared: this table is not checked");
    let place = Location { table: Some(table.view.table), ..Location::default() };
    Finding::new(ID, Severity::Warning, "too_wide", text).at(place).arg("columns", columns)
}
