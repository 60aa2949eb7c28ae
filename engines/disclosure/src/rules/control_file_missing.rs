//! `CONTROL_FILE_MISSING`: magnitudes without what it takes to check them.

use std::collections::BTreeSet;

use super::contributions::Covered;
use crate::report::{Finding, Severity};
use crate::request::{Found, Known, cut};
use crate::rule_set::RuleSet;
use crate::structure::{Measure, Structured};

/// The rule's id.
pub const ID: &str = "CONTROL_FILE_MISSING";

/// Figures that are looked up in tables of counts at most in a request.
const WORK: usize = 20_000_000;

/// Looks at tables of sums where the rules ask for dominance: each cell needs its number of units
/// and its largest contribution, in the request or in a supporting file.
/// Those that contributions know whole are `covered`.
pub fn find(known: &[Known], covered: &Covered, rules: &RuleSet, out: &mut Found) {
    if rules.dominance.is_empty() && rules.p_percent.is_none() {
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
    let mut work = 0_usize;
    for (nth, file) in known.iter().enumerate() {
        let Some(at) = file.file else { continue };
        for (index, table) in file.facts.tables.iter().enumerate() {
            if table.measure != Measure::Sum || covered.contains(&(nth, index)) {
                continue;
            }
            work = work.saturating_add(table.facts.len().saturating_mul(counted.len() + 1));
            if work > WORK {
                let text = "more tables of sums than are compared with the tables of counts";
                out.push((at, cut(ID, text.to_owned())));
                break;
            }
            let own = keys(table);
            let shared =
                |counts: &BTreeSet<Vec<u64>>| !counts.is_disjoint(&own) || alike(counts, &own);
            if !counted.iter().any(shared) {
                let text = "sums without the number of units of each cell: nothing can be checked";
                let place = table.facts.first().map(|fact| fact.place).unwrap_or_default();
                let severity = if rules.control_file { Severity::Warning } else { Severity::Info };
                out.push((at, Finding::new(ID, severity, "counts_missing", text.into()).at(place)));
            } else if !file.facts.gives_contributions {
                let text =
                    "sums without their largest contributions: send a control file with them";
                let place = table.facts.first().map(|fact| fact.place).unwrap_or_default();
                let finding = Finding::new(ID, Severity::Info, "control_file_missing", text.into());
                out.push((at, finding.at(place)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fired, rules};

    #[test]
    fn sums_ask_for_their_counts_where_the_rules_say_so() {
        let alone = "secteur;chiffre d'affaires\nbois;1000\nverre;2000\n";
        let counted = "secteur;nb entreprises;chiffre d'affaires\nbois;40;1000\nverre;50;2000\n";
        let decision = |text: &str, name: &str| {
            crate::check(&[crate::Input { name: "a.csv", bytes: text.as_bytes() }], &rules(name))[0]
                .decision
        };
        assert_eq!(decision(alone, "enterprise"), crate::Decision::Review);
        assert_eq!(decision(alone, "generic_10"), crate::Decision::Safe);
        assert_eq!(decision(counted, "enterprise"), crate::Decision::Safe);
        assert!(
            !fired(ID, counted, &rules("enterprise")).is_empty(),
            "a remark asks for contributions"
        );
        assert!(fired(ID, alone, &rules("depp_10")).is_empty(), "no rule on dominance there");
    }
}
