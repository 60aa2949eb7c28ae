//! What the tests of the rules share.

use crate::{Input, Request, RuleSet, check_request};

/// A built-in rule set.
pub fn rules(name: &str) -> RuleSet {
    RuleSet::built_in(name).expect("a built-in rule set")
}

/// The lines and columns at which `rule` fires in a file of this text.
pub fn fired(rule: &str, text: &str, rules: &RuleSet) -> Vec<(u32, u32)> {
    fired_in(rule, &[("a.csv", text)], &[], rules)
}

/// The same in the first file of a request, with what was released before.
pub fn fired_in(
    rule: &str,
    files: &[(&str, &str)],
    released: &[(&str, &str)],
    rules: &RuleSet,
) -> Vec<(u32, u32)> {
    let files: Vec<Input<'_>> =
        files.iter().map(|(name, text)| Input { name, bytes: text.as_bytes() }).collect();
    let released: Vec<Input<'_>> =
        released.iter().map(|(name, text)| Input { name, bytes: text.as_bytes() }).collect();
    let request = Request { files: &files, released: &released, supporting: &[] };
    let report = check_request(&request, rules).remove(0);
    let own = report.findings.iter().filter(|finding| finding.rule == rule);
    let place = |finding: &crate::Finding| {
        (finding.location.line.unwrap_or(0), finding.location.column.unwrap_or(0))
    };
    let mut places: Vec<(u32, u32)> = own.map(place).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// Cases of a property test that reads whole files, always the same ones.
pub fn few() -> proptest::test_runner::Config {
    proptest::test_runner::Config {
        cases: 64,
        rng_seed: proptest::test_runner::RngSeed::Fixed(11),
        ..proptest::test_runner::Config::default()
    }
}
