//! `ID_PSEUDONYM`: a column of distinct hashes or identifiers follows single units.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::report::{Finding, Findings, Severity};
use crate::rule_set::RuleSet;
use crate::table::Table;

/// The rule's id.
pub const ID: &str = "ID_PSEUDONYM";

/// Values that a column needs before it is judged.
const LEAST: usize = 3;

static HASH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[0-9a-fA-F]{16}|[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[A-Za-z0-9+/]{43}=)$")
        .expect("the pattern is a constant")
});

fn is_pseudonym(text: &str) -> bool {
    let text = text.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    HASH.is_match(text) && letters > 0
        || text.len() >= 10 && digits >= 3 && letters >= 3 && digits + letters == text.len()
}

/// Looks at each column.
pub fn find(table: &Table, _rules: &RuleSet, out: &mut Findings) {
    for column in 0..table.columns.len() {
        let cells = table.rows.iter().filter_map(|row| row.cells.get(column));
        let cells: Vec<_> = cells.filter(|c| is_pseudonym(&c.text)).collect();
        let distinct: HashSet<&str> = cells.iter().map(|c| c.text.trim()).collect();
        if cells.len() >= LEAST
            && cells.len() * 10 >= table.rows.len() * 9
            && distinct.len() * 10 >= cells.len() * 5
        {
            let Some(first) = cells.first() else { continue };
            let text =
                format!("a column of {} distinct pseudonyms follows single units", distinct.len());
            out.push(
                Finding::new(ID, Severity::Error, "id_pseudonym", text).at(first.place).value(
                    first.text.trim().chars().take(2).chain("…".chars()).collect::<String>(),
                ),
            );
        }
    }
}
