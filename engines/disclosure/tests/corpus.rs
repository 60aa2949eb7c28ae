//! Small tables with a known answer: safe ones must stay silent, unsafe ones must fire in place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use disclosure::{Decision, FileReport, Input, RuleSet, check};
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    rules: String,
    findings: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    rule: String,
    line: u32,
    column: Option<u32>,
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn report(path: &Path, rules: &str) -> FileReport {
    let bytes = std::fs::read(path).expect("a file of the corpus");
    let name = path.to_string_lossy();
    let rules = RuleSet::built_in(rules).expect("a built-in rule set");
    check(&[Input { name: &name, bytes: &bytes }], &rules).remove(0)
}

#[test]
fn safe_tables_stay_silent() {
    let files = std::fs::read_dir(corpus().join("safe")).expect("the corpus is in the repository");
    let mut paths: Vec<_> = files.map(|f| f.expect("readable").path()).collect();
    paths.sort();
    assert!(paths.len() >= 20, "only {} safe files", paths.len());
    let mut loud = Vec::new();
    for path in paths {
        for rules in ["generic_10", "health_11", "enterprise", "irdes_15"] {
            let report = report(&path, rules);
            if report.decision != Decision::Safe || !report.findings.is_empty() {
                loud.push(format!("{rules} {:#?}", report.findings));
                println!("{} under {rules}: {:?}", path.display(), report.findings);
            }
        }
    }
    assert!(loud.is_empty(), "{} false alarms", loud.len());
}

#[test]
fn unsafe_tables_fire_at_the_right_place() {
    let text = std::fs::read_to_string(corpus().join("unsafe.toml")).expect("in the repository");
    let expected: BTreeMap<String, Expected> = toml::from_str(&text).expect("valid TOML");
    assert!(expected.len() >= 30, "only {} unsafe files", expected.len());
    let mut missed = Vec::new();
    for (name, expected) in expected {
        let report = report(&corpus().join("unsafe").join(&name), &expected.rules);
        for place in expected.findings {
            let there = report.findings.iter().any(|f| {
                f.rule == place.rule
                    && f.location.line == Some(place.line)
                    && (place.column.is_none() || f.location.column == place.column)
            });
            if !there || report.decision != Decision::Refuse {
                println!("{name}: {:?} {:?}", report.decision, report.findings);
                missed.push(format!("{name}: {} line {}", place.rule, place.line));
            }
        }
    }
    assert!(missed.is_empty(), "missed: {missed:#?}");
}

#[test]
fn every_rule_has_its_page() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
    let sources = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules"));
    let mut ids = vec!["BINARY_DATASET".to_owned(), "ARCHIVE_ENCRYPTED".to_owned()];
    for source in sources.expect("the rules are there") {
        let path = source.expect("readable").path();
        let path = if path.is_dir() { path.join("mod.rs") } else { path };
        let text = std::fs::read_to_string(path).expect("text");
        let id = text.split_once("const ID: &str = \"").and_then(|(_, rest)| rest.split_once('"'));
        ids.extend(id.map(|(id, _)| id.to_owned()));
    }
    assert!(ids.len() > 15);
    for id in ids {
        assert!(pages.join(format!("{id}.md")).exists(), "docs/rules/{id}.md is missing");
    }
}
