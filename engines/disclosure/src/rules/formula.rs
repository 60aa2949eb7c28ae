//! `FORMULA`: a cell that a spreadsheet would run (CWE-1236, formula injection).

use crate::content::Kind;
use crate::report::{CellView, Finding, Findings, Location, Severity};
use crate::table::Table;

/// The rule's id.
pub const ID: &str = "FORMULA";

/// Whether a spreadsheet reads `text` as a formula; `-3` and `+3` are numbers, `-` is a mark.
pub fn is_formula(text: &str) -> bool {
    let text = text.trim_start_matches([' ', '\u{feff}']);
    let next = |rest: &str| rest.trim_start().chars().next();
    match text.chars().next() {
        Some('=') => text.len() > 1 && !text.chars().all(|c| c == '=' || c == ' '),
        // `@article{` is a reference; a function has its bracket.
        Some('@') => {
            next(&text[1..]).is_some_and(char::is_alphabetic)
                && !text
                    .split(['{', '('])
                    .next()
                    .is_some_and(|head| text[head.len()..].starts_with('{'))
        }
        Some('+' | '-') => {
            next(&text[1..]).is_some_and(|c| c.is_alphabetic() || matches!(c, '=' | '@' | '('))
        }
        Some('\t' | '\r') => is_formula(text.trim_start()),
        _ => false,
    }
}

/// Whether a text begins as items of lists and terms of models do (`- exp`): what a program printed
/// is opened by no spreadsheet.
fn is_item(text: &str) -> bool {
    text.trim_start().strip_prefix(['-', '+']).is_some_and(|rest| rest.starts_with(' '))
}

/// Looks at every cell of a part of this kind, headers and titles too.
pub fn find(table: &Table, kind: Kind, out: &mut Findings) {
    let printed = matches!(kind, Kind::ConsoleText | Kind::Code | Kind::Pdf);
    let runs = |cell: &&CellView| is_formula(&cell.text) && !(printed && is_item(&cell.text));
    for (at, row) in table.view.rows.iter().enumerate() {
        for cell in row.iter().filter(runs) {
            let text = "a spreadsheet would run this cell as a formula".to_owned();
            out.push(
                Finding::new(ID, Severity::Warning, "formula", text)
                    .at(place(table, at, cell))
                    .value(cell.text.chars().take(60).collect::<String>()),
            );
        }
    }
}

/// The place of a cell of the view, from its row (from 0).
pub(super) fn place(table: &Table, row: usize, cell: &CellView) -> Location {
    Location {
        line: Some(cell.line),
        row: u32::try_from(row + 1).ok(),
        column: Some(cell.column),
        table: Some(table.view.table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_fire_and_numbers_do_not() {
        for text in ["=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+cmd", "-cmd", "\t=A1"] {
            assert!(is_formula(text), "{text}");
        }
        for text in ["-3", "+3.5", "-", "--", "=", "a=b", "", "-0,5", "12", "@article{royston2013"]
        {
            assert!(!is_formula(text), "{text}");
        }
    }
}
