//! `OBS_TOO_MANY`: more rows, bytes or files than a person could look through.

use std::collections::{HashMap, HashSet};

use crate::extract::Extract;
use crate::report::{Finding, Findings, Location, Severity, Spot};
use crate::rule_set::RuleSet;
use crate::table::Table;

/// The rule's id.
pub const ID: &str = "OBS_TOO_MANY";

/// Rows of continuous values above which a table is looked at.
const CONTINUOUS_ROWS: usize = 1000;

#[expect(clippy::cast_precision_loss, reason = "a figure for people; exact below 2^53")]
fn finding(key: &'static str, what: &str, value: u64, limit: u64) -> Finding {
    Finding::new(ID, Severity::Warning, key, format!("{value} {what}, more than {limit}"))
        .value(value as f64)
        .threshold(limit as f64)
}

/// The request has more files than the rule set allows.
pub fn files(files: usize, limit: u32) -> Finding {
    finding("too_many_files", "files", u64::try_from(files).unwrap_or(u64::MAX), limit.into())
}

/// The file is larger than the rule set allows.
pub fn bytes(size: u64, limit: u64) -> Finding {
    finding("too_large", "bytes", size, limit)
}

/// The lines of a file: those of its texts, and the rows of its sheets, pages and records.
#[derive(Debug, Default)]
pub struct Length {
    /// The rows of parts that are no text, by the member of the archive that they are in.
    rows: HashMap<Option<String>, u64>,
}

impl Length {
    /// Looks at the length of a part, or of all parts of the same document with it.
    pub fn part(&mut self, extract: &Extract, rules: &RuleSet, out: &mut Findings) {
        let whole = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let (lines, before) = if extract.text.is_empty() {
            let rows = extract.tables.iter().map(|table| whole(table.view.rows.len())).sum();
            let known = self.rows.entry(extract.within.member.clone()).or_default();
            let before = *known;
            *known = known.saturating_add(rows);
            (*known, before)
        } else {
            (whole(extract.text.lines().count()), 0)
        };
        if lines > rules.max_rows && before <= rules.max_rows {
            let found = finding("too_many_rows", "lines", lines, rules.max_rows);
            let at = Location::line(1);
            out.push(found.at(Spot { at, within: extract.within.clone() }));
        }
    }
}

/// Looks at tables with many distinct decimal values, which are values of units.
pub fn find(table: &Table, _rules: &RuleSet, out: &mut Findings) {
    let rows = table.rows.len();
    if rows <= CONTINUOUS_ROWS {
        return;
    }
    let continuous = (0..table.columns.len()).any(|column| {
        let values: HashSet<u64> = (0..rows)
            .filter_map(|r| table.number(r, column))
            .filter(|v| v.fract() != 0.0)
            .map(f64::to_bits)
            .collect();
        values.len() * 2 > rows
    });
    if continuous {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        let place = Location { table: Some(table.view.table), ..Location::default() };
        out.push(finding("too_continuous", "rows of continuous values", rows, 1000).at(place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{few, fired, rules};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(few())]
        /// The oracle counts the lines.
        #[test]
        fn lines_above_the_limit_are_told(lines in 1u64..60, limit in 1u64..60) {
            let text = "a;120\n".repeat(usize::try_from(lines).expect("small"));
            let set = RuleSet { max_rows: limit, ..rules("generic_10") };
            prop_assert_eq!(!fired(ID, &text, &set).is_empty(), lines > limit);
        }
    }

    #[test]
    fn rows_of_records_and_pages_are_counted_like_lines() {
        let rows = |count: usize| vec!["{\"sex\":\"F\",\"n\":120}"; count].join(",");
        let page = |count: usize| {
            format!("<table>{}</table>", "<tr><td>F</td><td>120</td></tr>".repeat(count))
        };
        let set = RuleSet { max_rows: 30, ..rules("generic_10") };
        assert!(fired(ID, &format!("[{}]", rows(20)), &set).is_empty());
        assert!(!fired(ID, &format!("[{}]", rows(40)), &set).is_empty());
        assert!(fired(ID, &page(20), &set).is_empty());
        assert!(!fired(ID, &page(40), &set).is_empty());
    }
}
