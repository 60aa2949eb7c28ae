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
    if text.len() < 10 {
        return false;
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    // A hash without a letter is rare and stands among others: the column is judged as a whole.
    HASH.is_match(text) && (letters > 0 || text.len() >= 16)
        || text.len() >= 10 && digits >= 3 && letters >= 3 && digits + letters == text.len()
}

/// Looks at each column.
pub fn find(table: &Table, _rules: &RuleSet, out: &mut Findings) {
    for column in 0..table.columns.len() {
        let cells = table.rows.iter().filter_map(|row| row.cells.get(column));
        let mut cells: Vec<_> = cells.filter(|c| is_pseudonym(&c.text)).collect();
        // Short hashes: some have hardly a letter or a figure, all have one length.
        let length = cells.first().map_or(0, |c| c.text.trim().len());
        if cells.len() * 2 >= table.rows.len() {
            let hex =
                |text: &str| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
            let own = table.rows.iter().filter_map(|row| row.cells.get(column));
            cells = own.filter(|c| is_pseudonym(&c.text) || hex(c.text.trim())).collect();
        }
        let lettered =
            |c: &&&crate::table::Cell| c.text.contains(|c: char| c.is_ascii_alphabetic());
        if cells.iter().filter(lettered).count() * 2 < cells.len() {
            continue; // amounts
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{few, fired, rules};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(few())]
        /// Any column of distinct hashes fires, and none of amounts as long.
        #[test]
        fn columns_of_hashes_fire_and_amounts_do_not(keys in proptest::collection::hash_set(0x1000_0000_0000_0000u64.., 5..12)) {
            let column = |write: fn(&u64) -> String| {
                keys.iter().map(|k| format!("{};30\n", write(k))).collect::<String>()
            };
            let hashes = format!("cle;sejours\n{}", column(|k| format!("{k:016x}")));
            let lettered = keys.iter().filter(|k| format!("{k:016x}").contains(|c: char| c.is_alphabetic())).count();
            prop_assume!(lettered * 2 >= keys.len());
            prop_assert!(!fired(ID, &hashes, &rules("generic_10")).is_empty());
            let amounts = format!("poste;montant\n{}", column(|k| format!("{:016}", k % 10_000_000_000_000_000)));
            prop_assert!(fired(ID, &amounts, &rules("generic_10")).is_empty());
        }
    }
}
