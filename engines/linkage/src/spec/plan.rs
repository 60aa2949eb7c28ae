//! From a spec and the files to rules and comparisons; what cannot be followed is refused by name.

use super::Spec;
use crate::block::rule::available;
use crate::block::{MOST_RULES, Part, Rule};
use crate::compare::{Kind, comparisons};
use crate::error::LinkError;
use crate::model::given::{GivenComparison, GivenModel, RulePart};
use crate::read::Table;
use crate::read::column::squashed;
use crate::records::Records;

/// Which pairs are compared, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The rules.
    pub rules: Vec<Rule>,
    /// The comparisons, in the order of their places in a pattern.
    pub kinds: Vec<Kind>,
}

fn refused<T>(why: String) -> Result<T, LinkError> {
    Err(LinkError::Spec(why))
}

impl Spec {
    /// Refuses what no file can make possible.
    ///
    /// # Errors
    /// [`LinkError::Spec`].
    pub fn check(&self, one_to_one: bool, has_two_files: bool) -> Result<(), LinkError> {
        let rules = &self.blocking.rules;
        if (one_to_one || self.one_to_one == Some(true)) && !has_two_files {
            return refused(
                "one_to_one gives each record one partner of the other file, and there is none"
                    .into(),
            );
        }
        // A rule's number stands in six bits beside the row (`block/stream.rs`).
        let count = self.given.as_ref().map_or(0, |given| given.rules.len()).max(rules.len());
        if count > MOST_RULES {
            return refused(format!("{count} rules; {MOST_RULES} at most"));
        }
        if let Some(at) = rules.iter().position(Vec::is_empty) {
            return refused(format!("rule {} names no part", at + 1));
        }
        if let Some(at) = (1..rules.len()).find(|at| rules[..*at].contains(&rules[*at])) {
            return refused(format!("rule {} is an earlier one again", at + 1));
        }
        if self.blocking.most_pairs == Some(0) {
            return refused("most_pairs = 0 leaves nothing to compare".into());
        }
        Ok(())
    }

    /// The rules and comparisons for two files, or one.
    ///
    /// # Errors
    /// [`LinkError::Spec`] for a column that no file has, a rule that reads what the files do not
    /// have, a comparison of unknown name, and where nothing is left to compare.
    pub fn plan(
        &self,
        records: &Records,
        left: &Table,
        right: Option<&Table>,
    ) -> Result<Plan, LinkError> {
        let tables: Vec<&Table> = std::iter::once(left).chain(right).collect();
        let is_there = |name: &str| {
            let mut columns = tables.iter().flat_map(|table| &table.header);
            columns.any(|column| squashed(column) == squashed(name))
        };
        if let Some(name) = self.columns.keys().find(|name| !is_there(name)) {
            return refused(format!("no file has the column {name}"));
        }
        let names =
            tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>().join(" and ");
        Ok(Plan { rules: self.rules(records, &names)?, kinds: self.kinds(records)? })
    }

    fn rules(&self, records: &Records, names: &str) -> Result<Vec<Rule>, LinkError> {
        let given = self.given.as_ref().filter(|given| !given.rules.is_empty());
        let rules: Vec<Rule> = match given {
            Some(given) => given_rules(given, records)?,
            None if self.blocking.rules.is_empty() => return Ok(available(records)),
            None => self.blocking.rules.iter().map(|parts| Rule::new(parts)).collect(),
        };
        for rule in &rules {
            if let Some(part) = rule.parts.iter().find(|part| !records.filled[part.slot()]) {
                return refused(format!(
                    "rule \"{}\" can make no pair: {names} do not have {} in common",
                    rule.name(),
                    part.name()
                ));
            }
        }
        Ok(rules)
    }

    fn kinds(&self, records: &Records) -> Result<Vec<Kind>, LinkError> {
        if let Some(given) = &self.given {
            return given_kinds(given, records);
        }
        let other_name = |kind: &Kind| match kind {
            Kind::Other(at) => records.other_names.get(usize::from(*at)).map(String::as_str),
            _ => None,
        };
        let left_out = &self.comparisons.leave_out;
        let means = |name: &String, kind: &Kind| {
            kind.is(name) || other_name(kind).is_some_and(|other| other == squashed(name))
        };
        let mut kinds = comparisons(records);
        for name in left_out {
            let is_known = Kind::FIXED.iter().any(|kind| kind.is(name))
                || kinds.iter().any(|kind| means(name, kind));
            if !is_known {
                let known: Vec<&str> = Kind::FIXED.iter().map(|kind| kind.name()).collect();
                return refused(format!(
                    "there is no comparison {name} to leave out; there are {}, and columns that both \
                     files have",
                    known.join(", ")
                ));
            }
        }
        kinds.retain(|kind| !left_out.iter().any(|name| means(name, kind)));
        match kinds.is_empty() && records.filled.contains(&true) {
            true => refused("every comparison is left out".into()),
            false => Ok(kinds),
        }
    }
}

fn given_rules(given: &GivenModel, records: &Records) -> Result<Vec<Rule>, LinkError> {
    let part = |part: &RulePart| match part {
        RulePart::Part(part) => Ok(*part),
        RulePart::Column(name) => match records.other(name) {
            Some(at) => Ok(Part::Other(at)),
            None => refused(format!("a rule reads {name}, which the files do not both have")),
        },
    };
    let rule = |parts: &Vec<RulePart>| {
        let parts: Result<Vec<Part>, LinkError> = parts.iter().map(part).collect();
        parts.map(|parts| Rule { parts })
    };
    given.rules.iter().map(rule).collect()
}

fn given_kinds(given: &GivenModel, records: &Records) -> Result<Vec<Kind>, LinkError> {
    let here = comparisons(records);
    let kind = |comparison: &GivenComparison| match comparison.kind(records) {
        Some(kind) if here.contains(&kind) => Ok(kind),
        _ => refused(format!(
            "a comparison reads {}, which the files do not both have",
            comparison.column
        )),
    };
    given.comparisons.iter().map(kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str, is_dedupe: bool) -> String {
        let spec: Spec = toml::from_str(text).unwrap();
        spec.check(false, !is_dedupe).err().map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn what_no_file_can_make_possible_is_refused_by_name() {
        assert!(why("one_to_one = true", true).contains("one_to_one"));
        assert_eq!(why("one_to_one = true", false), "");
        assert!(why("[blocking]\nrules = [[\"nir\"], []]", false).contains("rule 2 names no part"));
        assert!(why("[blocking]\nrules = [[\"nir\"], [\"nir\"]]", false).contains("rule 2 is an"));
        assert!(why("[blocking]\nmost_pairs = 0", false).contains("most_pairs"));
        let many = vec!["[\"nir\"]"; 65].join(",");
        assert!(
            why(&format!("[blocking]\nrules = [{many}]"), false).contains("65 rules; 64 at most")
        );
        let given = |rules: usize| {
            let rules = vec![vec![RulePart::Part(Part::Nir)]; rules];
            let given = Some(GivenModel { rules, ..GivenModel::default() });
            Spec { given, ..Spec::default() }.check(false, true)
        };
        assert!(given(64).is_ok());
        assert!(given(65).unwrap_err().to_string().contains("65 rules; 64 at most"));
    }
}
