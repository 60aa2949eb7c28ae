//! `UNREADABLE`, `ARCHIVE_ENCRYPTED` and `BINARY_DATASET`: what no parser here reads, said plainly.

use crate::content::Kind;
use crate::extract::Unread;
use crate::report::{Finding, Findings, Location, Severity};
use crate::table::{Cell, Table};

/// The rule's id.
pub const ID: &str = "UNREADABLE";

/// Says of a whole file why it was not checked.
pub fn file(kind: Kind, why: Unread, out: &mut Findings) {
    out.push(match kind {
        Kind::StatisticalFile | Kind::Serialized => {
            let severity = Severity::Error;
            let text = "a data file of statistical software holds lines of single units".to_owned();
            Finding::new("BINARY_DATASET", severity, "binary_dataset", text)
        }
        Kind::Encrypted => {
            let text = "it is encrypted, so nobody can check it".to_owned();
            Finding::new("ARCHIVE_ENCRYPTED", Severity::Warning, "archive_encrypted", text)
        }
        Kind::Unknown | Kind::TextTable | Kind::ConsoleText | Kind::Code => {
            Finding::new(ID, Severity::Warning, "unreadable", format!("not checked: {why}"))
        }
        _ => {
            let text = "not checked: no parser for this kind of content yet".to_owned();
            Finding::new(ID, Severity::Warning, "no_parser", text)
        }
    });
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
