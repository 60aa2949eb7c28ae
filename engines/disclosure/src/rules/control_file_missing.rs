//! `CONTROL_FILE_MISSING`: magnitudes without what it takes to check them.

use std::collections::BTreeSet;

use crate::contributors::Contributors;
use crate::report::{Finding, Severity};
use crate::request::{Found, Known};
use crate::rule_set::RuleSet;
use crate::structure::{Measure, Structured};

/// The rule's id.
pub const ID: &str = "CONTROL_FILE_MISSING";

/// Looks at tables of sums where the rules ask for dominance: each cell needs its number of units
/// and its largest contribution, in the request or in a supporting file.
pub fn find(known: &[Known], contributors: &[Contributors], rules: &RuleSet, out: &mut Found) {
    if rules.dominance.is_empty() && rules.p_percent.is_none() || !contributors.is_empty() {
        return;
    }
    let keys = |table: &Structured| -> BTreeSet<Vec<u64>> {
        table.facts.iter().map(|fact| fact.key.clone()).collect()
    };
    let counted: Vec<BTreeSet<Vec<u64>>> = known
        .iter()
        .flat_map(|file| &file.facts.tables)
        .filter(|table| matches!(table.measure, Measure::Count { .. }))
        .map(keys)
        .collect();
    for file in known {
        let Some(at) = file.file else { continue };
        for table in file.facts.tables.iter().filter(|table| table.measure == Measure::Sum) {
            let own = keys(table);
            let shared = |counts: &BTreeSet<Vec<u64>>| !counts.is_disjoint(&own) || alike(counts, &own);
            if !counted.iter().any(shared) {
                let text = "sums without the number of units of each cell: nothing can be checked";
                let place = table.facts.first().map(|fact| fact.place).unwrap_or_default();
                out.push((at, Finding::new(ID, Severity::Warning, "counts_missing", text.into()).at(place)));
            } else if !file.facts.gives_contributions {
                let text = "sums without their largest contributions: send a control file with them";
                let severity = if rules.control_file { Severity::Warning } else { Severity::Info };
                let place = table.facts.first().map(|fact| fact.place).unwrap_or_default();
                out.push((at, Finding::new(ID, severity, "control_file_missing", text.into()).at(place)));
            }
        }
    }
}

/// Sums named by their header have one category more than the counts beside them.
fn alike(counts: &BTreeSet<Vec<u64>>, sums: &BTreeSet<Vec<u64>>) -> bool {
    let sets: Vec<&Vec<u64>> = counts.iter().filter(|key| !key.is_empty()).take(50).collect();
    let inside = |sum: &Vec<u64>| sets.iter().any(|key| key.iter().all(|k| sum.contains(k)));
    sums.iter().take(50).any(inside)
}
